"""The look that all pictures, pages and players share: above all, a layer has one colour everywhere."""

import colorsys
import re

BLOCK_COLOURS = ("#56b4e9", "#009e73", "#f0c000", "#e66100", "#aa4499")
"""blocks 1 to 5, from fine to coarse; told apart with each common kind of colour blindness (after Okabe & Ito 2008)"""
TV_COLOUR = "#9a9a9a"
OTHER_COLOUR = "#666666"
PAPER, INK, FAINT = "#ffffff", "#1d2129", "#d9dce1"
"""background, text and lines, and what should stand back"""


def term_layer(term: str) -> str:
    """`style.block1_conv1` -> `block1_conv1`; `tv` -> ``."""
    return term.partition(".")[2]


def layer_colour(layer: str) -> str:
    """The colour of a layer as `#rrggbb`: its block's hue, darker for a later convolution of the block."""
    found = re.fullmatch(r"block(\d)_conv(\d)", layer)
    if not found:
        return OTHER_COLOUR
    block, conv = int(found[1]), int(found[2])
    base = BLOCK_COLOURS[(block - 1) % len(BLOCK_COLOURS)]
    red, green, blue = (int(base[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    channels = colorsys.hls_to_rgb(hue, light * 0.72 ** (conv - 1), saturation)
    return "#" + "".join(f"{round(channel * 255):02x}" for channel in channels)


def term_colour(term: str) -> str:
    """The colour of a term of the loss: its layer's, grey for the total variation."""
    return TV_COLOUR if term == "tv" else layer_colour(term_layer(term))


def term_label(term: str) -> str:
    """A term as a person reads it: `style.block1_conv1` -> `style 1.1`, `tv` -> `smoothness`."""
    kind, _, layer = term.partition(".")
    found = re.fullmatch(r"block(\d)_conv(\d)", layer)
    return "smoothness" if term == "tv" else f"{kind} {found[1]}.{found[2]}" if found else term
