"""From a picture and a function to minimise to the next picture: L-BFGS, Adam and SGD, each with its state in plain arrays.

An optimiser here is a frozen set of hyperparameters with two methods: `start(image, evaluate)` makes the first state and
`step(state, evaluate)` makes the next one. A state is a dictionary of NumPy arrays, so that a checkpoint can hold it and a
resumed run continues bit for bit. Pixels stay in [0, 1] by projection between steps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
State = dict[str, Any]
"""name -> array, or list of arrays"""


class Evaluation(NamedTuple):
    """What is minimised, at one picture."""

    loss: float
    gradient: Array
    """∂loss/∂pixel, shape (height, width, 3)"""
    raw: NDArray[np.float64]
    """each term of the loss before its weight, shape (terms,)"""


Evaluate = Callable[[Array], Evaluation]


def state_of(image: Array, evaluation: Evaluation, **more: Any) -> State:
    """What every optimiser's state holds: the picture and the evaluation there."""
    loss, gradient, raw = evaluation
    return {"image": image, "loss": np.asarray(loss, np.float64), "gradient": gradient, "raw": raw, **more}


class Optimiser(Protocol):
    """What each optimiser can do; `state["image"]` is the current picture, float32 (height, width, 3)."""

    def start(self, image: Array, evaluate: Evaluate) -> State: ...

    def step(self, state: State, evaluate: Evaluate) -> State: ...


def project(image: NDArray[Any]) -> Array:
    """The nearest picture whose pixels are in [0, 1]."""
    inside: Array = np.clip(image, np.float32(0), np.float32(1))
    return inside


def dot(a: Array, b: Array) -> float:
    return float(np.dot(a.ravel(), b.ravel()))


