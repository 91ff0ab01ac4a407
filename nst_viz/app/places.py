"""Where the app's files lie: runs in the results folder, its own things in a hidden folder there, samples in the package."""

from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
SAMPLE_FOLDERS = (PACKAGE / "results" / "sample", PACKAGE.parent / "results" / "sample")
"""of finished runs that ship: in an installed package, and in a checkout"""
OWN = ".app"


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
    def samples(self) -> Path:
        """The folder of the runs that ship."""
        return next((folder for folder in SAMPLE_FOLDERS if folder.is_dir()), SAMPLE_FOLDERS[-1])
