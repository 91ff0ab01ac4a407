"""The seed's one call: from two pictures to a recorded run, a picture of content, style and result, and a GIF."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nst_viz.core.config import Mode, TransferConfig
from nst_viz.core.errors import NstVizError, showable
from nst_viz.recording.session import record_transfer
from nst_viz.results import RESULTS, free_folder, run_name

if TYPE_CHECKING:
    from nst_viz.recording.run import Run

NOISE = "noise"


def seed_config(
    content_path: str | Path,
    style_path: str | Path,
    imsize: int | None,
    mode: Mode,
    num_steps: int | None,
    style_weight: float | None,
    content_weight: float | None,
) -> TransferConfig:
    """The config of the seed's parameters; what is None keeps the config's default.

    In the modes `content` and `style` the target comes as `style_path`, and `content_path` is what to start from.
    """
    given: dict[str, Any] = {"size": imsize, "steps": num_steps, "beta": style_weight, "alpha": content_weight}
    chosen = {name: value for name, value in given.items() if value is not None}
    if mode == "style_transfer":
        if str(content_path) == NOISE:
            raise NstVizError("mode style_transfer needs a content picture: give a path as content_path, or mode='style'")
        return TransferConfig(mode=mode, content=content_path, style=style_path, **chosen)
    if mode not in ("content", "style"):
        raise NstVizError(f"there is no mode {mode!r}: choose from style_transfer, content, style")
    return TransferConfig(**{"mode": mode, mode: style_path, "init": content_path, **chosen})


def main(
    content_path: str | Path,
    style_path: str | Path,
    imsize: int | None = None,
    mode: Mode = "style_transfer",
    num_steps: int | None = None,
    style_weight: float | None = None,
    content_weight: float | None = None,
) -> "Run":
    """Record a run with a progress bar and write `results/<content>_<style>.jpg` and `.gif` beside its folder.

    Paths: a file, sample:NAME, or for `content_path` in the modes `content` and `style` also "noise". imsize: pixels of the
    longer side. Returns the run, which shows itself in a notebook. Raises NstVizError for whatever cannot be used.
    """
    from nst_viz.terminal import Terminal, stop_on_interrupt

    config = seed_config(content_path, style_path, imsize, mode, num_steps, style_weight, content_weight)
    name = run_name(content_path, style_path)
    terminal = Terminal()
    terminal.say(showable(f"{mode} of {content_path} and {style_path}: {config.steps} steps at {config.size} px"))
    with stop_on_interrupt() as stop, free_folder(name) as folder:
        run = record_transfer(config, folder, progress=terminal, stop=stop)
    from nst_viz.render.movie import write_movie
    from nst_viz.render.sheet import write_triptych

    picture, animation = RESULTS / f"{name}.jpg", RESULTS / f"{name}.gif"
    terminal.say("rendering the picture and the animation")
    write_triptych(run, picture)
    write_movie(run, animation)
    terminal.say(f"picture    {picture}")
    terminal.say(f"animation  {animation}")
    if run.status == "stopped":
        terminal.say(f"stopped; go on with: nst-viz resume {run.folder}")
    return run
