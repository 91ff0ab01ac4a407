"""From a config to a recorded run: what the command line, `main`, the app's worker and the lessons all call."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture, load_pictures
from nst_viz.core.memory import check_memory
from nst_viz.core.threads import compute_with, threads_here
from nst_viz.recording.recorder import check_new, create_run, only_writer, record, rewind, write_inputs
from nst_viz.recording.run import Run

if TYPE_CHECKING:
    from nst_viz.core.optimise import Iterate


class Progress(Protocol):
    """Who is told how a run gets on."""

    def say(self, message: str) -> None:
        """What is being done now."""

    def track(self, iterates: "Iterable[Iterate]", first: int, steps: int) -> "Iterator[Iterate]":
        """The same stream, shown as it passes: from step `first` to `steps`."""


class Silent:
    """Tells nobody."""

    def say(self, message: str) -> None:
        """Nothing."""

    def track(self, iterates: "Iterable[Iterate]", first: int, steps: int) -> "Iterator[Iterate]":
        """The stream as it is."""
        yield from iterates


class OtherNetworkError(NstVizError):
    """A run cannot be gone on with, for the network that it was computed with is not here."""


def never() -> bool:
    return False


def record_transfer(
    config: TransferConfig,
    folder: str | Path,
    policy: RecordingPolicy | None = None,
    progress: Progress | None = None,
    stop: Callable[[], bool] = never,
    pictures: Mapping[str, Picture] | None = None,
) -> Run:
    """Compute a run and record it into a new folder; `stop()` is asked after each step.

    `pictures` are those of `load_pictures`, given where the config's files are not at hand. Raises NstVizError for whatever
    cannot be used, before the folder is made.
    """
    policy, progress, folder = policy or RecordingPolicy(), progress or Silent(), Path(folder)
    check_new(folder)
    pictures = load_pictures(config) if pictures is None else pictures
    height, width = pictures["style" if config.mode == "style" else "content"].pixels.shape[:2]
    check_memory(width, height)
    progress.say("loading TensorFlow")
    from nst_viz.core.transfer import prepare

    compute_with(config.threads)
    progress.say(f"building the network {config.network} and the targets")
    transfer = prepare(config, pictures)
    run = create_run(folder, config, policy, pictures, transfer.about(), transfer.looks())
    with only_writer(folder):
        iterates = transfer.iterates(policy.gradients_every)
        return record(progress.track(iterates, 0, config.steps), run, stop)


def resume_transfer(
    folder: str | Path, steps: int | None = None, progress: Progress | None = None, stop: Callable[[], bool] = never
) -> Run:
    """Go on where a run stopped, up to its own number of steps or `steps`; the same, bit for bit, as without the stop.

    That holds on the same kind of machine, with the same versions of the packages; the number of threads is that of the run.
    Raises NstVizError for a folder that is no run, is being written, has no checkpoint, is that long already, or whose number
    of threads this process cannot have.
    """
    progress = progress or Silent()
    run = Run.open(folder)
    folder = run.folder
    with only_writer(folder):
        step, kept_step, state = run.checkpoint()
        steps = steps or run.config.steps
        if steps <= step:
            raise NstVizError(f"{folder} is at step {step} of {run.config.steps}: give --steps above {step} to go further")
        progress.say("loading TensorFlow")
        from nst_viz.core.transfer import prepare

        compute_with(run.manifest.get("threads"))
        if "threads" not in run.manifest:
            progress.say(
                f"{folder} does not say with how many threads it was computed: going on with {threads_here()}, "
                "so its pixels can differ a little from those of a run without the stop"
            )
        progress.say(f"going on after step {step} with the network {run.config.network}")
        transfer = prepare(run.resolved_config().replace(steps=steps), recorded_pictures(run))
        if transfer.network.weights_hash != run.manifest["network"]["weights_sha256"]:
            raise OtherNetworkError(
                f"{folder} was recorded with other weights of {run.config.network} than there are here: "
                "bring back the weights file, or the version of nst-viz, that it was recorded with"
            )
        run = rewind(run, step, kept_step, state["image"], steps)
        iterates = transfer.iterates_after(step, state, run.policy.gradients_every)
        return record(progress.track(iterates, step, steps), run, stop)


def recorded_pictures(run: Run) -> dict[str, Picture]:
    """The pictures that a run was computed from, out of its own folder; where those are lost, from the files they came from.

    Raises NstVizError where neither is to be had.
    """
    about = run.manifest["inputs"]
    try:
        inputs = run.inputs()
    except NstVizError as error:
        return original_pictures(run, str(error))
    return {
        kind: Picture(
            about[kind]["name"],
            about[kind]["source"],
            about[kind]["sha256"],
            tuple(about[kind]["original_size"]),
            pixels.astype(np.float32) / np.float32(255),
        )
        for kind, pixels in inputs.items()
    }


def original_pictures(run: Run, loss: str) -> dict[str, Picture]:
    """The pictures read again from where the run had them, if they are still the same."""
    about = run.manifest["inputs"]
    with suppress(NstVizError):
        pictures = load_pictures(run.config)
        if all(picture.sha256 == about[kind]["sha256"] for kind, picture in pictures.items()):
            write_inputs(run.folder, pictures)
            return pictures
    sources = " or ".join(each["source"] for each in about.values())
    raise NstVizError(
        f"{loss.split(':')[0]}, and {sources} is no longer what the run was computed from: bring it back"
    ) from None
