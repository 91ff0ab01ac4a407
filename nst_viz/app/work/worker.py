"""From jobs in the queue to runs and inspections, in a process of its own in which TensorFlow is loaded once.

`python -m nst_viz.app.work.worker RESULTS [--stalled]`, the latter where the one before it was ended because it stalled.
It ends when its standard input does, so that it never outlives the app; the run under way is stopped with a checkpoint.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from nst_viz.app.library import forget_owners, mark
from nst_viz.app.places import Places
from nst_viz.app.work.queue import Job, Queue
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.register import FILE
from nst_viz.recording.recorder import replace_file
from nst_viz.recording.run import CHECKPOINT
from nst_viz.recording.session import record_transfer, resume_transfer

if TYPE_CHECKING:
    from nst_viz.core.optimise import Iterate

POLL = 0.03
"""seconds between looks at the queue"""
FULL = 3_000_000_000
"""bytes of memory after which an idle worker makes room for a fresh one: each new picture size leaves a traced function"""
GRACE = 20.0
"""seconds that a run has to stop in when the app ends"""
NICE = 10
"""how far the computation stands back behind pages and browser where all cores are busy"""
WARM = TransferConfig(content="sample:dancing", style="sample:picasso", size=192, steps=1)
"""what is traced before anybody asks"""


DIED = "the computation ended all at once, for want of memory perhaps: try a smaller size"
STALLED = {
    "inspect": "looking into this layer took too long and was ended: choose another layer, or a smaller picture",
    "record": "no step was done for too long, so the run was ended for others to have their turn: try a smaller size",
    "resume": "no step was done for too long, so the run was ended for others to have their turn: go on with it in a terminal",
}
"""what the owner of a job is told for whose sake the worker was ended"""
BEAT = 0.5
"""seconds between two signs of life at least"""


class Progress:
    """Tells the page what is being done until the first picture is there; marks the folder of a new run as its owner's."""

    def __init__(self, places: Places, job: Job, beat: Callable[[], None]) -> None:
        self.queue, self.job, self.beat = Queue(places.queue), job, beat
        self.folder = places.folder_of(job.name)

    def say(self, message: str) -> None:
        self.beat()
        self.queue.say(self.job, message)

    def track(self, iterates: "Iterable[Iterate]", first: int, steps: int) -> "Iterator[Iterate]":
        if self.job.kind == "record":
            mark(self.folder, self.job.owner)
        self.say("")
        yield from iterates


