"""The objective against the paper's sum, and its gradient against finite differences."""

from pathlib import Path

import numpy as np
import pytest

from nst_viz.core import objective as objective_module
from nst_viz.core.backend import tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture, load_pictures
from nst_viz.core.objective import Objective, traced_gradient
from nst_viz.core.terms import Term
from nst_viz.core.transfer import Transfer, prepare


def prepared(config: TransferConfig) -> Transfer:
    return prepare(config, load_pictures(config))


def wandering(transfer: Transfer) -> np.ndarray:
    """A picture near the canvas, away from the bounds and from the kinks of the ReLU at exactly the target."""
    noise = np.random.default_rng(0).normal(0, 0.05, transfer.canvas.shape)
    return np.clip(transfer.canvas + noise, 0.05, 0.95).astype(np.float32)


@pytest.mark.parametrize("network", ["wavelet", "random"])
def test_gradient_against_finite_differences(config: TransferConfig, network: str) -> None:
    transfer = prepared(config.replace(network=network, tv=1e-3))
    image = wandering(transfer)
    gradient = transfer.objective.evaluate(image).gradient
    rng = np.random.default_rng(1)
    for _ in range(3):
        # Uphill on a random half of the pixels: steep enough for float32, and wrong wherever a pixel's gradient is.
        direction = np.where(rng.random(image.shape) < 0.5, gradient, 0) / np.float32(np.linalg.norm(gradient))
        h = np.float32(0.02)
        above, below = (transfer.objective.evaluate(image + sign * h * direction).loss for sign in (1, -1))
        assert float((gradient * direction).sum()) == pytest.approx((above - below) / (2 * h), rel=2e-2)


def test_contributions_sum_to_the_loss_and_gradients_to_the_gradient(config: TransferConfig) -> None:
    transfer = prepared(config)
    image = wandering(transfer)
    evaluation = transfer.objective.evaluate(image)
    terms = transfer.objective.loss_terms(evaluation.raw)
    assert terms.total() == pytest.approx(evaluation.loss, rel=1e-12)
    assert sum(term.contribution for term in terms.terms) == pytest.approx(evaluation.loss, rel=1e-12)
    gradients = transfer.objective.term_gradients(image)
    assert list(gradients) == [term.name for term in terms.terms]
    np.testing.assert_allclose(sum(gradients.values()), evaluation.gradient, atol=1e-4 * np.abs(evaluation.gradient).max())


def test_literal_weights_are_the_papers(config: TransferConfig) -> None:
    """α · content + β · Σ w_l · style_l, α quoted for 512 × 512."""
    layers = {"content_layers": "block2_conv1=0.25", "style_layers": "block1_conv1=1,block3_conv2=0.5"}
    literal = config.replace(alpha=2.0, beta=3.0, tv=0.5, weighting="literal", **layers)
    transfer = prepared(literal)
    area = 512 * 512 / (40 * 48)
    weights = {term.name: term.weight for term in transfer.objective.loss_terms(np.zeros(4)).terms}
    assert weights == pytest.approx(
        {
            "content.block2_conv1": 2 * 0.25 * area,
            "style.block1_conv1": 3.0,
            "style.block3_conv2": 1.5,
            "tv": 0.5 * area,
        }
    )


def test_balanced_weights_measure_each_term_by_its_target(config: TransferConfig) -> None:
    """A picture that excites nothing has each balanced term at exactly its factor."""
    transfer = prepared(config.replace(alpha=1.0, beta=2.0, tv=0.0))
    objective = transfer.objective
    nothing = [
        0.5 * np.sum(np.square(t.target))
        if t.look.kind == "content"
        else np.sum(np.square(t.target)) / (4 * len(t.target) ** 2)
        for t in objective.terms
    ]
    defaults = transfer.network.defaults["style_transfer"]
    factors = {"content": 1.0, "style": 2.0}
    expected = [factors[t.look.kind] * getattr(defaults, f"{t.look.kind}_layers")[t.place.layer] for t in objective.terms]
    np.testing.assert_allclose(objective.weights * nothing, expected, rtol=1e-5)


def test_weights_that_are_given_stay_balanced(config: TransferConfig) -> None:
    """Else naming a weight of one kind would silence the other kind's terms, or be silenced by them."""

    def weight(**changes: str) -> float:
        objective = prepared(config.replace(**changes)).objective
        return next(term.weight for term in objective.terms if term.look.kind == "style")

    usual = weight(style_layers="block1_conv1")
    assert weight(style_layers="block1_conv1=2") == pytest.approx(2 * usual)
    assert weight(style_layers="block1_conv1=2", weighting="literal") == pytest.approx(2.0)


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_a_plain_picture_is_a_target_like_any_other(grey: float) -> None:
    """Its features are rounding noise in most layers, and a weight of 1 over that would drown all else."""
    pixels = np.full((40, 48, 3), grey, np.float32)
    plain = Picture("plain", "plain.png", "", (48, 40), pixels)
    transfer = prepare(TransferConfig(mode="style", style="plain.png", size=48, steps=60), {"style": plain})
    *_, last = transfer.iterates()
    assert max(term.weight for term in transfer.objective.terms) < 1e12
    assert np.abs(last.image - grey).mean() < 0.6 * np.abs(transfer.canvas - grey).mean()


