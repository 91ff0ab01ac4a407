"""From terms to what is minimised: the weighted sum of the losses, and its gradient on the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nst_viz.core.backend import tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Pixels
from nst_viz.core.memory import AT_ONCE
from nst_viz.core.networks import Network
from nst_viz.core.optimisers import Evaluation
from nst_viz.core.terms import Place, Term, build_terms, features_of


@dataclass(frozen=True)
class LossTerm:
    """One term at one step: `contribution = raw × weight`, and the contributions add up to the loss."""

    name: str
    raw: float
    weight: float

    @property
    def contribution(self) -> float:
        return self.raw * self.weight


@dataclass(frozen=True)
class LossTerms:
    """All terms of the loss at one step."""

    terms: tuple[LossTerm, ...]

    def total(self) -> float:
        return sum(term.contribution for term in self.terms)

    def __getitem__(self, name: str) -> LossTerm:
        """The term of a name. Raises KeyError, with the names that there are, for another."""
        for term in self.terms:
            if term.name == name:
                return term
        raise KeyError(f"there is no term {name!r}: choose from {', '.join(term.name for term in self.terms)}")


@dataclass(frozen=True)
class Objective:
    """Σ weight_t · loss_t(features of the picture, target_t), to be minimised over the picture's pixels."""

    network: Network
    terms: tuple[Term, ...]

    @property
    def weights(self) -> NDArray[np.float64]:
        """One number a term."""
        return np.array([term.weight for term in self.terms])

    def evaluate(self, image: Pixels) -> Evaluation:
        """Loss, gradient and raw terms at a picture (height, width, 3) in [0, 1]. Raises NstVizError for lack of memory."""
        pixels, weights = tf.constant(image), self.weights
        gradient, raw = np.zeros_like(image), np.zeros(len(self.terms))
        for part in self.parts(image.shape[0] * image.shape[1]):
            terms = [self.terms[index] for index in part]
            function = traced_gradient(self.network, tuple(term.place for term in terms))
            of_part, raw[part] = self._call(function, pixels, tuple(t.target for t in terms), weights[part])
            gradient += of_part
        return Evaluation(float(raw @ weights), gradient, raw)

    def parts(self, area: int) -> list[list[int]]:
        """Which terms are evaluated together: all, in a picture of more than AT_ONCE pixels those of one layer at a time.

        The sum is the same, but the memory is that of the hungriest layer instead of all of them.
        """
        if area <= AT_ONCE:
            return [list(range(len(self.terms)))]
        layers = [term.place.layer for term in self.terms]
        return [[i for i, other in enumerate(layers) if other == layer] for layer in dict.fromkeys(layers)]

    def _call(self, function: Any, pixels: Any, targets: Any, weights: NDArray[np.float64]) -> tuple[Pixels, Any]:
        try:
            gradient, raw = function(pixels, targets, tf.constant(weights, tf.float32))
        except tf.errors.ResourceExhaustedError:
            raise NstVizError(
                f"the memory does not suffice for {pixels.shape[1]} x {pixels.shape[0]} pixels "
                f"with network {self.network.name}: choose a smaller --size"
            ) from None
        return gradient.numpy(), raw.numpy().astype(np.float64)

    def loss_terms(self, raw: Sequence[float] | NDArray[np.float64]) -> LossTerms:
        """The terms under their names, from the raw values of an evaluation."""
        pairs = zip(self.terms, raw, strict=True)
        return LossTerms(tuple(LossTerm(term.name, float(value), float(term.weight)) for term, value in pairs))

    def term_gradients(self, image: Pixels) -> dict[str, Pixels]:
        """Each weighted term's own gradient on the pixels; they add up to the gradient of the loss."""
        gradients = {}
        for term in self.terms:
            alone = (other if other is term else replace(other, weight=0.0) for other in self.terms)
            gradients[term.name] = Objective(self.network, tuple(alone)).evaluate(image).gradient
        return gradients


@lru_cache(maxsize=64)  # of a large picture one for each layer
def traced_gradient(network: Network, places: tuple[Place, ...]) -> Any:
    """A compiled function (image, targets, weights) -> (gradient of the weighted sum, raw terms).

    Pictures, targets and weights are its inputs: it is traced again for a new size, never for a new value.
    The one place where a gradient is taken.
    """
    layers = tuple(dict.fromkeys(place.layer for place in places if place.layer))

    @tf.function  # type: ignore[untyped-decorator]
    def gradient_and_terms(image: Any, targets: Any, weights: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            seen = {"": image, **features_of(network, layers, image)}
            raw = tf.stack(
                [
                    measure.apart(measure.of(seen[layer]), target)
                    for (measure, layer), target in zip(places, targets, strict=True)
                ]
            )
            loss = tf.reduce_sum(raw * weights)
        return tape.gradient(loss, image), raw

    return gradient_and_terms


def build_objective(
    config: TransferConfig, network: Network, content: Pixels | None, style: Pixels | None, shape: tuple[int, int]
) -> Objective:
    """The objective of a run: targets computed once, weights resolved.

    Content: pixels of the content picture, of the run's shape (height, width). Style: pixels of any size. What is summed,
    and what is raised, are those of `build_terms`.
    """
    pictures = {"content": content, "style": style}
    there = {kind: pixels for kind, pixels in pictures.items() if pixels is not None}
    return Objective(network, build_terms(config, network, there, shape))
