"""The app in a real browser: from the click to the first picture, steps a second while shown, ten readers at once."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from nst_viz.recording.run import Run
from tests.app.browsing import CHROMIUM, chromium, inner, run_button, served, step_shown

READERS = 10
WARM_SECONDS = 12
"""after which the worker has surely loaded TensorFlow and traced its first step"""


def main() -> None:
    if CHROMIUM is None:
        print("no chromium is here: apt-get install chromium")
        return
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as (address, process), chromium() as browser:
        page = new_reader(browser, address).new_page()
        page.goto("/explore")
        run_button(page).wait_for()
        time.sleep(WARM_SECONDS)
        print(f"server and worker before the first run: {megabytes(process.pid)} MB")
        for turn in ("first", "second"):
            print(f"{turn} run at 192 px: {watch_a_run(page)}")
        page.context.close()
        ten_readers(browser, address, Path(folder) / "results")
        print(f"server and worker after ten readers' runs: {megabytes(process.pid)} MB")


def new_reader(browser: Browser, address: str) -> BrowserContext:
    context = browser.new_context(base_url=address, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(120_000)
    return context


def watch_a_run(page: Page) -> str:
    """Seconds from the click to the first picture, steps a second and pictures a second from there to the end."""
    run_button(page).click()
    clicked = time.perf_counter()
    page.locator(".live .numbers b").first.wait_for()
    first, shown = time.perf_counter(), [step_shown(page)]
    begun = shown[0]
    while (step := step_shown(page)) >= 0:
        if step != shown[-1]:
            shown.append(step)
            last = time.perf_counter()
        time.sleep(0.02)
    inner(page, "player-explore").locator("canvas").first.wait_for()
    seconds = last - first
    return (
        f"first picture after {first - clicked:.1f} s (step {begun}), {(shown[-1] - begun) / seconds:.1f} steps and "
        f"{len(shown) / seconds:.1f} pictures a second, player {time.perf_counter() - last:.1f} s after the last step"
    )


def ten_readers(browser: Browser, address: str, results: Path) -> None:
    """Each chooses a style and the fewest steps, then all run at once; each is shown the run of his own style."""
    started = time.perf_counter()
    pages = [new_reader(browser, address).new_page() for _ in range(READERS)]
    for number, page in enumerate(pages):
        page.goto("/explore")
        page.locator(".st-key-tiles-style").get_by_role("button").nth(number % 6).click()
        page.get_by_text("More knobs").click()
        page.get_by_role("slider", name="Steps").press("Home")
    for page in pages:
        run_button(page).click()
    print(f"ten readers have clicked after {time.perf_counter() - started:.0f} s")
    for page in pages:
        inner(page, "player-explore").locator("#slider").wait_for()
    print(f"and all watch their run after {time.perf_counter() - started:.0f} s")
    owners = {file.name: file.read_text() for file in (results / ".app" / "owners").iterdir()}
    for number, page in enumerate(pages):
        cookie = next(each["value"] for each in page.context.cookies() if each["name"] == "nst_viz_session")
        (name,) = json.loads((results / ".app" / "sessions" / f"{cookie}.json").read_text())
        styles = page.locator(".st-key-tiles-style").get_by_role("button").all_inner_texts()
        style = styles[number % 6].replace(" ", "_")
        assert owners[name] == cookie, "a run of another reader"
        config = Run.open(results / name).config
        assert (config.style, config.steps) == (f"sample:{style}", 20)
    assert len(set(owners.values())) == len(owners) - 1  # the first reader had two


def megabytes(pid: int) -> str:
    """Resident memory of a process and of its children."""
    listed = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid), "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    return " + ".join(f"{int(line) / 1024:.0f}" for line in listed.stdout.split())


if __name__ == "__main__":
    main()
