"""What the pages need to know of the networks, so that no page loads TensorFlow: layers, defaults, and what is missing."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any

from nst_viz.core.networks.catalogue import MODULES
from nst_viz.core.networks.weights_file import cached_weights

SIZES = (128, 160, 192, 224, 256, 320, 384, 512)
"""pixels of the longer side that the form offers"""
WEIGHTS_MD5 = "253f8cb515780f3b799900260a226db6"
"""of VGG19's weights, by which Keras too tells whether its file is whole"""
WHERE = "`nst-viz networks` in a terminal says where it belongs"


def describe() -> dict[str, Any]:
    """Network name -> layers, weighting, defaults for each mode and size, and why it cannot be used ("" where it can).

    Nothing is loaded for that: all of it is known before the weights are.
    """
    return {name: {**about(name), "missing": missing(name)} for name in MODULES}


def defaults_for(about: Mapping[str, Any], mode: str, size: int) -> dict[str, Any]:
    """The defaults of a mode at a size, out of what was described; between two sizes offered those of the larger hold."""
    described: dict[str, Any] = about["defaults"][mode][str(next((each for each in SIZES if each >= size), SIZES[-1]))]
    return described


def about(name: str) -> dict[str, Any]:
    """Layers, weighting and defaults of a network, which are constants of its module."""
    from nst_viz.core.networks.base import LARGE_FROM

    module = import_module(f"nst_viz.core.networks.{MODULES[name]}")
    large = {**module.DEFAULTS, **getattr(module, "LARGE_DEFAULTS", {})}
    return {
        "layers": list(module.LAYERS),
        "weighting": "literal" if name == "vgg19" else "balanced",
        "defaults": {
            mode: {str(size): asdict((large if size > LARGE_FROM else module.DEFAULTS)[mode]) for size in SIZES}
            for mode in module.DEFAULTS
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
