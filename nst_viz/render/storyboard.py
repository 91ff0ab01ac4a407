"""From a run to an animation for a slide: the picture, and beside it what each term of the loss adds at that step."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.render import choose
from nst_viz.render.animation import HOLD, Animation, write_animation
from nst_viz.render.caption import loss_text, printable, shorten, subtitle, targets, title
from nst_viz.render.encoders import Picture, Track, untracked
from nst_viz.render.panels import TEXT, Terms, bar_widths, draw_bars, draw_shares, draw_total
from nst_viz.render.theme import INK, PAPER, QUIET

WIDTH, HEIGHT, DPI = 1280, 720, 100


@dataclass(frozen=True)
class Box:
    """A place on the page, in pixels from its top left corner."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def fitted(self, picture: Picture) -> "Box":
        """As large as the picture can be within, at the top left."""
        scale = min(self.width / picture.shape[1], self.height / picture.shape[0])
        return Box(self.left, self.top, max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))


PICTURE = Box(40, 100, 600, 580)
PANELS = Box(750, 122, 490, 550)
MARGIN = 50
"""pixels left of the panels for the numbers at their axes"""
GAP = 52
ROW, MOST_ROWS = 22, 290
"""pixels that a bar should have, and all of them may have"""
THUMBNAIL = 128
CAPTION = 22
BESIDE = 100
"""pixels of height that a small picture beside the bars has, its caption included"""
SMALLEST = 9
"""points of the heading's letters"""
AHEAD = 0.3
"""how strongly the panels show the steps that are still to come"""


@dataclass(frozen=True)
class Layout:
    """Where things are: small pictures under a wide picture, beside the bars where the picture leaves no room below."""

    curve: Box
    shares: Box
    bars: Box
    small: tuple[Box, ...]

    @classmethod
    def of(cls, picture: Picture, terms: int, small: int) -> "Layout":
        """For a page with so many terms and small pictures. More terms take room from the panels above them."""
        below = Box(PICTURE.left, PICTURE.fitted(picture).bottom + 12 + CAPTION, 0, 0)
        room = PICTURE.bottom - below.top
        beside = room < 70
        height = min(max(ROW * terms, BESIDE * small if beside else BESIDE), MOST_ROWS)
        top = PANELS.bottom - height
        shares_height = round(0.6 * (PANELS.height - height - 2 * GAP))
        shares_top = top - GAP - shares_height
        if beside:
            left, each = PANELS.right - THUMBNAIL, height // max(small, 1)
            places = [Box(left, top + index * each + 8, THUMBNAIL, min(each, 140) - CAPTION) for index in range(small)]
        else:
            each = (PICTURE.width + 20) // max(small, 1)
            places = [Box(PICTURE.left + index * each, below.top, each - 20, room) for index in range(small)]
        return cls(
            Box(PANELS.left, PANELS.top, PANELS.width, shares_top - GAP + 20 - PANELS.top),
            Box(PANELS.left, shares_top, PANELS.width, shares_height),
            Box(PANELS.left + 36, top, PANELS.width - 36 - beside * (THUMBNAIL + 40), height),
            tuple(places),
        )


