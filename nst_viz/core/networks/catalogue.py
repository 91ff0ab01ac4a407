"""From what is on this machine to a page of text about the networks; loads no weights."""

from collections.abc import Mapping
from importlib import import_module

from nst_viz.core.errors import NstVizError
from nst_viz.core.networks.base import LARGE_FROM
from nst_viz.core.networks.weights_file import WEIGHTS_MEGABYTES, cached_weights

MODULES = {"wavelet": "wavelet", "vgg19": "vgg", "random": "random"}


def describe_networks() -> str:
    """A few lines for a terminal."""
    path = cached_weights()
    there = "is there" if path.exists() else f"is not there; the first use downloads it ({WEIGHTS_MEGABYTES} MB)"
    return "\n".join(
        [
            "wavelet  designed filters: oriented wavelets at five scales; needs no file (the default)",
            "vgg19    the paper's network, learned on ImageNet",
            f"         weights: {path} {there}; or name a file with --weights PATH",
            "random   random weights, the control; needs no file",
            "nst-viz networks NAME lists the layers and the defaults of one",
        ]
    )


def describe_network(name: str) -> str:
    """The layers of a network, and for each mode what it does where the config leaves it open. Raises NstVizError."""
    if name not in MODULES:
        raise NstVizError(f"there is no network {name!r}: choose from {', '.join(MODULES)}")
    module = import_module(f"nst_viz.core.networks.{MODULES[name]}")
    lines = [f"{name}, layers: {', '.join(module.LAYERS)}"]
    tables = {"": module.DEFAULTS, f", above {LARGE_FROM} px": getattr(module, "LARGE_DEFAULTS", {})}
    for where, table in tables.items():
        for mode, defaults in table.items():
            lines += ["", f"mode {mode}{where}:"]
            for kind, factor in (("content", "alpha"), ("style", "beta")):
                if mode in ("style_transfer", kind):
                    lines += [
                        f"  --{factor} {getattr(defaults, factor):g}",
                        f"  --{kind}-layers {written(getattr(defaults, f'{kind}_layers'))}",
                    ]
            lines.append(f"  --tv {defaults.tv:g} --init {defaults.init}")
    return "\n".join(lines)


def written(layers: Mapping[str, float]) -> str:
    """Layers as the command line takes them."""
    return ",".join(f"{layer}={weight:g}" for layer, weight in layers.items())
