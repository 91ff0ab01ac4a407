"""From a results folder to a worker process that is always there: started, replaced when it dies, ended with the app."""

import atexit
import subprocess
import sys
import threading
import time
from contextlib import suppress

from nst_viz.app.places import Places

PAUSE = 1.0
"""seconds before a worker that died at once is started again; doubled each time, up to LONGEST"""
LONGEST = 60.0
HEALTHY = 30.0
"""seconds that a worker must have lived for its end to count as a mishap"""
GRACE = 15.0


class Keeper:
    """Starts the worker and watches over it from a thread, which itself computes nothing."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.closed = threading.Event()
        self.process: subprocess.Popen[bytes] | None = None
        self.thread = threading.Thread(target=self.watch, name="keeper of the worker", daemon=True)
        self.thread.start()
        atexit.register(self.close)

    def watch(self) -> None:
        pause = PAUSE
        while not self.closed.is_set():
            began = time.monotonic()
            command = [sys.executable, "-m", "nst_viz.app.work.worker", str(self.places.results)]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE)
            if self.closed.is_set():
                self.end(self.process)
            self.process.wait()
            close_input(self.process)
            if time.monotonic() - began < HEALTHY and self.process.returncode != 0:
                self.closed.wait(pause)
                pause = min(2 * pause, LONGEST)
            else:
                pause = PAUSE

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