class Storyboard:
    """A page drawn once, of which each step changes only what moves: the picture, the cursors, the bars, two numbers."""

    def __init__(self, run: Run, terms: Terms) -> None:
        self.run, self.terms, self.total = run, terms, terms.total()
        self.figure = Figure((WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor=PAPER)
        self.canvas = cast(Any, FigureCanvasAgg(self.figure))  # Matplotlib leaves its methods untyped
        pictures = run.inputs()
        small = {kind: pictures[kind] for kind in targets(run)}
        self.layout = Layout.of(run.frame(run.frame_steps()[0]), len(terms.looks), len(small))
        self.draw_texts(tuple(small))
        self.draw_panels()
        self.canvas.draw()
        self.pixels: Picture = np.asarray(self.canvas.buffer_rgba())
        for picture, box in zip(small.values(), self.layout.small, strict=True):
            paste(self.pixels, picture, box)
        self.page = self.pixels.copy()
        self.faded = (255 - AHEAD * (255 - self.page.astype(np.float32))).astype(np.uint8)

    def text(self, x: float, y: float, text: str, size: float, **options: Any) -> Text:
        """A line of text; x and y of its baseline, in pixels from the top left."""
        return self.figure.text(x / WIDTH, 1 - y / HEIGHT, text, fontsize=size, **{**TEXT, **options})

    def axes(self, box: Box) -> Axes:
        return self.figure.add_axes((box.left / WIDTH, 1 - box.bottom / HEIGHT, box.width / WIDTH, box.height / HEIGHT))

    def draw_texts(self, small: tuple[str, ...]) -> None:
        """All text that stays, and the two numbers that do not."""
        self.draw_heading(printable(title(self.run)))
        self.text(PICTURE.left, 84, subtitle(self.run), 10, color=QUIET)
        left, layout = PANELS.left - MARGIN, self.layout
        self.text(left, layout.curve.top - 12, "loss, log scale", 10, color=QUIET)
        self.text(left, layout.shares.top - 12, "each term's share, over the steps (early ones wider)", 10, color=QUIET)
        self.text(left, layout.bars.top - 12, "each term at this step, log scale  (│ at step 0)", 10, color=QUIET)
        for kind, box in zip(small, layout.small, strict=True):
            self.text(box.left, box.top - 6, kind, 10, color=QUIET)
        self.step_text = self.text(left, 62, "", 20, weight="bold", animated=True)
        self.loss_text = self.text(PANELS.right, 62, "", 20, ha="right", animated=True)

    def draw_heading(self, words: str) -> None:
        """As wide as the picture at most: in smaller letters, and what is too long even so is cut in the middle."""
        self.heading, size = self.text(PICTURE.left, 62, words, 20, weight="bold"), 20.0
        while self.heading.get_window_extent(self.canvas.get_renderer()).width > PICTURE.width:
            if size > SMALLEST:
                size -= 0.5
                self.heading.set_fontsize(size)
            else:
                words = shorten(words, len(words) - 1)
                self.heading.set_text(words)

    def draw_panels(self) -> None:
        self.curve, self.shares, bars = (self.axes(box) for box in (self.layout.curve, self.layout.shares, self.layout.bars))
        draw_total(self.curve, self.terms)
        draw_shares(self.shares, self.terms)
        self.bars = draw_bars(bars, self.terms, 0)
        self.cursors = [ax.axvline(0, color=INK, linewidth=1.2) for ax in (self.curve, self.shares)]
        (self.dot,) = self.curve.plot([0], [1], "o", color=INK, markersize=6, clip_on=False)
        self.moving = [*self.bars, *bars.collections, *self.cursors, self.dot, self.step_text, self.loss_text]
        for artist in self.moving:
            artist.set_animated(True)

    def draw(self, step: int) -> Picture:
        """The page at a kept step, uint8 (720, 1280, 3)."""
        index = int(np.searchsorted(self.terms.steps, step))
        self.pixels[:] = self.page
        self.fade_ahead(step)
        paste(self.pixels, self.run.frame(step), PICTURE)
        for bar, width in zip(self.bars, bar_widths(self.terms, index), strict=True):
            bar.set_width(width)
        for cursor in self.cursors:
            cursor.set_xdata([step, step])
        self.dot.set_data([step], [self.total[index]])
        self.step_text.set_text(f"step {step} of {self.run.config.steps}")
        self.loss_text.set_text(f"loss {loss_text(self.total[index])}")
        for artist in self.moving:
            self.figure.draw_artist(artist)
        return self.pixels[..., :3].copy()

    def fade_ahead(self, step: int) -> None:
        """Let the panels stand back right of the step."""
        now = round(float(self.curve.transData.transform((step, 1))[0]))
        for box in (self.layout.curve, self.layout.shares):
            ahead = slice(box.top, box.bottom - 1), slice(now, box.right)
            self.pixels[ahead] = self.faded[ahead]


def paste(pixels: Picture, picture: Picture, place: Box) -> None:
    """Put a picture into RGBA pixels, as large as fits into the place."""
    box = place.fitted(picture)
    image = Image.fromarray(picture).resize((box.width, box.height), Image.Resampling.LANCZOS)
    pixels[box.top : box.bottom, box.left : box.right, :3] = np.asarray(image)


def write_storyboard(
    run: Run,
    path: str | Path,
    *,
    frames: int | None = None,
    fps: float | None = None,
    hold: float = HOLD,
    limit: int | None = None,
    track: Track = untracked,
) -> Animation:
    """Write the run's storyboard, 1280 × 720, as a `.gif`, `.mp4` or `.webp`.

    The parameters, and what is raised, are those of `write_movie`; also NstVizError where no loss was recorded yet.
    """
    terms = Terms.of(run.losses(), run.looks())
    known = set(terms.steps.tolist())  # a run that is being recorded has a picture for a moment before its losses
    steps = [step for step in run.frame_steps() if step in known]
    if not steps:
        raise NstVizError(f"{run.folder} has no losses yet: wait for its first step")
    return write_animation(
        lambda count: choose.frames(run, count, steps),
        Storyboard(run, terms).draw,
        path,
        frames=frames,
        fps=fps,
        hold=hold,
        limit=limit,
        track=track,
    )
