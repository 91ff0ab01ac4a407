"""From the shared theme to what the pages add to Streamlit's look: a layer's colour in its rows, tiles, phones."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import streamlit as st
from PIL import Image
from streamlit.delta_generator import DeltaGenerator

from nst_viz.core.networks.layers import BLOCK_COLOURS
from nst_viz.render.caption import readable
from nst_viz.render.theme import INK


@lru_cache(maxsize=1)
def style() -> str:
    """The app's style sheet."""
    return files("nst_viz.app.parts").joinpath("style.css").read_text("utf-8")


def coloured_row(name: str, **options: Any) -> DeltaGenerator:
    """A container with a layer's colour at its left edge (see `colour_rows`); options go to Streamlit's `container`."""
    return st.container(key=row_key(name), **options)


def colour_rows(colours: Mapping[str, str]) -> None:
    """Give the rows of these names their colours."""
    rules = "".join(f".st-key-{row_key(name)} {{ --layer: {colour}; }}" for name, colour in colours.items())
    st.html(f"<style>{rules}</style>")


def row_key(name: str) -> str:
    return "row-" + re.sub(r"[^\w-]+", "_", name)


def icon() -> Image.Image:
    """The tab's picture, the blocks' colours from fine to coarse; our own, for Streamlit's come from another server."""
    image = Image.new("RGB", (5, 5))
    for block, colour in enumerate(BLOCK_COLOURS):
        image.paste(colour, (block, 0, block + 1, 5))
    return image.resize((60, 60), Image.Resampling.NEAREST)


def logo(dark: bool) -> str:
    """The product's name beside the blocks' colours, as SVG."""
    bars = "".join(
        f"<rect x='{7 * block}' y='{24 - height}' width='5' height='{height}' rx='1' fill='{colour}'/>"
        for block, (colour, height) in enumerate(zip(BLOCK_COLOURS, (22, 14, 18, 9, 12), strict=True))
    )
    ink = "#eceef2" if dark else INK
    word = (
        f"<text x='42' y='20' font-family='system-ui, sans-serif' font-size='19' font-weight='700' fill='{ink}'>nst_viz</text>"
    )
    return f"<svg xmlns='http://www.w3.org/2000/svg' width='116' height='26' viewBox='0 0 116 26'>{bars}{word}</svg>"


def plain(text: str) -> str:
    """The text as Markdown that shows just its characters: what a person typed is never markup, link or picture."""
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]()<>#+-.!|~:$&^=" else sign for sign in " ".join(readable(text).split()))
