"""From a run to a file to download: rendered by the command line in a process of its own, or the folder as it is."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from nst_viz.app.places import Places
from nst_viz.core.errors import NstVizError

KINDS = {
    "GIF": ("gif", "image/gif"),
    "MP4": ("mp4", "video/mp4"),
    "WebP": ("webp", "image/webp"),
    "HTML player": ("html", "text/html"),
    "whole folder": ("zip", "application/zip"),
}
"""label -> suffix and type"""
PATIENCE = 300
"""seconds that rendering may take"""


def download(folder: Path, kind: str) -> bytes:
    """The run as a file of this suffix. Raises NstVizError where it cannot be rendered."""
    if kind == "zip":
        return zipped(folder)
    with TemporaryDirectory() as temporary:
        path = Path(temporary) / f"run.{kind}"
        command = [sys.executable, "-m", "nst_viz", "render", str(folder), f"--{kind}", str(path)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise NstVizError(f"rendering took more than {PATIENCE} seconds: use nst-viz render in a terminal") from None
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["rendering failed"])[-1].removeprefix("nst-viz: ")
            raise NstVizError(Places(folder.parent).without_paths(said))
        return path.read_bytes()


def zipped(folder: Path) -> bytes:
    """All of the run's folder; its pictures are compressed already."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):  # locks, parts, whose it is
                archive.write(path, Path(folder.name) / path.relative_to(folder))
    return buffer.getvalue()
