"""The designed network: what it is and what it does by default. Its filters are in `filters`; nothing in it is trained."""

from dataclasses import replace

from nst_viz.core.config import Mode
from nst_viz.core.networks.base import Choice, Description, ModeDefaults, Network
from nst_viz.core.networks.layers import block_layers

STYLE = {
    "block1_conv1": 1.0,
    "block2_conv1": 1.0,
    "block2_conv2": 0.3,
    "block3_conv1": 1.0,
    "block3_conv2": 0.3,
    "block4_conv1": 0.3,
    "block4_conv2": 0.1,
}
"""the second layer is harder to satisfy, and block 4 has few places to look at: with more weight it pins the layout"""
CONTENT = {"block3_conv2": 0.5, "block4_conv2": 0.5}
DEFAULTS: dict[Mode, ModeDefaults] = {
    "style_transfer": ModeDefaults(CONTENT, STYLE, alpha=0.6, beta=1.0, tv=1e-6, init="noise"),
    "content": ModeDefaults({"block2_conv1": 1.0}, STYLE, alpha=1.0, beta=0.0, tv=1e-5, init="noise"),
    "style": ModeDefaults(CONTENT, STYLE, alpha=0.0, beta=1.0, tv=3e-7, init="noise"),
}
# In a larger picture the same forms are larger: everything moves one block on, so that the look stays.
LARGE_STYLE = {**STYLE, "block4_conv1": 1.0, "block4_conv2": 0.3, "block5_conv1": 0.3, "block5_conv2": 0.1}
LARGE_CONTENT = {"block3_conv2": 0.1, "block4_conv2": 0.5, "block5_conv2": 0.4}
LARGE_DEFAULTS: dict[Mode, ModeDefaults] = {
    mode: replace(
        defaults,
        style_layers=LARGE_STYLE,
        content_layers=defaults.content_layers if mode == "content" else LARGE_CONTENT,
    )
    for mode, defaults in DEFAULTS.items()
}


def places_of(scale: int) -> list[tuple[int, int, int, int]]:
    """(block, convolution, channels, receptive field) of a scale's two layers: 7 × 7 filters on what was low-passed before."""
    stride = 2 ** (scale - 1)
    return [(scale, 1, 150, 9 * stride - 2), (scale, 2, 150, 12 * stride - 2)]


DESCRIPTION = Description(
    name="wavelet",
    about="designed filters: oriented wavelets at five scales; needs no file",
    layers=block_layers([(1, 1, 54, 7), *(place for scale in range(2, 6) for place in places_of(scale))]),
    weighting="balanced",
    defaults=DEFAULTS,
    large_defaults=LARGE_DEFAULTS,
)


def load(choice: Choice) -> Network:
    """The network; there is nothing about it to choose."""
    from nst_viz.core.networks.wavelet import filters

    return Network.loaded(DESCRIPTION, filters.weights_hash(), filters.build)
