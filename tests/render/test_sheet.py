"""Sheets: the pictures are on them at the right place, in every mode, and a failure leaves nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_viz.core.errors import NstVizError
from nst_viz.render.sheet import NARROWEST, draw_sheet, draw_triptych, scaled, write_sheet, write_triptych
from tests.render.synthetic import synthetic_run


def find(picture: np.ndarray, page: np.ndarray) -> tuple[int, int] | None:
    """Where a picture lies on a page, pixel for pixel: (left, top)."""
    height, width = picture.shape[:2]
    for top, left in np.argwhere((page[: 1 - height or None, : 1 - width or None] == picture[0, 0]).all(axis=-1)):
        if np.array_equal(page[top : top + height, left : left + width], picture):
            return int(left), int(top)
    return None


def test_sheet_shows_targets_and_steps_in_order(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=5, height=150, width=200)
    page = np.asarray(draw_sheet(run))
    places = [find(run.frame(step), page) for step in range(6)]
    assert None not in places
    assert len({left for left, _ in places[:4]}) == 4  # four in a row
    assert len({top for _, top in places[:4]}) == 1
    assert places[4][1] > places[0][1]
    content = find(run.inputs()["content"], page)
    style = find(run.inputs()["style"], page)
    assert content[0] == style[0] < places[0][0]
    assert content[1] < style[1]


def test_sheet_chooses_twelve(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=30, height=150, width=200)
    page = np.asarray(draw_sheet(run))
    found = [step for step in range(31) if find(run.frame(step), page)]
    assert found[0] == 0
    assert found[-1] == 30
    assert 10 <= len(found) <= 12


@pytest.mark.parametrize("mode", ["style_transfer", "content", "style"])
@pytest.mark.parametrize("shape", [(33, 47), (60, 20), (20, 60)])
def test_any_mode_and_shape(tmp_path: Path, mode: str, shape: tuple[int, int]) -> None:
    run = synthetic_run(tmp_path / "run", mode=mode, steps=1, height=shape[0], width=shape[1])
    sheet, triptych = draw_sheet(run), draw_triptych(run)
    assert sheet.width > 3 * NARROWEST
    assert triptych.height > 200
    for image in (sheet, triptych):
        edge = np.asarray(image)
        assert edge[:4].min() == edge[-4:].min() == edge[:, :4].min() == edge[:, -4:].min() == 255


def test_triptych_puts_the_result_last(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=3, height=210, width=100)
    page = np.asarray(draw_triptych(run))
    pictures = [run.inputs()["content"], scaled(run.inputs()["style"], 2100, 210), run.frame(3)]
    places = [find(picture, page) for picture in pictures]
    assert None not in places
    assert places == sorted(places), "from left to right"
    assert len({top for _, top in places}) == 1
    assert find(run.frame(0), page) is None


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".jpeg", ".PNG"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    run = synthetic_run(tmp_path / "run", steps=1)
    for write in (write_sheet, write_triptych):
        with Image.open(write(run, tmp_path / f"a{suffix}")) as image:
            assert image.format == ("PNG" if suffix.lower() == ".png" else "JPEG")


def test_mistakes(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=1, names={"content": "日本" * 40, "style": "$\\x{"})
    write_sheet(run, tmp_path / "a.png")
    for write in (write_sheet, write_triptych):
        with pytest.raises(NstVizError, match=r"\.png or \.jpg"):
            write(run, tmp_path / "a.gif")
        with pytest.raises(NstVizError, match="cannot be written"):
            write(run, tmp_path / "a.png" / "b.png")
    for path in (run.folder / "frames").iterdir():
        path.unlink()
    for write in (write_sheet, write_triptych):
        with pytest.raises(NstVizError, match="no picture yet"):
            write(run, tmp_path / "c.png")
    assert not (tmp_path / "c.png").exists()
