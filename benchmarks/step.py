"""One step of `wavelet`, and how time and memory grow with pixels, layers and steps."""

from collections.abc import Callable

import numpy as np

from benchmarks.measure import interleaved, peak_megabytes
from benchmarks.report import Report
from nst_viz.core.config import TransferConfig
from nst_viz.core.image import load_pictures
from nst_viz.core.transfer import prepare

TURNS = 15
SIZES = (128, 192, 256, 512)
LARGE = (1024, 2048)
LAYERS = ("block1_conv1", "block2_conv1", "block2_conv2", "block3_conv1", "block3_conv2", "block4_conv1", "block4_conv2")
SQUARE = "mosaic"
MEMORY = """
from nst_viz.core.config import TransferConfig
from nst_viz.core.image import load_pictures
from nst_viz.core.transfer import prepare
from collections import deque
config = TransferConfig(network="{network}", content="sample:{content}", style="sample:picasso", size={size}, steps={steps})
deque(prepare(config, load_pictures(config)).iterates(), maxlen=0)
"""


NETWORKS = ("wavelet", "distilled", "random")


def step(size: int, network: str = "wavelet", **changes: str) -> tuple[Callable[[], object], int]:
    """A function that evaluates loss and gradient once, and the number of pixels."""
    config = TransferConfig(network=network, content="sample:dancing", style="sample:picasso", size=size).replace(**changes)
    transfer = prepare(config, load_pictures(config))
    return lambda: transfer.objective.evaluate(transfer.canvas), transfer.canvas.shape[0] * transfer.canvas.shape[1]


def memory_code(size: int, content: str = "dancing", network: str = "wavelet") -> str:
    """What a process does whose memory is measured: 25 steps, none of which is recorded."""
    return MEMORY.format(size=size, content=content, network=network, steps=25)


def slope(sizes: list[float], values: list[float]) -> float:
    """The exponent of the power law that fits best: 1 is in proportion."""
    return float(np.polyfit(np.log(sizes), np.log(values), 1)[0])


def main() -> None:
    report = Report(
        "step", "One step of `wavelet` (all default layers): the losses and their gradient with respect to the picture."
    )
    steps = {size: step(size) for size in SIZES}
    times = interleaved({str(size): call for size, (call, _) in steps.items()}, TURNS, warm_up=3)
    times |= interleaved({str(size): step(size)[0] for size in LARGE}, turns=3)
    pixels = {size: steps[size][1] if size in steps else round(size**2 * steps[512][1] / 512**2) for size in (*SIZES, *LARGE)}
    for size, area in pixels.items():
        report.timing(f"{size} px, {area / 1e6:.2g} million pixels", times[str(size)])
    medians = [times[str(size)].median for size in pixels]
    report.figure("time grows with pixels to the power", slope(list(pixels.values()), medians))
    for name, timing in interleaved({name: step(256, name)[0] for name in NETWORKS}, TURNS, warm_up=3).items():
        report.timing(f"256 px, all default layers of {name}", timing)
    layers = {str(count): step(256, style_layers=",".join(LAYERS[:count]))[0] for count in range(1, len(LAYERS) + 1)}
    for count, timing in interleaved(layers, TURNS, warm_up=2).items():
        report.timing(f"256 px, the first {count} style layers", timing)
    peaks = {size: peak_megabytes(memory_code(size)) for size in (256, 512, *LARGE)}
    for size, peak in peaks.items():
        report.figure(f"peak memory of 25 steps at {size} px", peak, "MB", "a process of its own, L-BFGS's memory full")
    report.figure(
        "memory above that at 256 px, for each further pixel",
        1e6 * (peaks[2048] - peaks[256]) / (pixels[2048] - pixels[256]),
        "bytes",
    )
    above = [peaks[size] - peaks[256] for size in (512, *LARGE)]
    report.figure(
        "memory above that at 256 px grows with pixels to the power", slope([pixels[s] for s in (512, *LARGE)], above)
    )
    report.figure(
        "peak memory of 25 steps at 1024 px with distilled", peak_megabytes(memory_code(1024, network="distilled")), "MB"
    )
    square = peak_megabytes(memory_code(2048, SQUARE))
    report.figure("peak memory of 25 steps at 2048 × 2048 pixels", square, "MB", f"content: {SQUARE}")
