"""From losses.csv to arrays: each term at each step, read as it grows, so that who looks again parses only what is new."""

import os
import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nst_viz.core.errors import NstVizError

COLUMNS = ("step", "term", "raw", "weight", "contribution", "gradient_norm")
NUMBERS = len(COLUMNS) - 2
TAIL = 256
"""bytes before what is new that are compared, by which another file in the place of the one that was read is told"""
KEPT_BYTES = 64_000_000
"""of numbers that are kept of files looked at before; the file looked at last is kept whatever its length"""


@dataclass(frozen=True)
class LossHistory:
    """Every term at every step; arrays of shape (steps, terms)."""

    steps: NDArray[np.int64]
    terms: tuple[str, ...]
    raw: NDArray[np.float64]
    weight: NDArray[np.float64]
    contribution: NDArray[np.float64]
    gradient_norm: NDArray[np.float64]
    """NaN where it was not recorded"""

    def total(self) -> NDArray[np.float64]:
        """The loss at each step, shape (steps,)."""
        total: NDArray[np.float64] = self.contribution.sum(axis=1)
        return total


@dataclass(frozen=True)
class Reading:
    """What was read of a file: its whole steps."""

    file: tuple[int, int]
    """device and inode: a file that was replaced has others"""
    state: tuple[int, int]
    """size and time of the last change"""
    end: int
    """bytes of the whole steps"""
    tail: bytes
    terms: tuple[str, ...]
    numbers: NDArray[np.float64]
    """(NUMBERS, steps and room for more, terms)"""
    count: int
    """steps"""

    def history(self) -> LossHistory:
        columns = self.numbers[:, : self.count]
        columns.setflags(write=False)  # they are shared with whoever looks next
        return LossHistory(np.arange(self.count), self.terms, *columns)


kept: OrderedDict[Path, Reading] = OrderedDict()
lock = threading.Lock()


def follow_losses(path: Path) -> LossHistory:
    """As `read_losses`, but of a file that was looked at before and has only grown no more than the new lines are read."""
    path = path.absolute()
    with lock:
        try:
            reading = read(path, kept.pop(path, None))
        except (OSError, ValueError) as error:
            raise damaged(path, error) from None
        kept[path] = reading
        while len(kept) > 1 and sum(each.numbers.nbytes for each in kept.values()) > KEPT_BYTES:
            kept.popitem(last=False)
        return reading.history()


def read_losses(path: Path) -> LossHistory:
    """All terms at all steps that are whole; a last step that is not yet written to its end is left out.

    Raises NstVizError where the file is missing or damaged: a line that is not the next step and term, a number that is
    none, or a contribution that is not raw x weight.
    """
    try:
        return read(path, None).history()
    except (OSError, ValueError) as error:
        raise damaged(path, error) from None


def damaged(path: Path, error: Exception) -> NstVizError:
    return NstVizError(f"{path} is missing or damaged ({error}): restore it, or record the run again")


def read(path: Path, before: Reading | None) -> Reading:
    """The file's steps; those of an earlier reading are taken from there if the file has only grown since."""
    with path.open("rb") as file:
        about = os.fstat(file.fileno())
        identity, state = (about.st_dev, about.st_ino), (about.st_size, about.st_mtime_ns)
        if before and before.file == identity and before.state == state:
            return before
        grown = before is not None and before.file == identity and before.count > 0 and state[0] > before.state[0]
        if before and grown:
            file.seek(before.end - len(before.tail))
            grown = file.read(len(before.tail)) == before.tail
        if before and grown:
            with suppress(ValueError):  # the first step was not yet whole: what terms there are is known only now
                return extended(before, state, file.read())
        file.seek(0)
        header = file.readline()
        if header != (",".join(COLUMNS) + "\n").encode():
            raise ValueError(f"its first line is {header[:80]!r}")
        return extended(Reading(identity, state, len(header), header, (), np.empty((NUMBERS, 0, 0)), 0), state, file.read())


def extended(before: Reading, state: tuple[int, int], data: bytes) -> Reading:
    """The reading with what comes after it in the file."""
    lines = data[: data.rfind(b"\n") + 1].decode("utf-8").split("\n")[:-1]
    labels = [line.split(",", 2) for line in lines]
    terms = before.terms or tuple(dict.fromkeys(label[1] for label in labels if label[0] == "0" and len(label) == 3))
    if lines and not terms:
        raise ValueError(f"line 2 is {lines[0][:80]!r}")
    steps = len(lines) // max(len(terms), 1)
    rows = []
    for number, label in enumerate(labels):
        step, column = divmod(number, len(terms))
        if label[:2] != [str(before.count + step), terms[column]]:
            raise ValueError(f"line {2 + before.count * len(terms) + number} is {lines[number][:80]!r}")
        rows.append([float(value or "nan") for value in label[2].split(",")])
    lines, rows = lines[: steps * len(terms)], rows[: steps * len(terms)]
    new = np.array(rows).reshape(steps, len(terms), NUMBERS) if rows else np.empty((0, len(terms), NUMBERS))
    check_sums(new, before.count)
    length = sum(len(line.encode()) + 1 for line in lines)
    numbers = with_room(before.numbers, before.count + steps, len(terms))
    numbers[:, before.count : before.count + steps] = new.transpose(2, 0, 1)
    tail = (before.tail + data[:length])[-TAIL:]
    return Reading(before.file, state, before.end + length, tail, terms, numbers, before.count + steps)


def check_sums(numbers: NDArray[np.float64], first: int) -> None:
    """Raises ValueError where a contribution is not raw x weight to the last digit: then one of the three was changed."""
    with np.errstate(all="ignore"):
        right = (numbers[..., 0] * numbers[..., 1] == numbers[..., 2]) | np.isnan(numbers[..., 2])
    if not right.all():
        raise ValueError(f"at step {first + int(np.argmin(right.all(axis=1)))} a contribution is not raw x weight")


def with_room(numbers: NDArray[np.float64], steps: int, terms: int) -> NDArray[np.float64]:
    """The numbers where so many steps have room; at twice the size when there was too little, so that copies are rare."""
    if numbers.shape[1] >= steps and numbers.shape[2] == terms:
        return numbers
    roomy = np.empty((NUMBERS, max(steps, min(2 * numbers.shape[1], steps + 10_000)), terms))
    if numbers.shape[2] == terms:
        roomy[:, : numbers.shape[1]] = numbers
    return roomy