def test_a_new_weight_or_picture_is_not_traced_again(config: TransferConfig) -> None:
    first = prepared(config).objective
    first.evaluate(np.full((40, 48, 3), 0.4, np.float32))
    function = traced_gradient(first.network, tuple(term.place for term in first.terms))
    count = function.experimental_get_tracing_count()
    other = Objective(first.network, tuple(Term(t.look, t.place, 2.0 * t.target, 0.5 * t.weight) for t in first.terms))
    other.evaluate(np.full((40, 48, 3), 0.6, np.float32))
    assert function.experimental_get_tracing_count() == count


def test_one_layer_at_a_time_is_the_same(config: TransferConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = prepared(config.replace(content_layers="block2_conv1,block4_conv2", tv=1e-3))
    image = wandering(transfer)
    whole = transfer.objective.evaluate(image)
    monkeypatch.setattr(objective_module, "AT_ONCE", 0)
    assert len(transfer.objective.parts(40 * 48)) == 8, "seven layers and the total variation"
    apart = transfer.objective.evaluate(image)
    assert apart.loss == pytest.approx(whole.loss, rel=1e-6)
    np.testing.assert_allclose(apart.raw, whole.raw, rtol=1e-6)
    np.testing.assert_allclose(apart.gradient, whole.gradient, atol=2e-6 * np.abs(whole.gradient).max())


def test_lack_of_memory_is_said(config: TransferConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*arguments: object) -> None:
        raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")

    objective = prepared(config).objective
    monkeypatch.setattr("nst_viz.core.objective.traced_gradient", lambda network, places: exhausted)
    with pytest.raises(NstVizError, match=r"memory does not suffice for 48 x 40 pixels .* choose a smaller --size"):
        objective.evaluate(np.zeros((40, 48, 3), np.float32))


@pytest.mark.parametrize("mode", ["content", "style"])
def test_a_mode_has_only_its_own_terms(mode: str, content: Path) -> None:
    config = TransferConfig(**{"mode": mode, mode: str(content)}, size=48)
    kinds = {term.look.kind for term in prepared(config).objective.terms}
    assert kinds == {mode, "tv"}


def test_unknown_layer_and_nothing_to_do(config: TransferConfig) -> None:
    with pytest.raises(NstVizError, match="network wavelet has no layer 'conv9': choose from block1_conv1, block2_conv1"):
        prepared(config.replace(style_layers="conv9"))
    with pytest.raises(NstVizError, match="all its weights are zero"):
        prepared(config.replace(alpha=0, beta=0, tv=0))


def test_a_picture_is_large_enough_for_the_layers_that_are_used(config: TransferConfig) -> None:
    deep = config.replace(style_layers="block1_conv1,block5_conv1")
    assert prepared(deep.replace(size=40)).canvas.shape == (33, 40, 3)  # the style picture is 34 x 40
    with pytest.raises(NstVizError, match=r"content picture is 36 x 30 .*layer block5_conv1 of .* needs 32 pixels or more"):
        prepared(deep.replace(size=36))
    assert prepared(config.replace(size=36)).canvas.shape == (30, 36, 3), "without block 5 there is room"
    content = Picture("wide", "wide.png", "", (64, 40), np.full((40, 64, 3), 0.5, np.float32))
    style = Picture("flat", "flat.png", "", (64, 12), np.full((12, 64, 3), 0.5, np.float32))
    with pytest.raises(NstVizError, match=r"style picture is 64 x 12 .*layer block4_conv1 of network wavelet needs 16"):
        prepare(config, {"content": content, "style": style})


def test_one_layer_at_a_time_is_compiled_once(config: TransferConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objective_module, "AT_ONCE", 0)
    layers = prepared(config).network.layer_names
    transfer = prepared(config.replace(style_layers=",".join(layers), tv=1e-3))
    assert len(transfer.objective.parts(40 * 48)) == len(layers) + 1
    transfer.objective.evaluate(transfer.canvas)
    compiled = traced_gradient.cache_info().misses
    transfer.objective.evaluate(transfer.canvas)
    assert traced_gradient.cache_info().misses == compiled
