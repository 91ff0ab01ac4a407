"""From jobs in the queue to runs and inspections, in a process of its own in which TensorFlow is loaded once.

`python -m nst_viz.app.work.worker RESULTS`. It ends when its standard input does, so that it never
outlives the app; the run under way is stopped with a checkpoint.
"""

import json
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from nst_viz.app.library import forget_owners
from nst_viz.app.places import Places
from nst_viz.app.work.queue import Job, Queue
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.register import FILE
from nst_viz.recording.recorder import replace_file
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


class Progress:
    """Tells the page what is being done until the first picture is there."""

    def __init__(self, queue: Queue, job: Job) -> None:
        self.queue, self.job = queue, job

    def say(self, message: str) -> None:
        self.queue.say(self.job, message)

    def track(self, iterates: "Iterable[Iterate]", first: int, steps: int) -> "Iterator[Iterate]":
        self.say("")
        yield from iterates


class Worker:
    """Takes one job after the other. Between two steps of a run it answers inspections, which take a second or two."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.queue = Queue(places.queue)
        self.ending = threading.Event()

    def serve(self) -> None:
        """Work until the app ends."""
        self.clear_up()
        self.warm_up()
        while not self.ending.is_set():
            job = self.queue.take("inspect") or self.queue.take("record", "resume")
            if job is not None:
                self.do(job)
            elif memory() > FULL:
                return
            else:
                self.ending.wait(POLL)

    def clear_up(self) -> None:
        """Put away what a worker that died left behind: its run is there to go on with, or the owner is told."""
        for job in self.queue.jobs("running"):
            if job.kind == "inspect" or (self.places.results / job.name).exists():
                self.queue.finish(job)
            else:
                self.queue.fail(job, "the computation ended all at once, for want of memory perhaps: try a smaller size")
        forget_owners(self.places)

    def warm_up(self) -> None:
        """Load TensorFlow, tell the pages about the networks, and trace the step that is asked for most."""
        from nst_viz.app.work.describe import describe_built_in, describe_files

        told = describe_built_in()
        replace_file(self.places.networks, json.dumps(told).encode())
        if any(self.places.models.glob(f"*{FILE}")):
            replace_file(self.places.networks, json.dumps({**told, **describe_files(self.places.models)}).encode())
        if self.ending.is_set() or self.queue.jobs("waiting"):
            return
        from nst_viz.core.image import load_pictures
        from nst_viz.core.transfer import prepare

        iterates = prepare(WARM, load_pictures(WARM)).iterates()
        next(iterates)

    def do(self, job: Job) -> None:
        """One job; whatever goes wrong with it is told to its owner, and the worker lives on."""
        try:
            if job.kind == "inspect":
                from nst_viz.app.work.inspection import inspect

                inspect(self.places, job.name, job.request)
            elif job.kind == "resume":
                resume_transfer(self.places.results / job.name, job.steps, Progress(self.queue, job), self.until(job))
            else:
                assert job.config is not None
                folder = self.places.results / job.name
                record_transfer(job.config, folder, job.policy, Progress(self.queue, job), self.until(job))
            self.queue.finish(job)
        except NstVizError as error:
            self.queue.fail(job, str(error))
        except Exception as error:
            traceback.print_exc()
            self.queue.fail(job, f"the computation failed ({type(error).__name__}): try a smaller size or other settings")

    def until(self, job: Job) -> Callable[[], bool]:
        """What a run asks after each step: whether to stop. It waits in there while the run is paused.

        A paused run gives way when somebody else waits: it stops with its checkpoint, and goes on from there later.
        """

        def stop() -> bool:
            while True:
                while (inspection := self.queue.take("inspect")) is not None:
                    self.do(inspection)
                if self.ending.is_set() or self.queue.asked(job, "stop"):
                    return True
                if not self.queue.asked(job, "pause"):
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


def wait_for_lock(lock: FileLock, ending: threading.Event) -> bool:
    """Whether the lock is held now: one worker at a time serves a results folder."""
    while not ending.is_set():
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


def main() -> None:
    places = Places(Path(sys.argv[1]))
    worker = Worker(places)
    if hasattr(os, "nice"):
        os.nice(NICE)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.ending.set())
    threading.Thread(target=end_with_input, args=(worker.ending,), daemon=True).start()
    places.own.mkdir(parents=True, exist_ok=True)
    lock = FileLock(places.worker_lock)
    if wait_for_lock(lock, worker.ending):
        with lock:
            worker.serve()


if __name__ == "__main__":
    main()
