"""Every kind of file that people have, and every kind of file that cannot work."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_viz.core import image as image_module
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import load_image, noise_image, resize, to_bytes
from nst_viz.core.samples import sample_names

RED = (200, 30, 40)


def pixel(path: Path, size: int = 32) -> np.ndarray:
    """The middle pixel as 0 to 255."""
    pixels = load_image(path, size).pixels
    return np.round(pixels[pixels.shape[0] // 2, pixels.shape[1] // 2] * 255)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "gif", "tiff"])
def test_reads_the_common_formats(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", (64, 48), RED).save(path)
    picture = load_image(path, 32)
    assert picture.pixels.shape == (24, 32, 3)
    assert picture.pixels.dtype == np.float32
    assert picture.original_size == (64, 48)
    assert np.abs(pixel(path) - RED).max() <= 4


def test_grey_16_bit_cmyk_palette_alpha(tmp_path: Path) -> None:
    Image.new("L", (40, 40), 100).save(tmp_path / "grey.png")
    assert (pixel(tmp_path / "grey.png") == 100).all()
    Image.fromarray(np.full((40, 40), 25700, np.uint16)).save(tmp_path / "deep.png")
    assert (pixel(tmp_path / "deep.png") == 100).all()
    Image.new("CMYK", (40, 40), (0, 255, 255, 0)).save(tmp_path / "print.jpg")
    red, green, blue = pixel(tmp_path / "print.jpg")
    assert red > 200
    assert max(green, blue) < 60
    Image.new("RGB", (40, 40), RED).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "palette.png")
    assert np.abs(pixel(tmp_path / "palette.png") - RED).max() <= 2
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (pixel(tmp_path / "clear.png") == 255).all()
    Image.new("RGBA", (40, 40), (0, 0, 0, 51)).save(tmp_path / "faint.png")
    assert (pixel(tmp_path / "faint.png") == 204).all()


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert (pixel(tmp_path / "a.gif") == (255, 0, 0)).all()


def test_exif_rotation(tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 40), RED)
    exif = image.getexif()
    exif[0x0112] = 6  # rotate by 90 degrees to view
    image.save(tmp_path / "turned.jpg", exif=exif)
    picture = load_image(tmp_path / "turned.jpg", 60)
    assert picture.original_size == (40, 60)
    assert picture.pixels.shape == (60, 40, 3)


def bad_files(folder: Path) -> dict[str, Path]:
    whole = folder / "whole.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)).save(whole)
    paths = {name: folder / f"{name}.png" for name in ("missing", "empty", "text", "cut", "narrow", "folder")}
    paths["empty"].touch()
    paths["text"].write_text("no picture")
    paths["cut"].write_bytes(whole.read_bytes()[:9000])
    Image.new("RGB", (10, 1)).save(paths["narrow"])
    paths["folder"].mkdir()
    return paths


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("missing", "there is no file"),
        ("empty", "is empty"),
        ("text", "is no picture"),
        ("cut", "is damaged or cut short"),
        ("narrow", "the shorter side needs"),
        ("folder", "is a directory"),
    ],
)
def test_a_file_that_cannot_work(kind: str, says: str, tmp_path: Path) -> None:
    path = bad_files(tmp_path)[kind]
    with pytest.raises(NstVizError) as raised:
        load_image(path, 64)
    assert says in str(raised.value)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_bomb_is_refused_before_it_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    assert (tmp_path / "bomb.png").stat().st_size < 100_000
    monkeypatch.setattr(Image.Image, "load", lambda self: pytest.fail("decoded"))
    with pytest.raises(NstVizError, match=r"pixels: at most 100,000,000 are read"):
        load_image(tmp_path / "bomb.png", 64)


def test_every_sample_is_there() -> None:
    for name in sample_names():
        assert max(load_image(f"sample:{name}", 64).pixels.shape) == 64
    with pytest.raises(NstVizError, match="no sample called 'mona': choose from dancing"):
        load_image("sample:mona", 64)


def test_noise_is_seeded() -> None:
    assert (noise_image(8, 9, 3) == noise_image(8, 9, 3)).all()
    assert (noise_image(8, 9, 3) != noise_image(8, 9, 4)).any()
    assert noise_image(8, 9, 3).shape == (8, 9, 3)


def test_resize_and_bytes() -> None:
    pixels = noise_image(20, 30, 0)
    assert resize(pixels, 10, 15).shape == (10, 15, 3)
    assert resize(pixels, 20, 30) is pixels
    assert (to_bytes(np.array([0.0, 0.5, 1.0], np.float32)) == [0, 128, 255]).all()
    assert image_module.MIN_SIDE >= 16
