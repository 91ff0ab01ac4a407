"""Explore layers: choose pictures, switch layers on and off, run, and see at once what each does."""

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts import form
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.mistakes import said, sentence
from nst_viz.app.parts.networks import wait_for_networks
from nst_viz.app.parts.pictures import source_name, thumbnail
from nst_viz.app.parts.stage import show_batch
from nst_viz.app.work.follow import submit
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError

MAPS = "Records where in the picture each layer pushes, for “Inside the network”. Paints a third as fast."
BESIDE = "Recorded after it and shown beside it in step, so that you see what the one difference does."


def show() -> None:
    st.title("Explore what each layer does")
    if state.networks() is None:
        wait_for_networks()
        return
    with st.container(key="explore"):
        left, right = st.columns([5, 6], gap="large")
        with left:
            config, mistake = ask()
        with right.container(key="stage"):
            if config is None:
                st.error(plain(mistake))
            else:
                ask_to_run(config)
            names = state.batch()
            show_batch(names)
            if not names and config is not None:
                show_pictures(config)


def ask() -> tuple[TransferConfig | None, str]:
    """The config that the form asks for; where it cannot be asked, why."""
    try:
        return form.ask(state.networks() or {}), ""
    except NstVizError as error:
        return None, sentence(error)


def ask_to_run(config: TransferConfig) -> None:
    variants = form.variants(config, state.networks() or {})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run = st.button("Run", type="primary", icon=":material/play_arrow:", key="run-now", width=140)
        chosen = st.multiselect(
            "and beside it the same, but", list(variants), key="variants", placeholder="choose what differs", help=BESIDE
        )
        maps = st.toggle("gradient maps (slower)", key="form-maps", persist_state="session", help=MAPS)
    if not run:
        return
    wanted = [("", config), *((label, variants[label]) for label in chosen if label in variants)]
    try:
        names = submit(state.library(), wanted, RecordingPolicy(gradients_every=max(1, config.steps // 15) if maps else 0))
    except NstVizError as error:
        st.error(said(error))
        return
    state.set_batch(names)
    state.choose_run(names[0])


def show_pictures(config: TransferConfig) -> None:
    """What is to be painted, large, until something has been."""
    sources = {"content": config.content, "style": config.style}
    shown = {kind: source for kind, source in sources.items() if source is not None}
    for column, (kind, source) in zip(st.columns(2), shown.items(), strict=False):
        column.image(thumbnail(source, 480), caption=f"{kind}: {plain(source_name(source))}", alt=f"the {kind} picture")
