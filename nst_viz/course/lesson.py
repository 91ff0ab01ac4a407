"""From within a lesson to its folder: where its pictures and runs go, what it shows, and from which constants it was made."""

import base64
import hashlib
import html
import json
import mimetypes
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from nst_viz.core.image import to_bytes
from nst_viz.course.cells import find_lesson
from nst_viz.recording.grid import Advance
from nst_viz.results import RESULTS
from nst_viz.terminal import Bar

LESSONS = RESULTS / "lessons"
MADE, RUNS, COVER = "made.json", "runs", "cover.webp"
COVER_SIZE = (320, 240)
END = "The pictures of lesson"
"""how the last words of a lesson begin"""


@dataclass(frozen=True)
class Shown:
    """A picture, animation or player of a lesson."""

    path: Path
    caption: str

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        caption = html.escape(self.caption)
        if self.path.suffix == ".html":
            page = html.escape(self.path.read_text("utf-8"))
            return f'<iframe srcdoc="{page}" title="{caption}" style="width:100%;height:760px;border:0"></iframe>'
        data = base64.b64encode(self.path.read_bytes()).decode("ascii")
        kind = mimetypes.guess_type(self.path.name)[0] or "image/webp"
        return f'<figure><img src="data:{kind};base64,{data}" alt="{caption}"><figcaption>{caption}</figcaption></figure>'


@dataclass
class Lesson:
    """The lesson of a number, while it runs."""

    number: int
    shown: list[Shown] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """results/lessons/NN"""
        return LESSONS / f"{self.number:02d}"

    @property
    def runs(self) -> Path:
        """Where its runs are recorded; those that are there are not computed again."""
        return self.folder / RUNS

    def fresh(self, name: str) -> Path:
        """Where a run goes that is recorded each time; what was there is removed."""
        folder = self.runs / name
        shutil.rmtree(folder, ignore_errors=True)
        return folder

    def path(self, name: str) -> Path:
        """Where a picture of this name goes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name

    def bar(self, words: str) -> Advance:
        """A progress bar for a grid of runs."""
        return Bar(words).advance

    def show(self, name: str, caption: str) -> None:
        """Say that a picture of this name is written, and what there is to see in it; in a notebook, show it."""
        self.shown.append(Shown(self.folder / name, caption))
        if "IPython" in sys.modules:  # else this is no notebook
            sys.modules["IPython"].display.display(self.shown[-1])

    def end(self, values: Mapping[str, Any], cover: NDArray[Any]) -> None:
        """Keep a hash of the constants beside the pictures, and say where these are.

        `values` are the lesson's `globals()`; `cover` is the picture, (height, width, 3), that stands for it in a list.
        """
        pixels = cover if cover.dtype == np.uint8 else to_bytes(cover)
        ImageOps.fit(Image.fromarray(pixels), COVER_SIZE, Image.Resampling.LANCZOS).save(self.path(COVER), quality=85)
        constants = {name: values[name] for name in find_lesson(self.number).constants()}
        files = [self.folder / COVER, *(item.path for item in self.shown)]
        made = {"constants": hash_of(constants), "pictures": {path.name: file_hash(path) for path in files}}
        self.path(MADE).write_text(json.dumps(made, indent=2) + "\n", "utf-8")
        print(f"\n{END} {self.number} are in {self.folder}/:")  # noqa: T201
        for item in self.shown:
            print(f"  {item.path.name:24s}{item.caption}")  # noqa: T201


def hash_of(constants: Mapping[str, Any]) -> str:
    """What tells pictures of other constants apart."""
    return hashlib.sha256(json.dumps(constants, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
