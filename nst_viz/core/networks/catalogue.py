"""From what is on this machine to a page of text about the networks; loads no weights but those of a Keras model."""

from collections.abc import Mapping

from nst_viz.core.networks import describe
from nst_viz.core.networks.base import LARGE_FROM, Description
from nst_viz.core.networks.weights_file import WEIGHTS_MEGABYTES, cache_folder, cached_weights
from nst_viz.core.register import BUILT_IN, description_of


def describe_networks() -> str:
    """A few lines for a terminal: each network, and where files are looked for."""
    path = cached_weights()
    there = "is there" if path.exists() else f"is not there; the first use downloads it ({WEIGHTS_MEGABYTES} MB)"
    known = [(name, description_of(name)) for name in BUILT_IN]
    return "\n".join(
        [
            *(f"{name:11s}{known_one.about}" for name, known_one in known if known_one),
            f"{'':11s}vgg19's weights: {path} {there}; or name a file with --weights PATH",
            "keras:NAME a model of keras.applications, for example keras:ResNet50V2; Keras downloads its weights",
            f"{'':11s}into {cache_folder()}",
            "FILE.keras a model that Keras saved",
            "nst-viz networks NAME lists the layers and the defaults of one",
        ]
    )


def describe_network(name: str, preprocess: str | None = None) -> str:
    """The layers of a network, and for each mode what it does where the config leaves it open. Raises NstVizError."""
    network = describe(name)
    lines = [f"{name}: {network.about}", "", *layer_lines(network)]
    tables = {"": network.defaults, f", above {LARGE_FROM} px": network.large_defaults}
    for where, table in tables.items():
        for mode, defaults in table.items():
            lines += ["", f"mode {mode}{where}:"]
            for kind, factor in (("content", "alpha"), ("style", "beta")):
                if mode in ("style_transfer", kind):
                    lines += [
                        f"  --{factor} {getattr(defaults, factor):g}",
                        f"  --{kind}-layers {written(getattr(defaults, f'{kind}_layers'))}",
                    ]
            lines.append(f"  --tv {defaults.tv:g} --init {defaults.init} --weighting {network.weighting}")
    return "\n".join(lines)


def layer_lines(network: Description) -> list[str]:
    """A row for each layer, from fine to coarse; numbers where the network knows them."""
    wide = max(len(layer.name) for layer in network.layers) + 2
    rows = [f"  {'layer':{wide}s}{'channels':>8s}{'stride':>8s}{'sees px':>9s}  what it looks at"]
    for layer in network.layers:
        numbers = ["–" if value is None else str(value) for value in (layer.channels, layer.stride, layer.field)]
        rows.append(f"  {layer.name:{wide}s}{numbers[0]:>8s}{numbers[1]:>8s}{numbers[2]:>9s}  {layer.sees}")
    return rows


def written(layers: Mapping[str, float]) -> str:
    """Layers as the command line takes them."""
    return ",".join(f"{layer}={weight:g}" for layer, weight in layers.items())
