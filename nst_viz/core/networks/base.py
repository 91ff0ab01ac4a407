"""What all networks have in common: what is known of one before it is loaded, and the loaded one, from pixels to features."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from nst_viz.core.config import Mode
from nst_viz.core.errors import NstVizError
from nst_viz.core.networks.layers import Layer

Weighting = Literal["balanced", "literal"]

LARGE_FROM = 320
"""pixels of the longer side above which a picture is large"""
OFFERED = 16
"""layers at most that a form offers; a network may have hundreds"""


@dataclass(frozen=True)
class ModeDefaults:
    """What a network does in one mode unless told otherwise: layers with their weights w_l, α, β and the TV weight."""

    content_layers: Mapping[str, float]
    style_layers: Mapping[str, float]
    alpha: float
    beta: float
    tv: float
    init: str


@dataclass(frozen=True)
class Choice:
    """Which network is wanted, and how: what a config says about it. The same choice is loaded once in a process."""

    name: str
    weights: Path | None = None
    pooling: str = "avg"
    precision: str = "full"
    preprocess: str | None = None


@dataclass(frozen=True, eq=False)
class Description:
    """A network as a value: everything that can be said of it before its weights are loaded."""

    name: str
    about: str
    """one line for a list of networks"""
    layers: tuple[Layer, ...]
    """from fine to coarse"""
    weighting: Weighting
    """how terms are weighed by default: see `TransferConfig.weighting`"""
    defaults: Mapping[Mode, ModeDefaults]
    """layers, weights and start of each mode"""
    large_defaults: Mapping[Mode, ModeDefaults] = field(default_factory=dict)
    """the same for pictures whose longer side is above LARGE_FROM, where that differs"""

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        return tuple(layer.name for layer in self.layers)

    def layer(self, name: str) -> Layer:
        """The layer of a name. Raises NstVizError for one that the network has not, and lists those it has."""
        found = next((layer for layer in self.layers if layer.name == name), None)
        if found is None:
            names = self.layer_names if len(self.layers) <= OFFERED else [layer.name for layer in self.offered()]
            more = "" if len(self.layers) <= OFFERED else f" and {len(self.layers) - OFFERED} more"
            raise NstVizError(f"network {self.name} has no layer {name!r}: choose from {', '.join(names)}{more}")
        return found

    def check_layers(self, names: Iterable[str]) -> None:
        """Raises NstVizError for a layer that the network has not."""
        for name in names:
            self.layer(name)

    def smallest_side(self, layers: Iterable[str] = ()) -> int:
        """Pixels that both sides of a picture must have for these layers; for every layer where none is named."""
        return max(self.layer(name).smallest_side for name in tuple(layers) or self.layer_names)

    def check_size(self, pixels_shape: Sequence[int], what: str, layers: Iterable[str] = ()) -> None:
        """Raises NstVizError where a picture of the shape (height, width, …) is too small for these layers, or for all.

        `what` names the picture in the sentence: "the style picture".
        """
        height, width = pixels_shape[:2]
        smallest = self.smallest_side(layers := tuple(layers))
        if min(height, width) < smallest:
            deepest = max(layers, key=lambda name: self.layer(name).smallest_side, default="")
            which = f"layer {deepest} of " if deepest else ""
            raise NstVizError(
                f"{what} is {width} x {height} pixels at this size: {which}network {self.name} "
                f"needs {smallest} pixels or more on each side, so raise the size or crop the picture"
            )

    def offered(self) -> tuple[Layer, ...]:
        """The layers that a form offers: all, or of very many those that are used by default and some spread between them."""
        if len(self.layers) <= OFFERED:
            return self.layers
        used = {
            name for each in self.defaults.values() for layers in (each.content_layers, each.style_layers) for name in layers
        }
        spread = range(0, len(self.layers), -(-len(self.layers) // (OFFERED - len(used))))
        return tuple(layer for place, layer in enumerate(self.layers) if layer.name in used or place in spread)

    def defaults_for(self, mode: Mode, side: int) -> ModeDefaults:
        """The defaults of a mode for a picture whose longer side has so many pixels."""
        large = self.large_defaults if side > LARGE_FROM else {}
        return large.get(mode, self.defaults[mode])


@dataclass(frozen=True, eq=False)
class Network(Description):
    """A loaded network: its description, and how pixels become features of named layers.

    `build(layers)` returns a Keras model from pixels (1, height, width, 3) in [0, 1] to a list of features (1, h, w, N),
    one for each layer in the order given, cut at the deepest of them.
    """

    weights_hash: str = ""
    """SHA-256 of the weights"""
    build: Callable[[tuple[str, ...]], Any] = field(repr=False, default=lambda layers: None)
    _models: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False)

    @classmethod
    def loaded(cls, description: Description, weights_hash: str, build: Callable[[tuple[str, ...]], Any]) -> "Network":
        """The network of a description, with its weights."""
        known = {each.name: getattr(description, each.name) for each in fields(Description)}
        return cls(**known, weights_hash=weights_hash, build=build)

    def model(self, layers: tuple[str, ...]) -> Any:
        """The Keras model for these layers, built once. Raises NstVizError for a layer that the network has not."""
        if layers not in self._models:
            from nst_viz.core.backend import as_networks_are_built

            self.check_layers(layers)
            with as_networks_are_built():
                self._models[layers] = self.build(layers)
        return self._models[layers]
