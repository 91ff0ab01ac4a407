"""From a run's kept pictures to those worth showing: spaced by how much the picture changed, the first and the last always."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import FRAMES, Run

COMPARED = 240
"""pictures at most that are read to see how much changed (twice the number wanted, where that is more)"""
COMPARED_SIDE = 64
"""pixels of the longer side of the copies that are compared"""


def frames(run: Run, count: int, steps: list[int] | None = None) -> list[int]:
    """At most `count` of the kept steps, or of those given, about equally much change between neighbours, in order.

    Change is the mean absolute difference of pixels from one kept picture to the next. All of them where there are
    no more than `count`. Raises NstVizError where fewer than two are asked for, or none was kept yet.
    """
    steps = run.frame_steps() if steps is None else steps
    if not steps:
        raise NstVizError(f"{run.folder} has no picture yet: wait for its first step")
    if count < 2:
        raise NstVizError(f"{count} pictures were asked for: give 2 or more, for the first and the last are always shown")
    if len(steps) <= count:
        return steps
    seen = candidates(steps, max(COMPARED, 2 * count))
    return [seen[index] for index in equal_change(changes(run, seen), count)]


def candidates(steps: list[int], most: int) -> list[int]:
    """At most `most` of the steps, half of them spaced evenly and half ever wider, for most changes early."""
    if len(steps) <= most:
        return steps
    last = len(steps) - 1
    even = np.linspace(0, last, most // 2)
    wider = np.geomspace(1, last + 1, most - most // 2) - 1
    return [steps[index] for index in sorted({round(float(index)) for index in (*even, *wider)})]


def changes(run: Run, steps: list[int]) -> NDArray[np.float64]:
    """Mean absolute change from each of the steps to the next, in grey levels of 255, shape (steps - 1,)."""
    newest = (run.folder / FRAMES / f"{steps[-1]:06d}.webp").stat().st_mtime_ns
    return _changes(run.folder, tuple(steps), newest)


@lru_cache(maxsize=16)
def _changes(folder: Path, steps: tuple[int, ...], newest: int) -> NDArray[np.float64]:
    """Kept for a while, for a run is often rendered in several ways at once; `newest` tells a run recorded anew."""
    run = Run.open(folder)
    change = np.zeros(len(steps) - 1)
    before = small_copy(run.frame(steps[0]))
    for index, step in enumerate(steps[1:]):
        now = small_copy(run.frame(step))
        change[index] = np.abs(now - before).mean()
        before = now
    return change


def small_copy(picture: NDArray[np.uint8]) -> NDArray[np.int16]:
    """The picture averaged down to about COMPARED_SIDE pixels, int16 (height, width, 3)."""
    factor = max(1, max(picture.shape[:2]) // COMPARED_SIDE)
    return np.asarray(Image.fromarray(picture).reduce(factor), np.int16)


def equal_change(change: NDArray[np.float64], count: int) -> list[int]:
    """At most `count` indices of the pictures whose neighbours differ by `change`: 0, the last, and between them equal change.

    Found as the smallest stride of change with which the pictures are walked through in so many steps, by bisection. A
    single step that changes more than the stride is one step of the walk: there is nothing within it to show.
    """
    along = np.concatenate([[0.0], np.cumsum(change + 1e-9)])  # where nothing changes, equal numbers of steps
    low, high = 0.0, float(along[-1])
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if len(walk(along, middle)) <= count else (middle, high)
    return walk(along, high)


def walk(along: NDArray[np.float64], stride: float) -> list[int]:
    """From the first index to the last, each time as far as `along` grows by `stride`, or to the next one."""
    indices = [0]
    while indices[-1] < len(along) - 1:
        reach = int(np.searchsorted(along, along[indices[-1]] + stride, side="right")) - 1
        indices.append(max(indices[-1] + 1, reach))
    return indices
