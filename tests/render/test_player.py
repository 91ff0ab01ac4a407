"""The player's page: complete in itself, small enough, and nothing that a user typed becomes HTML."""

import base64
import hashlib
import html
import io
import json
import re
from collections.abc import Collection
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import FRAMES, LOSSES, MANIFEST, Run
from nst_viz.render.player import player_html, write_player
from nst_viz.render.player.pictures import LARGEST_BUDGET, budget, encode_all, scaled
from tests.render.synthetic import synthetic_run

NASTY = '</script><script>alert(1)</script><!-- "quoted" & @FRAMES@'
TERMS = ("style.block3_conv2", "tv", "content.block3_conv2", "style.block1_conv1")


def noise(step: int, height: int, width: int) -> np.ndarray:
    return np.random.default_rng(step).integers(0, 256, (height, width, 3), np.uint8)


def make_run(folder: Path, steps: Collection[int], name: str = "hills", **manifest: Any) -> Run:
    """A run whose pictures are kept at these steps only."""
    names = {"content": name, "style": "strokes"}
    run = synthetic_run(folder, steps=max(steps, default=1) or 1, terms=TERMS, names=names)
    for step in set(run.frame_steps()) - set(steps):
        (folder / FRAMES / f"{step:06d}.webp").unlink()
    (folder / MANIFEST).write_text(json.dumps({**run.manifest, **manifest}), "utf-8")
    return Run.open(folder)


