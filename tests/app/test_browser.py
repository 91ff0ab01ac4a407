"""The whole way through the app in a real browser, from the first screen to a GIF on disk."""

import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import painted, save

playwright = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed: pip install -e .[dev]")

from playwright.sync_api import Browser, Page, expect  # noqa: E402

from tests.app.browsing import CHROMIUM, PATIENCE, chromium, inner, new_reader, run_button, served, step_shown, ten_readers  # noqa: E402

RUN = "dancing_picasso"
MAY_SKIP = "CI" not in os.environ
pytestmark = pytest.mark.skipif(CHROMIUM is None and MAY_SKIP, reason="no chromium is here: apt-get install chromium")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("browser")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "CI must have chromium: .ci/run installs it"
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with served(folder) as (address, process):
        yield address
    assert process.returncode == 0


@pytest.fixture(scope="module")
def page(address: str, browser: Browser) -> Iterator[Page]:
    """One reader's tab; the tests are what he does, one after the other."""
    expect.set_options(timeout=PATIENCE * 1000)
    context = new_reader(browser, address)
    yield context.new_page()
    context.close()


def wait_until(page: Page, true: Callable[[], bool], what: str) -> None:
    for _ in range(round(PATIENCE / 0.05)):
        if true():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"waited in vain for {what}")


def test_the_first_screen_moves(page: Page) -> None:
    page.goto("/")
    player = inner(page, "player")
    first = player.locator("#step").inner_text()
    before = player.locator("canvas").screenshot()
    expect(player.locator("#step")).not_to_have_text(first)
    assert player.locator("canvas").screenshot() != before


def test_a_style_is_chosen_and_a_layer_switched_off(page: Page) -> None:
    page.get_by_role("link", name="Explore layers").click()
    page.locator(".st-key-tiles-style").get_by_role("button", name="swirls").click()
    expect(page.locator(".st-key-stage").get_by_text("style: swirls")).to_be_visible()
    page.locator(".st-key-tiles-style").get_by_role("button", name="picasso").click()
    page.locator("[class*='st-key-row-style-block1_conv1'] label").first.click()
    expect(page.get_by_role("switch", name=re.compile(r"1\.1"))).not_to_be_checked()


def test_a_run_moves_is_paused_goes_on_and_stops(page: Page) -> None:
    run_button(page).click()
    page.locator(".live img").first.wait_for()
    first, picture = step_shown(page), page.locator(".live .both > img").get_attribute("src")
    wait_until(page, lambda: step_shown(page) > first + 2, "further steps")
    wait_until(page, lambda: page.locator(".live .both > img").get_attribute("src") != picture, "another picture")
    assert not page.locator(".live li", has_text="style 1.1").count()
    assert page.locator(".live li", has_text="style 2.1").count()
    page.get_by_role("button", name="Pause").click()
    page.locator(".live h4", has_text="· paused").wait_for()
    paused = step_shown(page)
    page.get_by_role("button", name="Go on").click()
    wait_until(page, lambda: step_shown(page) > paused, "a step after the pause")


def test_a_reload_finds_the_run_that_goes_on_and_another_reader_does_not(page: Page, browser: Browser) -> None:
    page.reload()
    wait_until(page, lambda: step_shown(page) > 0, "the run after the reload")
    other = browser.new_context(base_url=page.url)
    stranger = other.new_page()
    stranger.goto("/explore")
    run_button(stranger).wait_for()
    assert step_shown(stranger) == -1
    stranger.goto(f"/?run={RUN}")
    inner(stranger, "player").locator("canvas").wait_for()
    assert RUN not in stranger.url.replace("sample%3Adancing_picasso", "")
    other.close()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text(re.compile(r"is stopped at step \d+ of"))).to_be_visible()


def test_the_run_is_scrubbed(page: Page) -> None:
    player = inner(page, "player-explore")
    player.locator("#slider").press("Home")
    expect(player.locator("#step")).to_have_text("0")
    player.locator("#slider").press("ArrowRight")
    expect(player.locator("#step")).to_have_text("1")


def test_two_runs_are_compared(page: Page) -> None:
    page.get_by_role("link", name="Compare").click()
    together = inner(page, "compare")
    edge = together.get_by_label("Edge between the two pictures")
    edge.press("Home")
    assert together.locator(".stage").evaluate("stage => stage.style.getPropertyValue('--edge')") == "0%"
    expect(together.locator("figcaption")).to_have_count(2)
    expect(page.get_by_role("heading", name="What was asked differently")).to_be_visible()


def test_a_gif_is_downloaded(page: Page, folder: Path) -> None:
    page.get_by_role("link", name="Runs").click()
    page.locator(f".st-key-more-{RUN} button").click()
    with page.expect_download() as downloading:
        page.get_by_role("button", name="GIF").click()
    path = folder / "downloaded.gif"
    downloading.value.save_as(path)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.format == "GIF"
        assert image.n_frames > 5


def test_a_run_is_deleted_when_asked_twice(page: Page, folder: Path) -> None:
    page.get_by_role("button", name="Delete").click()
    assert (folder / "results" / RUN).exists()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator(f".st-key-more-{RUN}")).to_have_count(0)
    assert not (folder / "results" / RUN).exists()


@pytest.mark.load
@pytest.mark.load
def test_ten_readers_at_once_get_each_his_own_run(address: str, browser: Browser, folder: Path) -> None:
    ten_readers(browser, address, folder / "results")


def test_uploads_are_taken_or_refused_in_a_sentence(page: Page, folder: Path) -> None:
    page.get_by_role("link", name="Explore layers").click()
    page.locator(".st-key-head-content").get_by_role("button", name="your own").click()
    chooser = page.locator("[class*='st-key-upload-content'] input[type=file]")
    (folder / "<b>no.png").write_text("no picture", "utf-8")
    chooser.set_input_files(folder / "<b>no.png")
    expect(page.get_by_text("is no picture that can be read: give a JPEG")).to_be_visible()
    chooser.set_input_files(save(painted(60, 80, 4), folder / "meadow.png"))
    expect(page.locator(".st-key-tiles-content").get_by_role("button", name="meadow")).to_have_count(1)
