"""From jobs to recorded runs in parallel processes of this machine, each of which takes one job after the other.

The processes are started as `python -m nst_viz.recording.processes`, not forked: TensorFlow does not survive a fork, and
a script that calls this is not imported again by its workers. They speak in lines: a job comes in as JSON, out go the
numbers of its steps and then how it ended.
"""

import json
import math
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
from nst_viz.core.machine import cores
from nst_viz.core.memory import check_memory, runs_at_once
from nst_viz.core.threads import compute_with
from nst_viz.recording.jobs import Job, Steps, record_or_go_on

Tell = Callable[[Job, int], None]
"""told each step of each job"""
Waiting = queue.SimpleQueue[Job]
News = queue.SimpleQueue[tuple[Job, int | str | None]]
"""a job and its step; at last why it failed, or None"""
GRACE = 120.0
"""seconds that a process has to end its step, write its checkpoint and end"""


def record_in_processes(jobs: Sequence[Job], processes: int | None, tell: Tell) -> dict[Job, str]:
    """Record the jobs; the reasons of those that failed. In this process where there is but one job, or one process.

    Each computes with the threads of its run, as it would alone; where `processes` is None there are as many as there are
    cores, or as fit into the memory. Raises NstVizError for a number of processes below 1, or too large for the memory.
    """
    if processes is not None and processes < 1:
        raise NstVizError(f"{processes} processes were asked for: give 1 or more")
    count = how_many(jobs, processes)
    if count <= 1 and len({job.threads() for job in jobs}) <= 1:
        return record_here(jobs, tell)
    waiting: Waiting = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    news: News = queue.SimpleQueue()
    workers = [Worker() for _ in range(count)]
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
            with suppress(queue.Empty):
                while True:
                    waiting.get_nowait()
            for worker in workers:
                worker.end()
    return failures


def how_many(jobs: Sequence[Job], processes: int | None) -> int:
    """How many processes there will be. Raises NstVizError where so many runs at once do not fit into the memory."""
    if not jobs:
        return 0
    count = min(cores() if processes is None else processes, len(jobs))
    height, width = max((picture.pixels.shape[:2] for job in jobs for picture in job.pictures.values()), key=math.prod)
    if processes is not None and count > 1:
        check_memory(width, height, count)
    return max(1, min(count, runs_at_once(width * height)))  # where not even one fits, it says so itself


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
    """A process that records, seen from the one that asks. It is there once there is a job, and replaced where it dies."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ended = False
        self.threads = 0
        self.process: subprocess.Popen[str] | None = None

    def serve(self, waiting: Waiting, news: News) -> None:
        """Take jobs until there are none. However a job ends, that is told: else who waits for it would wait for ever."""
        while True:
            try:
                job = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                reason = self.record(job, news)
                if reason is not None and self.died() and not self.ended:
                    reason = self.record(job, news)  # gone on with once, by a new process
            except Exception as error:
                reason = f"its process could not be started or spoken to ({error})"
            news.put((job, reason))

    def died(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def start(self, threads: int) -> "subprocess.Popen[str]":
        """The process, a new one where it died or computes with another number of threads."""
        with self.lock:
            if self.ended:
                raise InterruptedError("the grid was ended")
            if self.process is not None and (self.died() or threads != self.threads):
                self.close(self.process)
            if self.process is None:
                self.complaints = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
                try:
                    self.process, self.threads = self.open(threads), threads
                except BaseException:
                    self.complaints.close()
                    raise
            return self.process

    def open(self, threads: int) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "nst_viz.recording.processes", str(threads)]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self.complaints, text=True)

    def record(self, job: Job, news: News) -> str | None:
        """Have one job recorded; the reason where it was not."""
        process = self.start(job.threads())
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps(order(job)) + "\n")
            process.stdin.flush()
            for line in process.stdout:
                message: dict[str, Any] = json.loads(line)
                if "step" not in message:
                    return message["reason"]  # type: ignore[no-any-return]
                news.put((job, message["step"]))
        except OSError:
            pass  # the process is gone, which is said below
        status = process.wait()
        self.complaints.seek(0)
        last = (self.complaints.read().strip().splitlines() or ["perhaps for want of memory"])[-1]
        return f"its process ended with status {status} ({last})"

    def end(self) -> None:
        """No job is taken any more; the one under way stops after its step."""
        self.ended = True
        with self.lock:
            if self.process is not None:
                self.close(self.process)

    def close(self, process: "subprocess.Popen[str]") -> None:
        """Ask the process to end, and wait until its run is where it can be gone on with; make it, where it takes too long."""
        assert process.stdin
        assert process.stdout
        process.terminate()
        with suppress(OSError):
            process.stdin.close()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        self.complaints.close()
        self.process = None


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
    compute_with(threads)
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
