"""A disk that is full at some file: nothing good may be lost, it is said in one sentence, and what was begun goes on later.

Two ways to fill it: no file may grow beyond a limit (RLIMIT_FSIZE), and, for root on Linux, a small file system of its own.
"""

import io
import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, chdir, contextmanager, redirect_stderr
from pathlib import Path

from benchmarks.bad_inputs import called
from benchmarks.failures import Failures
from benchmarks.kills import differences
from nst_viz.app.library import Library
from nst_viz.app.places import Places
from nst_viz.app.uploads import Uploads
from nst_viz.app.work.queue import Job
from nst_viz.app.work.worker import Worker
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.samples import sample_path
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer

CONFIG = TransferConfig(content="sample:dancing", style="sample:picasso", size=48, steps=6)
POLICY = RecordingPolicy(gradients_every=2)
LINE = [
    "transfer",
    "sample:dancing",
    "sample:picasso",
    "--size",
    "48",
    "--steps",
    "6",
    "--gradients-every",
    "2",
    "--out",
    "run",
]
RENDERINGS = ("a.gif", "a.mp4", "a.webp", "a.html", "a.png", "g.png", "s.webp")
OPTIONS = ("--gif", "--mp4", "--webp", "--html", "--sheet", "--gradients", "--storyboard")
PAGE = 4096
GROWN = 64 * 1024 * 1024


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class FullDisk:
    """Tries each kind of file that is written; counts the tries by what happened."""

    def __init__(self, folder: Path, failures: Failures) -> None:
        self.folder, self.failures = folder, failures
        self.whole = record_transfer(CONFIG, folder / "whole", POLICY)
        self.tries: dict[str, int] = {}

    def run(self) -> dict[str, int]:
        with chdir(self.folder):
            sizes = sorted({path.stat().st_size for path in self.whole.folder.rglob("*") if path.is_file()})
            for limit in sorted({size - 1 for size in sizes if size} | {0, 100, 900, sizes[-1] + 1}):
                self.recording(f"no file above {limit} bytes", lambda limit=limit: files_of_at_most(limit), self.folder / "run")
            self.renderings()
            self.app()
            self.small_file_systems()
        return self.tries

    def count(self, what: str) -> None:
        self.tries[what] = self.tries.get(what, 0) + 1

    def recording(
        self, how: str, full: Callable[[], AbstractContextManager[None]], folder: Path, more: Callable[[], None] = lambda: None
    ) -> None:
        """Record by the command line while the disk is full, then make room by `more` and go on."""
        shutil.rmtree(folder, ignore_errors=True)
        with full():
            status, wrong = called([*LINE[:-1], str(folder)])
        self.count("run recorded" if status == 0 else "run refused" if not folder.exists() else "run cut off")
        more()
        try:
            if status == 0 and wrong is None:
                wrong = ", ".join(differences(Run.open(folder), self.whole))
            elif wrong is None and folder.exists():
                run = Run.open(folder)
                for step in run.frame_steps():
                    run.frame(step)
                if run.status not in ("failed", "stopped"):
                    wrong = f"its status is {run.status}"
                elif (folder / "checkpoint").exists():
                    wrong = ", ".join(
                        f"differs after going on: {part}" for part in differences(resume_transfer(folder), self.whole)
                    )
        except NstVizError as error:
            wrong = str(error).replace(str(folder), "RUN")
        if wrong:
            self.failures.add("full disk", f"recording: {wrong}", how)

    def renderings(self) -> None:
        """Each kind of rendering, of which a good one is there already and must stay."""
        for name, option in zip(RENDERINGS, OPTIONS, strict=True):
            path = Path(name)
            called(["render", "whole", option, name])
            good, size = path.read_bytes(), path.stat().st_size
            for limit in sorted({0, 100, size // 3, size - 1}):
                with files_of_at_most(limit):
                    status, wrong = called(["render", "whole", option, name])
                self.count(f"{option[2:]} refused" if status else f"{option[2:]} written")
                left = [each.name for each in self.folder.iterdir() if ".part" in each.name]
                wrong = wrong or ("exit status 0" if status == 0 else None) or (f"left {left[0]}" if left else None)
                if path.read_bytes() != good:
                    wrong = "the good file of that name is gone"
                if wrong:
                    self.failures.add("full disk", f"render {option}: {wrong}", f"no file above {limit} bytes")

    def app(self) -> None:
        """What the app writes: an upload, a job, a name that is taken; and the worker, which must outlive a full disk.

        Pages turn an OSError into a sentence in one place, so here it counts as refused.
        """
        places, owner = Places(self.folder / "results"), "0" * 32
        uploads, library = Uploads(places, owner), Library(places, owner)
        picture = sample_path("sample:dancing").read_bytes()
        job = Job(kind="resume", owner=owner, name="gone")
        writers: dict[str, Callable[[], object]] = {
            "upload": lambda: uploads.add("dancing.jpg", picture),
            "job": lambda: library.queue.submit(job),
            "name of a run": lambda: library.reserve("mine"),
        }
        for what, write in writers.items():
            shutil.rmtree(places.results, ignore_errors=True)
            self.count(f"{what} refused")
            try:
                with files_of_at_most(0):
                    write()
                self.failures.add("full disk", f"{what}: taken for written", "no file above 0 bytes")
            except (NstVizError, OSError):
                pass
            if left := [path for path in places.results.rglob("*") if path.is_file()]:
                self.failures.add("full disk", f"{what}: leaves {left[0].relative_to(places.results)}", "no file above 0 bytes")
        library.queue.submit(job)
        self.count("worker's job")
        try:
            with files_of_at_most(0), redirect_stderr(io.StringIO()):
                taken = library.queue.take("resume")
                assert taken
                Worker(places).do(taken)
        except OSError as error:
            self.failures.add("full disk", f"the worker ends with {error!r}", "a job that fails, no file above 0 bytes")

    def small_file_systems(self) -> None:
        """Runs on file systems of every size from nothing to enough, each then made larger to go on."""
        used = sum(-(-path.stat().st_size // PAGE) + 1 for path in self.whole.folder.rglob("*"))
        place = self.folder / "small"
        place.mkdir()
        for pages in range(1, used + 12, 2):
            if not mounted(place, f"size={pages * PAGE}"):
                print("  no file system of its own: that needs root, and mount", flush=True)
                return
            try:
                self.recording(
                    f"a file system of {pages * PAGE // 1024} KiB",
                    lambda: files_of_at_most(GROWN),
                    place / "run",
                    lambda: mounted(place, f"remount,size={GROWN}"),
                )
            finally:
                subprocess.run(["umount", "--lazy", str(place)], check=True)


def mounted(place: Path, options: str) -> bool:
    """Whether a file system in memory could be mounted there."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None:
        return False
    command = ["mount", "-t", "tmpfs", "-o", options, "none", str(place)]
    return subprocess.run(command, capture_output=True).returncode == 0
