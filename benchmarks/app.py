"""The app in a real browser: from the click to the first picture, steps a second while shown, ten readers at once."""

import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Page

from benchmarks.measure import Timing
from benchmarks.report import Report
from tests.app.browsing import CHROMIUM, chromium, inner, new_reader, run_button, served, step_shown, ten_readers

TURNS = 5
WARM_SECONDS = 12
"""after which the worker has surely loaded TensorFlow and traced its first step"""


def main() -> None:
    if CHROMIUM is None:
        print("no chromium is here: apt-get install chromium")
        return
    report = Report("app", "The app and a Chromium that draws in software on the same cores: `wavelet` at 192 px, 150 steps.")
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (address, process), chromium() as browser:
        page = new_reader(browser, address).new_page()
        page.goto("/explore")
        run_button(page).wait_for()
        time.sleep(WARM_SECONDS)
        memory(report, "before the first run", process.pid)
        report_runs(report, [watch_a_run(page) for _ in range(TURNS)])
        page.context.close()
        clicked, watched = ten_readers(browser, address, Path(folder) / "results")
        note = f"20 steps each; the last of them had clicked {clicked:.0f} s after the first opened his page"
        report.figure("ten readers at once: all watch their own run after", watched, "s", note)
        memory(report, "after ten readers' runs", process.pid)


class Watched(NamedTuple):
    """A run as its reader saw it."""

    first: float
    """seconds from the click to the first picture"""
    steps: float
    """a second, from there to the end"""
    pictures: float
    """a second, likewise"""
    player: float
    """seconds from the last step to the player"""


def watch_a_run(page: Page) -> Watched:
    run_button(page).click()
    clicked = time.perf_counter()
    page.locator(".live .numbers b").first.wait_for()
    first, shown = time.perf_counter(), [step_shown(page)]
    while (step := step_shown(page)) >= 0:
        if step != shown[-1]:
            shown.append(step)
            last = time.perf_counter()
        time.sleep(0.05)
    inner(page, "player-explore").locator("canvas").first.wait_for()
    seconds = last - first
    steps = (shown[-1] - shown[0]) / seconds
    return Watched(first - clicked, steps, len(shown) / seconds, time.perf_counter() - last)


def report_runs(report: Report, runs: Sequence[Watched]) -> None:
    report.timing("click to first picture, worker warm", Timing(tuple(run.first for run in runs)), "s")
    for what, values in (("steps", [run.steps for run in runs]), ("pictures", [run.pictures for run in runs])):
        spread = f"{min(values):.1f} to {max(values):.1f}, {len(values)} runs"
        report.figure(f"{what} a second while shown", statistics.median(values), "", spread)
    report.timing("last step to player", Timing(tuple(run.player for run in runs)), "s")


def memory(report: Report, when: str, pid: int) -> None:
    """Resident memory of the server and of its worker."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    megabytes = [int(line) * 1024 / 1e6 for line in listed.stdout.split()]
    each = " + ".join(f"{part:.0f}" for part in megabytes)
    report.figure(f"memory {when}", sum(megabytes), "MB", f"server + worker: {each}")
