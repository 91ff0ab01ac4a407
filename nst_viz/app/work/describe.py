"""From the networks to what the pages need to know of them, so that no page loads TensorFlow: layers and defaults."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from nst_viz.core.networks.weights_file import cached_weights

SIZES = (128, 160, 192, 224, 256, 320, 384, 512)
"""pixels of the longer side that the form offers"""


def describe() -> dict[str, Any]:
    """Network name -> layers, weighting, and the defaults for each mode and size; VGG19 only where its weights are."""
    from nst_viz.core.networks import load_network

    there = ["wavelet", "random", *(["vgg19"] if cached_weights().exists() else [])]
    return {name: about(load_network(name)) for name in there}


def defaults_for(about: Mapping[str, Any], mode: str, size: int) -> dict[str, Any]:
    """The defaults of a mode at a size, out of what was described; between two sizes offered those of the larger hold."""
    described: dict[str, Any] = about["defaults"][mode][str(next((each for each in SIZES if each >= size), SIZES[-1]))]
    return described


def about(network: Any) -> dict[str, Any]:
    return {
        "layers": list(network.layers),
        "weighting": network.weighting,
        "defaults": {
            mode: {str(size): asdict(network.defaults_for(mode, size)) for size in SIZES} for mode in network.defaults
        },
    }
