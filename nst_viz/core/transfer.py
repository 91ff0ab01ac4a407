"""From a config and its pictures to a run that is ready to start: network, objective and canvas."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from typing import Any

import numpy as np

from nst_viz.core.config import FACTORS, TransferConfig
from nst_viz.core.image import Picture, Pixels, noise_image, resize
from nst_viz.core.networks import Network, load_network
from nst_viz.core.objective import Objective, build_objective
from nst_viz.core.optimise import Iterate, iterate, optimise, resume
from nst_viz.core.optimisers import State


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

    def iterates(self, gradients_every: int = 0) -> Iterator[Iterate]:
        """The stream of steps, from the canvas on."""
        if self.coarse is None:
            return optimise(self.objective, self.canvas, self.config, gradients_every)
        return self._coarse_to_fine(self.coarse.iterates(gradients_every), gradients_every)

    def iterates_after(self, step: int, state: State, gradients_every: int = 0) -> Iterator[Iterate]:
        """The stream of steps after one whose state was kept."""
        if self.coarse is None or state["image"].shape == self.canvas.shape:
            return resume(self.objective, state, step, self.config, gradients_every)
        again = self.coarse._iterate_at(step, state)
        following = chain([again], self.coarse.iterates_after(step, state, gradients_every))
        return islice(self._coarse_to_fine(following, gradients_every), 1, None)

    def _iterate_at(self, step: int, state: State) -> Iterate:
        """The step whose state was kept."""
        if self.coarse is None or state["image"].shape == self.canvas.shape:
            return iterate(self.objective, step, state, 0)
        return self.coarse._iterate_at(step, state)

    def _coarse_to_fine(self, coarse: Iterator[Iterate], gradients_every: int) -> Iterator[Iterate]:
        """The coarse steps, shown with pixels of twice the size; then the fine ones, from their last one enlarged."""
        height, width = self.canvas.shape[:2]
        for last in coarse:
            maps = {name: in_blocks(gradient, height, width) for name, gradient in (last.gradients or {}).items()}
            yield replace(last, image=in_blocks(last.image, height, width), gradients=maps or None)
            if last.step == self.config.coarse_steps - 1:
                break
        yield from optimise(self.objective, resize(last.image, height, width), self.config, gradients_every, last.step + 1)

    def about(self) -> dict[str, Any]:
        """The network that was computed with, for the record; its defaults stand for what the config leaves open."""
        defaults = self.network.defaults_for(self.config.mode, self.config.size)
        return {
            "name": self.network.name,
            "weights_sha256": self.network.weights_hash,
            "defaults": {"weighting": self.network.weighting, **asdict(defaults)},
        }


def prepare(config: TransferConfig, pictures: Mapping[str, Picture]) -> Transfer:
    """Build the network and compute the targets from the pictures of `load_pictures`. Raises NstVizError.

    The canvas has the shape of the content picture, in the style mode that of the style picture.
    """
    network = load_network(config.network, config.weights, config.pooling, config.precision)
    init = config.init or network.defaults_for(config.mode, config.size).init
    config.check_start(init)
    height, width = pictures["style" if config.mode == "style" else "content"].pixels.shape[:2]
    content, style = (pictures[kind].pixels if kind in pictures else None for kind in ("content", "style"))
    objective = build_objective(config, network, content, style, (height, width))
    if init == "noise":
        canvas = noise_image(height, width, config.seed)
    else:
        canvas = resize(pictures[init if init in pictures else "init"].pixels, height, width)
    return Transfer(config, network, objective, canvas, halved(config, network, pictures) if config.coarse_steps else None)


def halved(config: TransferConfig, network: Network, pictures: Mapping[str, Picture]) -> Transfer:
    """The same run at half the size, with the layers and weights that it has at its own; of its steps each size has as many."""
    usual = asdict(network.defaults_for(config.mode, config.size))
    kinds = [(kind, factor) for kind, factor in FACTORS.items() if config.mode in ("style_transfer", kind)]
    names = [factor for _, factor in kinds] + [f"{kind}_layers" for kind, factor in kinds if getattr(config, factor) != 0]
    same = {name: usual[name] for name in (*names, "tv", "init") if getattr(config, name) is None}
    small = {}
    for kind, picture in pictures.items():
        height, width = picture.pixels.shape[:2]
        small[kind] = replace(picture, pixels=resize(picture.pixels, (height + 1) // 2, (width + 1) // 2))
    coarser = config.coarse_steps - math.ceil(config.coarse_steps / len(config.coarse_sizes))
    same |= {"size": config.coarse_sizes[-1], "steps": config.coarse_steps, "coarse_steps": coarser}
    return prepare(config.replace(**same), small)


def in_blocks(pixels: Pixels, height: int, width: int) -> Pixels:
    """The picture at another size, each pixel a rectangle: what a small picture is, shown large."""
    rows, columns = (np.arange(full) * part // full for full, part in zip((height, width), pixels.shape, strict=False))
    shown: Pixels = pixels[rows][:, columns]
    return shown
