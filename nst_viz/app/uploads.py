"""From an uploaded file to a picture of the session's own: checked by content, made small, stored under its cleaned name."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nst_viz.app.places import Places
from nst_viz.core.decode import copy_of, decode
from nst_viz.core.errors import NstVizError
from nst_viz.recording.recorder import replace_file

MEGABYTES = 64
"""of a file; a telephone's picture of 200 megapixels has 30 to 60"""
LONGEST_SIDE = 2048
"""pixels that are kept; a run never needs more"""
LONGEST_NAME, LONGEST_SHOWN = 40, 60
"""letters of a picture's name, and of its file's name in a message"""
MOST = 24
"""pictures that a session may keep; the oldest go first"""


@dataclass(frozen=True)
class Uploads:
    """The pictures of one session; no other session is shown them."""

    places: Places
    owner: str

    @property
    def folder(self) -> Path:
        """Its path is recorded with runs, so it does not say the session's secret name."""
        return self.places.uploads / hashlib.sha256(self.owner.encode()).hexdigest()[:16]

    def all(self) -> list[Path]:
        """Oldest first."""
        return sorted(self.folder.glob("*/*.png"), key=lambda path: path.stat().st_mtime)

    def add(self, name: str, data: bytes) -> Path:
        """Store a picture, without what a camera wrote beside the pixels. Raises NstVizError where it is none or too large."""
        shown = name[-LONGEST_SHOWN:]
        if len(data) > MEGABYTES * 1_000_000:
            raise NstVizError(f"{shown} has {len(data) / 1e6:.0f} MB: at most {MEGABYTES} MB are taken, so make it smaller")
        image, size = decode(data, shown)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        path = self.folder / hashlib.sha256(data).hexdigest()[:12] / f"{clean_stem(name)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, copy_of(image, shown, size))
        for old in self.all()[:-MOST]:
            old.unlink(missing_ok=True)
        return path

    def remove(self, path: Path) -> None:
        """Forget one of the session's pictures; runs keep their own copy."""
        if path in self.all():
            path.unlink(missing_ok=True)


def clean_stem(name: str) -> str:
    """What the picture is called: the file's own name, of which letters, digits and single spaces stay."""
    words = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFC", Path(name).stem))
    return words.strip()[:LONGEST_NAME].strip() or "picture"
