"""From a config, a network and pictures to the terms of the loss: what each compares, with which target and weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from nst_viz.core.backend import tf
from nst_viz.core.config import LayerWeights, TransferConfig
from nst_viz.core.image import Pixels
from nst_viz.core.losses import content_loss, gram_matrix, style_loss
from nst_viz.core.networks import Network

QUOTED_AREA = 512 * 512
"""pixels of the picture for which α and the TV weight are quoted"""

FAINTEST = 0.02
"""features this strong are just not lost in a picture's grain; those of the sample pictures are 0.03 to 0.2"""

FACTORS = {"content": "alpha", "style": "beta"}


class TermKey(NamedTuple):
    """What a term compares: features for content, Gram matrices for style, neighbouring pixels for tv (no layer)."""

    kind: Literal["content", "style", "tv"]
    layer: str

    @property
    def name(self) -> str:
        """The dotted name under which the term is recorded: `style.block1_conv1`, `tv`."""
        return f"{self.kind}.{self.layer}" if self.layer else self.kind


@dataclass(frozen=True)
class Term:
    """One term of the loss: weight · loss(features of the picture, target)."""

    key: TermKey
    target: Any
    """tensor: features (1, h, w, N) for content, a Gram matrix (N, N) for style, 0 for tv"""
    weight: float


def layer_terms(
    kind: Literal["content", "style"], config: TransferConfig, network: Network, pixels: Pixels | None, area: float
) -> list[Term]:
    """The content or the style terms of a run: α w_l or β w_l times the scale of the weighting, targets from the pixels.

    `area` is QUOTED_AREA divided by the run's own. No terms where the mode has none of this kind or its factor is 0.
    Raises NstVizError for a layer that the network has not.
    """
    if pixels is None or config.mode not in ("style_transfer", kind):
        return []
    defaults = network.defaults_for(config.mode, config.size)
    chosen: LayerWeights | None = getattr(config, f"{kind}_layers")
    usual: Mapping[str, float] = getattr(defaults, f"{kind}_layers")
    factor = getattr(config, FACTORS[kind])
    factor = getattr(defaults, FACTORS[kind]) if factor is None else factor
    layers: Mapping[str, float | None] = usual if chosen is None else chosen
    network.check_layers(layers)
    literal = (config.weighting or network.weighting) == "literal"
    terms = []
    for key, target in targets_of(kind, network, list(layers), pixels).items():
        layer = key.layer
        given = layers[layer]
        weight = usual.get(layer, 1.0) if given is None else given
        # Differs from Gatys et al. (2015): α is quoted for 512 × 512, for the content sum grows with the area.
        scale = (area if kind == "content" else 1.0) if literal else 1 / energy(key, target)
        terms.append(Term(key, target, factor * weight * scale))
    return [term for term in terms if factor > 0]


def energy(key: TermKey, target: Any) -> float:
    """The term's raw loss for a picture that excites nothing: the unit of a balanced weight.

    At least that of features which are FAINTEST everywhere, so that a picture in which a layer sees nothing stays a target.
    """
    loss = content_loss if key.kind == "content" else style_loss
    faintest = FAINTEST if key.kind == "content" else FAINTEST**2
    return max(float(loss(0.0 * target, target)), float(loss(0.0 * target, 0.0 * target + faintest)))


def targets_of(
    kind: Literal["content", "style"], network: Network, layers: Sequence[str], pixels: Pixels
) -> dict[TermKey, Any]:
    """What the terms of these layers are compared with: features for content, Gram matrices for style."""

    def targets(image: Any) -> list[Any]:
        features = features_of(network, layers, image).values()
        return [each if kind == "content" else gram_matrix(each) for each in features]

    # Compiled, features are dropped as soon as they are used; but to compile takes a second, which a small run need not wait.
    compute = tf.function(targets) if pixels.shape[0] * pixels.shape[1] > QUOTED_AREA else targets
    return dict(zip([TermKey(kind, layer) for layer in layers], compute(tf.constant(pixels)), strict=True))


def features_of(network: Network, layers: Sequence[str], image: Pixels) -> dict[str, Any]:
    """The network's features of a picture: layer name -> tensor (1, h, w, N)."""
    return dict(zip(layers, as_list(network.model(tuple(layers))(image[None])), strict=True)) if layers else {}


def as_list(outputs: Any) -> list[Any]:
    """What a Keras model returns, which is no list where it has one output."""
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]
