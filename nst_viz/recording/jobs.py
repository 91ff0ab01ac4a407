"""From a run that is wanted to one that is recorded, whatever was there of it: what a grid's workers do."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture
from nst_viz.recording.run import Run, is_locked
from nst_viz.recording.session import Progress, Silent, never, record_transfer, resume_transfer

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
    """Record a run, from its checkpoint on where one was cut off; what cannot be gone on with is recorded anew.

    `stop()` is asked after each step.

    Raises NstVizError for what cannot be used, or where another process is writing the folder.
    """
    if folder.exists():
        if is_locked(folder):
            raise NstVizError(f"{folder} is being written by another process: wait for it, or stop it")
        try:
            run = Run.open(folder)
            run.checkpoint()
            if run.status == "stopped":
                return resume_transfer(folder, progress=progress, stop=stop)
        except NstVizError:
            pass  # cut off before its first checkpoint
        shutil.rmtree(folder)
    return record_transfer(config, folder, policy, progress, stop)
