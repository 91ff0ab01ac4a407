"""The look that all pictures, pages and players share: above all, a layer has one colour everywhere."""

import colorsys
import re
from functools import lru_cache

BLOCK_COLOURS = ("#56b4e9", "#009e73", "#f0c000", "#e66100", "#aa4499")
"""blocks 1 to 5, from fine to coarse; told apart with each common kind of colour blindness (after Okabe & Ito 2008)"""
BLOCK_MEANINGS = ("finest grain", "fine strokes", "strokes and patterns", "larger shapes", "largest forms")
"""what the style terms of blocks 1 to 5 compare"""
TERM_MEANINGS = {"content": "what is where", "tv": "speckles evened out"}
TV_COLOUR = "#9a9a9a"
OTHER_COLOUR = "#666666"
PAPER, INK, FAINT = "#ffffff", "#1d2129", "#d9dce1"
"""background, text and lines, and what should stand back"""
QUIET = "#6b7280"
"""second-rank text and axes"""
FONT = "DejaVu Sans"


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


def term_order(term: str) -> tuple[int, str]:
    """The key by which terms are sorted: content first, then style from fine to coarse, then what concerns pixels alone."""
    return {"content": 0, "style": 1}.get(term.partition(".")[0], 2), term


def term_hatch(term: str) -> str:
    """Strokes that tell a content term from the style term of the same layer, as Matplotlib writes them."""
    return "////" if term.startswith("content.") else ""


def term_label(term: str) -> str:
    """A term as a person reads it: `style.block1_conv1` -> `style 1.1`, `tv` -> `smoothness`."""
    kind, _, layer = term.partition(".")
    found = re.fullmatch(r"block(\d)_conv(\d)", layer)
    return "smoothness" if term == "tv" else f"{kind} {found[1]}.{found[2]}" if found else term


@lru_cache(maxsize=1)
def font_path() -> str:
    """The file of the font in which all pictures are lettered; it comes with Matplotlib."""
    from matplotlib.font_manager import FontProperties, findfont

    return findfont(FontProperties(family=FONT))  # type: ignore[no-any-return, unused-ignore]


def term_meaning(term: str) -> str:
    """What a term looks at, in a few words: `style.block1_conv1` -> `finest grain`; `` where nothing can be said."""
    kind, _, layer = term.partition(".")
    if kind in TERM_MEANINGS:
        return TERM_MEANINGS[kind]
    found = re.match(r"block(\d)_", layer)
    return BLOCK_MEANINGS[int(found[1]) - 1] if found and 1 <= int(found[1]) <= len(BLOCK_MEANINGS) else ""
