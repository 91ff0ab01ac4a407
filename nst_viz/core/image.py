"""From a picture file to pixels and back: float32 RGB in [0, 1], shape (height, width, 3), everywhere in the package."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nst_viz.core.config import TransferConfig
from nst_viz.core.decode import decode, original
from nst_viz.core.errors import NstVizError, showable
from nst_viz.core.samples import sample_path

Pixels = NDArray[np.float32]

MIN_SIDE = 16
"""pixels that the shorter side must have once the longer one is at its size"""


@dataclass(frozen=True)
class Picture:
    """A picture as a network will see it, and what it came from."""

    name: str
    source: str
    sha256: str
    original_size: tuple[int, int]
    """width and height in the file, after its EXIF rotation"""
    pixels: Pixels


def load_image(source: str | Path, size: int) -> Picture:
    """Read a picture, aspect kept, its longer side brought to `size` pixels (Lanczos).

    Source: a path or `sample:NAME`. Any picture becomes RGB in sRGB (see `decode`).
    Raises NstVizError for a file that is missing, no picture, damaged, too large or too narrow.
    """
    source = str(source)
    if not source.strip():
        raise NstVizError("no picture was named: give a path, or sample:NAME")
    if "://" in source:
        raise NstVizError(f"{source} is an address: download the picture, and give its path")
    path = sample_path(source) if source.startswith("sample:") else Path(source)
    data = read_bytes(path)
    image, size_in_file = decode(data, str(path))
    shown, (width, height) = original(data) or (str(path), size_in_file)
    scale = size / max(width, height)
    target = max(1, round(width * scale)), max(1, round(height * scale))
    if min(target) < MIN_SIDE:
        raise NstVizError(
            f"{shown} is {width} x {height} pixels, which at size {size} is {target[0]} x {target[1]}: "
            f"the shorter side needs {MIN_SIDE} pixels or more, so crop the picture or raise the size"
        )
    pixels = np.asarray(image.resize(target, Image.Resampling.LANCZOS), np.float32) / np.float32(255)
    return Picture(showable(path.stem), source, hashlib.sha256(data).hexdigest(), (width, height), pixels)


def load_pictures(config: TransferConfig) -> dict[str, Picture]:
    """The pictures that a run needs, at its size: content, style, init. Raises NstVizError for one that cannot be used."""
    sources = {kind: getattr(config, kind) for kind in config.kinds}
    if config.init in ("content", "style"):
        sources[config.init] = getattr(config, config.init)
    elif config.init not in (None, "noise"):
        sources["init"] = config.init
    return {kind: load_image(source, config.size) for kind, source in sources.items()}


def read_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            kind = "a directory" if path.is_dir() else "no ordinary file"
            raise NstVizError(f"{path} is {kind}: give a picture file")
        data = path.read_bytes()
    except FileNotFoundError:
        advice = " (to start from noise, use the commands content and style)" * (path.name == "noise")
        raise NstVizError(f"there is no file {path}: give a picture's path, or sample:NAME{advice}") from None
    except OSError as error:
        raise NstVizError(f"{path} cannot be read ({error.strerror}): give a picture that you may read") from None
    if not data:
        raise NstVizError(f"{path} is empty: give a picture file")
    return data


def noise_image(height: int, width: int, seed: int) -> Pixels:
    """Grey noise: independent normal pixels around mid-grey, deviation 0.1, within [0, 1].

    # Differs from Gatys et al. (2015): white noise of the full range leaves grain wherever a network is blind.
    """
    rng = np.random.default_rng(seed)
    noise: Pixels = np.float32(0.5) + np.float32(0.1) * rng.standard_normal((height, width, 3), np.float32)
    return np.clip(noise, 0, 1)


def resize(pixels: Pixels, height: int, width: int) -> Pixels:
    """The picture at another size (Lanczos, in float32 for each channel); as it is where it has that size."""
    if pixels.shape[:2] == (height, width):
        return pixels
    channels = [
        Image.fromarray(pixels[..., c]).resize((width, height), Image.Resampling.LANCZOS) for c in range(pixels.shape[-1])
    ]
    resized: Pixels = np.stack([np.asarray(channel, np.float32) for channel in channels], axis=-1)
    return np.clip(resized, 0, 1)


def to_bytes(pixels: Pixels) -> NDArray[np.uint8]:
    """Pixels in [0, 1] as 8-bit values, rounded to the nearest."""
    return (np.clip(pixels, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