@dataclass(frozen=True)
class SGD:
    """Gradient descent whose learning rate decays exponentially (Chollet's Keras example: × 0.96 per 100 steps).

    x ← P(x − η · decay^(t / decay_steps) · ∇f(x) / mean|∇f(x_0)|), P the projection onto [0, 1].
    # Differs from Chollet: η is in units of the first gradient, so that it means the same for each network and weight.
    """

    learning_rate: float = 0.02
    """mean change of a pixel in the first step, range 0 to 1"""
    decay: float = 0.96
    decay_steps: int = 100

    def start(self, image: Array, evaluate: Evaluate) -> State:
        first = evaluate(image)
        return state_of(image, first, unit=np.asarray(np.abs(first.gradient).mean()), step=np.array(0))

    def step(self, state: State, evaluate: Evaluate) -> State:
        if not state["unit"] > 0:
            return state
        rate = self.learning_rate * self.decay ** (int(state["step"]) / self.decay_steps) / state["unit"]
        image = project(state["image"] - np.float32(rate) * state["gradient"])
        return state_of(image, evaluate(image), unit=state["unit"], step=np.asarray(state["step"] + 1))


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2015, algorithm 1), followed by the projection onto [0, 1]."""

    learning_rate: float = 0.02
    """change of a pixel in a step at most, roughly, range 0 to 1"""
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def start(self, image: Array, evaluate: Evaluate) -> State:
        zeros = np.zeros_like(image)
        return state_of(image, evaluate(image), mean=zeros, variance=zeros, step=np.array(0))

    def step(self, state: State, evaluate: Evaluate) -> State:
        step, gradient = int(state["step"]) + 1, state["gradient"]
        mean = self.beta1 * state["mean"] + (1 - self.beta1) * gradient
        variance = self.beta2 * state["variance"] + (1 - self.beta2) * gradient**2
        rate = self.learning_rate / (1 - self.beta1**step)
        image = project(state["image"] - rate * mean / (np.sqrt(variance / (1 - self.beta2**step)) + self.epsilon))
        return state_of(image, evaluate(image), mean=mean, variance=variance, step=np.array(step))


@dataclass(frozen=True)
class LBFGS:
    """Limited-memory BFGS with bounds: two-loop recursion and a strong Wolfe search (Nocedal & Wright 2006, alg. 7.4, 3.5).

    Pixels on a bound whose gradient points outwards are held for the step, and the search runs along the projected path
    P(x + t·d) (Bertsekas 1982), so every trial point is a picture and the line search sees the function that it searches.
    """

    history: int = 20
    first_move: float = 0.02
    """mean change of a pixel that the very first trial step makes, in units of the range [0, 1]"""
    armijo: float = 1e-4
    curvature: float = 0.9
    max_evaluations: int = 20
    """evaluations at most in one line search"""

    def start(self, image: Array, evaluate: Evaluate) -> State:
        return state_of(image, evaluate(image), moves=[], changes=[])

    def step(self, state: State, evaluate: Evaluate) -> State:
        image, gradient = state["image"], state["gradient"]
        held = ((image <= 0) & (gradient > 0)) | ((image >= 1) & (gradient < 0))
        free_gradient = np.where(held, np.float32(0), gradient)
        if not free_gradient.any():
            return state
        for moves, changes in ((state["moves"], state["changes"]), ([], [])):
            direction = np.where(held, np.float32(0), -self.two_loop(free_gradient, moves, changes))
            first = 1.0 if len(moves) else self.first_move / float(np.abs(direction).mean())
            found = self.line_search(image, float(state["loss"]), gradient, direction, first, evaluate)
            if found:
                break
        else:
            return state  # neither the quasi-Newton nor the plain direction lowers the loss: converged to rounding
        new_image, evaluation = found
        move, change = new_image - image, evaluation.gradient - gradient
        if dot(move, change) > 1e-10 * dot(change, change):
            moves = [*moves[-self.history + 1 :], move]
            changes = [*changes[-self.history + 1 :], change]
        return state_of(new_image, evaluation, moves=moves, changes=changes)

    @staticmethod
    def two_loop(gradient: Array, moves: Sequence[Array], changes: Sequence[Array]) -> Array:
        """H·gradient, H the inverse Hessian that the last moves s and gradient changes y imply (Nocedal & Wright, alg. 7.4)."""
        if not len(moves):
            return gradient
        direction = gradient.copy()
        curvatures = [dot(s, y) for s, y in zip(moves, changes, strict=True)]
        shares = []
        for s, y, sy in reversed(list(zip(moves, changes, curvatures, strict=True))):
            shares.append(np.float32(dot(s, direction) / sy))
            direction -= shares[-1] * y
        direction *= np.float32(curvatures[-1] / dot(changes[-1], changes[-1]))
        for s, y, sy, share in zip(moves, changes, curvatures, reversed(shares), strict=True):
            direction += (share - np.float32(dot(y, direction) / sy)) * s
        return direction

    def line_search(
        self, image: Array, loss: float, gradient: Array, direction: Array, trial: float, evaluate: Evaluate
    ) -> tuple[Array, Evaluation] | None:
        """A step that fulfils the strong Wolfe conditions along P(x + t·d); the best sufficient one where none is found."""
        slope = dot(gradient, direction)
        if not slope < 0:
            return None
        low, low_loss, low_slope, high = 0.0, loss, slope, np.inf
        best: tuple[Array, Evaluation] | None = None
        for _ in range(self.max_evaluations):
            path = image + np.float32(trial) * direction
            point = project(path)
            there = evaluate(point)
            if not np.isfinite(there.loss):
                high, trial = trial, 0.5 * (low + trial)
                continue
            point_slope = dot(there.gradient, np.where(path == point, direction, np.float32(0)))
            sufficient = there.loss <= loss + self.armijo * dot(gradient, point - image)
            if sufficient and (best is None or there.loss < best[1].loss):
                best = point, there
            if sufficient and abs(point_slope) <= -self.curvature * slope:
                return best
            if not sufficient or there.loss >= low_loss or point_slope > 0:
                curved = there.loss - low_loss - low_slope * (trial - low)
                step = -0.5 * low_slope * (trial - low) ** 2 / curved if curved > 0 else np.inf
                high, trial = trial, low + float(np.clip(step, 0.1 * (trial - low), 0.5 * (trial - low)))
            else:
                low, low_loss, low_slope = trial, there.loss, point_slope
                trial = 4.0 * trial if np.isinf(high) else 0.5 * (low + high)
            if high - low < 1e-9 * max(low, 1e-12):
                break
        return best
