"""The control: a small VGG-shaped network whose weights are seeded random numbers that nobody designed or trained."""

import hashlib
from typing import Any

import numpy as np

from nst_viz.core.config import Mode
from nst_viz.core.networks.base import Choice, Description, ModeDefaults, Network
from nst_viz.core.networks.layers import block_layers, vgg_places

CHANNELS = (32, 64, 96, 128, 128)
"""channels of blocks 1 to 5; each block has two 3 × 3 convolutions, and pooling halves the picture between blocks"""
SEED = 2015
STYLE = dict.fromkeys([f"block{block}_conv1" for block in range(1, 6)], 1.0)
CONTENT = {"block4_conv2": 1.0}
DEFAULTS: dict[Mode, ModeDefaults] = {
    "style_transfer": ModeDefaults(CONTENT, STYLE, alpha=0.6, beta=1.0, tv=1e-6, init="noise"),
    "content": ModeDefaults(CONTENT, STYLE, alpha=1.0, beta=0.0, tv=1e-5, init="noise"),
    "style": ModeDefaults(CONTENT, STYLE, alpha=0.0, beta=1.0, tv=3e-7, init="noise"),
}

DESCRIPTION = Description(
    name="random",
    about="random weights, the control: how much is due to what a network has learned, or was designed for?",
    layers=block_layers(vgg_places((2,) * 5, CHANNELS)),
    weighting="balanced",
    defaults=DEFAULTS,
)


def he_weights() -> dict[str, np.ndarray]:
    """Kernels (3, 3, channels in, channels out) of zero mean and variance 2 / fan-in (He et al. 2015, eq. 10)."""
    rng = np.random.default_rng(SEED)
    kernels, inputs = {}, 3
    for block, outputs in enumerate(CHANNELS, start=1):
        for conv in (1, 2):
            kernel = rng.standard_normal((3, 3, inputs, outputs)) * np.sqrt(2 / (9 * inputs))
            kernels[f"block{block}_conv{conv}"] = kernel.astype(np.float32)
            inputs = outputs
    return kernels


def load(choice: Choice) -> Network:
    """The control network. Its layers are named as VGG19's first two of each block, and come after the ReLU."""
    kernels = he_weights()

    def build(layers: tuple[str, ...]) -> Any:
        from nst_viz.core.backend import keras, ops

        pool = ops.average_pool if choice.pooling == "avg" else ops.max_pool
        pixels = keras.Input((None, None, 3), batch_size=1)
        # Differs from VGG19: pixels are only centred, for these weights were never fitted to another range.
        x = (pixels - 0.45) / 0.25
        features: dict[str, Any] = {}
        for name, kernel in kernels.items():
            if name.endswith("conv1") and features:
                x = pool(x, 2)
            x = features[name] = ops.relu(ops.conv(x, kernel, padding="same"))
            if features.keys() >= set(layers):
                break
        return keras.Model(pixels, [features[name] for name in layers])

    digest = hashlib.sha256(b"".join(kernel.tobytes() for kernel in kernels.values())).hexdigest()
    return Network.loaded(DESCRIPTION, digest, build)
