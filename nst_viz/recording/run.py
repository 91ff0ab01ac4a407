"""From a run's folder to data: what was asked, how far it came, each picture and each term of the loss, also while it grows."""

import hashlib
import io
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, PositiveInt, ValidationError

from nst_viz import recording
from nst_viz.core.config import FACTORS, RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError, showable
from nst_viz.core.look import Look, looks_of_names
from nst_viz.core.networks.layers import Layer
from nst_viz.core.optimisers import State
from nst_viz.core.register import description_of
from nst_viz.recording.history import LossHistory as LossHistory
from nst_viz.recording.history import follow_losses

SCHEMA = 1
MANIFEST, LOSSES, CHECKPOINT, LOCK = "run.json", "losses.csv", "checkpoint", ".lock"
FRAMES, INPUTS, GRADIENTS = "frames", "inputs", "gradients"

RESTORED = "go further with nst-viz resume --steps, which restores it, or record the run again"

Status = Literal["running", "finished", "stopped", "failed"]


class Strict(BaseModel):
    """What a manifest must hold; there may be more."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False)


class Input(Strict):
    """A picture that a run was computed from: width and height in the file, and as the network saw it."""

    name: str
    source: str
    sha256: str
    original_size: tuple[PositiveInt, PositiveInt]
    size: tuple[PositiveInt, PositiveInt]


class Computed(Strict):
    """The network that a run was computed with."""

    name: str
    coarse_sizes: list[PositiveInt] | None = None
    """of the coarse steps; older versions took those of the config"""


class Manifest(Strict):
    """What `run.json` says."""

    status: Status
    reason: str | None
    config: dict[str, Any]
    recording: dict[str, Any]
    inputs: dict[Literal["content", "style", "init"], Input]
    network: Computed
    started: str
    step: NonNegativeInt
    seconds: NonNegativeFloat
    threads: PositiveInt | None = None
    """with how many TensorFlow computed; not there in runs of older versions"""


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
            text = (folder / MANIFEST).read_text("utf-8")
            manifest = json.loads(text)
        except (FileNotFoundError, NotADirectoryError):
            raise NstVizError(
                f"{folder} is no run's folder (it has no {MANIFEST}): give the folder that a run printed"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise NstVizError(f"{folder / MANIFEST} cannot be read ({error}): restore it, or record the run again") from None
        schema = manifest.get("schema") if isinstance(manifest, dict) else None
        if schema != SCHEMA:
            raise NstVizError(
                f"{folder} was recorded in schema {schema}, this version reads schema {SCHEMA}: "
                "open it with the version of nst-viz that recorded it, or record the run again"
            )
        try:
            Manifest.model_validate_json(showable(json.dumps(manifest, ensure_ascii=False)))
        except ValidationError as error:
            broken = ".".join(map(str, error.errors(include_url=False)[0]["loc"]))
            raise NstVizError(f"{folder / MANIFEST} is damaged (see {broken}): restore it, or record the run again") from None
        return cls(folder, with_showable_names(manifest))

    @property
    def name(self) -> str:
        """The folder's name as it can be shown."""
        return showable(self.folder.name)

    @cached_property
    def config(self) -> TransferConfig:
        return TransferConfig.recorded(self.manifest["config"], self.network_defaults.get("init"))

    @property
    def network_defaults(self) -> Mapping[str, Any]:
        """The network's own values when the run was begun, for what the config leaves open; empty where they were not noted."""
        defaults = self.manifest.get("network", {}).get("defaults")
        return defaults if isinstance(defaults, dict) else {}

    def resolved_config(self) -> TransferConfig:
        """The config with what it left to its network filled in as the network did it then, for defaults may change."""
        acting = [(FACTORS[kind], f"{kind}_layers") for kind in self.config.kinds]
        layers = [layers for factor, layers in acting if getattr(self.config, factor) != 0]  # with 0 there are no such terms
        names = [*(factor for factor, _ in acting), *layers, "tv", "init", "weighting"]
        own = self.network_defaults
        return self.config.replace(**{name: own[name] for name in names if name in own and getattr(self.config, name) is None})

    def layers(self) -> dict[str, Layer]:
        """The layers of the run's network by name, as they were recorded, or as the network has them."""
        recorded = self.manifest.get("network", {}).get("layers")
        if recorded:
            return {each["name"]: Layer(**each) for each in recorded}
        known = description_of(self.config.network)
        return {layer.name: layer for layer in known.layers} if known else {}

    def looks(self) -> list[Look]:
        """How each term of the loss is shown, in the order in which they are shown."""
        recorded = self.manifest.get("terms")
        if recorded:
            return [Look(**each) for each in recorded]
        return looks_of_names(self.losses().terms, self.layers())

    @cached_property
    def policy(self) -> RecordingPolicy:
        return RecordingPolicy(**self.manifest["recording"])

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of each picture. Raises NstVizError where the manifest lacks the picture that decides it."""
        kind = "style" if self.config.mode == "style" else "content"
        if kind not in self.manifest["inputs"]:
            raise NstVizError(f"{self.folder / MANIFEST} is damaged (see inputs): restore it, or record the run again")
        width, height = self.manifest["inputs"][kind]["size"]
        return height, width

    @property
    def coarse_sizes(self) -> tuple[int, ...]:
        """The longer sides of the smaller pictures that the run began with, smallest first."""
        sizes = self.manifest["network"].get("coarse_sizes")
        return self.config.coarse_sizes if sizes is None else tuple(sizes)

    @property
    def status(self) -> Status:
        """As recorded, but a run whose process is gone without a word counts as stopped."""
        status: Status = self.manifest["status"]
        return "stopped" if status == "running" and not is_locked(self.folder) else status

    def frame_steps(self) -> list[int]:
        """The steps whose picture was kept, in order."""
        return steps_in(self.folder / FRAMES, ".webp")

    def frame(self, step: int) -> NDArray[np.uint8]:
        """The picture at a kept step, uint8 (height, width, 3). Raises NstVizError where it is missing or damaged."""
        return read_picture(self.folder / FRAMES / f"{step:06d}.webp", self.shape)

    def inputs(self) -> dict[str, NDArray[np.uint8]]:
        """The content and style pictures as the network saw them, uint8 (height, width, 3)."""
        shapes = {kind: (about["size"][1], about["size"][0]) for kind, about in self.manifest["inputs"].items()}
        return {kind: read_picture(self.folder / INPUTS / f"{kind}.png", shape, RESTORED) for kind, shape in shapes.items()}

    def gradient_steps(self) -> list[int]:
        """The steps at which each term's gradient was recorded, in order."""
        return steps_in(self.folder / GRADIENTS, ".npz")

    def gradient_maps(self, step: int) -> dict[str, NDArray[np.float32]]:
        """For each term the length of its gradient at each pixel, (height, width): how hard it pushes there."""
        return read_arrays(self.folder / GRADIENTS / f"{step:06d}.npz")

    def losses(self) -> LossHistory:
        """All terms at all recorded steps; a last step that is not yet whole is left out. Raises NstVizError where damaged."""
        return follow_losses(self.folder / LOSSES)

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
        """What a notebook shows."""
        return recording.run_as_html(self)


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


