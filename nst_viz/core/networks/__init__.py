"""From a network's name to the network: `wavelet` (designed, embedded), `vgg19` (the paper's), `random` (the control)."""

from functools import lru_cache
from pathlib import Path

from nst_viz.core.networks.base import ModeDefaults, Network

__all__ = ["ModeDefaults", "Network", "load_network"]


@lru_cache(maxsize=4)
def load_network(name: str, weights: Path | None = None, pooling: str = "avg", precision: str = "full") -> Network:
    """The network of this name, built once in a process. Raises NstVizError where its weights cannot be had."""
    if name == "vgg19":
        from nst_viz.core.networks.vgg import vgg19

        return vgg19(weights, pooling, precision)
    if name == "random":
        from nst_viz.core.networks.random import random

        return random(pooling)
    from nst_viz.core.networks.wavelet import wavelet

    return wavelet()
