"""What 100 pictures of a recorded run cost as a GIF, a video, a storyboard, a sheet and a player."""

from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import interleaved
from benchmarks.report import Report
from nst_viz.core.config import TransferConfig
from nst_viz.recording.session import record_transfer
from nst_viz.render import SUFFIXES, render_run

PICTURES, TURNS = 100, 3


def main() -> None:
    report = Report("rendering", f"{PICTURES} pictures of a recorded transfer at 256 px (the player holds all 100).")
    config = TransferConfig(network="wavelet", content="sample:dancing", style="sample:picasso", steps=PICTURES - 1)
    with TemporaryDirectory() as folder:
        run = record_transfer(config, Path(folder) / "run")
        targets = {kind: Path(folder) / f"{kind}{suffixes[0]}" for kind, suffixes in SUFFIXES.items() if kind != "gradients"}
        ways = {
            kind: lambda kind=kind, path=path: render_run(run, {kind: path}, frames=PICTURES) for kind, path in targets.items()
        }
        for kind, timing in interleaved(ways, TURNS).items():
            report.timing(kind, timing, "s", f"{targets[kind].stat().st_size / 1e6:.2f} MB")
