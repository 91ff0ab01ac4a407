"""Compare: two runs in step on one timeline, wiped over one another, with what differs in what was asked for."""

from contextlib import suppress

import streamlit as st

from nst_viz.app import state
from nst_viz.app.library import SAMPLE
from nst_viz.app.parts import form
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.mistakes import said_in_its_place
from nst_viz.app.parts.side_by_side import show_side_by_side
from nst_viz.app.parts.words import differences, labels, reached
from nst_viz.app.work.follow import submit
from nst_viz.core.config import RecordingPolicy
from nst_viz.recording.run import Run

SAME_LOSS = frozenset({"steps", "coarse steps", "optimizer", "lr", "seed", "init", "precision"})
"""knobs that leave the loss what it is"""
LOOKED_AT = 12
"""runs at most, for one that differs from the newest"""
OPENING = (
    "Two runs at the same step. Drag the edge in the first picture to wipe from one to the other; below is what was asked "
    "differently, so that you see what it does."
)


def show() -> None:
    st.title("Compare two runs")
    st.markdown(OPENING)
    names = state.run_names()
    if len(names) < 2:
        offer_pair(names)
        return
    pair = [name for name in state.batch() if name in names][:2]
    first, second = pair if len(pair) == 2 else telling_pair(names)
    one, other = st.columns(2)
    a = one.selectbox("A", names, names.index(first), format_func=labels(state.library()), key="compare-a")
    b = other.selectbox("B", names, names.index(second), format_func=labels(state.library()), key="compare-b")
    if a == b:
        st.info("A and B are the same run: choose another for one of them.")
        return
    with said_in_its_place():
        runs = [state.library().open(name) for name in (a, b)]
        for letter, run in zip("AB", runs, strict=True):
            if run.status != "finished":
                st.info(f"{letter} has come to step {reached(run)} of {run.config.steps}; after it its last picture stays.")
        show_side_by_side(runs, wipe=True, key="compare")
        show_differences(*runs)


def telling_pair(names: list[str]) -> list[str]:
    """The newest run, and the newest before it of which something else was asked."""
    for name in names[1:LOOKED_AT]:
        with suppress(Exception):  # what is wrong with a run is said where it is shown
            if differences(state.library().open(names[0]), state.library().open(name), state.networks() or {}):
                return [names[0], name]
    return names[:2]


def offer_pair(names: list[str]) -> None:
    """One click makes something to compare: the sample's config, and the same without the finest strokes."""
    st.info("One run is here so far, and it takes two. Record a pair: the same pictures with and without the finest layer.")
    networks = state.networks()
    if names and names[0].startswith(SAMPLE) and networks:
        config = state.library().open(names[0]).config.replace(size=form.SIZE)
        wanted = [("", config), ("without block 1", form.variants(config, networks)["without block 1"])]
        if st.button("Record this pair", type="primary", icon=":material/play_arrow:"):
            state.set_batch(submit(state.library(), wanted, RecordingPolicy()))
            state.go("explore")
    if st.button("Choose the pair yourself", icon=":material/tune:"):
        state.go("explore")


def show_differences(one: Run, other: Run) -> None:
    found = differences(one, other, state.networks() or {})
    st.subheader("What was asked differently" if found else "The same was asked of both")
    if found:
        rows = [[plain(text) for text in row] for row in found]
        lines = ["| | A | B |", "|---|---|---|", *("| " + " | ".join(row) + " |" for row in rows)]
        st.markdown("\n".join(lines))
    if not {name for name, _, _ in found} <= SAME_LOSS:
        st.caption("Their losses add up different terms: which curve is lower says nothing of which picture is better.")
