"""Runs: all recorded runs as cards, each to be opened, renamed, deleted, gone on with or downloaded."""

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.cards import CARD, show_card
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.manage import ask_delete
from nst_viz.app.parts.mistakes import said
from nst_viz.app.parts.words import called

AT_ONCE = 24
"""cards on the page at first"""
OPENING = "What was recorded here, or on the command line in this folder, newest first. Your own runs are shown to you alone."


def show() -> None:
    st.title("Runs")
    st.markdown(OPENING)
    names = state.library().names()
    shown = st.session_state.setdefault("runs-shown", AT_ONCE)
    with st.container(horizontal=True, key="cards"):
        for number, name in enumerate(names[:shown]):
            place = st.empty()  # a card that fails half way leaves nothing behind
            try:
                with place.container():
                    show_card(number, name, state.library().open(name))
            except Exception as error:
                with place.container(border=True, width=CARD):
                    st.warning(f"{plain(called(name))}: {said(error)}")
                    ask_delete(name)
    if len(names) > shown and st.button(f"Show more of {len(names)}"):
        st.session_state["runs-shown"] = shown + AT_ONCE
        st.rerun()
