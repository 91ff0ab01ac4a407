"""What of a run's folder has to be the same bit for bit."""

import hashlib

from nst_viz.recording.run import Run


def content_of(run: Run) -> dict[str, str]:
    """A hash of each frame, gradient map and of the losses: what has to be the same bit for bit."""
    names = ["losses.csv", *sorted(str(p.relative_to(run.folder)) for p in run.folder.glob("[fg]r*/*"))]
    return {name: hashlib.sha256((run.folder / name).read_bytes()).hexdigest() for name in names}
