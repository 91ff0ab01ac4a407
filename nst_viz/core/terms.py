"""From a config, a network and pictures to the terms of the loss, as values: what is compared, where, how much it counts."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nst_viz.core.backend import tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Pixels
from nst_viz.core.look import SMOOTHNESS_LOOK, Look, content_look, style_look
from nst_viz.core.measures import Features, Gram, Measure, Smoothness, energy
from nst_viz.core.networks import Network
from nst_viz.core.networks.layers import Layer

QUOTED_AREA = 512 * 512
"""pixels of the picture for which α and the TV weight are quoted"""


class Place(NamedTuple):
    """What of a term is compiled: how it compares, and at which layer (`""` for the pixels themselves)."""

    measure: Measure
    layer: str


@dataclass(frozen=True)
class Term:
    """One term of the loss: weight · measure.apart(measure.of(features of the picture), target)."""

    look: Look
    """its name, and how it is shown"""
    place: Place
    target: Any
    """what the measure keeps of the picture aimed at: features (1, h, w, N) for content, a Gram matrix (N, N) for style"""
    weight: float

    @property
    def name(self) -> str:
        """The dotted name under which the term is recorded: `style.block1_conv1`, `tv`."""
        return self.look.name


@dataclass(frozen=True)
class Aim:
    """What a run aims at in one of its pictures: the terms that compare with it, before any target is computed."""

    picture: str
    """which of the run's pictures: `content` or `style`"""
    measure: Measure
    look: Callable[[Layer], Look]
    factor: float
    """α or β"""
    layers: Mapping[str, float]
    """layer -> w_l"""
    literal_scale: float
    """what a weight is multiplied by where the paper's formula is taken as it stands"""


def build_terms(
    config: TransferConfig, network: Network, pictures: Mapping[str, Pixels], shape: tuple[int, int]
) -> tuple[Term, ...]:
    """All terms of a run, with their targets and weights.

    Total: α · Σ w_l · content_l + β · Σ w_l · style_l + tv · TV (Gatys et al. 2015, eq. 7, with Chollet's TV).
    Pictures: pixels by kind; content has the run's shape (height, width), style any. Raises NstVizError for an unknown
    layer, a picture too small for the layers, or weights that leave nothing to do.
    """
    check_sizes(config, network, {kind: pixels.shape for kind, pixels in pictures.items()})
    area = QUOTED_AREA / (shape[0] * shape[1])
    literal = (config.weighting or network.weighting) == "literal"
    terms = [
        term
        for aim in aims(config, network, area)
        if aim.factor > 0
        for term in terms_of(aim, network, pictures[aim.picture], literal)
    ]
    if not any(term.weight > 0 for term in terms):
        raise NstVizError("no picture counts, because all its weights are zero: give alpha or beta a value above 0")
    tv = network.defaults_for(config.mode, config.size).tv if config.tv is None else config.tv
    smoothness = Term(SMOOTHNESS_LOOK, Place(Smoothness(), ""), np.float32(0), tv * area)
    return (*terms, *([smoothness] if tv > 0 else []))


def check_sizes(config: TransferConfig, network: Network, shapes: Mapping[str, Sequence[int]], when: str = "") -> None:
    """Raises NstVizError where a picture, of a shape (height, width, …), is too small for the layers that look at it.

    `shapes` has one for "content" and "style" where the mode has them. The canvas has the shape of the content picture, in
    the style mode that of the style picture, and every layer looks at it. `when` goes before the sentence.
    """
    layers = {kind: layers_of(kind, config, network) for kind in config.kinds}
    for kind in config.kinds:
        looking = layers[kind] if kind != config.kinds[0] else [layer for of_kind in layers.values() for layer in of_kind]
        network.check_size(shapes[kind], f"{when}the {kind} picture", looking)


def aims(config: TransferConfig, network: Network, area: float) -> Iterator[Aim]:
    """What the config asks for, the network's own defaults where it leaves something open."""
    usual = network.defaults_for(config.mode, config.size)
    if "content" in config.kinds:
        alpha = usual.alpha if config.alpha is None else config.alpha
        # Differs from Gatys et al. (2015): α is quoted for 512 × 512, because the content sum grows with the area.
        yield Aim("content", Features(), content_look, alpha, layers_of("content", config, network), area)
    if "style" in config.kinds:
        beta = usual.beta if config.beta is None else config.beta
        yield Aim("style", Gram(), style_look, beta, layers_of("style", config, network), 1.0)


def layers_of(kind: str, config: TransferConfig, network: Network) -> dict[str, float]:
    """The layers of one kind with their weights w_l: as given, or the network's own. Raises NstVizError for an unknown one."""
    usual: Mapping[str, float] = getattr(network.defaults_for(config.mode, config.size), f"{kind}_layers")
    chosen: Mapping[str, float | None] = getattr(config, f"{kind}_layers") or usual
    network.check_layers(chosen)
    return {layer: usual.get(layer, 1.0) if weight is None else weight for layer, weight in chosen.items()}


def terms_of(aim: Aim, network: Network, pixels: Pixels, literal: bool) -> list[Term]:
    """The terms of one aim, one for each layer, their targets computed from the pixels of its picture."""
    terms = []
    for layer, target in kept_of(aim.measure, network, list(aim.layers), pixels).items():
        scale = aim.literal_scale if literal else 1 / energy(aim.measure, target)
        weight = aim.factor * aim.layers[layer] * scale
        terms.append(Term(aim.look(network.layer(layer)), Place(aim.measure, layer), target, weight))
    return terms


def kept_of(measure: Measure, network: Network, layers: Sequence[str], pixels: Pixels) -> dict[str, Any]:
    """What a measure keeps of a picture at each of the layers."""

    def keep(image: Any) -> list[Any]:
        return [measure.of(each) for each in features_of(network, layers, image).values()]

    # Compiled, features are dropped as soon as they are used; but to compile takes a second, which a small run need not wait.
    compute = tf.function(keep) if pixels.shape[0] * pixels.shape[1] > QUOTED_AREA else keep
    return dict(zip(layers, compute(tf.constant(pixels)), strict=True))


def features_of(network: Network, layers: Sequence[str], image: Any) -> dict[str, Any]:
    """The network's features of a picture (height, width, 3): layer name -> tensor (1, h, w, N)."""
    if not layers:
        return {}
    outputs = network.model(tuple(layers))(image[None])
    # A Keras model with one output gives that, not a list of one.
    return dict(zip(layers, outputs if isinstance(outputs, list | tuple) else [outputs], strict=True))
