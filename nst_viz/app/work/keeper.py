"""From a results folder to a worker process that is always there: replaced when it dies or stalls, ended with the app."""

import atexit
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from nst_viz.app.places import Places
from nst_viz.app.work.queue import Queue

PAUSE = 1.0
"""seconds before a worker that died at once is started again; doubled each time, up to LONGEST"""
LONGEST = 60.0
HEALTHY = 30.0
"""seconds that a worker must have lived for its end to count as a mishap"""
GRACE = 15.0
LOOK = 0.5
"""seconds between two looks at whether the worker gets on"""
PATIENCE = {"inspect": 300.0, "record": 900.0, "resume": 900.0, "": 900.0}
"""seconds without a sign of life after which the worker is ended, by what it is busy with; "" is nothing"""
WORKER = (sys.executable, "-m", "nst_viz.app.work.worker")


class Keeper:
    """Starts the worker and watches over it from a thread, which itself computes nothing.

    A worker gives a sign of life on its standard output after each step, and while it is idle. One that gives none for
    `patience` is ended, so that a job which never returns does not hold up all others.
    """

    def __init__(self, places: Places, patience: Mapping[str, float] = PATIENCE, command: Sequence[str] = WORKER) -> None:
        self.places, self.patience, self.command = places, patience, command
        self.closed = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.heard = time.monotonic()
        """when there was a sign of life last"""
        self.thread = threading.Thread(target=self.watch, name="keeper of the worker", daemon=True)
        self.thread.start()
        atexit.register(self.close)

    def watch(self) -> None:
        pause, stalled = PAUSE, False
        while not self.closed.is_set():
            began = time.monotonic()
            command = [*self.command, str(self.places.results), *(["--stalled"] if stalled else [])]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            if self.closed.is_set():
                self.end(self.process)
            stalled = self.watch_over(self.process)
            close_input(self.process)
            if time.monotonic() - began < HEALTHY and self.process.returncode != 0:
                self.closed.wait(pause)
                pause = min(2 * pause, LONGEST)
            else:
                pause = PAUSE

    def watch_over(self, process: "subprocess.Popen[bytes]") -> bool:
        """Wait until the worker's end; whether it had to be ended because it stalled."""
        self.heard = time.monotonic()
        listener = threading.Thread(target=self.listen, args=(process,), daemon=True)
        listener.start()
        stalled = False
        while True:
            try:
                process.wait(LOOK)
                break
            except subprocess.TimeoutExpired:
                if time.monotonic() - self.heard > self.patience[self.busy_with()]:
                    stalled = True
                    process.kill()
        listener.join(LOOK)
        return stalled

    def listen(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdout is not None
        with process.stdout as signs:
            while signs.read1(1024):  # type: ignore[attr-defined]
                self.heard = time.monotonic()

    def busy_with(self) -> str:
        """The kind of job that the worker is at: an inspection where there is one, for a run waits for that."""
        kinds = [job.kind for job in Queue(self.places.queue).jobs("running")]
        return "inspect" if "inspect" in kinds else kinds[0] if kinds else ""

    def end(self, process: "subprocess.Popen[bytes]") -> None:
        """Close the worker's input, at which it stops; after a while, make it."""
        close_input(process)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()

    def close(self) -> None:
        """End the worker, its run stopped with a checkpoint."""
        self.closed.set()
        if self.process is not None:
            self.end(self.process)
        self.thread.join(GRACE)


def close_input(process: "subprocess.Popen[bytes]") -> None:
    with suppress(OSError):  # it is gone already
        if process.stdin is not None:
            process.stdin.close()
