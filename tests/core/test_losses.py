"""The formulas against NumPy in float64, written down once more from the paper."""

import numpy as np
import pytest

from nst_viz.core.backend import tf
from nst_viz.core.losses import content_loss, gram_matrix, style_loss, total_variation_loss


def features(seed: int, height: int = 6, width: int = 5, channels: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width, channels), np.float32)


def test_gram_matrix() -> None:
    f = features(1)
    flat = f.reshape(-1, 4).astype(np.float64).T  # N × M, as the paper writes F
    np.testing.assert_allclose(gram_matrix(f), flat @ flat.T / flat.shape[1], rtol=1e-6)


def test_gram_matrix_forgets_where() -> None:
    f = features(2)
    shuffled = np.random.default_rng(0).permutation(f.reshape(-1, 4)).reshape(f.shape)
    np.testing.assert_allclose(gram_matrix(shuffled), gram_matrix(f), rtol=1e-6)


def test_gradient_of_the_gram_matrix() -> None:
    """Written out in the package; here against the derivative of Σ U_ij G_ij for a U that is not symmetric."""
    f = tf.constant(features(9))
    upstream = np.random.default_rng(1).standard_normal((4, 4)).astype(np.float32)
    with tf.GradientTape() as tape:
        tape.watch(f)
        flat = tf.reshape(f, (-1, 4))
        plain = tf.reduce_sum(upstream * (tf.transpose(flat) @ flat) / 30)
    expected = tape.gradient(plain, f)
    with tf.GradientTape() as tape:
        tape.watch(f)
        ours = tf.reduce_sum(upstream * gram_matrix(f))
    np.testing.assert_allclose(tape.gradient(ours, f), expected, rtol=1e-4, atol=1e-6)


def test_content_loss() -> None:
    f, p = features(3), features(4)
    expected = 0.5 * ((f.astype(np.float64) - p) ** 2).sum()
    assert float(content_loss(f, p)) == pytest.approx(expected, rel=1e-6)


def test_style_loss_is_the_papers() -> None:
    f, a = features(5), features(6)
    positions, channels = 30, 4
    gram, target = (x.reshape(-1, 4).astype(np.float64).T @ x.reshape(-1, 4) for x in (f, a))  # not divided by M
    expected = ((gram - target) ** 2).sum() / (4 * channels**2 * positions**2)
    assert float(style_loss(gram_matrix(f), gram_matrix(a))) == pytest.approx(expected, rel=1e-5)


def test_style_loss_compares_pictures_of_different_size() -> None:
    f = features(7)
    tiled = np.tile(f, (2, 3, 1))  # the same texture on six times the area
    assert float(style_loss(gram_matrix(tiled), gram_matrix(f))) == pytest.approx(0, abs=1e-10)


def test_total_variation_loss() -> None:
    image = features(8, 5, 4, 3).astype(np.float64)
    expected = 0.0
    for y in range(5):
        for x in range(4):
            right = image[y, x + 1] - image[y, x] if x < 3 else 0 * image[y, x]
            below = image[y + 1, x] - image[y, x] if y < 4 else 0 * image[y, x]
            expected += ((right**2 + below**2) ** 1.25).sum()
    assert float(total_variation_loss(image.astype(np.float32))) == pytest.approx(expected, rel=1e-5)
    assert float(total_variation_loss(np.full((5, 4, 3), 0.3, np.float32))) == 0
