"""Long names, and names that are no text, stay within their place."""

from pathlib import Path

import pytest

from nst_viz.render.caption import readable, title
from nst_viz.render.panels import Terms
from nst_viz.render.storyboard import PICTURE, Storyboard
from tests.render.synthetic import synthetic_run


@pytest.mark.parametrize("letter", ["i", "W", "W "])
def test_a_heading_is_no_wider_than_its_picture(letter: str, tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=2, names={"content": letter * 118, "style": letter * 90})
    board = Storyboard(run, Terms.of(run.losses(), run.looks()))
    extent = board.heading.get_window_extent(board.canvas.get_renderer())
    assert extent.x1 <= PICTURE.right
    assert extent.width > 0.8 * PICTURE.width


def test_bytes_that_are_no_letters_are_shown_as_such(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=2, names={"content": "caf\udce9", "style": "ink"})
    assert title(run) == "caf\N{REPLACEMENT CHARACTER} in the style of ink"
    assert readable("été 🎨") == "été 🎨"
