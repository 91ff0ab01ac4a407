"""The look that all pictures, pages and players share. The colour of a layer is its network's: see `core/networks/layers`."""

from functools import lru_cache

PAPER, INK, FAINT = "#ffffff", "#1d2129", "#d9dce1"
"""background, text and lines, and what should stand back"""
QUIET = "#6b7280"
"""second-rank text and axes"""
OTHER_COLOUR = "#666666"
"""of a curve that belongs to no layer"""
FONT = "DejaVu Sans"
HATCH = "////"
"""strokes that tell a content term from the style term of the same layer, as Matplotlib writes them"""


@lru_cache(maxsize=1)
def font_path() -> str:
    """The file of the font in which all pictures are lettered; it comes with Matplotlib."""
    from matplotlib.font_manager import FontProperties, findfont

    return findfont(FontProperties(family=FONT))  # type: ignore[no-any-return, unused-ignore]
