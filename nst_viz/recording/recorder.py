"""From a stream of Iterates to a run's folder, written beside the computation and readable at every instant."""

import io
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout
from PIL import Image

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError, showable
from nst_viz.core.image import Picture, Pixels, to_bytes
from nst_viz.core.look import Look
from nst_viz.core.threads import threads_here
from nst_viz.recording.history import COLUMNS, read_losses
from nst_viz.recording.run import (
    CHECKPOINT,
    FRAMES,
    GRADIENTS,
    INPUTS,
    LOCK,
    LOSSES,
    MANIFEST,
    SCHEMA,
    Run,
    flat,
    steps_in,
)

if TYPE_CHECKING:  # the stream's type lives beside TensorFlow, which a recorder does not need
    from nst_viz.core.optimise import Iterate

CHECKPOINT_SECONDS = 5.0
"""between two checkpoints, but at least CHECKPOINT_SHARE times what the last one took to write"""
CHECKPOINT_SHARE = 20
READERS = 0.3
"""seconds to wait for the lock: who asks whether a run is being written holds it for a moment"""
STRANGERS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
QUEUE, QUEUE_BYTES = 8, 64_000_000
"""iterates, and bytes of their pictures, at most that wait to be written; then the computation waits"""


@contextmanager
def replacing_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which takes the place of `path` at the end: a reader, or a kill, sees the old one or the new one."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as file:
            yield file
        os.replace(temporary, path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def replace_file(path: Path, data: bytes) -> None:
    """Write a whole file, or nothing."""
    with replacing_file(path) as file:
        file.write(data)


def encode(pixels: np.ndarray, format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format, **options)
    return buffer.getvalue()


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    replace_file(folder / MANIFEST, json.dumps(manifest, indent=2).encode())


def write_inputs(folder: Path, pictures: Mapping[str, Picture]) -> None:
    for kind, picture in pictures.items():
        replace_file(folder / INPUTS / f"{kind}.png", encode(to_bytes(picture.pixels), "PNG"))


def in_blocks(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """A small picture or map shown at the full size, each pixel a rectangle. (h, w, …) -> (height, width, …)

    Enlarged as the sizes of coarse steps follow each other, each side half of the next (rounded up), one after the other.
    """
    if picture.shape[:2] == (height, width):
        return picture
    half = (height + 1) // 2, (width + 1) // 2
    if half[0] >= picture.shape[0] and half[1] >= picture.shape[1]:
        picture = in_blocks(picture, *half)
    rows, columns = (np.arange(full) * part // full for full, part in zip((height, width), picture.shape, strict=False))
    shown: np.ndarray = picture[rows][:, columns]
    return shown


def write_frame(folder: Path, step: int, image: np.ndarray) -> None:
    replace_file(folder / FRAMES / f"{step:06d}.webp", encode(image, "WEBP", lossless=True, method=0))


def is_stranger(path: Path) -> bool:
    """Whether a system, not a person, put the file there: what Finder and Explorer leave in each folder that is looked at."""
    return path.name in STRANGERS or path.name.startswith("._")


def check_new(folder: Path) -> None:
    """Raises NstVizError where a run cannot be recorded into a folder because it is there already."""
    try:
        folder.exists()
    except OSError as error:  # its name is too long
        raise NstVizError(f"{showable(folder.name)[:60]}… cannot be written ({error.strerror}): give another --out") from None
    if (folder / MANIFEST).exists():
        raise NstVizError(f"{folder} is there already: go on with it by nst-viz resume {folder}, or give another --out")
    if folder.is_symlink() or folder.is_file() or (folder.is_dir() and not all(map(is_stranger, folder.iterdir()))):
        raise NstVizError(f"{folder} is there already and is no run: give another --out")


def create_run(
    folder: str | Path,
    config: TransferConfig,
    policy: RecordingPolicy,
    pictures: Mapping[str, Picture],
    network: Mapping[str, Any],
    looks: Sequence[Look] = (),
) -> Run:
    """Make a new run's folder, with everything that is known before the first step.

    `looks` says how each term of the loss is shown, in that order.

    Raises NstVizError where the folder is there already, or cannot be written.
    """
    folder = Path(folder)
    check_new(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / FRAMES).mkdir()  # of two who make a run here only one can
    except OSError as error:
        raise NstVizError(f"{folder} cannot be written ({error.strerror}): give another --out") from None
    try:
        (folder / INPUTS).mkdir()
        write_inputs(folder, pictures)
        replace_file(folder / LOSSES, (",".join(COLUMNS) + "\n").encode())
        manifest = {
            "schema": SCHEMA,
            "status": "running",
            "reason": None,
            "config": config.model_dump(mode="json"),
            "recording": policy.model_dump(mode="json"),
            "inputs": {
                kind: {
                    "name": picture.name,
                    "source": picture.source,
                    "original_size": list(picture.original_size),
                    "size": [picture.pixels.shape[1], picture.pixels.shape[0]],
                    "sha256": picture.sha256,
                }
                for kind, picture in pictures.items()
            },
            "network": dict(network),
            "terms": [look.as_json() for look in looks],
            "seed": config.seed,
            "threads": threads_here(),
            "versions": {
                "python": platform.python_version(),
                **{package: version(package) for package in ("nst_viz", "tensorflow", "keras", "numpy")},
            },
            "started": datetime.now(UTC).isoformat(timespec="seconds"),
            "step": 0,
            "seconds": 0.0,
        }
        write_manifest(folder, manifest)
    except OSError as error:
        remove_beginnings(folder)
        raise NstVizError(f"{folder} cannot be written ({error.strerror}): make room, or give another --out") from None
    return Run.open(folder)


def remove_beginnings(folder: Path) -> None:
    """Remove a run that could not be begun, and its folder where nothing else is in it."""
    for name in (FRAMES, INPUTS):
        shutil.rmtree(folder / name, ignore_errors=True)
    with suppress(OSError):
        for name in (LOSSES, MANIFEST):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder for writing. Raises NstVizError where another process does."""
    lock = FileLock(folder / LOCK)
    try:
        with lock.acquire(timeout=READERS, poll_interval=0.01):
            yield
    except Timeout:
        raise NstVizError(f"{folder} is being written by another process: wait for it, or stop it") from None
    except OSError as error:
        if error.filename != str(folder / LOCK):
            raise
        raise NstVizError(f"{folder} cannot be written ({error.strerror}): copy it to where it can be") from None


def record(iterates: "Iterable[Iterate]", run: Run, stop: Callable[[], bool] = lambda: False) -> Run:
    """Write each iterate into the run's folder as it comes, until the stream ends or `stop()` says so.

    Pictures, losses and checkpoints are written by one thread beside the computation. However the run ends, what is
    written stays readable and the manifest says how it ended. Raises NstVizError where the disk refuses, and what the
    stream raises.
    """
    clock, last, status, reason = Clock(run.manifest["seconds"]), None, "finished", None
    writer = Writer(run)
    try:
        for last in iterates:
            writer.put(last)
            with clock.stopped():  # a run can be paused in there
                stopping = stop()
            if stopping and last.step < run.config.steps:
                status = "stopped"
                break
        writer.close(last)
        if last and status == "finished" and last.step < run.config.steps:
            reason = f"nothing was left to gain after step {last.step}"
    except BaseException as error:
        status, reason = ("stopped", None) if isinstance(error, KeyboardInterrupt) else ("failed", str(error))
        with suppress(OSError):
            writer.close(last)
        if isinstance(error, OSError):
            raise NstVizError(
                f"{run.folder} could not be written ({error.strerror}): make room, then go on with nst-viz resume {run.folder}"
            ) from None
        raise
    finally:
        step, seconds = last.step if last else run.manifest["step"], clock.seconds()
        with suppress(OSError):  # on a full disk the run reads as stopped, and the error on its way up says why
            write_manifest(run.folder, {**run.manifest, "status": status, "reason": reason, "step": step, "seconds": seconds})
    return Run.open(run.folder)


class Clock:
    """Seconds that went by while it was not stopped, from a number on."""

    def __init__(self, seconds: float) -> None:
        self.began = time.perf_counter() - seconds

    def seconds(self) -> float:
        return time.perf_counter() - self.began

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Within, it stands still."""
        shown = self.seconds()
        try:
            yield
        finally:
            self.began = time.perf_counter() - shown


class Writer:
    """The thread that writes: items land on disk in the order in which they were put; a failure is raised at the next put."""

    def __init__(self, run: Run) -> None:
        self.run, self.policy = run, run.policy
        self.spacing = run.policy.spacing(run.config.steps)
        self.kept_step = max(run.frame_steps(), default=-1)
        self.kept = run.frame(self.kept_step) if self.kept_step >= 0 and run.policy.min_change else None
        self.shape = run.shape
        self.fingerprint = run.fingerprint()
        self.next_checkpoint = -np.inf
        self.pool = ThreadPoolExecutor(1, "recorder")
        self.pending: list[Future[None]] = []
        self.broken = False
        """whether something could not be written: nothing is written after it, or the folder would have a gap"""

    def put(self, iterate: "Iterate") -> None:
        """Queue an iterate. Raises what writing an earlier one raised."""
        most = max(1, min(QUEUE, QUEUE_BYTES // iterate.image.nbytes))
        while len(self.pending) >= most or (self.pending and self.pending[0].done()):
            self.pending[0].result()  # one that failed stays, so that nothing is written when the writer is closed
            del self.pending[0]
        self.pending.append(self.pool.submit(self.write, iterate))

    def close(self, last: "Iterate | None") -> None:
        """Write what is queued, then the last picture and checkpoint, and end the thread."""
        try:
            for future in self.pending:
                future.result()
            if last is not None:
                write_frame(self.run.folder, last.step, self.shown(last))
                self.write_checkpoint(last)
        finally:
            self.pool.shutdown(cancel_futures=True)

    def write(self, iterate: "Iterate") -> None:
        if self.broken:
            return
        self.broken = True
        self.write_step(iterate)
        self.broken = False

    def write_step(self, iterate: "Iterate") -> None:
        image = self.shown(iterate)
        if self.is_kept(iterate.step, image):
            write_frame(self.run.folder, iterate.step, image)
            self.kept_step, self.kept = iterate.step, image
        if iterate.gradients:
            self.write_gradients(iterate.step, iterate.gradients)
        self.write_losses(iterate)
        if (began := time.monotonic()) >= self.next_checkpoint:
            self.write_checkpoint(iterate)
            now = time.monotonic()
            self.next_checkpoint = now + max(CHECKPOINT_SECONDS, CHECKPOINT_SHARE * (now - began))

    def shown(self, iterate: "Iterate") -> np.ndarray:
        """The picture as a frame: that of a coarse step as what it is, with larger pixels."""
        return in_blocks(to_bytes(iterate.image), *self.shape)

    def is_kept(self, step: int, image: np.ndarray) -> bool:
        if step % self.spacing or self.kept is None or not self.policy.min_change:
            return step % self.spacing == 0
        return bool(np.abs(image.astype(np.int16) - self.kept).mean() / 255 >= self.policy.min_change)

    def write_gradients(self, step: int, gradients: Mapping[str, Pixels]) -> None:
        folder = self.run.folder / GRADIENTS
        folder.mkdir(exist_ok=True)
        buffer = io.BytesIO()
        maps = {term: in_blocks(np.sqrt((gradient**2).sum(axis=-1)), *self.shape) for term, gradient in gradients.items()}
        np.savez_compressed(buffer, **maps)  # type: ignore[arg-type]
        replace_file(folder / f"{step:06d}.npz", buffer.getvalue())

    def write_losses(self, iterate: "Iterate") -> None:
        norms = {term: float(np.linalg.norm(g)) for term, g in (iterate.gradients or {}).items()}
        rows = "".join(
            f"{iterate.step},{term.name},{term.raw!r},{term.weight!r},{term.contribution!r},{norms.get(term.name, '')}\n"
            for term in iterate.losses.terms
        )
        with (self.run.folder / LOSSES).open("a", encoding="utf-8") as file:
            file.write(rows)

    def write_checkpoint(self, iterate: "Iterate") -> None:
        about = {"checkpoint_step": iterate.step, "kept_step": self.kept_step, "run": self.fingerprint}
        arrays = {**flat(iterate.state), **{name: np.array(value) for name, value in about.items()}}
        with replacing_file(self.run.folder / CHECKPOINT) as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]


def rewind(run: Run, step: int, kept_step: int, image: Pixels, steps: int) -> Run:
    """Bring a run's folder back to its checkpoint at `step` with its picture, to go on up to `steps` as this process computes.

    What was written after the checkpoint is removed, for going on writes the same again; so is a last picture that the
    policy would not have kept. Raises NstVizError, with nothing changed, where losses before the checkpoint are missing.
    """
    history = read_losses(run.folder / LOSSES)
    if len(history.steps) <= step:
        raise NstVizError(
            f"{run.folder / LOSSES} ends at step {len(history.steps) - 1}, before the checkpoint at step {step}: "
            "restore it, or record the run again"
        )
    lines = (run.folder / LOSSES).read_text("utf-8").splitlines(keepends=True)
    replace_file(run.folder / LOSSES, "".join(lines[: 1 + (step + 1) * len(history.terms)]).encode())
    (run.folder / FRAMES).mkdir(exist_ok=True)
    for folder, suffix, newest in ((FRAMES, ".webp", kept_step), (GRADIENTS, ".npz", step)):
        for later in steps_in(run.folder / folder, suffix):
            if later > newest:
                (run.folder / folder / f"{later:06d}{suffix}").unlink()
    if kept_step == step:
        write_frame(run.folder, step, in_blocks(to_bytes(image), *run.shape))
    config = {**run.manifest["config"], "steps": steps}  # a knob that is new in the config would make it another run's
    changed = {"status": "running", "reason": None, "config": config, "threads": threads_here()}
    write_manifest(run.folder, {**run.manifest, **changed})
    return Run.open(run.folder)
