"""From a run's folder to things to look at: sheets, animations, storyboards, players."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nst_viz.core.errors import NstVizError
from nst_viz.core.quiet import STDERR
from nst_viz.recording.run import FRAMES, GRADIENTS, INPUTS
from nst_viz.render.target import check_suffix

if TYPE_CHECKING:
    from nst_viz.recording.run import Run

SUFFIXES = {
    "gif": (".gif",),
    "mp4": (".mp4",),
    "webp": (".webp",),
    "sheet": (".png", ".jpg", ".jpeg"),
    "storyboard": (".mp4", ".gif", ".webp"),
    "gradients": (".png", ".jpg", ".jpeg"),
    "html": (".html", ".htm"),
}
"""what a run is rendered to, and how its file's name may end"""


def render_run(run: "Run", wanted: Mapping[str, str | Path], frames: int | None = None, fps: float | None = None) -> list[Path]:
    """Render a run to each kind in `wanted` (see SUFFIXES) and return what was written; long work shows a bar.

    `frames` and `fps` hold for the animations. Raises NstVizError for an unknown kind, a suffix that does not fit it, a
    target that cannot be written, or a run that has not what is needed; all names are checked before anything is written.
    """
    targets = {kind: Path(path) for kind, path in wanted.items()}
    for kind, path in targets.items():
        if kind not in SUFFIXES:
            raise NstVizError(f"{kind!r} is nothing that a run is rendered to: choose from {', '.join(SUFFIXES)}")
        check_suffix(path, SUFFIXES[kind])
        if path.resolve().parent in [(run.folder / part).resolve() for part in (FRAMES, INPUTS, GRADIENTS)]:
            raise NstVizError(f"{path} is among the recorded pictures of {run.folder}: give a path outside")
    if len({path.resolve() for path in targets.values()}) < len(targets):
        raise NstVizError(f"{next(iter(targets.values()))} is named twice: give each animation a file of its own")
    return [render(run, kind, path, frames, fps) for kind, path in targets.items()]


def render(run: "Run", kind: str, path: Path, frames: int | None, fps: float | None) -> Path:
    if kind == "sheet":
        from nst_viz.render.sheet import write_sheet

        return write_sheet(run, path)
    if kind == "gradients":
        from nst_viz.render.gradients import write_gradient_sheet

        return write_gradient_sheet(run, path)
    if kind == "html":
        from nst_viz.render.player import write_player

        return write_player(run, path)
    from nst_viz.render.movie import write_movie
    from nst_viz.render.storyboard import write_storyboard

    write = write_storyboard if kind == "storyboard" else write_movie
    animation = write(run, path, frames=frames, fps=fps, track=partial(track, kind))
    if animation.note():
        print(animation.note(), file=STDERR, flush=True)
    return animation.path


def track(kind: str, steps: Iterable[int], count: int) -> Iterable[int]:
    """A bar on standard error, from the second second on."""
    from tqdm import tqdm

    return tqdm(steps, kind, count, unit="picture", ncols=88, delay=1, leave=False, file=STDERR)
