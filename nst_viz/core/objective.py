"""From a config, a network and pictures to what is minimised: a list of weighted terms, and their gradient on the pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nst_viz.core.backend import tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Pixels
from nst_viz.core.losses import content_loss, gram_matrix, style_loss, total_variation_loss
from nst_viz.core.networks import Network
from nst_viz.core.optimisers import Evaluation

QUOTED_AREA = 512 * 512
"""pixels of the picture for which α and the TV weight are quoted"""


class TermKey(NamedTuple):
    """What a term compares: `kind` is content, style or tv; `layer` is empty for tv."""

    kind: str
    layer: str

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.layer}" if self.layer else self.kind


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
    keys: tuple[TermKey, ...]
    targets: tuple[Any, ...]
    """one tensor a term but tv: features (1, h, w, N) for content, a Gram matrix (N, N) for style"""
    weights: NDArray[np.float64]
    """one number a term"""

    def evaluate(self, image: Pixels) -> Evaluation:
        """Loss, gradient and raw terms at a picture (height, width, 3) in [0, 1]."""
        gradient, raw = traced_gradient(self.network, self.keys)(
            tf.constant(image), self.targets, tf.constant(self.weights, tf.float32)
        )
        raw = raw.numpy().astype(np.float64)
        return Evaluation(float(raw @ self.weights), gradient.numpy(), raw)

    def loss_terms(self, raw: Sequence[float] | NDArray[np.float64]) -> LossTerms:
        """The terms under their names, from the raw values of an evaluation."""
        return LossTerms(
            tuple(
                LossTerm(key.name, float(value), float(weight))
                for key, value, weight in zip(self.keys, raw, self.weights, strict=True)
            )
        )

    def term_gradients(self, image: Pixels) -> dict[str, Pixels]:
        """Each weighted term's own gradient on the pixels; they add up to the gradient of the loss."""
        gradients = {}
        for index, key in enumerate(self.keys):
            only = np.zeros_like(self.weights)
            only[index] = self.weights[index]
            alone = Objective(self.network, self.keys, self.targets, only)
            gradients[key.name] = alone.evaluate(image).gradient
        return gradients


@lru_cache(maxsize=8)
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
        return style_loss(gram_matrix(features[key.layer][0]), target)
    return total_variation_loss(image)


def as_list(outputs: Any) -> list[Any]:
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def features_of(network: Network, layers: Sequence[str], image: Pixels) -> dict[str, Any]:
    """The network's features of a picture: layer name -> tensor (1, h, w, N)."""
    if not layers:
        return {}
    return dict(zip(layers, as_list(network.model(tuple(layers))(image[None])), strict=True))


def build_objective(
    config: TransferConfig, network: Network, content: Pixels | None, style: Pixels | None, shape: tuple[int, int]
) -> Objective:
    """The objective of a run: targets computed once, weights resolved.

    Content: pixels of the content picture, of the run's shape (height, width). Style: pixels of any size.
    Total: α · Σ w_l · content_l + β · Σ w_l · style_l + tv · TV (Gatys et al. 2015, eq. 7, with Chollet's TV).
    Raises NstVizError for an unknown layer, a picture below the network's minimum, or weights that leave nothing to do.
    """
    defaults = network.defaults[config.mode]
    for kind, pixels in (("content", content), ("style", style)):
        if pixels is not None and min(pixels.shape[:2]) < network.minimum_size:
            raise NstVizError(
                f"the {kind} picture is {pixels.shape[1]} x {pixels.shape[0]} pixels at this size: network {network.name} "
                f"needs {network.minimum_size} pixels or more on each side, so raise the size or crop the picture"
            )
    area = QUOTED_AREA / (shape[0] * shape[1])
    keys: list[TermKey] = []
    targets: list[Any] = []
    weights: list[float] = []

    def add(kind: str, pixels: Pixels | None, layers: Mapping[str, float | None], factor: float, literal: bool) -> None:
        if pixels is None or factor == 0:
            return
        features = features_of(network, list(layers), pixels)
        for layer, weight in layers.items():
            key = TermKey(kind, layer)
            target = features[layer] if kind == "content" else gram_matrix(features[layer][0])
            weight = getattr(defaults, f"{kind}_layers").get(layer, 1.0) if weight is None else weight
            # Differs from Gatys et al. (2015): α is quoted for 512 × 512, for the content sum grows with the area.
            scale = (area if kind == "content" else 1.0) if literal else 1 / energy(key, target)
            keys.append(key)
            targets.append(target)
            weights.append(factor * weight * scale)

    for kind, pixels, factor in (("content", content, "alpha"), ("style", style, "beta")):
        if config.mode in ("style_transfer", kind):
            chosen = getattr(config, f"{kind}_layers")
            layers = getattr(defaults, f"{kind}_layers") if chosen is None else chosen
            network.check_layers(layers)
            given = getattr(config, factor)
            literal = is_literal(config, network, chosen)
            add(kind, pixels, layers, getattr(defaults, factor) if given is None else given, literal)
    tv = defaults.tv if config.tv is None else config.tv
    if tv > 0:
        keys.append(TermKey("tv", ""))
        targets.append(np.float32(0))
        weights.append(tv * area)
    if not any(weight > 0 for weight in weights):
        raise NstVizError("all weights are zero, so there is nothing to do: give alpha, beta or tv a value above 0")
    return Objective(network, tuple(keys), tuple(targets), np.array(weights))


def is_literal(config: TransferConfig, network: Network, layers: Mapping[str, float | None] | None) -> bool:
    """Whether these layers' weights are the paper's w_l as they stand, or relative to their targets' energies."""
    if config.weighting is not None:
        return config.weighting == "literal"
    if layers is not None and any(weight is not None for weight in layers.values()):
        return True
    return network.weighting == "literal"


def energy(key: TermKey, target: Any) -> float:
    """The term's raw loss for a picture that excites nothing: the scale of a balanced weight. 1 for a target of zeros."""
    loss = content_loss if key.kind == "content" else style_loss
    return float(loss(0.0 * target, target)) or 1.0
