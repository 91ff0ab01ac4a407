"""How a term of the loss is shown: the same name and colour in each picture, player and page. Loads no TensorFlow."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nst_viz.core.networks.layers import Layer

SMOOTHNESS_COLOUR = "#9a9a9a"
OTHER_COLOUR = "#666666"


@dataclass(frozen=True)
class Look:
    """What a reader is shown of a term. A run records the looks of its terms, in the order in which they are shown."""

    name: str
    """as `losses.csv` has it: `style.block1_conv1`"""
    kind: str
    """`content`, `style` or `tv`: terms of one kind are hatched alike and added up"""
    label: str
    """short, for bars and axes: `style 1.1`"""
    about: str
    """what it compares, in a few words: `finest grain`"""
    colour: str
    """`#rrggbb`: its layer's"""
    hatched: bool = False
    """drawn with stripes, which tells it from a term of another kind at the same layer"""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


CONTENT_ABOUT = "what is where"


def content_look(layer: Layer) -> Look:
    """The look of a term that compares features."""
    return Look(f"content.{layer.name}", "content", f"content {layer.label}", CONTENT_ABOUT, layer.colour, hatched=True)


def style_look(layer: Layer) -> Look:
    """The look of a term that compares a style."""
    return Look(f"style.{layer.name}", "style", f"style {layer.label}", layer.sees, layer.colour)


SMOOTHNESS_LOOK = Look("tv", "tv", "smoothness", "speckles evened out", SMOOTHNESS_COLOUR)


KINDS = ("content", "style", "tv")
"""in the order in which terms are shown"""


def looks_of_names(names: Iterable[str], layers: Mapping[str, Layer]) -> list[Look]:
    """The looks of the terms of a run that recorded none, in the order in which they are shown."""
    found = [look_of_name(name, layers) for name in names]
    return sorted(found, key=lambda look: (KINDS.index(look.kind) if look.kind in KINDS else len(KINDS), look.name))


def look_of_name(name: str, layers: Mapping[str, Layer]) -> Look:
    """The look of a term of a run that recorded none: from its name and the layers of its network."""
    kind, _, layer = name.partition(".")
    if kind == "tv":
        return SMOOTHNESS_LOOK
    if layer in layers and kind in ("content", "style"):
        return content_look(layers[layer]) if kind == "content" else style_look(layers[layer])
    return Look(name, kind, name, "", OTHER_COLOUR)
