"""Coarse to fine: seconds to the same loss at the same size, with coarse steps first and without, for several pictures."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.convergence import CASES, WITHIN, Curve, descend, prepared
from benchmarks.report import Report
from benchmarks.vgg import fresh_vgg19
from nst_viz.core.config import TransferConfig
from nst_viz.core.image import Pixels, resize
from nst_viz.core.optimisers import LBFGS
from nst_viz.core.transfer import Transfer

COARSE_STEPS = (60, 120)
MORE = {
    "transfer of lion and swirls at 256 px": TransferConfig(
        network="wavelet", content="sample:lion", style="sample:swirls", steps=500
    ),
    "transfer at 256 px": TransferConfig(network="wavelet", content="sample:dancing", style="sample:picasso", steps=500),
    "style of swirls": TransferConfig(network="wavelet", mode="style", style="sample:swirls", size=192, steps=600),
    "style of mosaic": TransferConfig(network="wavelet", mode="style", style="sample:mosaic", size=192, steps=600),
}


def coarse_to_fine(transfer: Transfer, until: Callable[[float, float], bool] = lambda *_: False) -> tuple[Pixels, Curve]:
    """Down through the transfer's sizes, each from the last picture of the one before; the curve is that of its own size."""
    transfer.objective.evaluate(transfer.canvas)  # traced now
    image, before = transfer.canvas, 0.0
    if transfer.coarse is not None:
        image, coarse = coarse_to_fine(transfer.coarse)
        image, before = resize(image, *transfer.canvas.shape[:2]), coarse[-1][0]
    own = transfer.config.steps - transfer.config.coarse_steps
    image, curve = descend(transfer, image, LBFGS(), own, until)
    return image, [(before + at, loss) for at, loss in curve]


def measure(report: Report, name: str, config: TransferConfig) -> None:
    transfer = prepared(config)
    _, curve = descend(transfer, transfer.canvas, LBFGS(), config.steps, lambda *_: False)
    target = WITHIN * curve[-1][1]
    seconds, steps = next((at, step) for step, (at, loss) in enumerate(curve) if loss <= target)
    report.figure(f"{name}: none", seconds, "s", f"{steps} steps")
    for coarse in COARSE_STEPS:
        small = prepared(config.replace(coarse_steps=coarse))
        _, curve = coarse_to_fine(small, lambda _, loss: loss <= target)
        at, loss = curve[-1]
        reached = f"{at / seconds:.2f} of the time" if loss <= target else f"not reached: {loss / target:.1f} times the target"
        sizes = " and ".join(map(str, small.coarse_sizes))
        report.figure(f"{name}: {coarse} at {sizes} px", at, "s", f"then {len(curve) - 1} steps; {reached}")


def main() -> None:
    report = Report("coarse", "Coarse steps first: seconds until the loss is within 10 % of what many L-BFGS steps reach.")
    with TemporaryDirectory() as folder:
        weights = Path(folder) / "random.weights.h5"
        fresh_vgg19().save_weights(weights)
        for name, config in (CASES | MORE).items():
            measure(report, name, config.replace(weights=weights) if config.network == "vgg19" else config)
