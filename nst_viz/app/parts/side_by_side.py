"""From several runs to a page that shows them in step: the same step in each, on one timeline, with their losses."""

import re
from collections.abc import Sequence

import numpy as np
import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.embed import as_key, fingerprint, opened, show_html
from nst_viz.app.parts.synced import Curve, Timeline, Track, synced_html
from nst_viz.recording.run import Run
from nst_viz.render import choose
from nst_viz.render.caption import readable, shorten
from nst_viz.render.player.pictures import scaled

POSITIONS = 80
"""places on the timeline at most"""
SIDE = 400
LONGEST_LABEL = 40
"""letters of a name over a picture"""
WIPED = 440
"""pixels of a picture's width where the page is as wide as it gets"""


def show_side_by_side(runs: Sequence[Run], wipe: bool = False, key: str = "together") -> None:
    """The runs beside one another; with `wipe` the first two over one another besides."""
    folders = tuple(as_key(run) for run in runs)
    page = together_page(folders, tuple(fingerprint(run) for run in runs), state.theme_name(), wipe)
    show_html(page, "Runs in step", wipe_height(runs) if wipe else 560 if len(runs) < 3 else 680, key)


def wipe_height(runs: Sequence[Run]) -> int:
    """Pixels in which three pictures beside one another are seen whole, with caption and timeline."""
    shapes = [run.inputs()["style" if run.config.mode == "style" else "content"].shape for run in runs]
    return 220 + round(WIPED * float(max(height / width for height, width, _ in shapes)))


@st.cache_data(max_entries=8, show_spinner="Putting the runs in step …")
def together_page(folders: tuple[bytes, ...], states: tuple[tuple[int, int], ...], theme: str, wipe: bool) -> str:
    runs = [opened(folder) for folder in folders]
    steps = common_steps(runs)
    shown = list(zip("ABCDEFGHIJKLM", runs, short_names([run.name for run in runs]), strict=False))
    tracks = [track(run, steps, f"{letter} · {name}") for letter, run, name in shown]
    curves = [Curve(f"loss of {letter}" if letter == "A" else letter, totals(run, steps)) for letter, run, _ in shown]
    return synced_html(tracks, Timeline(steps, curves), "Runs in step", theme, wipe)  # type: ignore[arg-type]


def short_names(names: Sequence[str]) -> list[str]:
    """What tells runs apart: of one that is called after the first only the rest, `lion_ink_another_seed` -> `another seed`."""
    first = re.sub(r"-\d+$", "", names[0]) + "_"
    names = [
        re.sub(r"-\d+$", "", name.removeprefix(first)).replace("_", " ") if name.startswith(first) else name for name in names
    ]
    return [shorten(readable(name), LONGEST_LABEL) for name in names]


def common_steps(runs: Sequence[Run]) -> list[int]:
    """The steps of the timeline: those at which the runs changed most, from each about as many."""
    each = POSITIONS // len(runs)
    return sorted({step for run in runs for step in choose.frames(run, max(each, 2))})


def track(run: Run, steps: Sequence[int], label: str) -> Track:
    """The run at these steps: the picture that was kept last, at each."""
    kept = run.frame_steps()
    shown = [kept[max(int(np.searchsorted(kept, step, "right")) - 1, 0)] for step in steps]
    different = sorted(set(shown))
    pictures = [scaled(run.frame(step), SIDE) for step in different]
    return Track(label, pictures, [different.index(step) for step in shown])


def totals(run: Run, steps: Sequence[int]) -> list[float]:
    """The run's loss at these steps, the last one where it ended before."""
    losses = run.losses()
    rows = np.clip(np.searchsorted(losses.steps, steps, "right") - 1, 0, None)
    return [float(value) for value in np.nan_to_num(losses.total()[rows])] if len(losses.steps) else [0.0] * len(steps)
