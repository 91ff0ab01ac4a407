"""Time to a good picture: until the loss is within a tenth of what many L-BFGS steps reach, for each way down."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.report import Report
from benchmarks.vgg import fresh_vgg19
from nst_viz.core.config import TransferConfig
from nst_viz.core.image import Pixels, load_pictures
from nst_viz.core.optimisers import LBFGS, SGD, Adam, Optimiser
from nst_viz.core.transfer import Transfer, prepare

WITHIN = 1.1
PATIENCE = 4.0
"""a way down that takes this many times L-BFGS's seconds is given up"""
Curve = list[tuple[float, float]]
"""(seconds from the start, loss) after each step"""
CASES = {
    "transfer, from noise": TransferConfig(
        network="wavelet", content="sample:dancing", style="sample:picasso", size=192, steps=1000
    ),
    "transfer, from the content": TransferConfig(
        content="sample:dancing", style="sample:picasso", size=192, steps=1000, init="content"
    ),
    "style, from noise": TransferConfig(network="wavelet", mode="style", style="sample:picasso", size=192, steps=1000),
    "vgg19 (random weights), style, from noise": TransferConfig(
        mode="style", style="sample:picasso", size=128, steps=300, network="vgg19", weighting="balanced"
    ),
}
WAYS: dict[str, Optimiser] = {
    "adam, 0.02 (the default)": Adam(),
    "adam, 0.05": Adam(learning_rate=0.05),
    "sgd with the decay of Keras's example (the default)": SGD(),
}


def prepared(config: TransferConfig) -> Transfer:
    transfer = prepare(config, load_pictures(config))
    transfer.objective.evaluate(transfer.canvas)  # traced now, not in the first step
    return transfer


def descend(
    transfer: Transfer, canvas: Pixels, optimiser: Optimiser, steps: int, until: Callable[[float, float], bool]
) -> tuple[Pixels, Curve]:
    """Go down until `until(seconds, loss)` or for so many steps."""
    began = time.perf_counter()
    state = optimiser.start(canvas, transfer.objective.evaluate)
    curve = [(time.perf_counter() - began, float(state["loss"]))]
    for _ in range(steps):
        following = optimiser.step(state, transfer.objective.evaluate)
        if following is state:
            break
        state = following
        curve.append((time.perf_counter() - began, float(state["loss"])))
        if until(*curve[-1]):
            break
    return state["image"], curve


def measure(report: Report, name: str, config: TransferConfig) -> None:
    transfer = prepared(config)
    _, curve = descend(transfer, transfer.canvas, LBFGS(), config.steps, lambda *_: False)
    target = WITHIN * curve[-1][1]
    seconds, steps = next((at, step) for step, (at, loss) in enumerate(curve) if loss <= target)
    note = f"{steps} steps to {target:.3g}, from {curve[0][1]:.3g}; {len(curve) - 1} steps reach {curve[-1][1]:.3g}"
    report.figure(f"{name}: lbfgs (the default)", seconds, "s", note)
    limit = PATIENCE * seconds
    for way, optimiser in WAYS.items():
        _, other = descend(transfer, transfer.canvas, optimiser, 100_000, lambda at, loss: loss <= target or at > limit)
        at, loss = other[-1]
        reached = (
            f"{at / seconds:.1f} times lbfgs's time"
            if loss <= target
            else f"given up: loss {loss / target:.1f} times the target's"
        )
        report.figure(f"{name}: {way}", at, "s", f"{len(other) - 1} steps; {reached}")


def main() -> None:
    report = Report(
        "convergence",
        "Seconds until the loss is within 10 % of what 1000 L-BFGS steps reach (vgg19: 300), nothing recorded.",
    )
    with TemporaryDirectory() as folder:
        weights = Path(folder) / "random.weights.h5"
        fresh_vgg19().save_weights(weights)
        for name, config in CASES.items():
            measure(report, name, config.replace(weights=weights) if config.network == "vgg19" else config)
