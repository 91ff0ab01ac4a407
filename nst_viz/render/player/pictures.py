"""From kept pictures to WebP data small enough to lie in a page, every picture at the same quality.

Why still pictures and not a video: each is there at once, in whatever order a hand on the timeline asks for, and a page
can decode those nearby ahead. Why WebP: at equal size it is 1 to 2 dB closer than JPEG on the pictures of a run, every
browser since 2020 shows it, and AVIF, another 1 to 2 dB closer, takes several times as long to encode and to decode.
"""

import base64
import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Picture = NDArray[np.uint8]
"""uint8 (height, width, 3)"""

QUALITIES = (92, 88, 84, 80, 76, 72, 66, 60, 50, 40, 30, 20, 12, 5)
"""WebP's scale; even pure noise of 256 x 256 pixels fits 300 times into the budget at the last"""
SAMPLE = 12
"""pictures that are encoded to find the quality before all are"""
LONGEST_SIDE = 640
"""pixels; a larger picture is scaled down"""
SMALL_AREA = 256 * 256
SMALL_BUDGET, LARGEST_BUDGET = 7_400_000, 24_000_000
"""characters of base64 for all pictures: up to SMALL_AREA pixels each; and at most, however large they are"""


def budget(shape: Sequence[int]) -> int:
    """Characters that all pictures of a shape (height, width, …) may take together: more where they are larger."""
    area = shape[0] * shape[1]
    return min(round(SMALL_BUDGET * max(1.0, area / SMALL_AREA)), LARGEST_BUDGET)


def scaled(picture: Picture, longest: int = LONGEST_SIDE) -> Picture:
    """The picture, its longer side `longest` pixels at most."""
    longer = max(picture.shape[:2])
    if longer <= longest:
        return picture
    height, width = (max(1, round(side * longest / longer)) for side in picture.shape[:2])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.LANCZOS))


def webp_base64(picture: Picture, quality: int) -> str:
    """The picture as lossy WebP in base64. Always 4 characters for 3 bytes."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "WEBP", quality=quality, method=4)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def data_url(encoded: str) -> str:
    return f"data:image/webp;base64,{encoded}"


def encode_all(load: Callable[[int], Picture], steps: Sequence[int], allowed: int) -> list[str]:
    """The pictures of the steps, `load`ed one by one, in the best quality at which all take `allowed` characters at most.

    A sample decides the quality; where it misjudged, all are encoded again one quality lower. At the lowest quality the
    pictures are taken whatever their size. Memory holds a few pictures at a time.
    """
    with ThreadPoolExecutor() as pool:  # Pillow encodes without Python's lock

        def encode(some: Sequence[int], quality: int) -> list[str]:
            return list(pool.map(lambda step: webp_base64(load(step), quality), some))

        sample = [steps[round(index)] for index in np.linspace(0, len(steps) - 1, min(SAMPLE, len(steps)))]
        for quality in QUALITIES:
            last = quality == QUALITIES[-1]
            if not last and size(encode(sample, quality)) * len(steps) > allowed * len(sample):
                continue
            encoded = encode(steps, quality)
            if last or size(encoded) <= allowed:
                return encoded
    raise AssertionError("the lowest quality is always taken")


def size(encoded: Sequence[str]) -> int:
    return sum(map(len, encoded))
