"""What the networks share: named layers, defaults for each mode, and a Keras model that maps pixels to features."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nst_viz.core.config import Mode
from nst_viz.core.errors import NstVizError

Weighting = Literal["balanced", "literal"]


LARGE_FROM = 320
"""pixels of the longer side above which a picture is large"""


@dataclass(frozen=True)
class ModeDefaults:
    """What a network does in one mode unless told otherwise: layers with their weights w_l, α, β and the TV weight."""

    content_layers: Mapping[str, float]
    style_layers: Mapping[str, float]
    alpha: float
    beta: float
    tv: float
    init: str


@dataclass(frozen=True, eq=False)
class Network:
    """A fixed network: pixels in, features of named layers out.

    `build(layers)` returns a Keras model from pixels (1, height, width, 3) in [0, 1] to a list of features (1, h, w, N),
    one for each layer in the order given, cut at the deepest of them.
    """

    name: str
    layers: tuple[str, ...]
    minimum_size: int
    """pixels that both sides must have"""
    weighting: Weighting
    """how terms are weighed by default: see `TransferConfig.weighting`"""
    defaults: Mapping[Mode, ModeDefaults]
    """layers, weights and start of each mode"""
    weights_hash: str
    """SHA-256 of the weights"""
    build: Callable[[tuple[str, ...]], Any] = field(repr=False)
    large_defaults: Mapping[Mode, ModeDefaults] = field(default_factory=dict)
    """the same for pictures whose longer side is above `large_from`, where that differs"""
    large_from: int = LARGE_FROM
    _models: dict[tuple[str, ...], Any] = field(default_factory=dict, repr=False)

    def defaults_for(self, mode: Mode, side: int) -> ModeDefaults:
        """The defaults of a mode for a picture whose longer side has so many pixels."""
        large = self.large_defaults if side > self.large_from else {}
        return large.get(mode, self.defaults[mode])

    def check_layers(self, names: Iterable[str]) -> None:
        """Raises NstVizError for a layer that the network has not, and lists those it has."""
        for name in names:
            if name not in self.layers:
                raise NstVizError(f"network {self.name} has no layer {name!r}: choose from {', '.join(self.layers)}")

    def model(self, layers: tuple[str, ...]) -> Any:
        """The Keras model for these layers, built once."""
        if layers not in self._models:
            from nst_viz.core.backend import as_networks_are_built

            self.check_layers(layers)
            with as_networks_are_built():
                self._models[layers] = self.build(layers)
        return self._models[layers]