class Worker:
    """Takes one job after the other. Between two steps of a run it answers an inspection, which takes a second or two.

    It gives a sign of life (`beat`) whenever it gets on: the keeper ends a worker that has given none for long.
    """

    def __init__(self, places: Places, beat: Callable[[], None] = lambda: None, stalled: bool = False) -> None:
        self.places, self.beat, self.stalled = places, beat, stalled
        self.queue = Queue(places.queue)
        self.ending = threading.Event()

    def serve(self) -> None:
        """Work until the app ends."""
        self.clear_up()
        self.warm_up()
        while not self.ending.is_set():
            self.beat()
            job = self.queue.take("inspect") or self.queue.take("record", "resume")
            if job is not None:
                self.do(job)
            elif memory() > FULL:
                return
            else:
                self.ending.wait(POLL)

    def clear_up(self) -> None:
        """Put away what a worker that died, or was ended because it stalled, left behind.

        What it was busy with has failed, and the owner is told. A run that waited for an inspection goes on from its
        checkpoint; one that was cut off itself is there to go on with.
        """
        left = self.queue.jobs("running")
        inspections = [job for job in left if job.kind == "inspect"]
        for job in inspections:
            self.queue.fail(job, STALLED["inspect"] if self.stalled else DIED)
        for job in (job for job in left if job.kind != "inspect"):
            folder = self.places.folder_of(job.name)
            if job.kind == "record" and folder.exists():
                mark(folder, job.owner)
            if inspections and (folder / CHECKPOINT).exists():
                self.queue.put_back(job.replace(kind="resume"))
            elif self.stalled or not folder.exists():
                self.queue.fail(job, STALLED[job.kind] if self.stalled else DIED)
            else:
                self.queue.finish(job)
        forget_owners(self.places)

    def warm_up(self) -> None:
        """Tell the pages about the networks, load TensorFlow and trace the step that is asked for most, if that can be done."""
        from nst_viz.app.work.describe import describe_built_in, describe_files

        told = describe_built_in()
        replace_file(self.places.networks, json.dumps(told).encode())
        if any(self.places.models.glob(f"*{FILE}")):
            replace_file(self.places.networks, json.dumps({**told, **describe_files(self.places.models)}).encode())
        if self.ending.is_set() or self.queue.jobs("waiting"):
            return
        try:
            from nst_viz.core.image import load_pictures
            from nst_viz.core.transfer import prepare

            next(prepare(WARM, load_pictures(WARM)).iterates())
        except Exception:  # a job that needs the same will say why it cannot be done
            traceback.print_exc()

    def do(self, job: Job) -> None:
        """One job; whatever goes wrong with it is told to its owner, and the worker lives on."""
        self.beat()
        progress = Progress(self.places, job, self.beat)
        try:
            if job.kind == "inspect":
                from nst_viz.app.work.inspection import inspect

                inspect(self.places, job.name, job.request)
            elif job.kind == "resume":
                resume_transfer(self.places.folder_of(job.name), job.steps, progress, self.until(job))
            else:
                assert job.config is not None
                folder = self.places.folder_of(job.name)
                record_transfer(job.config, folder, job.policy, progress, self.until(job))
            self.queue.finish(job)
        except NstVizError as error:
            self.queue.fail(job, self.places.without_paths(str(error)))
        except Exception as error:
            traceback.print_exc()
            self.queue.fail(job, f"the computation failed ({type(error).__name__}): try a smaller size or other settings")
        finally:
            self.beat()

    def until(self, job: Job) -> Callable[[], bool]:
        """What a run asks after each step: whether to stop. It waits in there while the run is paused.

        A paused run gives way when somebody else waits: it stops with its checkpoint, and goes on from there later.
        """

        def stop() -> bool:
            while True:
                self.beat()
                if (inspection := self.queue.take("inspect")) is not None:
                    self.do(inspection)
                if self.ending.is_set() or self.queue.asked(job, "stop"):
                    return True
                paused = self.queue.asked(job, "pause")
                if paused != self.queue.rests(job):
                    self.queue.rest(job, paused)
                if not paused:
                    return False
                if self.queue.others_wait(job):
                    return True
                self.ending.wait(POLL)

        return stop


def memory() -> int:
    """Bytes that the process holds; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def wait_for_lock(lock: FileLock, worker: Worker) -> bool:
    """Whether the lock is held now: one worker at a time serves a results folder."""
    while not worker.ending.is_set():
        worker.beat()
        try:
            lock.acquire(timeout=0.5)
            return True
        except Timeout:
            continue
    return False


def end_with_input(ending: threading.Event) -> None:
    """Ask for the end when whoever started the process is gone, and insist on it a while later."""
    while os.read(0, 1024):  # not sys.stdin, whose lock would be held while Python ends
        pass
    ending.set()
    time.sleep(GRACE)
    os._exit(1)


def signs_of_life() -> Callable[[], None]:
    """What writes one to the keeper, who reads the standard output."""
    last = 0.0

    def beat() -> None:
        nonlocal last
        if time.monotonic() - last > BEAT:
            last = time.monotonic()
            with suppress(OSError):  # the keeper is gone, and the end of the standard input says so
                os.write(1, b".")

    return beat


def main() -> None:
    places = Places(Path(sys.argv[1]))
    worker = Worker(places, signs_of_life(), stalled="--stalled" in sys.argv)
    if hasattr(os, "nice"):
        os.nice(NICE)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.ending.set())
    threading.Thread(target=end_with_input, args=(worker.ending,), daemon=True).start()
    places.own.mkdir(parents=True, exist_ok=True)
    lock = FileLock(places.worker_lock)
    if wait_for_lock(lock, worker):
        with lock:
            worker.serve()


if __name__ == "__main__":
    main()
