"""From a config and its pictures to a run that is ready to start: network, objective and canvas."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from nst_viz.core.config import FACTORS, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture, Pixels, noise_image, resize
from nst_viz.core.look import KINDS, Look
from nst_viz.core.networks import Network, load_network
from nst_viz.core.objective import Objective, build_objective
from nst_viz.core.optimise import Iterate, optimise, resume
from nst_viz.core.optimisers import State
from nst_viz.core.terms import check_sizes


@dataclass(frozen=True)
class Transfer:
    """A run that is ready to start, or to go on."""

    config: TransferConfig
    network: Network
    objective: Objective
    canvas: Pixels
    """the picture before the first step, (height, width, 3)"""
    coarse: "Transfer | None" = None
    """the same at half the size, where the config asks for coarse steps first; it may begin with coarser ones of its own"""

    @property
    def coarse_sizes(self) -> tuple[int, ...]:
        """The sizes of the coarse steps, smallest first; empty where there are none."""
        return (*self.coarse.coarse_sizes, self.coarse.config.size) if self.coarse else ()

    def iterates(self, gradients_every: int = 0) -> Iterator[Iterate]:
        """The stream of steps, from the canvas on. The pictures of coarse steps are small."""
        if self.coarse is None:
            return optimise(self.objective, self.canvas, self.config, gradients_every)
        return self._coarse_to_fine(self.coarse.iterates(gradients_every), self.coarse.canvas, -1, gradients_every)

    def iterates_after(self, step: int, state: State, gradients_every: int = 0) -> Iterator[Iterate]:
        """The stream of steps after one whose state was kept."""
        if self.coarse is None or state["image"].shape == self.canvas.shape:
            return resume(self.objective, state, step, self.config, gradients_every)
        following = self.coarse.iterates_after(step, state, gradients_every)
        return self._coarse_to_fine(following, state["image"], step, gradients_every)

    def _coarse_to_fine(self, coarse: Iterator[Iterate], image: Pixels, step: int, gradients_every: int) -> Iterator[Iterate]:
        """The coarse steps after `step` with its picture, as far as they go; then the fine ones from the last, enlarged."""
        for following in islice(coarse, self.config.coarse_steps - 1 - step):
            image, step = following.image, following.step
            yield following
        yield from optimise(self.objective, resize(image, *self.canvas.shape[:2]), self.config, gradients_every, step + 1)

    def looks(self) -> tuple[Look, ...]:
        """How each term of the loss is shown, in the order in which they are shown."""
        place = {layer: index for index, layer in enumerate(self.network.layer_names)}
        shown = sorted(self.objective.terms, key=lambda term: (KINDS.index(term.look.kind), place.get(term.place.layer, 0)))
        return tuple(term.look for term in shown)

    def about(self) -> dict[str, Any]:
        """The network that was computed with, for the record; its defaults stand for what the config leaves open."""
        defaults = self.network.defaults_for(self.config.mode, self.config.size)
        return {
            "name": self.network.name,
            "weights_sha256": self.network.weights_hash,
            "defaults": {"weighting": self.network.weighting, **asdict(defaults)},
            "layers": [asdict(layer) for layer in self.network.offered()],
            "coarse_sizes": list(self.coarse_sizes),
        }


def network_of(config: TransferConfig) -> Network:
    """The network that a config names, as it wants it. Raises NstVizError where it cannot be had."""
    how = {name: getattr(config, name) for name in ("weights", "pooling", "precision", "preprocess")}
    return load_network(config.network, **how)


def prepare(config: TransferConfig, pictures: Mapping[str, Picture]) -> Transfer:
    """Build the network and compute the targets from the pictures of `load_pictures`. Raises NstVizError.

    The canvas has the shape of the content picture, in the style mode that of the style picture.
    """
    network = network_of(config)
    init = config.init or network.defaults_for(config.mode, config.size).init
    config.check_start(init)
    height, width = pictures["style" if config.mode == "style" else "content"].pixels.shape[:2]
    content, style = (pictures[kind].pixels if kind in pictures else None for kind in ("content", "style"))
    objective = build_objective(config, network, content, style, (height, width))
    if init == "noise":
        canvas = noise_image(height, width, config.seed)
    else:
        canvas = resize(pictures[init if init in pictures else "init"].pixels, height, width)
    return Transfer(config, network, objective, canvas, coarser(config, network, pictures) if config.coarse_steps else None)


def coarser(config: TransferConfig, network: Network, pictures: Mapping[str, Picture]) -> Transfer:
    """The same run at half the size, with the layers and weights that it has at its own; of its steps each size has as many.

    Raises NstVizError where a picture is too small to be halved even once.
    """
    usual = asdict(network.defaults_for(config.mode, config.size))
    factors = {kind: FACTORS[kind] for kind in config.kinds}
    names = [*factors.values(), *(f"{kind}_layers" for kind, factor in factors.items() if getattr(config, factor) != 0)]
    same = {name: usual[name] for name in (*names, "tv", "init") if getattr(config, name) is None}
    sizes = fitting_sizes(config, network, pictures)
    steps = config.coarse_steps - math.ceil(config.coarse_steps / len(sizes))
    same |= {"size": sizes[-1], "steps": config.coarse_steps, "coarse_steps": steps}
    return prepare(config.replace(**same), {kind: halved(picture) for kind, picture in pictures.items()})


def fitting_sizes(config: TransferConfig, network: Network, pictures: Mapping[str, Picture]) -> tuple[int, ...]:
    """Those of the config's coarse sizes at which the pictures are large enough for the layers, smallest first.

    Raises NstVizError where there is none.
    """
    shapes: dict[str, tuple[int, ...]] = {kind: picture.pixels.shape for kind, picture in pictures.items()}
    sizes: list[int] = []
    for size in reversed(config.coarse_sizes):
        shapes = {kind: ((height + 1) // 2, (width + 1) // 2) for kind, (height, width, *_) in shapes.items()}
        try:
            check_sizes(config, network, shapes, "with coarse_steps, which can be left out, half ")
        except NstVizError:
            if not sizes:
                raise
            break
        sizes.insert(0, size)
    return tuple(sizes)


def halved(picture: Picture) -> Picture:
    """The picture at half the size, sides rounded up."""
    height, width = picture.pixels.shape[:2]
    return replace(picture, pixels=resize(picture.pixels, (height + 1) // 2, (width + 1) // 2))
