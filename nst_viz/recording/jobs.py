"""From a run that is wanted to one that is recorded, whatever was there of it: what a grid's workers do."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture
from nst_viz.core.threads import threads_here
from nst_viz.recording.history import read_losses
from nst_viz.recording.run import LOSSES, Run, is_locked
from nst_viz.recording.session import OtherNetworkError, Progress, Silent, never, record_transfer, resume_transfer

if TYPE_CHECKING:
    from nst_viz.core.optimise import Iterate


@dataclass(frozen=True, eq=False)
class Job:
    """A run that is wanted, and where."""

    name: str
    folder: Path
    config: TransferConfig
    policy: RecordingPolicy
    pictures: Mapping[str, Picture]

    def recorded_steps(self) -> int:
        """How many of its steps need not be computed again."""
        try:
            run = Run.open(self.folder)
            return self.config.steps if run.status == "finished" else run.checkpoint()[0]
        except NstVizError:
            return 0

    def threads(self) -> int:
        """With how many threads it is computed: where it was cut off with as many as before."""
        try:
            recorded = Run.open(self.folder).manifest.get("threads")
        except NstVizError:
            recorded = None
        return recorded or self.config.threads or threads_here()


class Steps(Silent):
    """Passes the number of each step on."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self.tell = tell

    def track(self, iterates: "Iterable[Iterate]", first: int, steps: int) -> "Iterator[Iterate]":
        """The stream as it is."""
        for iterate in iterates:
            self.tell(iterate.step)
            yield iterate


def record_or_go_on(
    config: TransferConfig, folder: Path, policy: RecordingPolicy, progress: Progress, stop: Callable[[], bool] = never
) -> Run:
    """Record a run, from its checkpoint on where one was cut off or failed; what cannot be gone on with is recorded anew.

    `stop()` is asked after each step.

    Raises NstVizError for what cannot be used, or where another process is writing the folder.
    """
    if folder.exists():
        if is_locked(folder):
            raise NstVizError(f"{folder} is being written by another process: wait for it, or stop it")
        with suppress(OtherNetworkError):
            if can_go_on(folder):
                return resume_transfer(folder, progress=progress, stop=stop)
        shutil.rmtree(folder)
    return record_transfer(config, folder, policy, progress, stop)


def can_go_on(folder: Path) -> bool:
    """Whether the folder holds a run that ended before its last step, and what is needed to go on with it."""
    try:
        run = Run.open(folder)
        step = run.checkpoint()[0]
        return run.status in ("stopped", "failed") and len(read_losses(folder / LOSSES).steps) > step
    except NstVizError:
        return False
