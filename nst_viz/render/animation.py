"""From steps and how each looks to an animation's file, by its suffix, made smaller where it must stay under a limit."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from nst_viz.core.errors import NstVizError
from nst_viz.render.encoders import ENCODERS, Draw, Reel, Track, untracked
from nst_viz.render.target import check_suffix, replacing

FRAMES = 80
HOLD = 1.5
"""seconds that the last picture stays"""
LIMITS = {".gif": 5_000_000}
"""bytes; a page and a chat take a GIF of that size"""
FASTEST, SLOWEST, LENGTH = 12.5, 5.0, 6.4
"""pictures a second at most and at least, and seconds that a clip lasts where these allow it"""
FEWEST = 30
"""pictures to which an animation is cut down before its size is"""
SMALLEST = 16
"""pixels of the shorter side"""

Choose = Callable[[int], list[int]]
"""a number of pictures -> the steps of that many, or of fewer where there are no more; the first and the last always"""


@dataclass(frozen=True)
class Animation:
    """What was written."""

    path: Path
    chosen: int
    """pictures that were to be in it"""
    frames: int
    """pictures that are in it"""
    fps: float
    scale: float
    """of the pictures' sides; 1 where they were not made smaller"""
    size: int
    """bytes"""

    def note(self) -> str:
        """What was done to keep under the limit, as a sentence; empty where nothing was."""
        changes = [f"{self.frames} pictures in place of {self.chosen}"] * (self.frames < self.chosen)
        changes += [f"their sides at {self.scale:.0%}"] * (self.scale < 1)
        return f"{self.path} has {' and '.join(changes)}, to stay under its limit" if changes else ""


def write_animation(
    choose: Choose,
    draw: Draw,
    path: str | Path,
    *,
    frames: int | None = None,
    fps: float | None = None,
    hold: float = HOLD,
    limit: int | None = None,
    track: Track = untracked,
) -> Animation:
    """Write the pictures of `choose(frames)` (80) as a `.gif`, `.mp4` or `.webp`; nothing is left where that fails.

    `fps` is chosen so that few pictures do not rush past, when None. `limit` is the file's size in bytes at most: 5 MB for
    a GIF, none for the others, when None. Over it, first fewer pictures are taken, down to 30, then smaller ones; what was
    done is in the answer. Raises NstVizError for an unknown suffix, a target that cannot be written, a rate out of range,
    or a limit that cannot be met.
    """
    path = Path(path)
    encode = ENCODERS[check_suffix(path, list(ENCODERS))]
    if fps is not None and not 0 < fps <= 50:
        raise NstVizError(f"{fps:g} pictures a second were asked for: give a rate above 0, and 50 at most as a GIF can show")
    limit = LIMITS.get(path.suffix.lower()) if limit is None else limit
    with replacing(path) as temporary:
        reel = Reel(tuple(choose(FRAMES if frames is None else frames)), draw, fps or 0, hold, track=track)
        chosen = len(reel.steps)
        while True:
            reel = replace(reel, fps=fps or pace(len(reel.steps)))
            encode(reel, temporary)
            size = temporary.stat().st_size
            if limit is None or size <= limit:
                return Animation(path, chosen, len(reel.steps), reel.fps, reel.scale, size)
            reel = smaller(reel, choose, size / limit)


def pace(count: int) -> float:
    """Pictures a second at which so many last LENGTH seconds, within what looks like motion."""
    return min(FASTEST, max(SLOWEST, count / LENGTH))


def smaller(reel: Reel, choose: Choose, over: float) -> Reel:
    """The reel with fewer pictures, or smaller ones, so that a file that is `over` times too large should fit."""
    wanted = 0.95 * len(reel.steps) / over
    count = max(min(len(reel.steps), FEWEST), math.floor(wanted))
    scale = reel.scale * min(1.0, math.sqrt(wanted / count))
    height, width = reel.draw(reel.steps[0]).shape[:2]
    if min(height, width) * scale < SMALLEST:
        raise NstVizError(
            f"{count} pictures of {width} x {height} pixels do not fit the limit of the file's size even when made small: "
            "give a larger limit, or fewer frames"
        )
    return replace(reel, steps=tuple(choose(count)) if count < len(reel.steps) else reel.steps, scale=scale)
