"""Cold start: from the command to its first line, and to the first step."""

import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Timing
from benchmarks.report import Report

TURNS = 5
COMMAND = [sys.executable, "-m", "nst_viz"]


def seconds_until(command: list[str], *words: str) -> list[float]:
    """Seconds from the start of a command to each of the words in what it prints on standard error, then to its end."""
    began = time.perf_counter()
    found: list[float] = []
    with subprocess.Popen([*COMMAND, *command], stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0) as process:
        text, pipe = "", process.stderr
        assert pipe
        while piece := pipe.read(64):
            text += piece.decode(errors="replace")
            while len(found) < len(words) and words[len(found)] in text:
                found.append(time.perf_counter() - began)
    return [*found, time.perf_counter() - began]


def main() -> None:
    report = Report("startup", "A fresh process each time; the files are in the system's cache.")
    helps = [seconds_until(["--help"])[0] for _ in range(TURNS)]
    report.timing("nst-viz --help", Timing(tuple(helps)), "s")
    starts = []
    for _ in range(TURNS):
        with TemporaryDirectory() as folder:
            words = ("style_transfer", "building the network", "loss ")
            starts.append(
                seconds_until(
                    ["transfer", "sample:dancing", "sample:picasso", "--steps", "5", "--out", str(Path(folder) / "run")], *words
                )
            )
    for place, what in enumerate(
        ("first line of a run", "TensorFlow loaded", "first step", "end of a run of 5 steps at 256 px")
    ):
        report.timing(what, Timing(tuple(start[place] for start in starts)), "s")
