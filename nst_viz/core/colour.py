"""From a decoded picture of any mode to RGB of 8 bits in sRGB, transparency flattened on white."""

import io

import numpy as np
from PIL import Image, ImageCms

from nst_viz.core.errors import NstVizError

SRGB = ImageCms.createProfile("sRGB")
SAME = 2
"""levels of 255 by which a profile may differ from sRGB that counts as sRGB"""
BITS, PHOTOMETRIC, SAMPLE_FORMAT = 258, 262, 339
WHITE_IS_ZERO, UNSIGNED = 0, 1
"""values of two TIFF tags"""
UNMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}


def to_rgb(image: Image.Image, profile: bytes | None, name: str) -> Image.Image:
    """The picture as a screen shows it. Raises NstVizError for numbers that have no place between black and white.

    `profile` is its colour profile (ICC), None where it has none; a broken one, or one of other colours, is left aside.
    """
    if image.mode.startswith("I") or image.mode == "F":
        image = from_numbers(image, name)
    if image.mode in UNMULTIPLIED:
        image = image.convert(UNMULTIPLIED[image.mode])
    alpha = None
    if image.has_transparency_data:
        grey = image.mode in ("1", "L", "LA")
        image = image.convert("LA" if grey else "RGBA")
        alpha = image.getchannel("A")
        image = image.convert("L" if grey else "RGB")
    colours = in_srgb(image, profile)
    if alpha is None:
        return colours
    flat = Image.new("RGB", image.size, "white")
    flat.paste(colours, mask=alpha)
    return flat


def in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours through the profile into sRGB, relative colorimetric, so that white stays white."""
    if image.mode == "LAB":
        return ImageCms.profileToProfile(image, ImageCms.createProfile("LAB"), SRGB, outputMode="RGB") or image
    image = image.convert({"1": "L", "L": "L", "CMYK": "CMYK"}.get(image.mode, "RGB"))
    if profile:
        try:
            return through(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a browser does without it as well
    return image.convert("RGB")


def through(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    """Raises ValueError for a profile of other colours than the picture's."""
    space = profile.profile.xcolor_space.strip()
    mode = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space)
    if mode is None or (mode, image.mode) not in (("RGB", "RGB"), ("RGB", "L"), ("L", "L"), ("CMYK", "CMYK")):
        raise ValueError(f"a profile of {space} does not fit {image.mode}")
    change = ImageCms.buildTransform(profile, SRGB, mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
    if mode == "RGB" and is_same(change):
        return image.convert("RGB")
    return ImageCms.applyTransform(image.convert(mode), change) or image


def is_same(change: ImageCms.ImageCmsTransform) -> bool:
    """Whether the change is none that one could see: most profiles are sRGB, and then the pixels stay as they are."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    changed = ImageCms.applyTransform(Image.fromarray(cube), change)
    return bool(np.abs(np.asarray(changed, int) - cube).max() <= SAME)


def from_numbers(image: Image.Image, name: str) -> Image.Image:
    """Grey of 8 bits from whole numbers of more bits, or from fractions, with the transparency that one of them stands for.

    Unsigned 16 bits have a range of their own, and so have fractions from 0 to 1; others are scaled by the range that is there.
    """
    tags = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    if values.dtype == np.int32 and tags.get(SAMPLE_FORMAT, (0,))[0] == UNSIGNED:
        values = values.view(np.uint32)
    if not np.isfinite(values).all():
        raise NstVizError(f"{name} holds values that are no numbers (NaN or infinity): save it as JPEG or PNG")
    low, high = own_range(image, values)
    if low == high:
        raise NstVizError(f"{name} holds the number {low:g} everywhere, which is no picture: save it as JPEG or PNG")
    grey = np.clip((values.astype(np.float32) - np.float32(low)) / np.float32(high - low), 0, 1)
    if tags.get(PHOTOMETRIC) == WHITE_IS_ZERO:
        grey = 1 - grey
    shown = Image.fromarray(np.uint8(grey * 255 + 0.5))
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        shown.putalpha(Image.fromarray(np.uint8(255) * (values != transparent)))
    return shown


def own_range(image: Image.Image, values: np.ndarray) -> tuple[float, float]:
    """The numbers that are black and white."""
    low, high = float(values.min()), float(values.max())
    if image.mode == "F" and low >= 0 and high <= 1:
        return 0.0, 1.0
    if image.mode.startswith("I;16"):
        bits = getattr(image, "tag_v2", {}).get(BITS, (16,))[0]
        return 0.0, float(2**bits - 1)
    if image.mode == "I" and image.format != "TIFF":
        return 0.0, 65535.0
    return low, high