class Page(HTMLParser):
    """What a browser makes of the page: its elements, their attributes and the text of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.in_script = False
        self.scripts: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "script":
            self.in_script = True
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.in_script = self.in_script and tag != "script"

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.in_script:
            self.scripts[-1] += data

    def json(self, number: int) -> Any:
        return json.loads(self.scripts[number])

    def attribute(self, tag: str, name: str) -> str:
        return next(attributes[name] or "" for found, attributes in self.elements if found == tag and name in attributes)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "run", [0, 1, 2, 5, 8])


def test_all_frames_are_there_in_order_and_look_like_the_run(run: Run) -> None:
    page = Page(player_html(run))
    data, frames = page.json(0), page.json(1)
    assert data["steps"] == [0, 1, 2, 5, 8]
    assert len(frames) == 5
    for step, frame in zip(data["steps"], frames, strict=True):
        shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(frame))).convert("RGB"), float)
        errors = [np.abs(shown - run.frame(other)).mean() for other in data["steps"]]
        assert data["steps"][int(np.argmin(errors))] == step


def test_losses_are_those_of_the_frames(run: Run) -> None:
    data = Page(player_html(run)).json(0)
    assert [term["label"] for term in data["terms"]] == ["content 3.2", "style 1.1", "style 3.2", "smoothness"]
    history = run.losses()
    columns = [history.terms.index(term) for term in ("content.block3_conv2", "style.block1_conv1", "style.block3_conv2", "tv")]
    for step, row in zip(data["steps"], data["rows"], strict=True):
        assert data["curve"]["steps"][row] == step
        assert data["curve"]["values"][row] == pytest.approx(history.contribution[step, columns], rel=1e-3)


def test_losses_without_their_row_yet_take_the_one_before(run: Run) -> None:
    text = (run.folder / LOSSES).read_text("utf-8").splitlines(keepends=True)
    (run.folder / LOSSES).write_text("".join(text[:-2]), "utf-8")  # step 8 is half written
    data = Page(player_html(run)).json(0)
    assert data["curve"]["steps"][data["rows"][-1]] == 7


def test_nothing_comes_from_outside(run: Run) -> None:
    source = player_html(run)
    page = Page(source)
    addresses = [
        value for _, attributes in page.elements for name, value in attributes.items() if name in ("src", "href", "action")
    ]
    assert addresses
    assert all(address and address.startswith("data:") for address in addresses)
    assert set(re.findall(r"https?://[^\s\"'<]+", source)) == {"http://www.w3.org/2000/svg"}  # a name, never asked for
    assert not re.search(r"@import|url\(\s*[\"']?(?!#)[a-z]+:|\bfetch\(|XMLHttpRequest|WebSocket|\bimport\b\s*[({\"']", source)
    policy = page.attribute("meta", "content")
    assert policy.startswith("default-src 'none'; img-src data:;")


def test_each_place_of_the_template_is_filled(run: Run) -> None:
    assert not re.findall(r"@[A-Z]+@", player_html(run))


def test_policy_lets_just_this_script_run(run: Run) -> None:
    page = Page(player_html(run))
    runnable = [attributes for tag, attributes in page.elements if tag == "script" and "type" not in attributes]
    assert len(runnable) == 1
    digest = base64.b64encode(hashlib.sha256(page.scripts[-1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.attribute("meta", "content")


def test_what_a_user_typed_stays_text(tmp_path: Path) -> None:
    plain = Page(player_html(make_run(tmp_path / "plain", [0, 1])))
    page = Page(player_html(make_run(tmp_path / "run", [0, 1], name=NASTY, status="failed", reason=NASTY)))
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in plain.elements]
    assert not set("<>&") & set(page.scripts[0])
    assert page.json(0)["inputs"][0]["name"] == NASTY
    assert NASTY in page.text
    assert len(page.json(1)) == 2


def test_a_failed_run_says_so_and_its_nan_is_no_json(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [0, 1, 2], status="failed", reason="the loss became NaN at step 2")
    losses = run.folder / LOSSES
    losses.write_text(
        re.sub(r"^(2,[^,]*),[^,]*,([^,]*),[^,]*", r"\1,nan,\2,nan", losses.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
    )
    source = player_html(run)
    assert "failed · the loss became NaN at step 2" in html.unescape(source)
    assert Page(source).json(0)["curve"]["values"][2] == [0, 0, 0, 0]


def test_fewer_frames_than_the_run_has(run: Run) -> None:
    page = Page(player_html(run, max_frames=3))
    steps = page.json(0)["steps"]
    assert (len(steps), len(page.json(1))) == (3, 3)
    assert (steps[0], steps[-1]) == (0, 8)


def test_a_single_frame(tmp_path: Path) -> None:
    page = Page(player_html(make_run(tmp_path / "run", [0])))
    assert (page.json(0)["steps"], page.json(0)["rows"], len(page.json(1))) == ([0], [0], 1)


def test_no_frame_is_a_users_mistake(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [])
    with pytest.raises(NstVizError, match="no picture"):
        write_player(run, tmp_path / "player.html")
    assert not list(tmp_path.glob("*player*"))


def test_the_file(run: Run, tmp_path: Path) -> None:
    path = write_player(run, tmp_path / "new" / "player.html")
    assert path.read_bytes() == player_html(run).encode()
    with pytest.raises(NstVizError, match=r"\.html"):
        write_player(run, tmp_path / "player.txt")


@pytest.mark.parametrize("theme", ["auto", "light", "dark"])
def test_theme(run: Run, theme: Any) -> None:
    assert Page(player_html(run, theme_name=theme)).attribute("html", "data-theme") == theme


def test_a_screen_reader_finds_names(run: Run) -> None:
    page = Page(player_html(run))
    slider = next(attributes for tag, attributes in page.elements if tag == "input")
    assert (slider["type"], slider["aria-label"]) == ("range", "Step")
    buttons = {attributes["id"]: attributes for tag, attributes in page.elements if tag == "button"}
    assert all("aria-label" in buttons[name] for name in ("play", "back", "forth", "full"))
    assert 'setAttribute("aria-valuetext"' in page.scripts[-1]


def test_pure_noise_stays_within_the_budget() -> None:
    count, side = 20, 256
    allowed = budget((side, side)) * count // 300
    encoded = encode_all(lambda step: noise(step, side, side), range(count), allowed)
    assert 0.3 * allowed < sum(map(len, encoded)) <= allowed


def test_quality_is_as_good_as_fits() -> None:
    flat = np.full((64, 64, 3), 128, np.uint8)
    coarse = sum(map(len, encode_all(lambda step: noise(step, 64, 64), range(10), 30_000)))
    fine = sum(map(len, encode_all(lambda step: noise(step, 64, 64), range(10), 60_000)))
    assert coarse <= 30_000 < fine <= 60_000
    assert len(encode_all(lambda step: flat, [7], 1)) == 1  # taken whatever its size


def test_a_misjudged_sample_is_mended() -> None:
    """Every picture of the sample is flat, the others are noise."""
    sampled = {round(index) for index in np.linspace(0, 39, 12)}
    flat = np.zeros((64, 64, 3), np.uint8)
    encoded = encode_all(lambda step: flat if step in sampled else noise(step, 64, 64), range(40), 80_000)
    assert sum(map(len, encoded)) <= 80_000


def test_budget_grows_with_the_picture_up_to_a_limit() -> None:
    assert budget((64, 64, 3)) == budget((256, 256, 3)) < 8_000_000
    assert budget((256, 256, 3)) < budget((300, 400, 3)) < budget((2000, 2000, 3)) == LARGEST_BUDGET


def test_large_pictures_are_scaled_down() -> None:
    assert scaled(noise(0, 100, 1280)).shape == (50, 640, 3)
    assert scaled(noise(0, 100, 640)).shape == (100, 640, 3)
