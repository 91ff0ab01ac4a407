"""From a page of HTML of our own, player or timeline, to a frame in the app that it cannot reach out of."""

import html
import os

import streamlit as st

from nst_viz.app import state
from nst_viz.recording.run import MANIFEST, Run
from nst_viz.render.player import player_html

FRAMES = 150
"""pictures of a player in the app; the file that is downloaded has more"""

# Streamlit gives each frame scripts and its own origin, which together undo the sandbox. So the page lies in a second
# frame, without an origin: its script cannot touch the app, read its cookie or send anything.
SHELL = (
    '<!doctype html><meta charset="utf-8"><title>{title}</title>'
    "<style>html, body, iframe {{ margin: 0; border: 0; width: 100%; height: 100%; display: block; overflow: hidden }}</style>"
    '<iframe sandbox="allow-scripts{more}" allow="fullscreen" title="{title}" srcdoc="{page}"></iframe>'
)


def show_html(page: str, title: str, height: int, key: str, more: str = "") -> None:
    """A page in a frame of this height; `key` names it for the style sheet, `more` is what else it may do."""
    shell = SHELL.format(title=html.escape(title), page=html.escape(page), more=more)
    with st.container(key=key):
        st.iframe(shell, height=height, alt=title)


def show_player(run: Run, key: str = "player") -> None:
    """The run in the player; prepared once for each state of its folder."""
    show_html(player_page(as_key(run), fingerprint(run), state.theme_name()), "Player", 680, key)


def as_key(run: Run) -> bytes:
    """The run's folder for a cached function: as bytes, for the path need not be text."""
    return os.fsencode(run.folder)


def opened(key: bytes) -> Run:
    return Run.open(os.fsdecode(key))


def fingerprint(run: Run) -> tuple[int, int]:
    """Changes whenever there is something new to show."""
    return (run.folder / MANIFEST).stat().st_mtime_ns, len(run.frame_steps())


@st.cache_data(max_entries=16, show_spinner="Preparing the player …")
def player_page(folder: bytes, state_of_folder: tuple[int, int], theme: str) -> str:
    run = opened(folder)
    reason = state.places().without_paths(str(run.manifest.get("reason") or ""))
    return player_html(Run(run.folder, {**run.manifest, "reason": reason}), FRAMES, theme)  # type: ignore[arg-type]
