"""What the pages need to know of the networks, so that no page loads TensorFlow: layers, defaults, and what is missing."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nst_viz.core.errors import NstVizError
from nst_viz.core.networks import Description, describe
from nst_viz.core.networks.weights_file import cached_weights
from nst_viz.core.register import BUILT_IN, FILE

SIZES = (128, 160, 192, 224, 256, 320, 384, 512)
"""pixels of the longer side that the form offers"""
WEIGHTS_MD5 = "253f8cb515780f3b799900260a226db6"
"""of VGG19's weights, by which Keras too tells whether its file is whole"""
WHERE = "`nst-viz networks` in a terminal says where it belongs"


def describe_built_in() -> dict[str, Any]:
    """Network name -> layers, weighting, defaults for each mode and size, and why it cannot be used ("" where it can).

    Nothing is loaded for that: all of it is known before the weights are.
    """
    return {name: {**about(describe(name)), "missing": missing(name)} for name in BUILT_IN}


def describe_files(folder: Path) -> dict[str, Any]:
    """The same of the Keras models in a folder, which have to be loaded for it. One that cannot be says why."""
    found: dict[str, Any] = {}
    for path in sorted(folder.glob(f"*{FILE}")):
        try:
            found[str(path)] = {**about(describe(str(path))), "label": path.name, "missing": ""}
        except NstVizError as error:
            found[str(path)] = {"label": path.name, "missing": str(error).replace(str(path), path.name)}
    return found


def defaults_for(about: Mapping[str, Any], mode: str, size: int) -> dict[str, Any]:
    """The defaults of a mode at a size, out of what was described; between two sizes offered those of the larger hold."""
    described: dict[str, Any] = about["defaults"][mode][str(next((each for each in SIZES if each >= size), SIZES[-1]))]
    return described


def about(network: Description) -> dict[str, Any]:
    """Label, layers, weighting and defaults of a network."""
    return {
        "label": {"vgg19": "VGG19"}.get(network.name, network.name),
        "layers": [asdict(layer) for layer in network.offered()],
        "weighting": network.weighting,
        "defaults": {
            mode: {str(size): asdict(network.defaults_for(mode, size)) for size in SIZES} for mode in network.defaults
        },
    }


def missing(name: str) -> str:
    """Why a network cannot be used here, one sentence; empty where it can. Only VGG19 needs a file."""
    if name != "vgg19":
        return ""
    try:
        with cached_weights().open("rb") as file:
            whole = hashlib.file_digest(file, "md5").hexdigest() == WEIGHTS_MD5
    except FileNotFoundError:
        return f"VGG19 is offered once the file with its weights is here: {WHERE}."
    except OSError as error:
        return f"VGG19 is left out, for the file with its weights cannot be read ({error.strerror}): {WHERE}."
    return (
        ""
        if whole
        else f"VGG19 is left out, for the file with its weights is damaged or cut short: put a whole one there, {WHERE}."
    )
