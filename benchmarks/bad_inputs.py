"""Inputs as nobody should give them, made up by Hypothesis: each has to end well, or in one sentence with nothing lost."""

import io
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from PIL import Image

from benchmarks.drawn import SMALL, Damage, command_lines, configs, damages, inspections, jobs
from benchmarks.failures import Failures
from nst_viz.__main__ import main
from nst_viz.app.library import Library
from nst_viz.app.places import Places
from nst_viz.app.uploads import Uploads
from nst_viz.app.work.inspection import read_inspection
from nst_viz.app.work.queue import Job
from nst_viz.app.work.worker import Worker
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import load_image
from nst_viz.recording.grid import Knob
from nst_viz.recording.session import record_transfer

FORMATS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "rgb.png": ("RGB", {}),
    "alpha.png": ("RGBA", {}),
    "palette.png": ("P", {}),
    "deep.png": ("I;16", {}),
    "grey.jpg": ("L", {}),
    "progressive.jpg": (
        "RGB",
        {"progressive": True, "exif": b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"},
    ),
    "print.jpg": ("CMYK", {}),
    "lossy.webp": ("RGB", {}),
    "lossless.webp": ("RGBA", {"lossless": True}),
    "frames.gif": ("P", {"save_all": True, "append_images": [Image.new("P", (40, 30), 3)]}),
    "plain.tif": ("RGB", {}),
    "packed.tif": ("RGB", {"compression": "tiff_lzw"}),
    "plain.bmp": ("RGB", {}),
    "waves.jp2": ("RGB", {}),
    "plain.ppm": ("RGB", {}),
    "film.avif": ("RGB", {}),
}
"""a picture in each: mode, and how it is saved"""


def damaged(data: bytes, damage: Damage) -> bytes:
    """The bytes with some bits flipped, cut short, with a piece zeroed, none of them, or with a piece twice."""
    kind, places, bit = damage
    changed = bytearray(data)
    at = [min(int(place * len(data)), max(len(data) - 1, 0)) for place in places]
    if kind == "flip" and data:
        for place in at:
            changed[place] ^= 1 << bit
    elif kind == "zero":
        changed[at[0] : at[0] + 16] = bytes(len(changed[at[0] : at[0] + 16]))
    elif kind == "twice":
        changed[at[0] : at[0]] = changed[at[0] : at[0] + 64]
    return bytes(changed[: at[0]] if kind == "cut" else b"" if kind == "gone" else changed)


@contextmanager
def no_download() -> Iterator[None]:
    """As on a machine without a network, so that no weights are loaded."""
    from nst_viz.core.backend import keras

    with mock.patch.object(keras.applications, "VGG19", side_effect=OSError("network is unreachable")):
        yield


