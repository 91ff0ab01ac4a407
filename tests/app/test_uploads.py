"""Uploads: judged by their content, made small, kept apart for each session."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_viz.app import uploads
from nst_viz.app.places import Places
from nst_viz.app.uploads import Uploads
from nst_viz.core import decode as decode_module
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import load_image
from tests.conftest import painted


def encoded(format: str, height: int = 40, width: int = 60, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.uint8(painted(height, width, 3) * 255)).save(buffer, format, **options)
    return buffer.getvalue()


@pytest.fixture
def mine(tmp_path: Path) -> Uploads:
    return Uploads(Places(tmp_path / "results"), "ann")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "AVIF", "BMP", "JPEG2000", "PPM"])
def test_pictures_are_taken_whatever_their_name_says(mine: Uploads, format: str) -> None:
    path = mine.add("holiday.exe", encoded(format))
    with Image.open(path) as image:
        assert (image.format, image.size, image.mode) == ("PNG", (60, 40), "RGB")


def test_the_name_is_ours(mine: Uploads) -> None:
    path = mine.add("../../mon_chat <e\u0301te\u0301>:1.png", encoded("PNG"))
    assert path.parent.parent == mine.folder
    assert path.stem == "mon chat été 1"
    assert mine.all() == [path]
    assert Uploads(mine.places, "bob").all() == []
    assert "ann" not in str(path.relative_to(mine.places.results))  # it is recorded with runs, and the owner's name is secret


def test_only_ones_own_are_removed(mine: Uploads) -> None:
    path = mine.add("x.png", encoded("PNG"))
    Uploads(mine.places, "bob").remove(path)
    assert mine.all() == [path]
    mine.remove(path)
    assert mine.all() == []


@pytest.mark.parametrize("data", [b"", b"<svg onload=alert(1)>", b"%PDF-1.4", b"\x89PNG\r\n\x1a\nrubbish", b"GIF89a"])
def test_no_picture(mine: Uploads, data: bytes) -> None:
    with pytest.raises(NstVizError, match=r"is no picture|is (SVG|PDF), which is not read|damaged"):
        mine.add("x.png", data)
    assert mine.all() == []


def test_another_kind_of_picture(mine: Uploads) -> None:
    with pytest.raises(NstVizError, match=r"^x\.png is a Photoshop file \(PSD\), which is not read: save it as JPEG or PNG$"):
        mine.add("x.png", b"8BPS\0\1" + bytes(40))


def test_a_run_s_message_names_the_upload_and_not_the_server_s_copy(mine: Uploads, tmp_path: Path) -> None:
    path = mine.add("panorama \udce9.png", encoded("PNG", 6000, 60))
    with pytest.raises(NstVizError) as raised:
        load_image(path, 256)
    assert str(raised.value).startswith("panorama \ufffd.png is 60 x 6000 pixels, which at size 256 is 3 x 256: ")
    assert str(tmp_path) not in str(raised.value)
    assert load_image(path, 2048).original_size == (60, 6000)


def test_cut_short(mine: Uploads) -> None:
    with pytest.raises(NstVizError, match="damaged or cut short"):
        mine.add("x.png", encoded("PNG", 200, 200)[:-900])


def test_too_many_bytes_or_pixels(mine: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NstVizError, match="at most 64 MB"):
        mine.add("x.png", b"0" * 64_000_001)
    monkeypatch.setattr(decode_module, "MAX_PIXELS", 1000)
    with pytest.raises(NstVizError, match="60 x 40 pixels"):
        mine.add("x.png", encoded("PNG"))


def test_what_a_telephone_makes_is_taken(mine: Uploads) -> None:
    """50 megapixels, the most of today's usual ones; a copy is kept that is small."""
    buffer = io.BytesIO()
    Image.new("RGB", (8192, 6144), (200, 30, 40)).save(buffer, "JPEG")
    with Image.open(mine.add("x.jpg", buffer.getvalue())) as image:
        assert image.size == (2048, 1536)


def test_large_ones_are_made_small_and_places_are_not_kept(mine: Uploads) -> None:
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    path = mine.add("x.jpg", encoded("JPEG", 1500, 3000, exif=exif.tobytes()))
    with Image.open(path) as image:
        assert image.size == (2048, 1024)
        assert not image.getexif()
    assert b"where I live" not in path.read_bytes()


def test_the_oldest_go(mine: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST", 2)
    paths = [mine.add(f"{number}.png", encoded("PNG", 30 + number)) for number in range(3)]
    assert len(mine.all()) == 2
    assert paths[-1] in mine.all()
