"""From a grid of runs to one contact sheet of their results, and one animation in which all of them grow in step."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from nst_viz.recording.grid import Grid
from nst_viz.render import choose
from nst_viz.render.animation import HOLD, Animation, write_animation
from nst_viz.render.caption import printable, targets
from nst_viz.render.encoders import Picture, Track, untracked
from nst_viz.render.sheet import GAP, SUFFIXES, Page, font, save, scaled
from nst_viz.render.target import check_suffix
from nst_viz.render.theme import QUIET

if TYPE_CHECKING:
    from nst_viz.recording.run import Run

MARGIN = 24
SHEET_WIDTH, MOVIE_WIDTH = 1400, 900
"""pixels of a page, at most, into which the cells are fitted"""
LARGEST = 320
"""pixels of a cell's longer side at most"""
TITLE, LABEL = 24, 16
"""pixels of letters"""
LINE = 24
STEP_WIDTH = 120
"""pixels that the number of the step needs"""
FRAMES = 40


@dataclass(frozen=True)
class Layout:
    """Where the cells of a grid are on a page, in pixels."""

    page: tuple[int, int]
    cell: tuple[int, int]
    left: int
    top: int
    label_width: int

    @classmethod
    def of(cls, grid: Grid, width: int) -> "Layout":
        """As large as fits into the width: at the left the pictures aimed at and the rows' labels, then the cells."""
        first = grid.runs[0][0]
        high, wide = first.frame(first.frame_steps()[0]).shape[:2]
        labels = list(grid.rows.values) if grid.rows else []
        label_width = max((round(font(LABEL).getlength(label)) for label in labels), default=0)
        label_width = min(label_width, width // 5) + (GAP if labels else 0)
        aims = 1 if aims_by_row(grid) else len(targets(first))
        beside = 1 if grid.rows else aims  # where there is but one row, the pictures aimed at stand in it
        columns = len(grid.columns.values) + beside
        room = (width - 2 * MARGIN - label_width - GAP - (columns - 1) * GAP // 2) / columns
        scale = min(room / wide, LARGEST / max(high, wide))
        cell = max(24, round(wide * scale)), max(24, round(high * scale))
        top = MARGIN + TITLE + GAP + LINE
        left = MARGIN + beside * (cell[0] + GAP // 2) + GAP // 2 + label_width
        height = max(len(grid.runs) * (cell[1] + GAP // 2) - GAP // 2, aims // beside * (cell[1] + LINE + 4) - LINE - 4)
        page = left + len(grid.columns.values) * (cell[0] + GAP // 2) - GAP // 2 + MARGIN, top + height + MARGIN
        return cls(page, cell, left, top, label_width)

    def place(self, row: int, column: int) -> tuple[int, int]:
        """Left and top of a cell."""
        return self.left + column * (self.cell[0] + GAP // 2), self.top + row * (self.cell[1] + GAP // 2)


class GridPage:
    """A page drawn once, on which only the cells and the step change."""

    def __init__(self, grid: Grid, width: int, title: str = "") -> None:
        self.grid, self.layout, self.title = grid, Layout.of(grid, width), title
        page = Page(*self.layout.page)
        self.draw_labels(page)
        self.page = page

    def draw_labels(self, page: Page) -> None:
        """All that stays: title, the knobs' values, the pictures aimed at."""
        grid, layout = self.grid, self.layout
        page.write(self.title, MARGIN, MARGIN - 6, page.width - 2 * MARGIN - STEP_WIDTH, TITLE)
        for column, label in enumerate(grid.columns.values):
            left, top = layout.place(0, column)
            page.write(label, left, top - LINE, layout.cell[0], LABEL)
        for row, label in enumerate(grid.rows.values if grid.rows else ()):
            left, top = layout.place(row, 0)
            page.write(label, left - layout.label_width, top + layout.cell[1] // 2 - 8, layout.label_width - GAP // 2, LABEL)
        by_row = aims_by_row(grid)
        if by_row:
            page.write(by_row, MARGIN, layout.top - LINE, layout.cell[0], LABEL, QUIET)
            for row, runs in enumerate(grid.runs):
                page.put(scaled(runs[0].inputs()[by_row], *layout.cell), MARGIN, layout.place(row, 0)[1])
            return
        first, left, top = grid.runs[0][0], MARGIN, layout.top
        for kind in targets(first):
            picture = scaled(first.inputs()[kind], *layout.cell)
            name = printable(first.manifest["inputs"][kind]["name"])
            whole = f"{kind}: {name}"
            fits = font(LABEL).getlength(whole) <= layout.cell[0] + GAP // 2
            page.write(whole if fits else name, left, top - LINE, layout.cell[0], LABEL, QUIET)
            page.put(picture, left, top)
            if grid.rows:
                top += picture.shape[0] + LINE + 4
            else:
                left += layout.cell[0] + GAP // 2

    def draw(self, step: int | None) -> Picture:
        """The page with each run at its last kept picture up to a step (None: its last), uint8 (height, width, 3)."""
        page = Page(1, 1)
        page.width, page.height, page.image = self.page.width, self.page.height, self.page.image.copy()
        for row, runs in enumerate(self.grid.runs):
            for column, run in enumerate(runs):
                page.put(fitted(run, picture_step(run, step), self.layout.cell), *self.layout.place(row, column))
        if step is not None:
            page.write(f"step {step}", page.width - MARGIN - STEP_WIDTH, MARGIN - 6, STEP_WIDTH, TITLE, QUIET)
        return np.asarray(page.image)


def aims_by_row(grid: Grid) -> str:
    """`content` or `style` where the rows are different pictures of that kind, else nothing."""
    return grid.rows.field if grid.rows and grid.rows.field in targets(grid.runs[0][0]) else ""


def picture_step(run: "Run", step: int | None) -> int:
    """The last of the run's kept steps that is not after `step`."""
    steps = run.frame_steps()
    return steps[-1] if step is None else max((kept for kept in steps if kept <= step), default=steps[0])


@lru_cache(maxsize=512)
def small(folder: Path, step: int, cell: tuple[int, int], written: int) -> Picture:
    """A run's picture at the size of a cell; kept, for an animation that is too large is drawn again."""
    from nst_viz.recording.run import Run

    return np.asarray(Image.fromarray(Run.open(folder).frame(step)).resize(cell, Image.Resampling.LANCZOS))


def fitted(run: "Run", step: int, cell: tuple[int, int]) -> Picture:
    written = (run.folder / "frames" / f"{step:06d}.webp").stat().st_mtime_ns
    return small(run.folder, step, cell, written)


def write_grid_sheet(grid: Grid, path: str | Path, title: str = "", width: int = SHEET_WIDTH) -> Path:
    """Write the grid's results with the knobs' values beside them, as `.png` or `.jpg`.

    Raises NstVizError for another suffix, or a target that cannot be written.
    """
    path = Path(path)
    check_suffix(path, SUFFIXES)
    return save(Image.fromarray(GridPage(grid, width, title).draw(None)), path)


def write_grid_movie(
    grid: Grid,
    path: str | Path,
    title: str = "",
    *,
    width: int = MOVIE_WIDTH,
    frames: int = FRAMES,
    fps: float | None = None,
    hold: float = HOLD,
    limit: int | None = None,
    track: Track = untracked,
) -> Animation:
    """Write all runs of the grid, each picture showing all of them at one step, as a `.gif`, `.mp4` or `.webp`.

    The first picture is the last one, so that a page that does not play shows the results. The other parameters, and what
    is raised, are those of `write_animation`.
    """
    runs = grid.all_runs()
    longest = max(runs, key=lambda run: run.frame_steps()[-1])
    steps = longest.frame_steps()
    seen = choose.candidates(steps, choose.COMPARED)

    def chosen(count: int) -> list[int]:
        if len(seen) < count:
            return [seen[-1], *seen]
        change = sum(choose.changes(run, [picture_step(run, step) for step in seen]) for run in runs)
        return [seen[-1], *(seen[index] for index in choose.equal_change(np.asarray(change), count - 1))]

    draw = GridPage(grid, width, title).draw
    return write_animation(chosen, draw, path, frames=frames, fps=fps, hold=hold, limit=limit, track=track)