class Inputs:
    """The kinds of input, each with what tries one: it answers what is wrong with how that ended, if anything."""

    def __init__(self, folder: Path, failures: Failures, number: int) -> None:
        self.folder, self.failures, self.number = folder, failures, number
        self.pictures = {name: saved(name, *how) for name, how in FORMATS.items() if can_save(name)}
        run = record_transfer(SMALL, folder / "whole", RecordingPolicy(gradients_every=2))
        self.files = {
            str(path.relative_to(run.folder)): path.read_bytes() for path in sorted(run.folder.rglob("*")) if path.is_file()
        }
        self.files.pop(".lock", None)
        self.kinds: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], str | None]]] = {
            "command lines": (command_lines(), self.command_line),
            "configs in Python": (configs(), self.config),
            "pictures": (st.tuples(st.sampled_from(sorted(self.pictures)), damages), self.picture),
            "runs' folders": (st.tuples(st.sampled_from(sorted(self.files)), damages, st.integers(0, 9)), self.run_folder),
            "the app's jobs": (jobs(), self.job),
            "the app's inspections": (inspections(), self.inspection),
        }

    def run(self, count: int) -> dict[str, int]:
        """Try so many inputs, shared among the kinds; how many of each were tried."""
        tried = {}
        with chdir(self.folder), no_download():
            for kind, (strategy, attempt) in self.kinds.items():
                tried[kind] = self.try_kind(kind, strategy, attempt, max(1, count // len(self.kinds)))
        return tried

    def try_kind(self, kind: str, strategy: st.SearchStrategy[Any], attempt: Callable[[Any], str | None], count: int) -> int:
        tried = 0

        @settings(
            max_examples=count, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
        )
        @seed(self.number)
        @given(strategy)
        def one(example: Any) -> None:
            nonlocal tried
            tried += 1
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                try:
                    wrong = attempt(example)
                except Exception as error:
                    wrong = place_of(error)
            wrong = wrong or next(
                (f"warning: {each.message}" for each in warned if "nst_viz" in each.filename or "PIL" in each.filename), None
            )
            if wrong:
                self.failures.add(kind, wrong, repr(example))

        one()
        return tried

    def command_line(self, line: list[str]) -> str | None:
        shutil.rmtree("results", ignore_errors=True)
        return called(line)[1]

    def config(self, example: tuple[str, dict[str, Any]]) -> str | None:
        kind, fields = example
        makers: dict[str, Callable[..., Any]] = {"config": TransferConfig, "policy": RecordingPolicy, "replace": SMALL.replace}
        with suppress(NstVizError):
            if kind == "knob":
                Knob.parse(str(fields))
            else:
                made = makers[kind](**fields)
                type(made)(**json.loads(made.model_dump_json()))
        return None

    def picture(self, example: tuple[str, Damage]) -> str | None:
        name, damage = example
        data = damaged(self.pictures[name], damage)
        path = self.folder / name
        path.write_bytes(data)
        for read in (lambda: load_image(path, 48), lambda: Uploads(Places(self.folder / "results"), "me").add(name, data)):
            try:
                read()
            except NstVizError as error:
                if "\n" in str(error):
                    return f"more than one line: {str(error)[:60]}"
        return None

    def run_folder(self, example: tuple[str, Damage, int]) -> str | None:
        """Damage one file of a run, then show it, render it and go on with it; the other files must stay what they were."""
        name, damage, choice = example
        run = self.folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        for each, data in self.files.items():
            (run / each).parent.mkdir(parents=True, exist_ok=True)
            (run / each).write_bytes(damaged(data, damage) if each == name else data)
        kinds = ["--html=a.html", "--sheet=a.png", "--gif=a.gif", "--webp=a.webp", "--gradients=g.png", "--storyboard=s.gif"]
        for line in (["info", "run"], ["render", "run", kinds[choice % len(kinds)]], ["resume", "run", "--steps", "5"]):
            status, wrong = called(line)
            if wrong:
                return f"{line[0]}: {wrong}"
        kept = [each for each in self.files if each != name and (status or "/" in each)]  # going on rewrites the others
        lost = [each for each in kept if not (run / each).exists() or (run / each).read_bytes() != self.files[each]]
        return f"resume ended with {status} and changed {lost[0]}" if lost else None

    def job(self, example: tuple[dict[str, Any], Damage | None]) -> str | None:
        """A job as a file that may be damaged: taken by the worker, or passed over, and then the queue is empty."""
        fields, damage = example
        shutil.rmtree("results", ignore_errors=True)
        worker = Worker(Places(self.folder / "results"))
        try:
            job = Job(**fields)
        except NstVizError:
            return None
        worker.queue.submit(job)
        if damage is not None:
            path = worker.queue.path("waiting", job.id)
            path.write_bytes(damaged(path.read_bytes(), damage))
        return self.done_by(worker)

    def inspection(self, example: tuple[str, dict[str, Any]]) -> str | None:
        name, request = example
        shutil.rmtree("results", ignore_errors=True)
        worker = Worker(Places(self.folder / "results"))
        try:
            worker.queue.submit(Job(kind="inspect", owner="me", name=name, request=request))
        except NstVizError:
            return None
        with suppress(NstVizError):
            read_inspection(worker.places, request)
        return self.done_by(worker)

    def done_by(self, worker: Worker) -> str | None:
        said = io.StringIO()
        with redirect_stderr(said):
            while (job := worker.queue.take("inspect", "record", "resume")) is not None:
                worker.do(job)
        Library(worker.places, "me").names()
        if outside := [path.name for path in self.folder.parent.iterdir() if path.name not in (self.folder.name,)]:
            return f"wrote outside of the results: {outside[0]}"
        return f"traceback: {said.getvalue().strip().splitlines()[-1][:90]}" if "Traceback" in said.getvalue() else None


def called(line: list[str]) -> tuple[int, str | None]:
    """The exit status of a command, and what is wrong with how it ended: anything but 0, or 2 and one sentence."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main(line)
        except SystemExit as end:
            status = int(end.code or 0)
    lines = err.getvalue().strip().splitlines() or [""]
    if "Traceback" in err.getvalue():
        return status, f"traceback: {lines[-1][:90]}"
    if status not in (0, 2):
        return status, f"exit status {status}"
    if status == 2 and (sentences := err.getvalue().count("nst-viz: ")) != 1:
        return status, f"exit status 2 and {sentences} sentences"
    if status == 2 and not lines[-1].startswith("nst-viz: "):
        return status, "the sentence is not on a line of its own, or not the last"
    return status, None


def place_of(error: Exception) -> str:
    """What was raised, and by which function of the package."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if f"{os.sep}nst_viz{os.sep}" in code.co_filename:
            place = f"{code.co_filename.split(f'{os.sep}nst_viz{os.sep}')[-1]}, {code.co_name}"
        trace = trace.tb_next
    return f"{type(error).__name__} in {place}"


def can_save(name: str) -> bool:
    """Whether the Pillow that is installed writes the format."""
    Image.init()
    return Image.registered_extensions().get(Path(name).suffix, "") in Image.SAVE


def saved(name: str, mode: str, how: Mapping[str, Any]) -> bytes:
    """A small picture in a format."""
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    image = Image.fromarray(pixels).resize((40, 30), Image.Resampling.BICUBIC)
    image = Image.fromarray(np.asarray(image.convert("L"), np.uint16) * 257) if mode == "I;16" else image.convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, Image.registered_extensions()[Path(name).suffix], **how)
    return buffer.getvalue()
