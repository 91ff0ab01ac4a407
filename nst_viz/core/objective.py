"""From terms to what is minimised: the weighted sum of the losses, and its gradient on the pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nst_viz.core.backend import tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Pixels
from nst_viz.core.losses import content_loss, gram_matrix, style_loss, total_variation_loss
from nst_viz.core.memory import AT_ONCE
from nst_viz.core.networks import Network
from nst_viz.core.optimisers import Evaluation
from nst_viz.core.terms import QUOTED_AREA, Term, TermKey, as_list, layer_terms


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
        return next(term for term in self.terms if term.name == name)


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
            function = traced_gradient(self.network, tuple(term.key for term in terms))
            of_part, raw[part] = self._call(function, pixels, tuple(t.target for t in terms), weights[part])
            gradient += of_part
        return Evaluation(float(raw @ weights), gradient, raw)

    def parts(self, area: int) -> list[list[int]]:
        """Which terms are evaluated together: all, in a picture of more than AT_ONCE pixels those of one layer at a time.

        The sum is the same, but the memory is that of the hungriest layer instead of all of them.
        """
        if area <= AT_ONCE:
            return [list(range(len(self.terms)))]
        layers = [term.key.layer for term in self.terms]
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
        return LossTerms(tuple(LossTerm(term.key.name, float(value), float(term.weight)) for term, value in pairs))

    def term_gradients(self, image: Pixels) -> dict[str, Pixels]:
        """Each weighted term's own gradient on the pixels; they add up to the gradient of the loss."""
        gradients = {}
        for term in self.terms:
            alone = (other if other is term else replace(other, weight=0.0) for other in self.terms)
            gradients[term.key.name] = Objective(self.network, tuple(alone)).evaluate(image).gradient
        return gradients


@lru_cache(maxsize=64)  # of a large picture one for each layer
def traced_gradient(network: Network, keys: tuple[TermKey, ...]) -> Any:
    """A compiled function (image, targets, weights) -> (gradient of the weighted sum, raw terms).

    Pictures, targets and weights are its inputs: it is traced again for a new size, never for a new value.
    The one place where a gradient is taken.
    """
    layers = tuple(dict.fromkeys(key.layer for key in keys if key.layer))
    model = network.model(layers) if layers else None

    @tf.function  # type: ignore[untyped-decorator]
    def gradient_and_terms(image: Any, targets: Any, weights: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(image)
            features = dict(zip(layers, as_list(model(image[None])), strict=True)) if model else {}
            raw = tf.stack([term_loss(key, image, features, target) for key, target in zip(keys, targets, strict=True)])
            loss = tf.reduce_sum(raw * weights)
        return tape.gradient(loss, image), raw

    return gradient_and_terms


def term_loss(key: TermKey, image: Any, features: Mapping[str, Any], target: Any) -> Any:
    """The raw loss of one term, a scalar tensor."""
    if key.kind == "content":
        return content_loss(features[key.layer], target)
    if key.kind == "style":
        return style_loss(gram_matrix(features[key.layer]), target)
    return total_variation_loss(image)


def check_sizes(config: TransferConfig, network: Network, shapes: Mapping[str, Sequence[int]], when: str = "") -> None:
    """Raises NstVizError where a picture, of a shape (height, width, …), is too small for the layers that look at it.

    `shapes` has one for "content" and "style" where the mode has them. The canvas has the shape of the content picture, in
    the style mode that of the style picture, and every layer looks at it. `when` goes before the sentence.
    """
    defaults = network.defaults_for(config.mode, config.size)
    kinds = [kind for kind in ("content", "style") if config.mode in ("style_transfer", kind)]
    layers = {kind: tuple(getattr(config, f"{kind}_layers") or getattr(defaults, f"{kind}_layers")) for kind in kinds}
    for kind in kinds:
        looking = layers[kind] if kind != kinds[0] else [layer for of_kind in layers.values() for layer in of_kind]
        network.check_size(shapes[kind], f"{when}the {kind} picture", looking)


def build_objective(
    config: TransferConfig, network: Network, content: Pixels | None, style: Pixels | None, shape: tuple[int, int]
) -> Objective:
    """The objective of a run: targets computed once, weights resolved.

    Content: pixels of the content picture, of the run's shape (height, width). Style: pixels of any size.
    Total: α · Σ w_l · content_l + β · Σ w_l · style_l + tv · TV (Gatys et al. 2015, eq. 7, with Chollet's TV).
    Raises NstVizError for an unknown layer, a picture too small for the layers, or weights that leave nothing to do.
    """
    pictures = {"content": content, "style": style}
    check_sizes(config, network, {kind: pixels.shape for kind, pixels in pictures.items() if pixels is not None})
    area = QUOTED_AREA / (shape[0] * shape[1])
    tv = network.defaults_for(config.mode, config.size).tv if config.tv is None else config.tv
    terms = [
        *layer_terms("content", config, network, content, area),
        *layer_terms("style", config, network, style, area),
        *([Term(TermKey("tv", ""), np.float32(0), tv * area)] if tv > 0 else []),
    ]
    if not any(term.weight > 0 for term in terms if term.key.kind != "tv"):
        raise NstVizError("no picture counts, because all its weights are zero: give alpha or beta a value above 0")
    return Objective(network, tuple(terms))
