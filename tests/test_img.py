"""The sample pictures are what their painters paint: the right size, small files, the same pixels each time."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

IMG = Path(__file__).parents[1] / "img"
sys.path.insert(0, str(IMG))

import paint  # noqa: E402
from painters import swirls  # noqa: E402

from nst_viz.core.samples import OWN  # noqa: E402


def test_the_samples_are_the_paintings() -> None:
    assert paint.PICTURES == OWN


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder, names in OWN.items() for name in names])
def test_size_and_weight(folder: str, name: str) -> None:
    path = IMG / folder / f"{name}.jpg"
    with Image.open(path) as picture:
        assert max(picture.size) == 768
        assert picture.mode == "RGB"
    assert path.stat().st_size <= paint.MAX_BYTES
    assert f"sample:{name}" in (IMG / "README.md").read_text("utf-8")


def test_a_painter_paints_what_is_in_the_folder() -> None:
    painted = swirls.paint(paint.SEED)
    assert painted.dtype == np.float32
    with Image.open(IMG / "style" / "swirls.jpg") as picture:
        kept = np.asarray(picture, np.float32) / 255
    assert np.abs(painted - kept).mean() < 0.03


def test_a_painter_paints_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a canvas that is quickly filled."""
    monkeypatch.setattr(swirls, "HEIGHT", swirls.HEIGHT // 4)
    monkeypatch.setattr(swirls, "WIDTH", swirls.WIDTH // 4)
    monkeypatch.setattr(swirls, "PASSES", ((150, 32, 4.0), (150, 16, 2.0)))
    first = swirls.paint(paint.SEED)
    assert (first == swirls.paint(paint.SEED)).all()
    assert (first != swirls.paint(paint.SEED + 1)).any()


def test_jpeg_keeps_within_its_limit() -> None:
    noise = np.random.default_rng(0).random((200, 200, 3), np.float32)
    assert len(paint.jpeg_bytes(noise, 40_000)) <= 40_000
    with pytest.raises(ValueError, match="does not fit into 100 bytes"):
        paint.jpeg_bytes(noise, 100)
