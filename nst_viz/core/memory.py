"""From a run's size to the memory that it takes, so that one that cannot fit is refused before it begins."""

import math

import psutil

from nst_viz.core.errors import NstVizError

BASE = 0.8e9
"""bytes of TensorFlow and a small run"""
PER_PIXEL = 3300
"""bytes for each further pixel while all layers are evaluated at once, with room to spare (`python -m benchmarks step`)"""
PER_PIXEL_LARGE = 1650
"""the same where one layer is evaluated at a time"""
SHARE = 0.9
"""of the machine's memory that a run may take"""
AT_ONCE = 1_500_000
"""pixels of the largest picture whose terms are all evaluated at once"""


def needed(pixels: int) -> float:
    """About how many bytes a run of so many pixels takes."""
    return BASE + pixels * (PER_PIXEL if pixels <= AT_ONCE else PER_PIXEL_LARGE)


def check_memory(width: int, height: int) -> None:
    """Raises NstVizError where this machine, with nothing else running, has not enough memory for a run of this size."""
    there = SHARE * psutil.virtual_memory().total
    if (wanted := needed(width * height)) > there:
        pixels = (there - BASE) / PER_PIXEL_LARGE
        pixels = pixels if pixels > AT_ONCE else min(AT_ONCE, (there - BASE) / PER_PIXEL)
        fitting = math.floor(math.sqrt(max(pixels, 0) * max(width, height) / min(width, height)))
        raise NstVizError(
            f"a run of {width} x {height} pixels takes about {wanted / 1e9:.0f} GB of memory, "
            f"of this machine's {there / SHARE / 1e9:.0f} GB it may take {there / 1e9:.0f}: choose --size {fitting} or less"
        )
