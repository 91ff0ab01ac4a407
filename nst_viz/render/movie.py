"""From a run to an animation of its picture: how it emerged, and the result held."""

from collections.abc import Iterator
from pathlib import Path

from nst_viz.recording.run import Run
from nst_viz.render import choose
from nst_viz.render.animation import FRAMES, HOLD, Animation, write_animation
from nst_viz.render.encoders import Picture, Track


def write_movie(
    run: Run,
    path: str | Path,
    *,
    frames: int | None = None,
    fps: float | None = None,
    hold: float = HOLD,
    limit: int | None = None,
    track: Track = lambda pictures, count: pictures,
) -> Animation:
    """Write the run's pictures as a `.gif`, `.mp4` or `.webp`: `frames` of them (80), chosen by how much they changed.

    The other parameters, and what is raised, are those of `write_animation`.
    """

    def clip(count: int) -> Iterator[Picture]:
        return (run.frame(step) for step in (steps if count >= len(steps) else choose.frames(run, count)))

    steps = choose.frames(run, FRAMES if frames is None else frames)
    return write_animation(clip, len(steps), path, fps=fps, hold=hold, limit=limit, track=track)
