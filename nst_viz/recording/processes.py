"""From jobs to recorded runs in parallel processes of this machine, each of which takes one job after the other.

The processes are started as `python -m nst_viz.recording.processes`, not forked: TensorFlow does not survive a fork, and
a script that calls this is not imported again by its workers. They speak in lines: a job comes in as JSON, out go the
numbers of its steps and then how it ended.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording.jobs import Job, Steps, record_or_go_on

Tell = Callable[[Job, int], None]
"""told each step of each job"""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def record_in_processes(jobs: Sequence[Job], processes: int | None, tell: Tell) -> dict[Job, str]:
    """Record the jobs; the reasons of those that failed. In this process where there is but one job, or one process.

    Raises NstVizError for a number of processes below 1.
    """
    count = min(cores() if processes is None else processes, len(jobs))
    if processes is not None and processes < 1:
        raise NstVizError(f"{processes} processes were asked for: give 1 or more")
    if count <= 1:
        return record_here(jobs, tell)
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    news: queue.SimpleQueue[tuple[Job, int | str | None]] = queue.SimpleQueue()
    workers = [Worker(max(1, cores() // count)) for _ in range(count)]
    failures: dict[Job, str] = {}
    with ThreadPoolExecutor(count, "grid") as pool:
        try:
            for worker in workers:
                pool.submit(worker.serve, waiting, news)
            left = len(jobs)
            while left:
                job, what = news.get()
                if isinstance(what, int):
                    tell(job, what)
                    continue
                left -= 1
                if what is not None:
                    failures[job] = what
        finally:
            while not waiting.empty():
                waiting.get()
            for worker in workers:
                worker.end()
    return failures


def record_here(jobs: Sequence[Job], tell: Tell) -> dict[Job, str]:
    """One job after the other, in this process."""
    failures = {}
    for job in jobs:
        try:
            record_or_go_on(job.config, job.folder, job.policy, Steps(lambda step, job=job: tell(job, step)))  # type: ignore[misc]
        except NstVizError as error:
            failures[job] = str(error)
    return failures


class Worker:
    """A process that records, seen from the one that asks."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.ended = False
        self.process = self.start()

    def start(self) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "nst_viz.recording.processes", str(self.threads)]
        self.complaints = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self.complaints, text=True)

    def serve(self, waiting: "queue.SimpleQueue[Job]", news: "queue.SimpleQueue[tuple[Job, int | str | None]]") -> None:
        """Take jobs until there are none; a job whose process died is gone on with once by a new one."""
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            reason = self.record(job, news)
            if reason is not None and self.process.poll() is not None and not self.ended:
                self.close()
                self.process = self.start()
                reason = self.record(job, news)
            news.put((job, reason))

    def record(self, job: Job, news: "queue.SimpleQueue[tuple[Job, int | str | None]]") -> str | None:
        """Have one job recorded; the reason where it was not."""
        assert self.process.stdin
        assert self.process.stdout
        try:
            self.process.stdin.write(json.dumps(order(job)) + "\n")
            self.process.stdin.flush()
            for line in self.process.stdout:
                message: dict[str, Any] = json.loads(line)
                if "step" not in message:
                    return message["reason"]  # type: ignore[no-any-return]
                news.put((job, message["step"]))
        except OSError:
            pass  # the process is gone, which is said below
        status = self.process.wait()
        self.complaints.seek(0)
        last = (self.complaints.read().strip().splitlines() or ["perhaps for want of memory"])[-1]
        return f"its process ended with status {status} ({last})"

    def end(self) -> None:
        self.ended = True
        self.close()

    def close(self) -> None:
        """Ask the process to end, and wait until its run is where it can be gone on with."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.terminate()
        with suppress(OSError):
            self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.complaints.close()


def order(job: Job) -> dict[str, Any]:
    """The job as a worker reads it."""
    return {
        "config": job.config.model_dump(mode="json"),
        "policy": job.policy.model_dump(mode="json"),
        "folder": str(job.folder),
    }


def serve_orders(lines: IO[str], answers: IO[str], threads: int) -> None:
    """The worker's side: record what each line asks for, until there are no more; a request to end stops after the step."""
    asked_to_end = threading.Event()

    def say(**message: Any) -> None:
        print(json.dumps(message), file=answers, flush=True)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the one that asks, who then asks this one to end
    signal.signal(signal.SIGTERM, lambda number, frame: asked_to_end.set())
    from nst_viz.core.backend import tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    for line in lines:
        asked = json.loads(line)
        config, policy = TransferConfig(**asked["config"]), RecordingPolicy(**asked["policy"])
        try:
            progress = Steps(lambda step: say(step=step))
            record_or_go_on(config, Path(asked["folder"]), policy, progress, asked_to_end.is_set)
            say(reason=None)
        except NstVizError as error:
            say(reason=str(error))


if __name__ == "__main__":
    with os.fdopen(os.dup(1), "w") as own:  # what libraries print must not mix with the answers
        os.dup2(2, 1)
        serve_orders(sys.stdin, own, int(sys.argv[1]))
