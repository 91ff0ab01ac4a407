"""From the results folder to the runs that one browser session may see, and what may be done to them: name, rename, delete."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from nst_viz.app.places import Places
from nst_viz.app.work.queue import Queue
from nst_viz.core.errors import NstVizError, showable
from nst_viz.recording.run import MANIFEST, Run, is_locked

SAMPLE = "sample:"
"""before the name of a run that ships"""
LESSON = "lesson:"
"""before the name of a run that a lesson recorded: `lesson:03/NAME`"""
LONGEST_NAME = 60
RESERVED = frozenset({"sample", "readme", "gallery", "lessons"})
"""folders in results that are no runs"""


def clean_name(text: str) -> str:
    """The text as a folder's name: letters, digits, `-` and `_`, whatever was typed. Raises NstVizError where none is left."""
    name = re.sub(r"[^\w-]+", "_", text).strip("_")[:LONGEST_NAME].strip("_")
    if not name or name.lower() in RESERVED:
        raise NstVizError(f"{text!r} cannot be a run's name: give a word of letters and digits")
    return name


@dataclass(frozen=True)
class Library:
    """The runs in the results folder and those that ship.

    A run that was made in the app belongs to the session that asked for it and is shown to that one only, as are its
    pictures; runs from the command line and samples are everybody's.
    """

    places: Places
    owner: str

    @property
    def queue(self) -> Queue:
        return Queue(self.places.queue)

    def names(self) -> list[str]:
        """The names of all runs that the session may see, newest first, samples last."""
        found = [path.parent for path in self.places.results.glob(f"*/{MANIFEST}")]
        own = [folder for folder in found if self.may_see(folder.name) and not folder.name.startswith(".")]
        newest = sorted(own, key=lambda folder: started(folder), reverse=True)
        samples = sorted(path.parent.name for path in self.places.samples.glob(f"*/{MANIFEST}"))
        return [showable(folder.name) for folder in newest] + [SAMPLE + name for name in samples]

    def open(self, name: str) -> Run:
        """The run of a name. Raises NstVizError where there is none, where it is another session's, or damaged."""
        run = Run.open(self.folder(name))
        missing = [kind for kind in ("content", "style") if getattr(run.config, kind) and kind not in run.manifest["inputs"]]
        if missing:
            raise NstVizError(f"{run.name} is damaged (it has no {missing[0]} picture): delete it, or record it again")
        return run

    def has(self, name: str) -> bool:
        """Whether a run of this name is here, or is asked for."""
        return (self.places.results / name / MANIFEST).exists() or self.queue.find(name) is not None

    def folder(self, name: str) -> Path:
        """Always a folder within the results or the samples. Raises NstVizError for any other name."""
        root, plain = self.places.results, name.replace("\0", "/")
        if name.startswith(SAMPLE):
            root, plain = self.places.samples, plain.removeprefix(SAMPLE)
        elif re.match(rf"{LESSON}\d\d/", name):
            number, plain = plain.removeprefix(LESSON).split("/", 1)
            root = self.places.lessons / number / "runs"
        if "\ufffd" in plain:  # it stands for bytes that are no text
            plain = next((path.name for path in root.glob("*") if showable(path.name) == plain), plain)
        folder = root / plain
        within = plain == Path(plain).name and not plain.startswith(".") and folder.resolve().parent == root.resolve()
        if not within or (root == self.places.results and not self.may_see(plain)):
            raise NstVizError(f"there is no run {name!r}: choose one from the list")
        return folder

    def of_lesson(self, number: str) -> list[str]:
        """The names of the runs that a lesson (`03`) recorded."""
        runs = sorted(path.parent.name for path in (self.places.lessons / number / "runs").glob(f"*/{MANIFEST}"))
        return [f"{LESSON}{number}/{name}" for name in runs]

    def may_see(self, name: str) -> bool:
        owner = self.owner_file(name)
        return not owner.exists() or owner.read_text("utf-8") == self.owner

    def owner_file(self, name: str) -> Path:
        return self.places.own / "owners" / name

    def reserve(self, wanted: str) -> str:
        """A name that no run and no waiting job has, `wanted` or `wanted-2`, -3 …, from now on the session's."""
        base, number = clean_name(wanted), 1
        while True:
            name = base if number == 1 else f"{base}-{number}"
            if not (self.places.results / name).exists() and self.claim(name):
                return name
            number += 1

    def claim(self, name: str) -> bool:
        """Whether the name was free, and is the session's now."""
        file = self.owner_file(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with file.open("x", encoding="utf-8") as opened:
                opened.write(self.owner)
        except FileExistsError:
            return False
        return True

    def release(self, name: str) -> None:
        """Give a reserved name back where nothing came of it."""
        if self.may_see(name) and not (self.places.results / name).exists():
            self.owner_file(name).unlink(missing_ok=True)

    def rename(self, name: str, wanted: str) -> str:
        """The run's new name. Raises NstVizError for a name that is no name, or is taken, or while the run is computed."""
        folder = self.changeable(name)
        new = clean_name(wanted)
        if new == name:
            return name
        if (self.places.results / new).exists() or not self.claim(new):
            raise NstVizError(f"there is a run called {new} already: give another name")
        folder.rename(self.places.results / new)
        if not self.owner_file(name).exists():  # it was everybody's and stays so
            self.owner_file(new).unlink()
        self.owner_file(name).unlink(missing_ok=True)
        return new

    def delete(self, name: str) -> None:
        """Remove a run for good. Raises NstVizError while it is computed, or where it is a sample."""
        shutil.rmtree(self.changeable(name))
        self.owner_file(name).unlink(missing_ok=True)

    def changeable(self, name: str) -> Path:
        if name.startswith((SAMPLE, LESSON)):
            raise NstVizError(f"{name} comes with nst_viz and stays as it is")
        folder = self.folder(name)
        job = self.queue.find(name)
        if (job is not None and job[1] != "failed") or is_locked(folder):
            raise NstVizError(f"{name} is being computed: stop it first")
        return folder


def started(folder: Path) -> float:
    """When the run was begun or gone on with, for sorting; 0 where the folder goes away meanwhile."""
    try:
        return (folder / "inputs").stat().st_mtime
    except OSError:
        return 0.0


def forget_owners(places: Places) -> None:
    """Forget who owned names that are neither a run nor a job any more."""
    asked_for = {job.name for job in Queue(places.queue).jobs("waiting", "running")}
    for file in (places.own / "owners").glob("*"):
        if file.name not in asked_for and not (places.results / file.name).exists():
            file.unlink(missing_ok=True)
