"""From numbers and pictures to figures in the house style: curves, captioned pictures, and frames that make an animation."""

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import NullLocator
from numpy.typing import NDArray
from PIL import Image

from nst_viz.core.image import to_bytes
from nst_viz.render.animation import HOLD, Animation, write_animation
from nst_viz.render.encoders import Picture
from nst_viz.render.panels import TEXT, power_text, style_axes
from nst_viz.render.sheet import GAP, Page, save
from nst_viz.render.target import check_suffix, replacing
from nst_viz.render.theme import FAINT, FONT, INK, OTHER_COLOUR, PAPER

DPI = 110
EDGE = 0.1
"""inches around what is drawn"""
CAPTION, LABEL = 24, 16
MARGIN = 24
WORDS: dict[str, Any] = TEXT


def new_figure(width: float, height: float, columns: int = 1, rows: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """A figure of so many inches and its axes, row by row, in the house style; options go to Matplotlib's `subplots`."""
    figure = Figure((width, height), dpi=DPI, facecolor=PAPER, layout=ConstrainedLayoutEngine(w_pad=EDGE, h_pad=EDGE))
    FigureCanvasAgg(figure)
    axes = np.atleast_1d(figure.subplots(rows, columns, **options)).ravel().tolist()
    for ax in axes:
        style_axes(ax, 10)
    return figure, axes


def draw_curves(
    ax: Axes,
    x: Sequence[float] | NDArray[Any],
    curves: Mapping[str, Any],
    colours: Mapping[str, str] | None = None,
    limits: tuple[float, float] | None = None,
) -> None:
    """One line for each label, which stands at the right in its colour, moved where two would meet. `limits` are y's."""
    colours = colours or {}
    for label, y in curves.items():
        ax.plot(x, y, color=colours.get(label, OTHER_COLOUR), linewidth=2.2, marker="o" if len(x) < 12 else "", markersize=5)
    ax.grid(axis="y", color=FAINT, linewidth=0.8)
    ax.set_xlim(x[0], x[-1])
    if limits:
        ax.set_ylim(*limits)
    ax.autoscale_view(scalex=False, scaley=limits is None)
    if ax.get_yscale() == "log":
        marked = round_values(*ax.get_ylim())
        ax.set_yticks(marked, [power_text(value) for value in marked])
        ax.yaxis.set_minor_locator(NullLocator())
    to_axes = (ax.transData + ax.transAxes.inverted()).transform
    ends = sorted((float(np.clip(to_axes((x[-1], y[-1]))[1], 0, 1)), label) for label, y in curves.items())
    line = 16 / (ax.get_figure().get_size_inches()[1] * 0.75 * 72)  # type: ignore[union-attr]
    for height, (_, label) in zip(spaced([height for height, _ in ends], line), ends, strict=True):
        style: dict[str, Any] = {"fontsize": 10, "color": colours.get(label, OTHER_COLOUR), "va": "center", "family": FONT}
        ax.text(1.01, height, label, transform=ax.transAxes, **style)


def round_values(low: float, high: float) -> list[float]:
    """Three to six round values from low to high, both positive: powers of ten, or 1, 3 or 1, 2, 5 times them.

    Where not three of those lie there, multiples of a round step; where the two are equal to about nine digits, they
    themselves.
    """
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
    inside: list[float] = []
    for digits in ((1,), (1, 3), (1, 2, 5)):
        inside = [value for power in powers for digit in digits if low <= (value := float(f"{digit}e{power}")) <= high]
        if len(inside) > 2:
            return inside[:: math.ceil(len(inside) / 6)]
    if high - low <= 1e-9 * high:
        return sorted({low, high})
    power = math.floor(math.log10(high - low))
    for step in (f"{digit}e{power - down}" for down in range(3) for digit in (5, 2, 1)):
        first, last = math.ceil(low / float(step)), math.floor(high / float(step))
        if last - first > 1:
            break
    factors = range(first, last + 1, math.ceil((last + 1 - first) / 6))
    return [value for factor in factors if low <= (value := float(Decimal(factor) * Decimal(step))) <= high]


def spaced(heights: Sequence[float], apart: float) -> list[float]:
    """Heights in rising order, moved so that neighbours are `apart` and none is above 1."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + apart) if placed else height)
    ceiling = 1.0
    for index in range(len(placed) - 1, -1, -1):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - apart
    return placed


def draw_picture(ax: Axes, picture: NDArray[Any], title: str = "", **options: Any) -> None:
    """A picture or a map without axes under its title; options go to Matplotlib's `imshow`."""
    ax.imshow(picture, **{"interpolation": "nearest", **options})
    ax.set_axis_off()
    if title:
        ax.set_title(title, fontsize=11, loc="left", **WORDS)


def label_axes(ax: Axes, title: str, x: str, y: str) -> None:
    """What is drawn, over what."""
    ax.set_title(title, fontsize=12, loc="left", weight="bold", **WORDS)
    ax.set_xlabel(x, fontsize=10, color=INK)
    ax.set_ylabel(y, fontsize=10, color=INK)


def write_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as `.png` or `.jpg`. Raises NstVizError for another suffix, or a target that cannot be written."""
    suffix = check_suffix(path, (".png", ".jpg"))
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png" if suffix == ".png" else "jpeg", dpi=DPI)
    return path


def figure_pixels(figure: Figure) -> Picture:
    """A figure of `new_figure` as a picture, uint8 (height, width, 3), for an animation."""
    figure.canvas.draw()
    return np.array(np.asarray(figure.canvas.buffer_rgba())[..., :3])  # type: ignore[attr-defined]


def draw_plate(
    pictures: Mapping[str, NDArray[Any]], columns: int = 4, size: int = 220, title: str = "", sharp: bool = False
) -> Picture:
    """Pictures under their captions, in rows, each `size` pixels on its longer side, as one picture.

    Uint8, or float in [0, 1]; grey where there are two axes. `sharp` enlarges pixels to squares.
    """
    cells = {caption: enlarged(picture, size, sharp) for caption, picture in pictures.items()}
    columns = min(columns, len(cells))
    wide, high = (max(cell.shape[axis] for cell in cells.values()) for axis in (1, 0))
    rows, top = -(-len(cells) // columns), MARGIN + (36 if title else 0)
    page = Page(2 * MARGIN + columns * (wide + GAP) - GAP, top + rows * (high + CAPTION + GAP) - GAP + MARGIN)
    page.write(title, MARGIN, MARGIN - 6, page.width - 2 * MARGIN, 22)
    for index, (caption, cell) in enumerate(cells.items()):
        left, y = MARGIN + index % columns * (wide + GAP), top + index // columns * (high + CAPTION + GAP)
        page.write(caption, left, y, wide + GAP // 2, LABEL)
        page.put(cell, left, y + CAPTION)
    return np.asarray(page.image)


def enlarged(picture: NDArray[Any], size: int, sharp: bool) -> Picture:
    pixels = picture if picture.dtype == np.uint8 else to_bytes(np.asarray(picture, np.float32))
    pixels = np.repeat(pixels[..., None], 3, axis=2) if pixels.ndim == 2 else pixels
    scale = size / max(pixels.shape[:2])
    shape = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    method = Image.Resampling.NEAREST if sharp else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(pixels).resize(shape, method))


def write_picture(picture: Picture, path: Path) -> Path:
    """Write a picture as `.png` or `.jpg`. Raises NstVizError for another suffix, or a target that cannot be written."""
    check_suffix(path, (".png", ".jpg"))
    return save(Image.fromarray(picture), path)


def write_frames(
    frames: Sequence[Picture], path: Path, fps: float | None = None, hold: float = HOLD, limit: int | None = None
) -> Animation:
    """Write pictures of one shape as an animation. The parameters, and what is raised, are those of `write_animation`."""
    indices = list(range(len(frames)))

    def choose(count: int) -> list[int]:
        chosen = np.linspace(0, len(frames) - 1, min(count, len(frames))).round().astype(int)
        return [indices[index] for index in chosen]

    return write_animation(choose, lambda index: frames[index], path, frames=len(frames), fps=fps, hold=hold, limit=limit)
