"""Standard error as it may be: closed, or full of the chatter of libraries in C, which write to it whatever Python is told."""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

STANDARD_ERROR = 2
"""the number of the file that libraries in C write to"""


class StandardError:
    """Where progress is written: standard error as it is at the moment. Where it is closed, or gone, nothing is written."""

    def write(self, text: str) -> int:
        with suppress(AttributeError, OSError, ValueError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(AttributeError, OSError, ValueError):
            sys.stderr.flush()

    def isatty(self) -> bool:
        with suppress(AttributeError, OSError, ValueError):
            return sys.stderr.isatty()
        return False

    @property
    def encoding(self) -> str:
        return getattr(sys.stderr, "encoding", None) or "ascii"


STDERR = cast("TextIO", StandardError())


def take_place() -> None:
    """Open the null device as standard error where there is none, so that no other file comes to be it and is written to."""
    try:
        os.fstat(STANDARD_ERROR)
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        if null != STANDARD_ERROR:
            os.dup2(null, STANDARD_ERROR)
            os.close(null)


@contextmanager
def without(noise: re.Pattern[str]) -> Iterator[None]:
    """Hold back what the process writes to its standard error, then pass on the lines that do not begin with `noise`."""
    STDERR.flush()
    take_place()
    kept = os.dup(STANDARD_ERROR)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), STANDARD_ERROR)
        try:
            yield
        finally:
            os.dup2(kept, STANDARD_ERROR)
            os.close(kept)
            held.seek(0)
            for line in held.read().decode(errors="replace").splitlines():
                if not noise.match(line):
                    STDERR.write(line + "\n")
