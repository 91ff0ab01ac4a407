"""From a run's size to the memory that it takes, so that one that cannot fit is refused before it begins."""

import math

from nst_viz.core import machine
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


def runs_at_once(pixels: int) -> int:
    """How many runs of so many pixels, each in a process of its own, fit into this machine's memory; 0 where not one does."""
    return int(SHARE * machine.memory() / needed(pixels))


def check_memory(width: int, height: int, runs: int = 1) -> None:
    """Raises NstVizError where this machine, with nothing else running, has not enough memory for so many runs of this size."""
    total = machine.memory()
    there = SHARE * total
    if (fitting_runs := runs_at_once(width * height)) >= runs:
        return
    some = "a run" if runs == 1 else f"{runs} runs at once"
    sentence = (
        f"{some} of {width} x {height} pixels {'takes' if runs == 1 else 'take'} about "
        f"{runs * needed(width * height) / 1e9:.0f} GB of memory, "
        f"of this machine's {total / 1e9:.0f} GB it may take {there / 1e9:.0f}"
    )
    if fitting_runs:
        raise NstVizError(f"{sentence}: choose {fitting_runs} at once or fewer")
    pixels = (there - BASE) / PER_PIXEL_LARGE
    pixels = pixels if pixels > AT_ONCE else min(AT_ONCE, (there - BASE) / PER_PIXEL)
    fitting = math.floor(math.sqrt(max(pixels, 0) * max(width, height) / min(width, height)))
    raise NstVizError(f"{sentence}: choose --size {fitting} or less")
