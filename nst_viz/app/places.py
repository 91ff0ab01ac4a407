"""Where the app's files lie: runs in the results folder, its own things in a hidden folder there, samples in the package."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
SAMPLE_FOLDERS = (PACKAGE / "results" / "sample", PACKAGE.parent / "results" / "sample")
"""of finished runs that ship: in an installed package, and in a checkout"""
OWN = ".app"
SURROGATE = 0xDC00
"""Python's letter for byte b of a file's name that is no text is this plus b"""


def from_code(found: "re.Match[str]") -> str:
    return chr(SURROGATE + int(found[1], 16))


@dataclass(frozen=True)
class Places:
    """All paths that the pages and the worker share, from the results folder."""

    results: Path

    @property
    def own(self) -> Path:
        return self.results / OWN

    @property
    def queue(self) -> Path:
        return self.own / "queue"

    @property
    def uploads(self) -> Path:
        return self.own / "uploads"

    @property
    def inspections(self) -> Path:
        return self.own / "inspections"

    @property
    def models(self) -> Path:
        """Keras models that the app offers as networks: `.keras` files that somebody put there."""
        return self.results / "networks"

    @property
    def lessons(self) -> Path:
        """Where lessons are built: a folder each, with its page and its runs."""
        return self.results / "lessons"

    @property
    def networks(self) -> Path:
        """What the worker found out about the networks, as JSON."""
        return self.own / "networks.json"

    @property
    def worker_lock(self) -> Path:
        """Held by the one worker that serves this results folder."""
        return self.own / "worker.lock"

    @property
    def names_lock(self) -> Path:
        """Held while a name is given to a run, or taken from one that is gone."""
        return self.own / "names.lock"

    def folder_of(self, name: str) -> Path:
        """The folder of a run, by the name that `name_of` gave it."""
        folder = self.results / name
        return folder if folder.exists() else self.results / re.sub("%([89A-F][0-9A-F])", from_code, name)

    @staticmethod
    def name_of(folder: Path) -> str:
        """The folder's own name, with a code for each byte that is no letter, for such a name is no text for a browser."""
        return re.sub("[\udc80-\udcff]", lambda byte: f"%{ord(byte[0]) - SURROGATE:02X}", folder.name)

    def without_paths(self, text: str) -> str:
        """A message for a page: of each path only its end, for where things lie on the server is nobody's business."""
        text = re.sub(rf"{re.escape(str(self.uploads) + os.sep)}\w+.\w+.", "", text)
        for folder in (self.results, self.samples, PACKAGE, Path.home()):
            text = text.replace(str(folder) + os.sep, "")
        return re.sub(r"(?<![\w:/.])/(?:[^\s/:'\"()]+/)+(?=[^\s/])", "", text)

    @property
    def samples(self) -> Path:
        """The folder of the runs that ship."""
        return next((folder for folder in SAMPLE_FOLDERS if folder.is_dir()), SAMPLE_FOLDERS[-1])
