"""From a growing run to a picture of its present: the newest frame, each term's share of the loss, and how they came about."""

import base64
import html
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nst_viz.app.parts.pictures import jpeg
from nst_viz.core.look import Look
from nst_viz.recording.run import FRAMES, MANIFEST, Run
from nst_viz.render.caption import loss_text
from nst_viz.render.panels import Terms
from nst_viz.render.player.pictures import LONGEST_SIDE, scaled

COLUMNS = 120
"""steps of the history that are drawn"""
HISTORY = (360, 60)
"""pixels"""
HATCH = (
    "<pattern id='{id}' width='6' height='6' patternUnits='userSpaceOnUse' patternTransform='rotate(45)'>"
    "<rect width='3' height='6' fill='{colour}'/></pattern>"
)
"""stripes as in the player; the page is seen between them"""
DONE = 200
"""pixels of the longer side of a picture that waits for the others"""
RECENT = 12
"""pictures over which the speed is measured"""


def live_html(run: Run, caption: str, moving: bool = True) -> str:
    """A fragment of HTML with every text escaped; picture and bars change together because they are one element."""
    steps = run.frame_steps()
    picture = picture_html(run, steps[-1]) if steps else ""
    losses = run.losses()
    step = int(losses.steps[-1]) if len(losses.steps) else 0
    numbers = [f"step <b>{step}</b> of {run.config.steps}"]
    if len(losses.steps):
        numbers.append(f"loss <b>{html.escape(loss_text(losses.total()[-1]))}</b>")
    if moving and (speed := steps_a_second(run, steps)):
        numbers.append(f"{speed:.0f} steps a second")
    bars = bars_html(Terms.of(losses, run.looks())) if len(losses.steps) else ""
    return (
        f'<div class="live"><h4>{html.escape(caption)}</h4><p class="numbers">{" · ".join(numbers)}</p>'
        f'<div class="both">{picture}<div>{bars}</div></div></div>'
    )


def picture_html(run: Run, step: int, longest: int = LONGEST_SIDE) -> str:
    picture = scaled(run.frame(step), longest)
    height, width = picture.shape[:2]
    encoded = base64.b64encode(jpeg(Image.fromarray(picture))).decode()
    return f'<img alt="the picture at step {step}" width="{width}" height="{height}" src="data:image/jpeg;base64,{encoded}">'


def bars_html(terms: Terms) -> str:
    """A row for each term, its share of the loss as a bar, above it how the shares came about."""
    shares = shares_of(terms.contribution)
    rows = "".join(
        f'<li><span class="name">{html.escape(look.label)}</span>'
        f'<span class="about">{html.escape(look.about)}</span>'
        f'<span class="track"><span class="fill{" hatched" if look.hatched else ""}" '
        f'style="width: {100 * share:.1f}%; background-color: {look.colour}"></span></span>'
        f'<span class="share">{share_text(share)}</span></li>'
        for look, share in zip(terms.looks, shares[-1], strict=True)
    )
    both = {"content", "style"} <= {look.kind for look in terms.looks}
    marks = " (solid: style, hatched: content)" if both else ""
    return (
        f'<p class="title">What the loss was made of, step by step{marks} …</p>{history_html(terms.looks, shares)}'
        f'<p class="title">… and is made of now</p><ul>{rows}</ul>'
    )


def share_text(share: float) -> str:
    """`45 %`; `<1 %` for what is there but hardly counts."""
    return html.escape("<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %")


def shares_of(contribution: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each term's part of the loss, rows that add up to 1; 0 where the loss is none."""
    values = np.nan_to_num(contribution, posinf=0, neginf=0)
    total = values.sum(axis=1, keepdims=True)
    shares: NDArray[np.float64] = np.divide(values, total, out=np.zeros_like(values), where=total > 0)
    return shares


def history_html(looks: Sequence[Look], shares: NDArray[np.float64]) -> str:
    """The shares over the steps, stacked, the early steps as wide as they matter; a picture, for its text is below it."""
    width, height = HISTORY
    rows = np.unique(np.expm1(np.linspace(0, np.log(len(shares)), COLUMNS)).round().astype(int))
    x = width * np.log1p(rows) / max(np.log1p(rows[-1]), 1e-9) if len(rows) > 1 else np.array([0, width])
    chosen = shares[rows] if len(rows) > 1 else shares[[0, 0]]
    tops = height * np.cumsum(chosen, axis=1)
    bands = []
    for column, look in enumerate(looks):
        upper = tops[:, column - 1] if column else np.zeros(len(chosen))
        points = [*zip(x, upper, strict=True), *zip(x[::-1], tops[::-1, column], strict=True)]
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        fill = look.colour
        if look.hatched:
            bands.append(HATCH.format(id=f"h{column}", colour=look.colour))
            fill = f"url(#h{column})"
        bands.append(f"<polygon points='{path}' fill='{fill}'/>")
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' preserveAspectRatio='none'>"
        f"{''.join(bands)}</svg>"
    )
    encoded = base64.b64encode(svg.encode()).decode()
    return f'<img class="history" alt="" src="data:image/svg+xml;base64,{encoded}">'


def steps_a_second(run: Run, steps: Sequence[int]) -> float:
    """How fast the last pictures came; 0 where it cannot be told."""
    if len(steps) < 3:
        return 0.0
    first, last = steps[-min(RECENT, len(steps))], steps[-1]
    try:
        seconds = changed(run.folder / FRAMES / f"{last:06d}.webp") - changed(run.folder / FRAMES / f"{first:06d}.webp")
    except OSError:
        return 0.0
    return (last - first) / seconds if seconds > 0 else 0.0


def changed(path: Path) -> float:
    return path.stat().st_mtime


def done_html(runs: Sequence[tuple[str, Run | None]]) -> str:
    """The last pictures of runs that are over, small, each over its caption; only that where there is no picture."""
    figures = []
    for caption, run in runs:
        steps = run.frame_steps() if run else []
        picture = small_picture(run.folder, steps[-1], changed(run.folder / MANIFEST)) if run and steps else ""
        figures.append(f"<figure>{picture}<figcaption>{html.escape(caption)}</figcaption></figure>")
    return f'<div class="live done">{"".join(figures)}</div>'


@lru_cache(maxsize=64)
def small_picture(folder: Path, step: int, _changed: float) -> str:
    """Encoded once while a batch is looked at several times a second."""
    return picture_html(Run.open(folder), step, DONE)


def words_html(words: str) -> str:
    """A fragment of HTML where there is nothing to see yet, or any more."""
    return f'<div class="live"><div class="wait">{html.escape(words)}</div></div>'
