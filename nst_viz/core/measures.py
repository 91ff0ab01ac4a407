"""The ways in which a picture is compared with a target. Each is a value, so that a term of the loss can name it.

A measure has two halves. `of` says what is kept of a layer's features (all of them, or only their Gram matrix); it is
applied to the target once and to the picture at each step. `apart` says how far two such things are from one another.
A new measure is a class here and a line in `terms.py`; nothing else needs to know it.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from nst_viz.core.losses import content_loss, gram_matrix, style_loss, total_variation_loss

FAINTEST = 0.02
"""features this small can just be told from a picture's grain; those of the sample pictures are 0.03 to 0.2"""


class Measure(Protocol):
    """How one picture's features are compared with another's. Features: (1, h, w, N), float32."""

    @property
    def faintest(self) -> float:
        """What a layer that sees next to nothing would give as the size of `of`'s numbers."""

    def of(self, features: Any) -> Any:
        """What is kept of the features."""

    def apart(self, kept: Any, target: Any) -> Any:
        """How far what is kept is from the target: a scalar tensor, 0 or above."""


@dataclass(frozen=True)
class Features:
    """The features themselves: what is where. Gatys et al. (2015), eq. 1."""

    faintest: float = FAINTEST

    def of(self, features: Any) -> Any:
        return features

    def apart(self, kept: Any, target: Any) -> Any:
        return content_loss(kept, target)


@dataclass(frozen=True)
class Gram:
    """The Gram matrix: which features occur together, wherever that is. Gatys et al. (2015), eq. 3 and 4."""

    faintest: float = FAINTEST**2

    def of(self, features: Any) -> Any:
        return gram_matrix(features)

    def apart(self, kept: Any, target: Any) -> Any:
        return style_loss(kept, target)


@dataclass(frozen=True)
class Smoothness:
    """The total variation of the picture itself, which has no target. Pixels: (height, width, 3)."""

    faintest: float = 0.0

    def of(self, pixels: Any) -> Any:
        return pixels

    def apart(self, kept: Any, target: Any) -> Any:
        return total_variation_loss(kept)


def energy(measure: Measure, target: Any) -> float:
    """The distance from the target of a picture that excites nothing: the unit in which a balanced term is measured.

    It is at least that of a target which is `faintest` everywhere, so that a picture in which a layer sees nothing can be a
    target too.
    """
    nothing = 0.0 * target
    return max(float(measure.apart(nothing, target)), float(measure.apart(nothing, nothing + measure.faintest)))
