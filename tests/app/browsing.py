"""From a folder to the app served there and a real Chromium that looks at it; for the browser's tests and the benchmark."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, sync_playwright

from nst_viz.app.launch import HOST
from nst_viz.recording.run import Run

PATIENCE = 600.0
"""seconds after which a wait is in vain: far more than a slow and busy machine needs"""
CHROMIUM = shutil.which("chromium")


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """`nst-viz app` with `folder/results`: its address and process. Ends it as Ctrl-C does."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "nst_viz", "app", "--port", str(port)]
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = {**os.environ, "DISPLAY": "", "WAYLAND_DISPLAY": ""}
    with subprocess.Popen(command, cwd=folder, env=environment, **quiet) as process:
        try:
            wait_for_health(f"http://{HOST}:{port}", process)
            yield f"http://{HOST}:{port}", process
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for_health(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process.poll() is None, "the app ended at once"
        with suppress(OSError), urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
            return
        time.sleep(0.1)
    raise AssertionError("the app did not come up")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window; no browser is ever downloaded."""
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


def new_reader(browser: Browser, address: str) -> BrowserContext:
    """A reader of his own, with a cookie of his own."""
    context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE * 1000)
    return context


def inner(page: Page, key: str) -> FrameLocator:
    """The page of our own within a container of this key: a frame within a frame."""
    return page.frame_locator(f".st-key-{key} iframe").frame_locator("iframe")


def run_button(page: Page) -> Any:
    return page.get_by_role("button", name="Run", exact=True)


def step_shown(page: Page) -> int:
    """The step of the live picture; -1 where there is none."""
    text = page.evaluate("document.querySelector('.live .numbers b')?.textContent")
    return int(text) if text else -1


def ten_readers(browser: Browser, address: str, results: Path) -> tuple[float, float]:
    """Each chooses a style and the fewest steps, then all run at once; asserts that each is shown the run that he asked for.

    Seconds from when the first opened his page until all had clicked, and until all watched their run.
    """
    started = time.perf_counter()
    pages = [new_reader(browser, address).new_page() for _ in range(10)]
    asked = []
    for number, page in enumerate(pages):
        page.goto("/explore")
        tile = page.locator(".st-key-tiles-style").get_by_role("button").nth(number % 6)
        asked.append(f"sample:{tile.inner_text().replace(' ', '_')}")
        tile.click()
        page.get_by_text("More knobs").click()
        page.get_by_role("slider", name="Steps").press("Home")
    for page in pages:
        run_button(page).click()
    clicked = time.perf_counter() - started
    for page in pages:
        inner(page, "player-explore").locator("#slider").wait_for()
    watched = time.perf_counter() - started
    names = []
    for page, style in zip(pages, asked, strict=True):
        cookie = next(each["value"] for each in page.context.cookies() if each["name"] == "nst_viz_session")
        (name,) = json.loads((results / ".app" / "sessions" / f"{cookie}.json").read_text())
        assert (results / ".app" / "owners" / name).read_text() == cookie, "a run of another reader"
        config = Run.open(results / name).config
        assert (config.style, config.steps) == (style, 20)
        names.append(name)
        page.context.close()
    assert len(set(names)) == len(pages)
    return clicked, watched
