"""From tracks of pictures over the same steps to a page with one timeline; two of them can be wiped over one another."""

import base64
import hashlib
import html
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nst_viz.render import theme
from nst_viz.render.player.page import POLICY, fill, script_json
from nst_viz.render.player.pictures import webp_base64

Picture = NDArray[np.uint8]
QUALITY = 88
"""WebP's scale, of pictures that are compared with the eye"""


@dataclass(frozen=True)
class Track:
    """A row of pictures, one of which is shown at each step."""

    label: str
    pictures: Sequence[Picture]
    at: Sequence[int]
    """for each step of the page, the number of the picture shown"""
    colour: str = ""
    """`#rrggbb` of the layer it belongs to, if any"""
    hatched: bool = False
    about: str = ""
    pixelated: bool = False
    """shown as squares, for matrices"""


@dataclass(frozen=True)
class Curve:
    """A quantity over the steps, drawn above the timeline."""

    label: str
    values: Sequence[float]


@dataclass(frozen=True)
class Timeline:
    """The steps at which something is shown, and what is drawn over them."""

    steps: Sequence[int]
    curves: Sequence[Curve] = field(default_factory=tuple)


def synced_html(
    tracks: Sequence[Track], timeline: Timeline, title: str, theme_name: Literal["auto", "light", "dark"], wipe: bool = False
) -> str:
    """The page. With `wipe` the first two tracks lie over one another, with an edge between them that can be moved."""
    script = template("synced.js")
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    data = {
        "steps": [int(step) for step in timeline.steps],
        "wipe": wipe,
        "curves": [{"label": curve.label, "values": [float(f"{v:.4g}") for v in curve.values]} for curve in timeline.curves],
        "tracks": [track_data(track) for track in tracks],
    }
    return fill(
        template("synced.html"),
        {
            "THEME": theme_name,
            "POLICY": POLICY.format(hash=script_hash),
            "TITLE": html.escape(title),
            "STYLE": fill(template("synced.css"), {"PAPER": theme.PAPER, "INK": theme.INK, "FAINT": theme.FAINT}),
            "DATA": script_json(data),
            "SCRIPT": script,
        },
    )


def track_data(track: Track) -> dict[str, object]:
    with ThreadPoolExecutor() as pool:  # Pillow encodes without Python's lock
        frames = list(pool.map(lambda picture: webp_base64(picture, 100 if track.pixelated else QUALITY), track.pictures))
    height, width = track.pictures[0].shape[:2]
    return {
        "label": track.label,
        "about": track.about,
        "colour": track.colour,
        "hatched": track.hatched,
        "pixelated": track.pixelated,
        "width": width,
        "height": height,
        "frames": frames,
        "at": [int(number) for number in track.at],
    }


def template(name: str) -> str:
    return files("nst_viz.app.parts.synced").joinpath(name).read_text("utf-8")
