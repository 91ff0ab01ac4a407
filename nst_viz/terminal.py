"""What a person at a terminal sees of a run: lines that say what is being done, a bar, and Ctrl-C that stops gracefully."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any

from nst_viz.core.quiet import STDERR

if TYPE_CHECKING:
    from nst_viz.core.optimise import Iterate

STOPPING = (signal.SIGINT, signal.SIGTERM)
EXIT_INTERRUPTED = 130


class Terminal:
    """Progress on standard error, so that standard output keeps to results."""

    def __init__(self) -> None:
        self.start = time.monotonic()

    def say(self, message: str) -> None:
        """One line, with the seconds since the start."""
        print(f"[{time.monotonic() - self.start:5.1f} s] {message}", file=STDERR, flush=True)

    def track(self, iterates: "Iterable[Iterate]", first: int, steps: int) -> "Iterator[Iterate]":
        """A bar with step, loss, steps a second and time left."""
        from tqdm import tqdm

        with tqdm(total=steps, initial=first, unit="step", ncols=88, file=STDERR) as bar:
            for iterate in iterates:
                bar.set_postfix_str(f"loss {iterate.losses.total():.4g}", refresh=False)
                bar.update(iterate.step - bar.n)
                yield iterate


class Bar:
    """A progress bar on standard error for several runs at once."""

    def __init__(self, words: str) -> None:
        self.words = words
        self.bar: Any = None

    def advance(self, done: int, steps: int) -> None:
        """So many steps are done of all; the bar closes with the last."""
        from tqdm import tqdm

        if self.bar is None:
            look: dict[str, Any] = {"desc": self.words, "unit": "step", "ncols": 88, "file": STDERR}
            self.bar = tqdm(total=steps, initial=done, leave=False, **look)  # not drawn again where it is not closed here
        self.bar.update(done - self.bar.n)
        if done >= steps:
            self.close()

    def close(self) -> None:
        """End the bar's line, so that what is said next begins on its own."""
        if self.bar is not None:
            self.bar.leave = True
            self.bar.close()

    def __enter__(self) -> "Bar":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@contextmanager
def interrupted_runs_are_kept() -> Iterator[None]:
    """Within, for several runs one after the other, Ctrl-C ends the program with a line that says how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        print("\ninterrupted; what is recorded is kept, and the same command goes on from there", file=STDERR)
        sys.exit(EXIT_INTERRUPTED)


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Within, the first Ctrl-C, or a request to end (SIGTERM), only makes the function given answer True; the second ends.

    Python tells only its main thread of these; in another one, as a web page's, nothing is changed.
    """
    asked = False
    if threading.current_thread() is not threading.main_thread():
        yield lambda: asked
        return

    def ask(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        for stopping in STOPPING:
            signal.signal(stopping, signal.default_int_handler)
        print("\nstopping after this step (Ctrl-C again to stop at once)", file=STDERR, flush=True)

    before = [signal.signal(stopping, ask) for stopping in STOPPING]
    try:
        yield lambda: asked
    finally:
        for stopping, handler in zip(STOPPING, before, strict=True):
            signal.signal(stopping, signal.SIG_DFL if handler is None else handler)  # None: set by other than Python
