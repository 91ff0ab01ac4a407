"""Files as cameras, scanners and programs leave them are shown as a browser shows them, or refused in one sentence."""

import re
import struct
import subprocess
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, PngImagePlugin

from nst_viz.core import decode as decode_module
from nst_viz.core.decode import decode
from nst_viz.core.errors import NstVizError
from tests.core import odd_pictures as odd
from tests.core.odd_pictures import HEIGHT, WIDTH, encoded, jpeg, png, png_chunk, ramp


def shown(data: bytes) -> np.ndarray:
    """The picture as it is read, 0 to 255, without any warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return np.asarray(decode(data, "it")[0], int)


def refused(data: bytes) -> str:
    with pytest.raises(NstVizError) as raised:
        shown(data)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def is_near(shown: np.ndarray, wanted: np.ndarray, most: int = 3) -> bool:
    return shown.shape == wanted.shape and np.abs(shown - wanted).max() <= most


# Which way up.

UPRIGHT = np.rot90(ramp(), -1)


@pytest.mark.parametrize("case", odd.ODD_EXIF)
def test_an_odd_exif_block_turns_the_picture_all_the_same(case: str) -> None:
    block = odd.ODD_EXIF[case]()
    assert is_near(shown(jpeg(ramp(), exif=block)), UPRIGHT, 6)
    image = Image.fromarray(ramp())
    assert is_near(shown(encoded(image, "WEBP", lossless=True, exif=block)), UPRIGHT, 0)
    rows = ramp().tobytes()
    assert is_near(shown(png(WIDTH, HEIGHT, 8, 2, rows, png_chunk(b"eXIf", block[6:]))), UPRIGHT, 0)


@pytest.mark.parametrize("case", odd.NO_EXIF)
def test_an_exif_block_that_says_nothing_turns_nothing(case: str) -> None:
    assert is_near(shown(jpeg(ramp(), exif=odd.NO_EXIF[case])), ramp(), 6)


@pytest.mark.parametrize("number", range(1, 9))
def test_every_way_up_moves_pixels_and_nothing_else(number: int) -> None:
    stored = ramp()
    as_seen = {
        **{1: stored, 2: stored[:, ::-1], 3: stored[::-1, ::-1], 4: stored[::-1], 5: stored.swapaxes(0, 1)},
        **{6: np.rot90(stored, -1), 7: stored[::-1, ::-1].swapaxes(0, 1), 8: np.rot90(stored)},
    }[number]
    block = odd.exif(odd.turned(number))
    data = {
        "PNG": png(WIDTH, HEIGHT, 8, 2, stored.tobytes(), png_chunk(b"eXIf", block[6:])),
        "TIFF": odd.tiff(stored, 1, 8, odd.turned(number), light=2),
        "TIFF, compressed": encoded(Image.fromarray(stored), "TIFF", compression="tiff_lzw", tiffinfo={274: number}),
    }
    for kind, file in data.items():
        image, size = decode(file, "it")
        assert (np.asarray(image) == as_seen).all(), kind
        assert size == image.size


@pytest.mark.parametrize("turns", range(1, 9))
def test_avif_turns_by_what_it_says_itself(turns: int) -> None:
    image = Image.fromarray(ramp())
    upright = shown(encoded(image, "AVIF", quality=95, subsampling="4:4:4", exif=odd.exif(odd.turned(turns))))
    wanted = shown(png(WIDTH, HEIGHT, 8, 2, ramp().tobytes(), png_chunk(b"eXIf", odd.exif(odd.turned(turns))[6:])))
    assert is_near(upright, wanted, 12)


def test_an_odd_directory_of_a_tiff_file() -> None:
    more = [(282, 2, 9, b"300 dots\0"), (34665, 4, 1, struct.pack("<I", 2**31)), (305, 99, 7, b"\1\0\0\0")]
    assert (shown(odd.tiff(ramp(), 1, 8, *more, odd.turned(6), light=2)) == UPRIGHT).all()


# Colour.


def test_rgb_goes_through_its_profile() -> None:
    wanted = odd.adobe_in_srgb(ramp())
    assert not is_near(ramp().astype(int), wanted, 20)
    assert is_near(shown(encoded(Image.fromarray(ramp()), "PNG", icc_profile=odd.rgb_profile())), wanted)
    assert is_near(shown(encoded(Image.fromarray(ramp()), "TIFF", icc_profile=odd.rgb_profile())), wanted)
    assert is_near(shown(encoded(Image.fromarray(ramp()), "WEBP", lossless=True, icc_profile=odd.rgb_profile())), wanted)
    flat = np.tile(np.uint8([150, 90, 60]), (HEIGHT, WIDTH, 1))
    assert is_near(shown(jpeg(flat, icc_profile=odd.rgb_profile())), odd.adobe_in_srgb(flat), 5)


def test_a_profile_that_says_srgb_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert (shown(encoded(Image.fromarray(ramp()), "PNG", icc_profile=profile)) == ramp()).all()


def test_grey_goes_through_its_profile() -> None:
    grey = ramp()[..., 0]
    wanted = odd.srgb_of((grey[..., None] / 255.0) ** 1.0).repeat(3, axis=-1)
    for image in (Image.fromarray(grey), Image.fromarray(grey.astype(np.uint16) * 257)):
        assert is_near(shown(encoded(image, "PNG", icc_profile=odd.grey_profile(1.0))), wanted)
    with_alpha = Image.merge("LA", [Image.fromarray(grey), Image.new("L", (WIDTH, HEIGHT), 255)])
    assert is_near(shown(encoded(with_alpha, "PNG", icc_profile=odd.grey_profile(1.0))), wanted)


def test_a_palette_and_transparency_go_through_the_profile() -> None:
    colours = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    colours[...] = (150, 90, 60, 255)
    colours[:, WIDTH // 2 :, 3] = 0
    wanted = odd.adobe_in_srgb(colours[..., :3])
    wanted[:, WIDTH // 2 :] = 255
    image = Image.fromarray(colours)
    assert is_near(shown(encoded(image, "PNG", icc_profile=odd.rgb_profile())), wanted)
    assert is_near(shown(encoded(image.quantize(4), "PNG", icc_profile=odd.rgb_profile())), wanted)


def test_cmyk_goes_through_its_profile() -> None:
    """The profile says that black ink is but a grey of half the lightness; without it, it would be black."""
    profile = odd.cmyk_profile(lambda inks: 50.0 if inks[3] else 100.0)
    image = Image.new("CMYK", (WIDTH, HEIGHT), (0, 0, 0, 255))
    half = odd.srgb_of(np.array(((50 + 16) / 116) ** 3))
    for format in ("JPEG", "TIFF"):
        assert is_near(shown(encoded(image, format, icc_profile=profile)), np.full((HEIGHT, WIDTH, 3), half)), format
        assert shown(encoded(image, format)).max() <= 3, format


def test_lab_becomes_rgb() -> None:
    lab = np.zeros((HEIGHT, WIDTH, 3), np.int8)
    lab[..., 0] = 127  # of 255: a lightness of 49.8
    half = odd.srgb_of(np.array(((127 / 2.55 + 16) / 116) ** 3))
    assert is_near(shown(odd.tiff(lab.view(np.uint8), 1, 8, light=8)), np.full((HEIGHT, WIDTH, 3), half))


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        odd.rgb_profile()[:200],
        odd.rgb_profile()[:128] + b"\xff" * 400,
        odd.grey_profile(1.0),
        odd.cmyk_profile(lambda inks: 50.0),
    ],
)
def test_a_broken_profile_and_one_of_other_colours_are_left_aside(profile: bytes) -> None:
    assert (shown(encoded(Image.fromarray(ramp()), "PNG", icc_profile=profile)) == ramp()).all()


# Chunks that are no picture.


def test_large_and_broken_chunks_of_png() -> None:
    rows, plain = ramp().tobytes(), ramp()
    text = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 80_000_000))
    assert (shown(png(WIDTH, HEIGHT, 8, 2, rows, text)) == plain).all()
    texts = [png_chunk(b"tEXt", b"Comment\0" + b"x" * 900_000)] * 100
    assert (shown(png(WIDTH, HEIGHT, 8, 2, rows, *texts)) == plain).all()
    broken = [png_chunk(kind, b"\xff") for kind in (b"iTXt", b"zTXt", b"pHYs", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"acTL")]
    assert (shown(png(WIDTH, HEIGHT, 8, 2, rows, *broken, after=broken[0])) == plain).all()
    wrong = png_chunk(b"tIME", b"1234567")[:-1] + b"?"
    assert (shown(png(WIDTH, HEIGHT, 8, 2, rows, wrong)) == plain).all()
    large = odd.rgb_profile() + bytes(3_000_000)
    icc = png_chunk(b"iCCP", b"large\0\0" + zlib.compress(large))
    assert is_near(shown(png(WIDTH, HEIGHT, 8, 2, rows, icc)), odd.adobe_in_srgb(plain))
    endless = png_chunk(b"iCCP", b"endless\0\0" + zlib.compress(bytes(200_000_000)))
    assert (shown(png(WIDTH, HEIGHT, 8, 2, rows, endless)) == plain).all()


def test_further_pictures_and_notes_of_a_jpeg_are_left_aside() -> None:
    portrait = encoded(Image.fromarray(ramp()), "MPO", save_all=True, append_images=[Image.new("L", (20, 20))], quality=95)
    assert is_near(shown(portrait), ramp(), 6)
    data = jpeg(ramp())
    odd_parts = b"".join(
        b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(body)) + body
        for marker, body in [
            (0xE2, b"MPF\0II*\0\xff"),
            (0xED, b"Photoshop 3.0\x008BIM\xff"),
            (0xE1, b"http://ns\0<x"),
            (0xFE, b""),
        ]
    )
    assert is_near(shown(data[:2] + odd_parts + data[2:]), ramp(), 6)


# Transparency.


@pytest.mark.parametrize(("depth", "colours"), [(1, 0), (2, 0), (4, 0), (8, 0), (16, 0), (8, 2), (16, 2)])
def test_the_transparent_colour_of_every_depth_is_white(depth: int, colours: int) -> None:
    most = 2**depth - 1
    clear, opaque = (0, most) if depth == 1 else (most // 3, 0)
    bits = "".join(
        format(clear if x < 16 else opaque, f"0{depth}b") * (3 if colours else 1) for _ in range(32) for x in range(32)
    )
    rows = int(bits, 2).to_bytes(len(bits) // 8, "big")
    key = png_chunk(b"tRNS", struct.pack(">H", clear) * (3 if colours else 1))
    seen = shown(png(32, 32, depth, colours, rows, key))
    assert (seen[:, :16] == 255).all()
    assert (seen[:, 16:] == (255 if opaque else 0)).all()


@pytest.mark.parametrize("mode", ["LA", "RGBA", "PA", "P"])
def test_half_transparent_is_half_white(mode: str) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 51))
    data = encoded(image.quantize(2) if mode == "P" else image.convert(mode), "TIFF" if mode == "PA" else "PNG")
    assert is_near(shown(data), np.full((40, 40, 3), 204), 1)


def test_a_tiff_file_whose_colours_are_multiplied_by_their_transparency() -> None:
    pixels = np.tile(np.uint8([40, 0, 0, 51]), (HEIGHT, WIDTH, 1))
    extra = (338, 3, 1, struct.pack("<H", 1))
    assert is_near(shown(odd.tiff(pixels, 1, 8, extra, light=2)), np.tile([244, 204, 204], (HEIGHT, WIDTH, 1)), 2)


# Frames that do not fill their canvas.


def test_outside_of_the_first_frame_of_a_gif_is_white() -> None:
    red = Image.new("P", (8, 8), 1)
    red.putpalette([0, 0, 0, 200, 30, 40])
    data = bytearray(encoded(red, "GIF"))
    data[6:10] = struct.pack("<2H", 32, 24)  # the canvas
    frame = data.index(b",")
    data[frame + 1 : frame + 5] = struct.pack("<2H", 20, 10)
    wanted = np.full((24, 32, 3), 255)
    wanted[10:18, 20:28] = (200, 30, 40)
    assert (shown(bytes(data)) == wanted).all()


def test_an_animated_png_begins_with_its_first_frame() -> None:
    def control(number: int, width: int, height: int, x: int, y: int) -> bytes:
        return png_chunk(b"fcTL", struct.pack(">5I2H2B", number, width, height, x, y, 1, 10, 0, 0))

    frame = zlib.compress((b"\0" + bytes([200, 30, 40]) * 8) * 8)
    data = png_chunk(b"fdAT", struct.pack(">I", 1) + frame)
    green = np.tile(np.uint8([0, 255, 0]), (24, 32, 1)).tobytes()
    animated = png_chunk(b"acTL", struct.pack(">2I", 1, 0))
    wanted = np.full((24, 32, 3), 255)
    wanted[10:18, 20:28] = (200, 30, 40)
    assert (shown(png(32, 24, 8, 2, green, animated, after=control(0, 8, 8, 20, 10) + data)) == wanted).all()
    with_still_first = png(32, 24, 8, 2, green, animated, control(0, 32, 24, 0, 0), after=control(1, 8, 8, 20, 10) + data)
    assert (shown(with_still_first) == (0, 255, 0)).all()


def test_outside_of_the_first_frame_of_an_animated_webp_is_white() -> None:
    def riff(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    def three(value: int) -> bytes:
        return struct.pack("<I", value)[:3]

    still = encoded(Image.new("RGB", (8, 8), (200, 30, 40)), "WEBP", lossless=True)[12:]
    frames = [riff(b"ANMF", three(x // 2) + three(5) + three(7) + three(7) + three(100) + b"\0" + still) for x in (20, 0)]
    header = riff(b"VP8X", bytes([2, 0, 0, 0]) + three(31) + three(23)) + riff(b"ANIM", bytes(6))
    body = b"WEBP" + header + b"".join(frames)
    wanted = np.full((24, 32, 3), 255)
    wanted[10:18, 20:28] = (200, 30, 40)
    assert is_near(shown(b"RIFF" + struct.pack("<I", len(body)) + body), wanted, 1)


# Numbers that are no bytes.

STEPS = np.tile(np.linspace(0, 1, 33), (33, 1))
"""black at the left, white at the right"""
GREYS = (STEPS * 255)[..., None].repeat(3, axis=-1)


@pytest.mark.parametrize(
    ("values", "kind", "light"),
    [
        (np.int32(STEPS * 2e9), 2, 1),
        (np.int32(STEPS * 2e9 - 1e9), 2, 1),
        (np.uint32(STEPS * 4.2e9), 1, 1),
        (np.int16(STEPS * 65535 - 32768), 2, 1),
        (np.uint16(STEPS * 65535), 1, 1),
        (np.uint16((1 - STEPS) * 65535), 1, 0),
        (np.float32(STEPS), 3, 1),
        (np.float32(STEPS * 3000 - 1000), 3, 1),
        (np.float32(1 - STEPS), 3, 0),
    ],
)
def test_whole_numbers_and_fractions_are_scaled(values: np.ndarray, kind: int, light: int) -> None:
    assert is_near(shown(odd.tiff(values, kind, 8 * values.itemsize, light=light)), GREYS, 1)


def test_big_endian_and_ranges_of_their_own() -> None:
    assert is_near(shown(odd.tiff(np.uint16(STEPS * 65535), 1, 16, order=">")), GREYS, 1)
    assert is_near(
        shown(odd.tiff(np.uint16(STEPS * 32767), 1, 16)), GREYS / 2, 1
    )  # unsigned 16 bits are no matter of the picture
    assert is_near(shown(odd.tiff(np.float32(STEPS / 2), 3, 32)), GREYS / 2, 1)
    assert is_near(shown(encoded(Image.fromarray(np.uint16(STEPS * 32767)), "PPM")), GREYS / 2, 1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(value: float) -> None:
    values = np.float32(STEPS)
    values[3, 4] = value
    assert "holds values that are no numbers (NaN or infinity)" in refused(odd.tiff(values, 3, 32))


def test_one_number_everywhere_has_no_scale() -> None:
    assert "holds the number 1000 everywhere" in refused(odd.tiff(np.full((33, 33), 1000, np.int32), 2, 32))


# Kinds.

BEGINNINGS = {
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n",
    "PDF": b"%PDF-1.7\n",
    "SVG": b'<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    "Photoshop": b"8BPS\0\1" + bytes(40),
    "JPEG XL": b"\xff\x0a" + bytes(20),
    "a web page": b"<!DOCTYPE html>\n<html><body>404</body></html>",
    "a video": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2",
    "a ZIP archive": b"PK\3\4" + bytes(30),
    "camera's RAW": b"FUJIFILMCCD-RAW 0201FF" + bytes(40),
}


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_kind_that_is_not_read_is_named(kind: str) -> None:
    said = refused(BEGINNINGS[kind])
    assert kind in said
    assert said.endswith("which is not read: save it as JPEG or PNG")


def test_a_camera_s_raw_file_is_not_read_as_its_preview() -> None:
    preview = [(254, 4, 1, struct.pack("<I", 1)), (330, 4, 1, struct.pack("<I", 8))]
    for more in ([(50706, 1, 4, b"\1\4\0\0")], preview):
        assert "camera's RAW file" in refused(odd.tiff(ramp(), 1, 8, *more, light=2))


def test_a_kind_of_tiff_that_is_not_read_and_one_that_is_cut() -> None:
    cmyk_alpha = np.zeros((HEIGHT, WIDTH, 5), np.uint8)
    whole = odd.tiff(cmyk_alpha, 1, 8, (338, 3, 1, struct.pack("<H", 2)), light=5)
    assert "is a kind of TIFF that is not read: save it as JPEG or PNG" in refused(whole)
    assert "is damaged or cut short" in refused(odd.tiff(ramp(), 1, 8, light=2)[:-500])


@pytest.mark.parametrize("format", ["AVIF", "BMP", "JPEG2000", "PPM", "TGA", "ICO", "QOI", "WEBP", "PNG", "GIF", "TIFF"])
def test_a_picture_that_is_cut_short_is_said_to_be(format: str) -> None:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8))
    data = encoded(noise, format)
    assert shown(data).shape == (64, 64, 3)
    assert re.search("is damaged or cut short|is a kind of TIFF", refused(data[: len(data) // 2]))


def test_broken_tiff_files_print_nothing(tmp_path: Path) -> None:
    """Neither Pillow's log nor libtiff itself; in a process of its own, for tests catch what is logged."""
    many = encoded(Image.fromarray(ramp()), "TIFF", tiffinfo={305: "x"})
    entry = struct.pack("<HHIH", 277, 3, 1, 3)
    assert entry in many
    (tmp_path / "many").write_bytes(many.replace(entry, struct.pack("<HHIH", 277, 3, 1, 65281)))
    data = bytearray(encoded(Image.fromarray(ramp()), "TIFF", compression="tiff_lzw"))
    data[200:400] = b"\xff" * 200
    (tmp_path / "lzw").write_bytes(data)
    script = """
from pathlib import Path
from nst_viz.core.decode import decode
from nst_viz.core.errors import NstVizError
for name in ("many", "lzw"):
    try:
        decode(Path(name).read_bytes(), name)
    except NstVizError as error:
        print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path)
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == ""


@pytest.mark.parametrize("progressive", [False, True])
def test_a_cut_jpeg(progressive: bool) -> None:
    data = jpeg(ramp(), progressive=progressive)
    assert "is damaged or cut short" in refused(data[: len(data) * 2 // 3])


# Size, and what is Pillow's.


def test_a_very_large_jpeg_is_decoded_at_half_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode_module, "MAX_PIXELS", 2000)
    image, size = decode(jpeg(ramp(), exif=odd.exif(odd.turned(6))), "it")
    assert (image.size, size) == ((HEIGHT // 2, WIDTH // 2), (HEIGHT, WIDTH))
    assert is_near(np.asarray(image, int), np.asarray(Image.fromarray(UPRIGHT.copy()).reduce(2), int), 8)
    assert f"has {WIDTH} x {HEIGHT} pixels: at most 2,000 are read" in refused(encoded(Image.fromarray(ramp()), "PNG"))
    monkeypatch.setattr(decode_module, "MAX_JPEG_PIXELS", 3000)
    assert f"has {WIDTH} x {HEIGHT} pixels: at most 3,000 are read" in refused(jpeg(ramp()))


def test_the_limits_are_ours_and_pillow_s_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    monkeypatch.setattr(PngImagePlugin, "MAX_TEXT_CHUNK", 10)
    whole, cut = encoded(Image.fromarray(ramp()), "PNG"), jpeg(ramp())[:-400]
    filters = list(warnings.filters)

    def read(data: bytes) -> bool:
        try:
            return decode(data, "it")[1] == (WIDTH, HEIGHT)
        except NstVizError:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, [whole, cut] * 20)) == [True, False] * 20
    assert (Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES) == (100, True)
    assert warnings.filters == filters
