"""The embedded network does what its page says: flat pictures are silent, gratings are found, phase does not matter."""

import numpy as np
import pytest

from nst_viz.core.networks import load_network
from nst_viz.core.networks.wavelet import DESCRIPTION
from nst_viz.core.networks.wavelet import filters as module
from nst_viz.core.networks.wavelet.filters import FREQUENCIES, ORIENTATIONS, envelopes, filtered, gabor_bank

KNOWN_HASH = "53cb16977c625a1cfbfa46eae356fb17fa99c5dfa8753da0cf54e7fe7093db00"
"""of the runs that were recorded so far: another one means that they cannot go on"""


def features(layer: str, image: np.ndarray) -> np.ndarray:
    return np.asarray(load_network("wavelet").model((layer,))(image[None].astype(np.float32)))[0]


def grating(theta: float, frequency: float, phase: float = 0.0, side: int = 64) -> np.ndarray:
    """Grey stripes across the direction `theta`, `frequency` in radians a pixel."""
    y, x = np.mgrid[:side, :side]
    wave = 0.5 + 0.4 * np.cos(frequency * (x * np.cos(theta) + y * np.sin(theta)) + phase)
    return np.repeat(wave[..., None], 3, axis=-1).astype(np.float32)


def test_kernels_have_zero_mean_and_unit_norm() -> None:
    bank = gabor_bank(FREQUENCIES, ORIENTATIONS)
    assert bank.shape == (module.SIDE, module.SIDE, 2 * ORIENTATIONS * len(FREQUENCIES))
    np.testing.assert_allclose(bank.sum(axis=(0, 1)), 0, atol=1e-6)
    np.testing.assert_allclose((bank**2).sum(axis=(0, 1)), 1, rtol=1e-6)


@pytest.mark.parametrize("layer", DESCRIPTION.layer_names)
def test_a_flat_picture_excites_only_smooth_colour(layer: str) -> None:
    grey = np.full((64, 64, 3), 0.5, np.float32)  # mid-grey has no colour and no light above or below the middle
    np.testing.assert_allclose(features(layer, grey), 0, atol=1e-5)
    red = features(layer, grey * np.array([1.6, 0.6, 0.6], np.float32))
    active = (np.abs(red) > 1e-4).any(axis=(0, 1)).sum()
    assert active == (3 if layer.endswith("conv1") else 0)  # one sign of each of the three colour axes, or nothing


@pytest.mark.parametrize("index", range(ORIENTATIONS))
def test_the_orientation_that_answers_most_is_the_gratings(index: int) -> None:
    image = grating(np.pi * index / ORIENTATIONS, FREQUENCIES[-1][0])
    strengths = light_envelopes(image).mean(axis=(0, 1))
    assert strengths.argmax() == index
    others = np.delete(strengths, [index, (index + 1) % ORIENTATIONS, (index - 1) % ORIENTATIONS])
    assert others.max() < 0.5 * strengths[index]


def light_envelopes(image: np.ndarray) -> np.ndarray:
    responses = filtered(image[None, ..., :1], gabor_bank(FREQUENCIES, ORIENTATIONS))
    return np.asarray(envelopes(responses, ORIENTATIONS))[0]


def test_the_sum_over_phases_hardly_changes_as_a_grating_shifts() -> None:
    middles = [light_envelopes(grating(0.0, FREQUENCIES[-1][0], phase))[32, 32, 0] for phase in np.linspace(0, 2 * np.pi, 9)]
    assert np.ptp(middles) < 0.35 * np.mean(middles)  # |cos| + |sin| itself varies by √2 − 1 around its mean
    single = [
        features("block1_conv1", grating(0.0, FREQUENCIES[-1][0], phase))[32, 32, 2 * ORIENTATIONS] for phase in (0, np.pi)
    ]
    assert np.ptp(single) > 0.8 * np.max(single)  # while a single phase comes and goes


@pytest.mark.parametrize("side", [(32, 32), (33, 47), (96, 64)])
def test_shapes_and_names(side: tuple[int, int]) -> None:
    image = np.random.default_rng(0).random((*side, 3), np.float32)
    for layer in DESCRIPTION.layer_names:
        scale = int(layer[5])
        height, width = side
        for _ in range(scale - 1):
            height, width = -(-height // 2), -(-width // 2)
        assert features(layer, image).shape[:2] == (height, width), layer
        assert features(layer, image).min() >= 0


@pytest.mark.parametrize("side", [1, 2, 3])
@pytest.mark.parametrize("widths", [(3, 3), (1, 2), (0, 5)])
def test_a_border_is_mirrored_again_and_again(side: int, widths: tuple[int, int]) -> None:
    """As NumPy does it; a side of one pixel, which has nothing to mirror, is repeated."""
    planes = np.random.default_rng(0).random((1, side, 4, 2), np.float32)
    padded = np.pad(planes, [(0, 0), widths, widths, (0, 0)], mode="reflect")
    np.testing.assert_array_equal(np.asarray(module.Reflected(*widths)(planes)), padded)


@pytest.mark.parametrize("shape", [(16, 64), (1, 40), (3, 1), (1, 1)])
def test_a_picture_however_narrow_has_an_answer(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(0).random((*shape, 3), np.float32)
    for layer in DESCRIPTION.layer_names:
        assert np.isfinite(features(layer, image)).all(), layer
    flat = np.full((*shape, 3), 0.5, np.float32)
    np.testing.assert_allclose(features("block5_conv2", flat), 0, atol=1e-5)


def test_layers_are_named_as_in_the_other_networks() -> None:
    random = load_network("random")
    assert set(DESCRIPTION.layer_names) == set(random.layer_names) - {"block1_conv2"}
    for network in (load_network("wavelet"), random):
        for mode in ("style_transfer", "content", "style"):
            for side in (256, 512):
                defaults = network.defaults_for(mode, side)  # type: ignore[arg-type]
                network.check_layers([*defaults.content_layers, *defaults.style_layers])


def test_in_a_large_picture_everything_moves_one_block_on() -> None:
    network = load_network("wavelet")
    small, large = (network.defaults_for("style_transfer", side) for side in (256, 512))
    assert max(small.style_layers) == "block4_conv2"
    assert max(large.style_layers) == "block5_conv2"
    assert network.defaults_for("style_transfer", 320) == small
    assert load_network("random").defaults_for("style", 512) == load_network("random").defaults["style"]


def test_is_the_same_each_time() -> None:
    assert module.weights_hash() == load_network("wavelet").weights_hash == KNOWN_HASH


def test_no_grid_and_no_seam() -> None:
    """Each place of a picture of noise answers alike: borders and pooling leave no pattern in the mean over many pictures."""
    rng = np.random.default_rng(0)
    total = sum(features("block2_conv1", rng.random((48, 48, 3)))[..., :8].mean(axis=-1) for _ in range(200))
    deviation = np.std(total) / np.mean(total)
    edge = abs(total[0].mean() / total[4:-4, 4:-4].mean() - 1)
    assert deviation < 0.25
    assert edge < 0.35
