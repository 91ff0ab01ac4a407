"""From a run's folder to data: what was asked, how far it came, each picture and each term of the loss, also while it grows."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zipfile import BadZipFile

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from PIL import Image

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError, showable
from nst_viz.core.optimisers import State

SCHEMA = 1
MANIFEST, LOSSES, CHECKPOINT, LOCK = "run.json", "losses.csv", "checkpoint", ".lock"
FRAMES, INPUTS, GRADIENTS = "frames", "inputs", "gradients"
COLUMNS = ("step", "term", "raw", "weight", "contribution", "gradient_norm")

RESTORED = "go further with nst-viz resume --steps, which restores it, or record the run again"

Status = Literal["running", "finished", "stopped", "failed"]
KEPT = {"status": str, "config": dict, "recording": dict, "network": dict, "inputs": dict, "started": str, "step": int}
"""what a manifest must hold, and as what"""


@dataclass(frozen=True)
class LossHistory:
    """Every term at every step; arrays of shape (steps, terms)."""

    steps: NDArray[np.int64]
    terms: tuple[str, ...]
    raw: NDArray[np.float64]
    weight: NDArray[np.float64]
    contribution: NDArray[np.float64]
    gradient_norm: NDArray[np.float64]
    """NaN where it was not recorded"""

    def total(self) -> NDArray[np.float64]:
        """The loss at each step, shape (steps,)."""
        total: NDArray[np.float64] = self.contribution.sum(axis=1)
        return total


@dataclass(frozen=True)
class Run:
    """A recorded run. Reads the folder when asked, so a growing run can be opened again and again."""

    folder: Path
    manifest: Mapping[str, Any]

    @classmethod
    def open(cls, folder: str | Path) -> "Run":
        """Raises NstVizError where the folder is no run, or one that another version wrote."""
        folder = Path(folder)
        try:
            manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise NstVizError(
                f"{folder} is no run's folder (it has no {MANIFEST}): give the folder that a run printed"
            ) from None
        except (OSError, ValueError) as error:
            raise NstVizError(f"{folder / MANIFEST} cannot be read ({error}): restore it, or record the run again") from None
        schema = manifest.get("schema") if isinstance(manifest, dict) else None
        if schema != SCHEMA:
            raise NstVizError(
                f"{folder} was recorded in schema {schema}, this version reads schema {SCHEMA}: "
                "open it with the version of nst-viz that recorded it, or record the run again"
            )
        broken = [name for name, kind in KEPT.items() if not isinstance(manifest.get(name), kind)]
        if broken:
            raise NstVizError(f"{folder / MANIFEST} is damaged (see {broken[0]}): restore it, or record the run again")
        return cls(folder, with_showable_names(manifest))

    @property
    def name(self) -> str:
        """The folder's name as it can be shown."""
        return showable(self.folder.name)

    @cached_property
    def config(self) -> TransferConfig:
        return TransferConfig(**self.manifest["config"])

    @cached_property
    def policy(self) -> RecordingPolicy:
        return RecordingPolicy(**self.manifest["recording"])

    @property
    def status(self) -> Status:
        """As recorded, but a run whose process is gone without a word counts as stopped."""
        status: Status = self.manifest["status"]
        return "stopped" if status == "running" and not is_locked(self.folder) else status

    def frame_steps(self) -> list[int]:
        """The steps whose picture was kept, in order."""
        return sorted(int(path.stem) for path in (self.folder / FRAMES).glob("*.webp"))

    def frame(self, step: int) -> NDArray[np.uint8]:
        """The picture at a kept step, uint8 (height, width, 3). Raises NstVizError where it is missing or damaged."""
        return read_picture(self.folder / FRAMES / f"{step:06d}.webp")

    def inputs(self) -> dict[str, NDArray[np.uint8]]:
        """The content and style pictures as the network saw them, uint8 (height, width, 3)."""
        return {kind: read_picture(self.folder / INPUTS / f"{kind}.png", RESTORED) for kind in self.manifest["inputs"]}

    def gradient_steps(self) -> list[int]:
        """The steps at which each term's gradient was recorded, in order."""
        return sorted(int(path.stem) for path in (self.folder / GRADIENTS).glob("*.npz"))

    def gradient_maps(self, step: int) -> dict[str, NDArray[np.float32]]:
        """For each term the length of its gradient at each pixel, (height, width): how hard it pushes there."""
        return read_arrays(self.folder / GRADIENTS / f"{step:06d}.npz")

    def losses(self) -> LossHistory:
        """All terms at all recorded steps; a last line that is not yet whole is left out. Raises NstVizError where damaged."""
        path = self.folder / LOSSES
        try:
            text = path.read_text("utf-8")
            rows = list(csv.DictReader(io.StringIO(text[: text.rfind("\n") + 1])))
            terms = tuple(dict.fromkeys(row["term"] for row in rows))
            count = len(rows) // max(len(terms), 1)
            rows = rows[: count * len(terms)]
            for number, row in enumerate(rows):
                if (int(row["step"]), row["term"]) != (number // len(terms), terms[number % len(terms)]):
                    raise ValueError(f"line {number + 2} is step {row['step']}, {row['term']}")
            columns = [np.array([float(row[name] or "nan") for row in rows]) for name in COLUMNS[2:]]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise NstVizError(f"{path} is missing or damaged ({error}): restore it, or record the run again") from None
        return LossHistory(np.arange(count), terms, *(column.reshape(count, len(terms)) for column in columns))

    def fingerprint(self) -> str:
        """SHA-256 of what was asked for, but for the number of steps, and of the pictures: a checkpoint belongs to one."""
        decides = {"config": {**self.manifest["config"], "steps": None}, "inputs": self.manifest["inputs"]}
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def checkpoint(self) -> tuple[int, int, State]:
        """(step, last step kept by the policy, the optimiser's state there).

        Raises NstVizError where there is none, or that of another run.
        """
        path = self.folder / CHECKPOINT
        state: State = dict(read_arrays(path))
        if str(state.pop("run", "")) != self.fingerprint():
            raise NstVizError(
                f"{path} is not of the run that {self.folder / MANIFEST} describes (was one of them edited or replaced?): "
                "restore them, or record the run again"
            )
        return int(state.pop("checkpoint_step")), int(state.pop("kept_step")), unflat(state)

    def _repr_html_(self) -> str:
        from nst_viz.render.notebook import run_html

        return run_html(self)


def with_showable_names(manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest with its pictures' names as they can be printed and written to a page; earlier versions wrote them as is."""
    named = {}
    for kind, about in manifest["inputs"].items():
        name = about.get("name") if isinstance(about, dict) else None
        named[kind] = {**about, "name": showable(name)} if isinstance(name, str) else about
    return {**manifest, "inputs": named}


def is_locked(folder: Path) -> bool:
    """Whether a living process writes into the folder."""
    lock = FileLock(folder / LOCK)
    try:
        with lock.acquire(blocking=False):
            return False
    except Timeout:
        return True
    except OSError:
        return False  # a folder that cannot be written to is written by nobody


def flat(state: State) -> dict[str, NDArray[Any]]:
    """A state as single arrays: a list's are `name.0`, `name.1`, …, for stacked they would be in memory twice."""
    arrays = {}
    for name, value in state.items():
        if isinstance(value, list):
            arrays[f"{name}.count"] = np.array(len(value))
            arrays |= {f"{name}.{index}": member for index, member in enumerate(value)}
        else:
            arrays[name] = value
    return arrays


def unflat(arrays: Mapping[str, NDArray[Any]]) -> State:
    """The state of which `flat` made the arrays."""
    state: State = {name: array for name, array in arrays.items() if "." not in name}
    for name in [counted.removesuffix(".count") for counted in arrays if counted.endswith(".count")]:
        state[name] = [arrays[f"{name}.{index}"] for index in range(int(arrays[f"{name}.count"]))]
    return state


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        with np.load(io.BytesIO(path.read_bytes())) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except FileNotFoundError:
        raise NstVizError(f"{path} is missing from the run: record the run again") from None
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise NstVizError(f"{path} is damaged ({error}): record the run again") from None


def read_picture(path: Path, advice: str = "delete it to do without, or record the run again") -> NDArray[np.uint8]:
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("RGB"))
    except FileNotFoundError:
        raise NstVizError(
            f"the picture {path} is missing from the run: {advice.removeprefix('delete it to do without, or ')}"
        ) from None
    except (OSError, SyntaxError, ValueError) as error:
        raise NstVizError(f"the picture {path} is damaged ({error}): {advice}") from None
