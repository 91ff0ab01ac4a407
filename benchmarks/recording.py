"""What recording costs: a run with every step recorded against the same run with nothing recorded; memory over steps."""

import itertools
import shutil
import tempfile
from collections import deque
from pathlib import Path

from benchmarks.measure import interleaved, peak_megabytes
from benchmarks.report import Report
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.image import load_pictures
from nst_viz.core.transfer import prepare
from nst_viz.recording.recorder import create_run, record

STEPS, TURNS = 60, 5
CONFIG = TransferConfig(network="wavelet", content="sample:dancing", style="sample:picasso", steps=STEPS)
MEMORY_RUN = """
import tempfile
from pathlib import Path
from nst_viz import TransferConfig, record_transfer
with tempfile.TemporaryDirectory() as folder:
    config = TransferConfig(network="wavelet", content="sample:dancing", style="sample:picasso", steps={steps})
    record_transfer(config, Path(folder) / "run")
"""


def main() -> None:
    report = Report(
        "recording", f"Every step of a transfer at {CONFIG.size} px with `wavelet` recorded, against nothing recorded."
    )
    transfer = prepare(CONFIG, load_pictures(CONFIG))
    folder = Path(tempfile.mkdtemp())
    number = itertools.count()

    def recorded() -> None:
        run = create_run(folder / str(next(number)), CONFIG, RecordingPolicy(), load_pictures(CONFIG), transfer.about())
        record(transfer.iterates(), run)

    def unrecorded() -> None:
        deque(transfer.iterates(), maxlen=0)

    times = interleaved({"recorded": recorded, "unrecorded": unrecorded}, TURNS)
    shutil.rmtree(folder)
    ratios = [a / b - 1 for a, b in zip(times["recorded"].seconds, times["unrecorded"].seconds, strict=True)]
    for name, timing in times.items():
        report.timing(f"{STEPS} steps, {name}", timing, "s")
    each = ", ".join(f"{100 * ratio:.1f}" for ratio in ratios)
    report.figure("what recording adds", 100 * sorted(ratios)[len(ratios) // 2], "%", f"median of pairs; each: {each}")
    for steps in (50, 500, 2000):
        report.figure(f"peak memory of a recorded run of {steps} steps", peak_megabytes(MEMORY_RUN.format(steps=steps)), "MB")
