"""From a run, a picture and a layer to what the layer sees: its strongest feature maps, and Gram matrices over the steps."""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nst_viz.app.places import Places
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import load_image
from nst_viz.recording.recorder import replace_file
from nst_viz.recording.run import Run, read_arrays

CHANNELS = 24
"""feature maps that are kept, the strongest"""
GRAM_CHANNELS = 64
"""rows of a Gram matrix at most, the strongest channels of the target"""
GRAM_STEPS = 40
OF_RUN = ("content", "style", "init", "step")
"""pictures that a run has itself; any other is a file or a sample"""
KEPT = 200
"""inspections at most that stay on disk"""


@dataclass(frozen=True)
class Inspection:
    """What was found: "features" (maps, channels, strength, count) or "gram" (steps, grams, target, count of all channels)."""

    arrays: Mapping[str, NDArray[Any]]

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.arrays[name]


def inspection_name(request: Mapping[str, Any]) -> str:
    """The same request finds the same file."""
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()[:24]


def read_inspection(places: Places, request: Mapping[str, Any]) -> Inspection | None:
    """What a request has found, None where it has not been answered."""
    path = places.inspections / f"{inspection_name(request)}.npz"
    return Inspection(read_arrays(path)) if path.exists() else None


def inspect(places: Places, name: str, request: Mapping[str, Any]) -> None:
    """Answer a request and keep the answer under its name. Raises NstVizError where the run or the picture cannot be read."""
    arrays = features(request) if request["kind"] == "features" else grams(request)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    places.inspections.mkdir(parents=True, exist_ok=True)
    replace_file(places.inspections / f"{name}.npz", buffer.getvalue())
    for old in sorted(places.inspections.glob("*.npz"), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        old.unlink(missing_ok=True)


def load(request: Mapping[str, Any]) -> Any:
    from nst_viz.core.transfer import network_of

    network = network_of(Run.open(request["folder"]).config)
    network.check_layers([request["layer"]])
    return network


def as_pixels(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    return picture.astype(np.float32) / np.float32(255)


def picture_of(request: Mapping[str, Any]) -> NDArray[np.float32]:
    """The picture that a request is about: a file or sample, or a run's content, style or picture at a step."""
    if request["picture"] not in OF_RUN:
        return load_image(request["picture"], request["size"]).pixels
    run = Run.open(request["folder"])
    if request["picture"] == "step":
        return as_pixels(run.frame(request["step"]))
    inputs = run.inputs()
    if request["picture"] not in inputs:
        raise NstVizError(f"{run.name} has no {request['picture']} picture: choose another")
    return as_pixels(inputs[request["picture"]])


def seen(network: Any, layer: str, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a layer answers to a picture, (1, h, w, channels). Raises NstVizError where the picture is too small for it."""
    from nst_viz.core.terms import features_of

    network.check_size(pixels.shape, "the picture", [layer])
    answers: NDArray[np.float32] = np.asarray(features_of(network, [layer], pixels)[layer])
    return answers


def features(request: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The strongest channels' maps (channels, h, w) as bytes, white the strongest answer of all, and each one's mean."""
    maps = np.moveaxis(seen(load(request), request["layer"], picture_of(request))[0], -1, 0)
    varying = np.ptp(maps, axis=(1, 2)) > 0  # a channel that says the same everywhere shows nothing
    strength = np.where(varying, np.maximum(maps, 0).mean(axis=(1, 2)), 0)
    strongest = np.argsort(-strength)[:CHANNELS]
    top = np.quantile(maps[strongest], 0.999) or 1.0
    scaled = (np.clip(maps[strongest] / top, 0, 1) * 255).astype(np.uint8)
    return {"maps": scaled, "channels": strongest, "strength": strength[strongest], "count": np.array(len(strength))}


def grams(request: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The Gram matrix at steps of a run, (steps, channels, channels), and the style picture's: the strongest channels there."""
    from nst_viz.core.losses import gram_matrix
    from nst_viz.render import choose

    network, layer, run = load(request), request["layer"], Run.open(request["folder"])

    def gram(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(gram_matrix(seen(network, layer, pixels)[0]), np.float32)

    inputs = run.inputs()
    target = gram(as_pixels(inputs["style" if "style" in inputs else "content"]))
    strongest = np.sort(np.argsort(-np.diag(target))[: request["channels"]])
    steps = choose.frames(run, GRAM_STEPS)
    of_steps = np.stack([gram(as_pixels(run.frame(step)))[np.ix_(strongest, strongest)] for step in steps])
    count = np.array(len(target))
    return {"steps": np.array(steps), "grams": of_steps, "target": target[np.ix_(strongest, strongest)], "count": count}
