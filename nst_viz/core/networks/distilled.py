"""The learned network that ships: small, and taught by VGG19 to see as its first three blocks do.

How it was taught, and from what, is in `training/` of the source. Here it only looks:

1. Blocks 1 to 3 are convolutions of 3 × 3 with a ReLU after each and average pooling between blocks, as in VGG19, with
   a third to a half of its channels.
2. Blocks 4 and 5 are block 3 once more, on the picture at a half and at a quarter of its size: the same eyes see forms
   that are twice and four times as large (Snelgrove 2017). VGG19's own blocks 4 and 5 are not in it.
3. Each channel is given out in its own unit: how much it differs from what it usually says, divided by how much it usually
   varies. So a Gram matrix is about what is special in a picture, and no loud channel drowns the others.
4. One further channel of each layer always says the same (CONSTANT). With it the Gram matrix knows each channel's mean,
   too. Without it a picture in which everything says less than usual could not be told from one in which everything says
   more.
"""

import hashlib
from dataclasses import replace
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nst_viz.core.config import Mode
from nst_viz.core.networks.base import Choice, Description, ModeDefaults, Network
from nst_viz.core.networks.layers import block_layers, vgg_places

CHANNELS = (20, 48, 128)
"""of blocks 1 to 3; VGG19 has 64, 128 and 256"""
CONVOLUTIONS = (2, 2, 3)
"""in each block; VGG19's third block has a fourth, which style transfer seldom uses"""
HALVINGS = 2
"""how often the picture is halved for a block of its own: once for block 4, twice for block 5"""
CONSTANT = 3.0
"""how much a channel's mean counts in a Gram matrix beside its deviation; with 1 a plain picture is not found from noise"""
WEIGHTS = "distilled.npz"

STYLE = {
    "block1_conv1": 1.0,
    "block2_conv1": 1.0,
    "block3_conv1": 1.0,
    "block3_conv3": 1.0,
    "block4_conv1": 0.3,
    "block4_conv3": 0.2,
}
"""block 4 has few places to look at: with more weight it pins the layout of the painting"""
CONTENT = {"block3_conv3": 1.0}
DEFAULTS: dict[Mode, ModeDefaults] = {
    "style_transfer": ModeDefaults(CONTENT, STYLE, alpha=0.15, beta=1.0, tv=1e-6, init="content"),
    "content": ModeDefaults({"block2_conv1": 1.0}, STYLE, alpha=1.0, beta=0.0, tv=1e-5, init="noise"),
    "style": ModeDefaults(CONTENT, STYLE, alpha=0.0, beta=1.0, tv=3e-7, init="noise"),
}
# In a larger picture the same forms are larger: blocks 4 and 5 count for more, so that the look stays.
LARGE_STYLE = {**STYLE, "block4_conv1": 1.0, "block4_conv3": 0.5, "block5_conv1": 0.2, "block5_conv3": 0.1}
LARGE_DEFAULTS: dict[Mode, ModeDefaults] = {
    mode: replace(defaults, style_layers=LARGE_STYLE) for mode, defaults in DEFAULTS.items()
}


def places_given_out() -> list[tuple[int, int, int, int]]:
    """(block, convolution, channels, receptive field) of the layers that are given out, each with its constant channel."""
    places = {(block, conv): (width + 1, field) for block, conv, width, field in vgg_places(CONVOLUTIONS, CHANNELS)}
    own = [(*place, *places[place]) for place in ((1, 1), (2, 1), (3, 1), (3, 3))]
    halved = [(block, conv, *places[3, conv]) for block in (4, 5) for conv in (1, 3)]
    return own + [(block, conv, width, field * 2 ** (block - 3)) for block, conv, width, field in halved]


DESCRIPTION = Description(
    name="distilled",
    about="learned from VGG19's blocks 1 to 3, and small; needs no file",
    layers=block_layers(places_given_out()),
    weighting="balanced",
    defaults=DEFAULTS,
    large_defaults=LARGE_DEFAULTS,
)


def read_weights() -> dict[str, NDArray[np.float32]]:
    """LAYER/kernel (3, 3, in, out), LAYER/bias (out,) and LAYER/usual (out,): see `training/distil.py`."""
    with files("nst_viz.core.networks").joinpath(WEIGHTS).open("rb") as file, np.load(file) as arrays:
        return {name: arrays[name].astype(np.float32) for name in arrays.files}


def load(choice: Choice) -> Network:
    """The network; there is nothing about it to choose."""
    weights = read_weights()
    digest = hashlib.sha256(b"".join(array.tobytes() for array in weights.values())).hexdigest()

    def build(layers: tuple[str, ...]) -> Any:
        from nst_viz.core.backend import keras, ops

        pixels = keras.Input((None, None, 3), batch_size=1)
        features: dict[str, Any] = {}
        picture = pixels
        for halved in range(1 + HALVINGS):
            if halved:
                picture = ops.average_pool(picture, 2)
            wanted = {seen_as(block, conv, halved): (block, conv) for block, conv in places() if not halved or block == 3}
            left = [name for name in wanted if name in layers]
            if left:
                answers = answers_of(picture, weights, wanted[left[-1]])
                features |= {name: with_constant(answers[wanted[name]]) for name in left}
        return keras.Model(pixels, [features[name] for name in layers])

    return Network.loaded(DESCRIPTION, digest, build)


def with_constant(answers: Any) -> Any:
    """The answers (1, h, w, N) with a further channel that is CONSTANT everywhere."""
    from nst_viz.core.backend import ops

    return ops.concatenate([answers, CONSTANT * ops.ones_like(answers[..., :1])], axis=-1)


def places() -> list[tuple[int, int]]:
    """(block, convolution) of each convolution, in order."""
    return [(block, conv) for block, count in enumerate(CONVOLUTIONS, 1) for conv in range(1, count + 1)]


def seen_as(block: int, conv: int, halved: int) -> str:
    """The name of a layer's answer to a picture that was halved so often: block 3 counts as 4 and 5 then."""
    return f"block{block + halved}_conv{conv}"


def answers_of(picture: Any, weights: dict[str, NDArray[np.float32]], deepest: tuple[int, int]) -> dict[tuple[int, int], Any]:
    """The layers' answers to a picture (1, height, width, 3) in [0, 1], each in its own unit, up to the deepest one wanted."""
    from nst_viz.core.backend import ops

    x = picture - weights["offset"]
    answers: dict[tuple[int, int], Any] = {}
    for block, conv in places():
        layer = f"block{block}_conv{conv}"
        if conv == 1 and block > 1:
            x = ops.average_pool(x, 2)
        x = ops.relu(ops.conv(x, weights[f"{layer}/kernel"], padding="same") + weights[f"{layer}/bias"])
        answers[block, conv] = x - weights[f"{layer}/usual"]
        if (block, conv) == deepest:
            break
    return answers
