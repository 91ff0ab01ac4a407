"""From a run with recorded gradients to a sheet of maps: where in the picture each term of the loss pushes, and how hard."""

from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import NDArray

from nst_viz.core.errors import NstVizError
from nst_viz.core.look import Look
from nst_viz.recording.run import Run
from nst_viz.render.caption import printable, title
from nst_viz.render.encoders import Picture
from nst_viz.render.panels import TEXT, hatch, power_text
from nst_viz.render.target import check_suffix, replacing
from nst_viz.render.theme import FONT, INK, PAPER, QUIET

ROWS = 4
DECADES = 3
"""between the brightest and the darkest of a map's colours"""
COLOURS = "magma"
DPI = 100
MARGIN, HEAD, STEP, GAP, BAR = 40, 110, 90, 8, 110
"""pixels: around; above and left of the maps, between them, and right of them"""
LARGEST = 150
"""pixels of a map's longer side"""

Maps = dict[int, dict[str, NDArray[np.float32]]]
"""step -> term -> the length of the term's gradient at each pixel, (height, width)"""


def write_gradient_sheet(run: Run, path: str | Path, *, rows: int = ROWS) -> Path:
    """Write the maps of a few recorded steps (rows) and every term (columns) as `.png` or `.jpg`.

    Raises NstVizError where the run has none, for another suffix, or a target that cannot be written.
    """
    path = Path(path)
    suffix = check_suffix(path, (".png", ".jpg", ".jpeg"))
    figure = draw_gradient_sheet(run, rows)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png" if suffix == ".png" else "jpeg", dpi=DPI)
    return path


def draw_gradient_sheet(run: Run, rows: int = ROWS) -> Figure:
    """A figure of the maps, one log colour scale for all, the picture itself at the left of each row."""
    maps = recorded_maps(run, rows)
    looks = [look for look in run.looks() if look.name in maps[min(maps)]]
    high, wide = next(iter(maps[min(maps)].values())).shape
    width, height = (max(60, round(side * LARGEST / max(high, wide))) for side in (wide, high))
    size = (
        2 * MARGIN + STEP + (len(looks) + 1) * (width + GAP) + BAR,
        MARGIN + HEAD + len(maps) * (height + GAP) + MARGIN,
    )
    figure = Figure((size[0] / DPI, size[1] / DPI), dpi=DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)

    def text(x: float, y: float, words: str, points: float, **options: Any) -> None:
        figure.text(x / size[0], 1 - y / size[1], words, fontsize=points, **{**TEXT, **options})

    def axes(x: float, y: float, w: float = width, h: float = height) -> Axes:
        return figure.add_axes((x / size[0], 1 - (y + h) / size[1], w / size[0], h / size[1]))

    heading = printable(title(run))
    text(MARGIN, 50, heading, min(16, (size[0] - 2 * MARGIN) / len(heading)), weight="bold")
    text(MARGIN, 74, "how hard each term pushes at each pixel: the length of its weighted gradient", 10, color=QUIET)
    scale = colour_scale(maps)
    top, left = MARGIN + HEAD, MARGIN + STEP
    for column, look in enumerate(looks, 1):
        x = left + column * (width + GAP)
        draw_term_key(axes(x, top - 34, width, 6), look)
        text(x, top - 12, look.label, min(10, width / 9))
    for row, (step, of_step) in enumerate(sorted(maps.items())):
        y = top + row * (height + GAP)
        text(MARGIN, y + height / 2 + 5, f"step {step}", 11)
        draw_picture(axes(left, y), run.frame(step) if step in run.frame_steps() else None)
        for column, look in enumerate(looks, 1):
            draw_gradient_map(axes(left + column * (width + GAP), y), of_step[look.name], scale)
    x = left + (len(looks) + 1) * (width + GAP) + 12
    draw_colour_key(axes(x, top, 16, len(maps) * (height + GAP) - GAP), scale)
    return figure


def recorded_maps(run: Run, most: int) -> Maps:
    """The maps of at most so many recorded steps: the first, the last, and between them ever wider apart.

    Raises NstVizError where none was recorded, or one is damaged.
    """
    steps = run.gradient_steps()
    if not steps:
        raise NstVizError(f"{run.folder} has no gradient maps: record a run with --gradients-every 10, for one")
    if len(steps) > most:
        wider = np.expm1(np.linspace(0, np.log1p(len(steps) - 1), most)).round().astype(int)
        steps = sorted({steps[index] for index in wider})
    return {step: read_maps(run, step) for step in steps}


def read_maps(run: Run, step: int) -> dict[str, NDArray[np.float32]]:
    try:
        return run.gradient_maps(step)
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as error:
        raise NstVizError(
            f"the gradient maps of step {step} in {run.folder} are damaged ({error}): delete their file to do without"
        ) from None


def colour_scale(maps: Maps) -> LogNorm:
    """One log scale for all maps, up to what the strongest 0.1 % of all pixels reach."""
    values = np.concatenate([gradient.ravel() for of_step in maps.values() for gradient in of_step.values()])
    high = float(np.quantile(values, 0.999)) or 1.0
    return LogNorm(high / 10**DECADES, high, clip=True)


def draw_gradient_map(ax: Axes, gradient: NDArray[np.float32], scale: LogNorm) -> None:
    """One map, (height, width), brighter where the term pushes harder."""
    ax.imshow(np.maximum(gradient, scale.vmin or 0), cmap=COLOURS, norm=scale, aspect="auto", interpolation="antialiased")
    ax.set_axis_off()


def draw_picture(ax: Axes, picture: Picture | None) -> None:
    """The picture of the row's step; nothing where it was not kept."""
    if picture is not None:
        ax.imshow(picture, aspect="auto", interpolation="antialiased")
    ax.set_axis_off()


def draw_term_key(ax: Axes, look: Look) -> None:
    """A strip in the term's colour."""
    ax.barh([0], [1], height=1, color=look.colour, hatch=hatch(look), edgecolor=PAPER, linewidth=0)
    ax.set_xlim(0, 1)
    ax.set_ylim(-0.5, 0.5)
    ax.set_axis_off()


def draw_colour_key(ax: Axes, scale: LogNorm) -> None:
    """What the colours of the maps mean."""
    bar: Any = ax.figure.colorbar(ScalarMappable(scale, COLOURS), cax=ax)
    bar.outline.set_visible(False)
    ax.yaxis.set_major_locator(LogLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, place: power_text(value)))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.tick_params(labelsize=9, labelcolor=INK, color=QUIET, labelfontfamily=FONT)
    ax.set_ylabel("change of the loss per change of the pixel", fontsize=9, color=QUIET, family=FONT)
