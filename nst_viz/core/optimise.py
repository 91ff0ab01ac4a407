"""From an objective and a canvas to a stream of Iterates: the picture and its losses, step by step."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import DivergedError
from nst_viz.core.image import Pixels
from nst_viz.core.objective import LossTerms, Objective
from nst_viz.core.optimisers import LBFGS, SGD, Adam, Optimiser, State


@dataclass(frozen=True)
class Iterate:
    """The run at one step: step 0 is the canvas before the first step."""

    step: int
    losses: LossTerms
    state: State
    """everything that the optimiser needs to go on from here, bit for bit"""
    gradients: Mapping[str, Pixels] | None = None
    """each term's own gradient on the pixels, at the steps where it was asked for"""

    @property
    def image(self) -> Pixels:
        """The picture, (height, width, 3): in a coarse step a small one."""
        image: Pixels = self.state["image"]
        return image


def make_optimiser(config: TransferConfig) -> Optimiser:
    """The optimiser that a config names, with its learning rate or the default one."""
    if config.optimizer == "lbfgs":
        return LBFGS()
    kind = Adam if config.optimizer == "adam" else SGD
    return kind() if config.lr is None else kind(learning_rate=config.lr)


def optimise(
    objective: Objective, canvas: Pixels, config: TransferConfig, gradients_every: int = 0, first: int = 0
) -> Iterator[Iterate]:
    """Minimise the objective from a canvas (height, width, 3), which is step `first`: yields that, … config.steps.

    With `gradients_every` K above 0 each K-th iterate brings every term's own gradient. Ends early where the optimiser
    finds nothing left to gain. Raises DivergedError when the loss is no longer finite.
    """
    state = make_optimiser(config).start(canvas, objective.evaluate)
    yield iterate(objective, first, state, gradients_every)
    yield from resume(objective, state, first, config, gradients_every)


def resume(
    objective: Objective, state: State, step: int, config: TransferConfig, gradients_every: int = 0
) -> Iterator[Iterate]:
    """Go on from the state after `step`: yields steps step + 1, … config.steps, as `optimise` would have."""
    optimiser = make_optimiser(config)
    while step < config.steps:
        following = optimiser.step(state, objective.evaluate)
        if following is state:
            return
        state, step = following, step + 1
        yield iterate(objective, step, state, gradients_every)


def iterate(objective: Objective, step: int, state: State, gradients_every: int) -> Iterate:
    """The iterate of a state. Raises DivergedError, which names the term, for one that is not finite."""
    losses = objective.loss_terms(state["raw"])
    if not (np.isfinite(losses.total()) and np.isfinite(state["gradient"]).all()):
        broken = [term.name for term in losses.terms if not np.isfinite(term.contribution)] or ["the gradient"]
        raise DivergedError(
            f"the loss was no longer a number at step {step} (in {', '.join(broken)}): "
            "try a smaller learning rate or smaller weights"
        )
    wanted = gradients_every > 0 and step % gradients_every == 0
    return Iterate(step, losses, state, objective.term_gradients(state["image"]) if wanted else None)
