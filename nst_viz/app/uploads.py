"""From an uploaded file to a picture of the session's own: checked by content, made small, stored under its cleaned name."""

import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from nst_viz.app.places import Places
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import decode, to_rgb
from nst_viz.recording.recorder import replace_file

MEGABYTES = 20
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2048
"""pixels that are kept; a run never needs more"""
LONGEST_NAME = 40
"""letters of a picture's name"""
MOST = 24
"""pictures that a session may keep; the oldest go first"""
FORMATS = frozenset({"JPEG", "PNG", "WEBP", "GIF", "TIFF", "MPO"})


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
        if len(data) > MEGABYTES * 1_000_000:
            raise NstVizError(f"{name} has {len(data) / 1e6:.0f} MB: at most {MEGABYTES} MB are taken, so make it smaller")
        image = checked(name, data)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        Image.frombytes("RGB", image.size, image.tobytes()).save(buffer, "PNG", compress_level=1)
        path = self.folder / hashlib.sha256(data).hexdigest()[:12] / f"{clean_stem(name)}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, buffer.getvalue())
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


def checked(name: str, data: bytes) -> Image.Image:
    """The picture as RGB. Its kind and size are read from its first bytes, before any pixel is decoded."""
    shown = Path(name[-60:])
    try:
        with Image.open(io.BytesIO(data)) as image:
            kind, (width, height) = image.format, image.size
    except Image.DecompressionBombError:
        raise NstVizError(f"{shown} has too many pixels: at most {MOST_PIXELS:,} are taken, so make it smaller") from None
    except (OSError, SyntaxError, ValueError):
        raise NstVizError(f"{shown} is no picture: give a JPEG, PNG, WebP, GIF or TIFF file") from None
    if kind not in FORMATS:
        raise NstVizError(f"{shown} is a {kind} file: give a JPEG, PNG, WebP, GIF or TIFF file")
    if width * height > MOST_PIXELS:
        raise NstVizError(f"{shown} has {width} x {height} pixels: at most {MOST_PIXELS:,} are taken, so make it smaller")
    return to_rgb(decode(data, shown))
