"""From a picture file's bytes to the picture that a browser would show: the one reader of the command line and of the app."""

import io
import json
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from PIL import Image, ImageFile, PngImagePlugin, UnidentifiedImageError

from nst_viz.core.colour import to_rgb
from nst_viz.core.containers import PNG, Essence, chunks, directory, essence, orientation
from nst_viz.core.errors import NstVizError, showable
from nst_viz.core.kinds import COMMON, READ, begins_well, other_kind
from nst_viz.core.quiet import without

MAX_PIXELS = 100_000_000
"""decoded pixels at most, so that a small file cannot fill the memory (a decompression bomb)"""
MAX_JPEG_PIXELS = 250_000_000
"""the same of a JPEG file, which can be decoded at half its size: telephones make pictures of 200 megapixels"""
COPY_OF = "nst_viz copy of"
"""the name of the text in a PNG file that says what it is a small copy of"""
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF's number -> how to turn the stored picture"""
LIBTIFF = re.compile(r"tempfile\.tif: |\w+: ")
"""how libtiff begins what it says on standard error of a broken file"""
logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints what Pillow logs of a broken file
DECODING = threading.Lock()
"""one picture at a time: a large one takes much memory, and Pillow's settings are those of the whole process"""


def decode(data: bytes, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """The first picture of a file as a browser shows it: upright, RGB of 8 bits in sRGB, transparency flattened on white.

    Beside it its width and height in the file, which are more than the picture's where a very large JPEG was decoded at half
    its size. `name` is what messages call it. Grey, 16-bit, CMYK and palette pictures are converted, through their colour
    profile where they have one. The size is checked before any pixel is decoded. Raises NstVizError for what is no
    picture, is damaged, too large, or of a kind that is not read.
    """
    if kind := other_kind(data):
        raise NstVizError(f"{name} is {kind}, which is not read: save it as JPEG or PNG")
    with DECODING, pillow_as_it_is_needed():
        try:
            return drawn(*opened(essence(data), name), name)
        except NstVizError:
            raise
        except MemoryError:
            raise NstVizError(f"{name} takes more memory than there is: make it smaller") from None
        except Exception:  # Pillow raises whatever its decoders stumble over
            raise NstVizError(f"{name} is damaged or cut short: give a whole picture file") from None


@contextmanager
def pillow_as_it_is_needed() -> Iterator[None]:
    """Within, Pillow's limit of pixels is off (there is one here), it refuses files that are cut short, and does not warn."""
    before = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = None, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = before


def opened(needed: Essence, name: str) -> tuple[ImageFile.ImageFile, Essence]:
    """The picture, its pixels not yet decoded. Raises NstVizError where it is none, or has too many."""
    Image.init()
    try:
        image = Image.open(io.BytesIO(needed.data), formats=[kind for kind in READ if kind in Image.OPEN])
    except Exception as error:
        if directory(needed.data)[1]:
            raise NstVizError(f"{name} is a kind of TIFF that is not read: save it as JPEG or PNG") from None
        if not isinstance(error, UnidentifiedImageError) or begins_well(needed.data):
            raise
        if kind := pillows_name(needed.data):
            raise NstVizError(f"{name} is a picture in {kind}, which is not read: save it as JPEG or PNG") from None
        raise NstVizError(f"{name} is no picture that can be read: give a {COMMON} file") from None
    (width, height), most = image.size, MAX_JPEG_PIXELS if image.format == "JPEG" else MAX_PIXELS
    if width * height > most:
        raise NstVizError(f"{name} has {width} x {height} pixels: at most {most:,} are read, so make it smaller")
    return image, needed


def pillows_name(data: bytes) -> str:
    """What Pillow calls the format of a file that is not read here; empty where it does not know it either."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return str(image.format)
    except Exception:
        return ""


def drawn(image: ImageFile.ImageFile, needed: Essence, name: str) -> tuple[Image.Image, tuple[int, int]]:
    """The picture decoded, upright and on its canvas; and its size in the file."""
    size, box, filled = image.size, needed.box, (0, 0, *image.size)
    if size[0] * size[1] > MAX_PIXELS:
        image.draft(None, (size[0] // 2, size[1] // 2))
    if image.format == "GIF" and image.tile[0].extents != filled:
        filled = image.tile[0].extents  # type: ignore[assignment]  # Pillow makes the rest black, or the first colour
        box = (*filled[:2], *size)
    if image.format == "WEBP" and getattr(image, "is_animated", False):
        image._mode = image.rawmode = "RGBA"  # type: ignore[attr-defined]  # outside of its first frame it is transparent
    with without(LIBTIFF) if image.format == "TIFF" else nullcontext():
        image.load()
    profile = needed.profile or image.info.get("icc_profile")
    colours = to_rgb(image if needed.box or not box else image.crop(filled), profile, name)
    if box:
        canvas = Image.new("RGB", box[2:], "white")
        canvas.paste(colours, box[:2])
        colours, size = canvas, canvas.size
    turned = UPRIGHT.get(needed.orientation or orientation(image.info.get("exif") or b""))
    if turned is None:
        return colours, size
    upright = colours.transpose(turned)
    return upright, size if (upright.width < upright.height) == (size[0] < size[1]) else (size[1], size[0])


def copy_of(image: Image.Image, name: str, size: tuple[int, int]) -> bytes:
    """A picture as a PNG file that says of which file, and of what size, it is a copy. Messages then name that one."""
    about = PngImagePlugin.PngInfo()
    about.add_text(COPY_OF, json.dumps({"name": showable(name), "size": size}))
    buffer = io.BytesIO()
    Image.frombytes("RGB", image.size, image.tobytes()).save(buffer, "PNG", compress_level=1, pnginfo=about)
    return buffer.getvalue()


def original(data: bytes) -> tuple[str, tuple[int, int]] | None:
    """Name and size of what a file is a copy of; None for a file that `copy_of` did not make."""
    for kind, body, _ in chunks(data) if data.startswith(PNG) else ():
        if kind == b"tEXt" and body.startswith(COPY_OF.encode() + b"\0"):
            about = json.loads(body.partition(b"\0")[2])
            width, height = about["size"]
            return str(about["name"]), (int(width), int(height))
        if kind == b"IDAT":
            break
    return None
