"""From functions to medians: variants take turns, so that a machine whose speed drifts is fair to each."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Seconds of one variant over several turns."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        low, high = min(self.seconds) * 1e3, max(self.seconds) * 1e3
        return f"{self.median * 1e3:.1f} ms ({low:.1f} to {high:.1f}, {len(self.seconds)} turns)"


def interleaved(variants: Mapping[str, Callable[[], object]], turns: int, warm_up: int = 1) -> dict[str, Timing]:
    """Time each variant in turn, A B A B …, after turns that do not count."""
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for turn in range(-warm_up, turns):
        for name, variant in variants.items():
            start = time.perf_counter()
            variant()
            if turn >= 0:
                seconds[name].append(time.perf_counter() - start)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


PEAK = """
import resource, sys
from pathlib import Path
status = Path("/proc/self/status")
if status.exists():  # what getrusage says on Linux may be the parent's peak
    peak = next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
else:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
print("peak", peak * 1024 / 1e6)
"""


def peak_megabytes(code: str) -> float:
    """Resident memory at its peak of a fresh Python process that runs the code."""
    done = subprocess.run([sys.executable, "-c", code + PEAK], capture_output=True, text=True, check=True)
    return float(done.stdout.split("peak")[-1])


def matrix_product_gigaflops() -> float:
    """The fastest float32 matrix product of a few sizes: what this machine's arithmetic can reach in practice."""
    from nst_viz.core.backend import tf

    best = 0.0
    for side in (512, 1024, 2048):
        matrix = tf.random.stateless_normal((side, side), seed=(0, 0))
        times = interleaved({"product": lambda matrix=matrix: tf.linalg.matmul(matrix, matrix)}, turns=15, warm_up=3)
        best = max(best, 2 * side**3 / min(times["product"].seconds) / 1e9)
    return best
