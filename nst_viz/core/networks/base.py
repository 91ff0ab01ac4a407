"""What the networks share: named layers, defaults for each mode, and a Keras model that maps pixels to features."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nst_viz.core.config import Mode
from nst_viz.core.errors import NstVizError

Weighting = Literal["balanced", "literal"]


LARGE_FROM = 320
"""pixels of the longer side above which a picture is large"""


def halving_sides(layers: Iterable[str]) -> dict[str, int]:
    """layer -> the smallest side that it needs, where block k sees the picture halved k - 1 times: two pixels are left."""
    return {layer: 2 ** int(layer[len("block")]) for layer in layers}


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
    """pixels that both sides must have for every layer"""
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
    smallest_sides: Mapping[str, int] = field(default_factory=dict)
    """layer -> pixels that both sides must have for it; `minimum_size` for a layer that is not named"""
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

    def smallest_side(self, layers: Iterable[str] = ()) -> int:
        """Pixels that both sides of a picture must have for these layers; for every layer where none is named."""
        return max((self.smallest_sides.get(name, self.minimum_size) for name in layers), default=self.minimum_size)

    def check_size(self, pixels_shape: Sequence[int], what: str, layers: Iterable[str] = ()) -> None:
        """Raises NstVizError where a picture of the shape (height, width, …) is too small for these layers, or for all.

        `what` names the picture in the sentence: "the style picture".
        """
        height, width = pixels_shape[:2]
        smallest = self.smallest_side(layers := tuple(layers))
        if min(height, width) < smallest:
            deepest = max(layers, key=lambda name: self.smallest_side([name]), default="")
            which = f"layer {deepest} of " if deepest else ""
            raise NstVizError(
                f"{what} is {width} x {height} pixels at this size: {which}network {self.name} "
                f"needs {smallest} pixels or more on each side, so raise the size or crop the picture"
            )

    def model(self, layers: tuple[str, ...]) -> Any:
        """The Keras model for these layers, built once."""
        if layers not in self._models:
            self.check_layers(layers)
            self._models[layers] = self.build(layers)
        return self._models[layers]
