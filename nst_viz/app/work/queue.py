"""From what a page asks for to what the worker does next: jobs as files, in one folder for each state they can be in."""

import json
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from nst_viz.core.config import Frozen, RecordingPolicy, TransferConfig
from nst_viz.recording.recorder import replace_file

Kind = Literal["record", "resume", "inspect"]
Wish = Literal["pause", "stop"]

LOOKED_THROUGH = ("running", "waiting", "running", "failed")
"""states in the order in which jobs are looked for: one that moves on meanwhile, or back into the line, is met all the same"""
MOST_WAITING = 12
"""jobs of one owner that may wait"""


def new_id() -> str:
    """Sorts by time; two made at once differ."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"


class Job(Frozen):
    """Something to be computed: a run to record or to go on with, or a layer to look into."""

    id: str = Field(default_factory=new_id, pattern=r"^\d{20}-[0-9a-f]{8}$")
    kind: Kind
    owner: str
    """the browser session that asked"""
    name: str
    """of the run's folder; of the inspection's file"""
    config: TransferConfig | None = None
    policy: RecordingPolicy | None = None
    steps: int | None = None
    """up to which step a run is gone on with; its own number where None"""
    request: dict[str, Any] = Field(default_factory=dict)
    """what an inspection looks at"""

    @field_validator("config", mode="before")
    @classmethod
    def _read_config(cls, value: Any) -> Any:
        """As an earlier version of the app may have written it."""
        return TransferConfig.recorded(value) if isinstance(value, dict) else value


@dataclass(frozen=True)
class Queue:
    """Jobs on disk, shared by pages and worker. Each move from state to state is one rename, so only one process wins it."""

    folder: Path

    def submit(self, job: Job) -> None:
        replace_file(self.path("waiting", job.id, make=True), json.dumps(job.model_dump(mode="json")).encode())

    def take(self, *kinds: Kind) -> Job | None:
        """The job of these kinds that has waited longest, now running; None where there is none."""
        for job in self.jobs("waiting"):
            if job.kind in kinds:
                with suppress(FileNotFoundError):  # cancelled meanwhile
                    self.path("waiting", job.id).rename(self.path("running", job.id, make=True))
                    return job
        return None

    def finish(self, job: Job) -> None:
        """Forget a job that is done."""
        for state in ("running", "pause", "stop", "said", "resting"):
            self.path(state, job.id).unlink(missing_ok=True)

    def fail(self, job: Job, reason: str) -> None:
        """Keep a job that came to nothing, with one sentence why, until its owner has seen it."""
        replace_file(self.path("reason", job.id, make=True), reason.encode())
        with suppress(FileNotFoundError):
            self.path("running", job.id).rename(self.path("failed", job.id, make=True))
        self.finish(job)

    def put_back(self, job: Job) -> None:
        """Into the line again, where it was; wishes are kept."""
        self.submit(job)
        for state in ("running", "said", "resting"):
            self.path(state, job.id).unlink(missing_ok=True)

    def forget(self, job: Job) -> None:
        """Forget a job that failed."""
        for state in ("failed", "reason"):
            self.path(state, job.id).unlink(missing_ok=True)

    def cancel(self, job: Job) -> None:
        """Out of the line; where the worker has it already, it is asked to stop."""
        try:
            self.path("waiting", job.id).unlink()
        except FileNotFoundError:
            self.ask(job, "stop")

    def jobs(self, *states: str) -> list[Job]:
        """The jobs in these states (waiting, running, failed), in the order in which they were asked for."""
        return [job for job, _ in self.found(*states)]

    def found(self, *states: str) -> list[tuple[Job, str]]:
        """The jobs in these states, each with its own; in the order in which they were asked for."""
        met = {job.id: (job, state) for state in LOOKED_THROUGH if state in states for job in self.listed(state)}
        return [met[id] for id in sorted(met)]

    def listed(self, state: str) -> list[Job]:
        """What is in the folder of a state now."""
        jobs = (read(path) for path in (self.folder / state).glob("*.json"))
        return [job for job in jobs if job is not None]

    def find(self, name: str, kinds: Iterable[Kind] = ("record", "resume"), owner: str | None = None) -> tuple[Job, str] | None:
        """The job that concerns a run or an inspection of this name, and its state: one that is in the works, else a failure.

        With `owner`, failures of others are passed over.
        """
        concerned = {}
        for job, state in self.found("waiting", "running", "failed"):
            if job.name == name and job.kind in kinds and (state != "failed" or owner in (None, job.owner)):
                concerned[state] = (job, state)
        return concerned.get("running") or concerned.get("waiting") or concerned.get("failed")

    def place(self, job: Job) -> int:
        """How many runs are done before this one begins: 0 for the next."""
        ahead = [other for other in self.jobs("waiting", "running") if other.kind != "inspect" and other.id < job.id]
        return len(ahead)

    def others_wait(self, job: Job) -> bool:
        """Whether somebody else's run waits behind this one."""
        return any(other.owner != job.owner and other.kind != "inspect" for other in self.jobs("waiting"))

    def ask(self, job: Job, wish: Wish) -> None:
        """To pause or to stop after the current step."""
        if self.path("running", job.id).exists():
            self.path(wish, job.id, make=True).touch()

    def withdraw(self, job: Job, wish: Wish) -> None:
        self.path(wish, job.id).unlink(missing_ok=True)

    def asked(self, job: Job, wish: Wish) -> bool:
        return self.path(wish, job.id).exists()

    def rest(self, job: Job, resting: bool) -> None:
        """Note whether a run that is to pause has come to rest."""
        if resting:
            self.path("resting", job.id, make=True).touch()
        else:
            self.path("resting", job.id).unlink(missing_ok=True)

    def rests(self, job: Job) -> bool:
        return self.path("resting", job.id).exists()

    def say(self, job: Job, message: str) -> None:
        """What is being done, for the page."""
        replace_file(self.path("said", job.id, make=True), message.encode())

    def said(self, job: Job) -> str:
        return read_text(self.path("said", job.id))

    def reason(self, job: Job) -> str:
        """Why a job failed."""
        return read_text(self.path("reason", job.id))

    def path(self, state: str, id: str, make: bool = False) -> Path:
        folder = self.folder / state
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{id}.json"


def read(path: Path) -> Job | None:
    """The job in a file; None where it has moved on meanwhile, or is none."""
    try:
        return Job(**json.loads(path.read_bytes()))  # pydantic's own JSON refuses paths whose bytes are no text
    except (OSError, ValueError, TypeError):
        return None


def read_text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""
