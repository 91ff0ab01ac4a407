"""L-BFGS against SciPy's, Adam and SGD against their formulas, on a small problem whose answer is known."""

import numpy as np
import pytest
from scipy.optimize import minimize

from nst_viz.core.optimisers import LBFGS, SGD, Adam, Evaluation, Optimiser, State

SHAPE = (8, 8, 3)
SIZE = 192


class Bowl:
    """A tilted quartic bowl of condition number about 100 whose lowest point is partly outside [0, 1]."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        a = rng.standard_normal((SIZE, SIZE))
        self.hessian, self.tilt, self.calls = a.T @ a / SIZE + 0.01 * np.eye(SIZE), rng.standard_normal(SIZE), 0

    def value(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        pull = self.hessian @ x
        return 0.5 * x @ pull - self.tilt @ x + ((x - 0.3) ** 4).sum(), pull - self.tilt + 4 * (x - 0.3) ** 3

    def __call__(self, image: np.ndarray) -> Evaluation:
        self.calls += 1
        value, gradient = self.value(image.ravel().astype(np.float64))
        return Evaluation(float(value), gradient.reshape(SHAPE).astype(np.float32), np.array([value]))


def run(optimiser: Optimiser, steps: int, evaluate: Bowl) -> State:
    state = optimiser.start(np.full(SHAPE, 0.5, np.float32), evaluate)
    for _ in range(steps):
        state = optimiser.step(state, evaluate)
        assert state["image"].min() >= 0
        assert state["image"].max() <= 1
    return state


def test_lbfgs_reaches_what_scipy_reaches() -> None:
    bowl = Bowl()
    theirs = minimize(bowl.value, np.full(SIZE, 0.5), jac=True, method="L-BFGS-B", bounds=[(0, 1)] * SIZE)
    ours = run(LBFGS(), 30, bowl)
    assert ours["loss"] == pytest.approx(theirs.fun, rel=1e-6)
    np.testing.assert_allclose(ours["image"].ravel(), theirs.x, atol=2e-3)
    assert bowl.calls < 2 * theirs.nfev


def test_lbfgs_stops_where_nothing_is_left_to_gain() -> None:
    bowl = Bowl()
    state = run(LBFGS(), 60, bowl)
    assert LBFGS().step(state, bowl)["loss"] == pytest.approx(float(state["loss"]), rel=1e-9)
    flat = lambda image: Evaluation(1.0, np.zeros_like(image), np.ones(1))  # noqa: E731
    start = LBFGS().start(np.full(SHAPE, 0.5, np.float32), flat)
    assert LBFGS().step(start, flat) is start


def test_lbfgs_never_accepts_a_worse_picture() -> None:
    bowl, optimiser = Bowl(), LBFGS()
    state = optimiser.start(np.random.default_rng(1).random(SHAPE, np.float32), bowl)
    for _ in range(20):
        following = optimiser.step(state, bowl)
        assert following["loss"] <= state["loss"]
        state = following


def test_two_loop_inverts_a_quadratic() -> None:
    """With as many pairs as dimensions the recursion knows the whole inverse Hessian."""
    diagonal = np.array([1.0, 4.0, 9.0], np.float32).reshape(1, 1, 3)
    moves = np.eye(3, dtype=np.float32).reshape(3, 1, 1, 3)
    gradient = np.array([2.0, 8.0, 27.0], np.float32).reshape(1, 1, 3)
    np.testing.assert_allclose(LBFGS.two_loop(gradient, moves, moves * diagonal), gradient / diagonal, rtol=1e-5)


def test_adam_is_the_papers() -> None:
    bowl = Bowl()
    state = Adam(learning_rate=0.01).start(np.full(SHAPE, 0.5, np.float32), bowl)
    x, m, v = np.full(SIZE, 0.5), np.zeros(SIZE), np.zeros(SIZE)
    for t in range(1, 6):
        g = bowl.value(x)[1]
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        x = np.clip(x - 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), 0, 1)
        state = Adam(learning_rate=0.01).step(state, bowl)
    np.testing.assert_allclose(state["image"].ravel(), x, atol=1e-5)


def test_sgd_decays_and_moves_by_its_rate_first() -> None:
    bowl = Bowl()
    optimiser = SGD(learning_rate=0.01)
    state = optimiser.start(np.full(SHAPE, 0.5, np.float32), bowl)
    following = optimiser.step(state, bowl)
    assert np.abs(following["image"] - state["image"]).mean() == pytest.approx(0.01, rel=1e-3)
    later = {**state, "step": np.array(100)}
    moved = np.abs(optimiser.step(later, bowl)["image"] - state["image"]).mean()
    assert moved == pytest.approx(0.0096, rel=1e-3)


@pytest.mark.parametrize("optimiser", [Adam(0.02), SGD(0.01)])
def test_first_order_methods_go_down(optimiser: Optimiser) -> None:
    bowl = Bowl()
    start = bowl(np.full(SHAPE, 0.5, np.float32)).loss
    assert run(optimiser, 50, bowl)["loss"] < start - 1
