"""From a config and its pictures to a run that is ready to start: network, objective and canvas."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from nst_viz.core.config import TransferConfig
from nst_viz.core.image import Picture, Pixels, noise_image, resize
from nst_viz.core.networks import Network, load_network
from nst_viz.core.objective import Objective, build_objective
from nst_viz.core.optimise import Iterate, optimise, resume
from nst_viz.core.optimisers import State


@dataclass(frozen=True)
class Transfer:
    """A run that is ready to start, or to go on."""

    config: TransferConfig
    network: Network
    objective: Objective
    canvas: Pixels
    """the picture before the first step, (height, width, 3)"""

    def iterates(self, gradients_every: int = 0) -> Iterator[Iterate]:
        """The stream of steps, from the canvas on."""
        return optimise(self.objective, self.canvas, self.config, gradients_every)

    def iterates_after(self, step: int, state: State, gradients_every: int = 0) -> Iterator[Iterate]:
        """The stream of steps after one whose state was kept."""
        return resume(self.objective, state, step, self.config, gradients_every)

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
    network = load_network(config.network, config.weights, config.pooling)
    height, width = pictures["style" if config.mode == "style" else "content"].pixels.shape[:2]
    content, style = (pictures[kind].pixels if kind in pictures else None for kind in ("content", "style"))
    objective = build_objective(config, network, content, style, (height, width))
    init = config.init or network.defaults_for(config.mode, config.size).init
    if init == "noise":
        canvas = noise_image(height, width, config.seed)
    else:
        canvas = resize(pictures[init if init in pictures else "init"].pixels, height, width)
    return Transfer(config, network, objective, canvas)
