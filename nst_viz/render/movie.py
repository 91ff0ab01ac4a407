"""From a run to an animation of its picture: how it emerged, and the result held."""

from pathlib import Path

from nst_viz.recording.run import Run
from nst_viz.render import choose
from nst_viz.render.animation import HOLD, Animation, write_animation
from nst_viz.render.encoders import Track, untracked


def write_movie(
    run: Run,
    path: str | Path,
    *,
    frames: int | None = None,
    fps: float | None = None,
    hold: float = HOLD,
    limit: int | None = None,
    track: Track = untracked,
) -> Animation:
    """Write the run's pictures as a `.gif`, `.mp4` or `.webp`: `frames` of them (80), chosen by how much they changed.

    The other parameters, and what is raised, are those of `write_animation`.
    """

    steps = run.frame_steps()
    return write_animation(
        lambda count: choose.frames(run, count, steps),
        run.frame,
        path,
        frames=frames,
        fps=fps,
        hold=hold,
        limit=limit,
        track=track,
    )
