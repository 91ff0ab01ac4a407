"""From a run's name to how it stands: waiting, starting, running, paused, ended or failed; and what may be asked of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nst_viz.app.library import Library, naming
from nst_viz.app.work.queue import MOST_WAITING, Job
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.results import run_name

Stand = Literal["waiting", "starting", "running", "paused", "ended", "failed"]


@dataclass(frozen=True)
class Standing:
    """How a run stands: `run` is there once its folder is; `job`, the session's own, until the worker is done with it."""

    name: str
    stand: Stand
    words: str
    """for the page, as plain text"""
    job: Job | None = None
    run: Run | None = None


def standing(library: Library, name: str) -> Standing:
    """How a run of the session stands; "failed" also where there is no such run."""
    found, said = library.job(name), library.places.without_paths
    run: Run | None
    try:
        run = library.open(name)
    except NstVizError as error:
        run, why = None, said(str(error))
    if found is None:
        if run is None and not library.has(name):
            why = "it was deleted, or has another name now"
        return Standing(name, "ended", "", None, run) if run else Standing(name, "failed", why)
    job, state = found
    own = job if job.owner == library.owner else None  # who looks on has no say
    if state == "failed":
        return Standing(name, "failed", said(library.queue.reason(job)), own, run)
    if state == "waiting":
        return Standing(name, "waiting", place_words(library.queue.place(job)), own, run)
    if run is None or (job.kind == "resume" and library.queue.said(job)):
        return Standing(name, "starting", library.queue.said(job) or "starting", own, run)
    if library.queue.asked(job, "pause"):
        return Standing(name, "paused", "paused" if library.queue.rests(job) else "pausing after this step", own, run)
    return Standing(name, "running", "", own, run)


def place_words(ahead: int) -> str:
    """The place in line."""
    return {0: "next in line", 1: "in line, one run before it"}.get(ahead, f"in line, {ahead} runs before it")


def submit(library: Library, wanted: Sequence[tuple[str, TransferConfig]], policy: RecordingPolicy) -> list[str]:
    """Ask for runs, in this order, each with what its name should end in; their names.

    Raises NstVizError where too many of the session's runs wait already.
    """
    library.forget_failures()  # they have been seen
    waiting = [job for job in library.queue.jobs("waiting") if job.owner == library.owner]
    if len(waiting) + len(wanted) > MOST_WAITING:
        raise NstVizError(f"{len(waiting)} of your runs wait already, and at most {MOST_WAITING} may: let some of them finish")
    names = []
    with naming(library.places):
        for end, config in wanted:
            name = library.reserve(f"{pictures_name(config)}_{end}")
            library.queue.submit(Job(kind="record", owner=library.owner, name=name, config=config, policy=policy))
            names.append(name)
    return names


def pictures_name(config: TransferConfig) -> str:
    """What a run is called after its pictures, as on the command line."""
    if config.mode == "style_transfer":
        return run_name(str(config.content), str(config.style))
    return run_name("noise", str(config.content if config.mode == "content" else config.style))


def cancel(library: Library, job: Job) -> None:
    """Take a run out of the line; where it has begun meanwhile, stop it."""
    library.queue.cancel(job)
    library.release(job.name)


def go_on(library: Library, name: str, steps: int | None = None) -> None:
    """Go on with a stopped run; with `steps`, up to there. Raises NstVizError where that is no run of the session's."""
    library.changeable(name)
    library.forget_failures(name)
    library.queue.submit(Job(kind="resume", owner=library.owner, name=name, steps=steps))


def ask_inspection(library: Library, name: str, request: Mapping[str, object]) -> None:
    """Ask what a layer sees, once."""
    if library.queue.find(name, ("inspect",)) is None:
        library.queue.submit(Job(kind="inspect", owner=library.owner, name=name, request=dict(request)))
