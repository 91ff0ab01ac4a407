"""From features to losses: the formulas of Gatys et al. (2015), as plain functions on tensors.

Features of a layer are a tensor of shape (height, width, N), or (1, height, width, N): M = height × width positions, N
channels. Every function takes its normalisation from the tensor's own shape and returns a scalar tensor.
"""

from typing import Any

from nst_viz.core.backend import ops, tf

Tensor = Any
"""a tensor of Keras's backend, float32"""


def gram_matrix(features: Tensor) -> Tensor:
    """G_ij = 1/M Σ_k F_ik F_jk: how often channels i and j are active together, wherever that is. Shape (N, N).

    Gatys et al. (2015), eq. 3.
    # Differs from Gatys et al. (2015): divided by M here rather than in the loss, so that pictures of different sizes compare.
    """
    return correlations(ops.reshape(features, (-1, features.shape[-1])))


@tf.custom_gradient  # type: ignore[untyped-decorator]
def correlations(flat: Tensor) -> Any:
    """Fᵀ F / M of features F (M, N). Its gradient F (U + Uᵀ) / M is written out: derived, it takes three times the memory."""
    positions = ops.cast(ops.shape(flat)[0], "float32")

    def gradient(upstream: Tensor) -> Tensor:
        return ops.matmul(flat, (upstream + ops.transpose(upstream)) / positions)

    return ops.matmul(ops.transpose(flat), flat) / positions, gradient


def content_loss(features: Tensor, target: Tensor) -> Tensor:
    """½ Σ (F − P)²: F the features of the picture, P those of the content picture. Gatys et al. (2015), eq. 1."""
    return 0.5 * ops.sum(ops.square(features - target))


def style_loss(gram: Tensor, target: Tensor) -> Tensor:
    """1/(4 N²) Σ (G − A)²: G and A Gram matrices already divided by M, so this is 1/(4 N² M²) Σ (M·G − M·A)².

    Gatys et al. (2015), eq. 4.
    """
    channels = gram.shape[-1]
    return ops.sum(ops.square(gram - target)) / (4.0 * channels**2)


def total_variation_loss(image: Tensor) -> Tensor:
    """Σ ((Δx)² + (Δy)²)^1.25 over neighbouring pixels: small for a smooth picture. Chollet (2021), Deep Learning with Python.

    Image: (height, width, 3) in [0, 1].
    # Differs from Chollet (2021): the last row and column count too, with the one difference that they have.
    """
    across = ops.pad(ops.square(image[:, 1:] - image[:, :-1]), [[0, 0], [0, 1], [0, 0]])
    down = ops.pad(ops.square(image[1:] - image[:-1]), [[0, 1], [0, 0], [0, 0]])
    return ops.sum(ops.power(across + down, 1.25))