def steps_in(folder: Path, suffix: str) -> list[int]:
    """The steps of the files that are named after one, in order; what systems and people put beside them is passed over."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(int(name[: -len(suffix)]) for name in names if re.fullmatch(rf"[0-9]{{6,}}\{suffix}", name))


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """The arrays of an npz file. Raises NstVizError where it is missing or damaged, by each array's own checksum."""
    try:
        with ZipFile(path) as archive:
            if any(member.comment for member in archive.infolist()):  # there are none, so it is the next member
                raise ValueError("its list of arrays is broken")
            # Each member is read to its end before it is understood: only there is its checksum compared.
            whole = ((name, io.BytesIO(archive.read(name))) for name in archive.namelist())
            return {name.removesuffix(".npy"): np.lib.format.read_array(data) for name, data in whole}
    except FileNotFoundError:
        raise NstVizError(f"{path} is missing from the run: record the run again") from None
    except Exception as error:  # of a damaged archive zipfile, zlib and NumPy raise almost anything
        raise NstVizError(f"{path} is damaged ({error}): record the run again") from None


def read_picture(
    path: Path, shape: tuple[int, int], advice: str = "delete it to do without, or record the run again"
) -> NDArray[np.uint8]:
    """The picture of this height and width, uint8 (height, width, 3). Raises NstVizError where it is missing or damaged."""
    try:
        data = path.read_bytes()
        with Image.open(io.BytesIO(data)) as image:
            if image.size != shape[::-1]:
                raise ValueError(f"it is {image.width} x {image.height} pixels, not {shape[1]} x {shape[0]}")
            image.verify()  # compares the checksums that a PNG has
        with Image.open(io.BytesIO(data)) as image:
            return np.asarray(image.convert("RGB"))
    except FileNotFoundError:
        raise NstVizError(
            f"the picture {path} is missing from the run: {advice.removeprefix('delete it to do without, or ')}"
        ) from None
    except Exception as error:  # of a damaged picture Pillow raises almost anything
        raise NstVizError(f"the picture {path} is damaged ({error}): {advice}") from None
