"""From a run's name to what may be done with it: download, go on, rename, delete."""

from functools import partial

import streamlit as st

from nst_viz.app import state
from nst_viz.app.library import LONGEST_NAME, SAMPLE
from nst_viz.app.parts.downloads import KINDS, download
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.mistakes import said_in_its_place
from nst_viz.app.parts.words import line, reached
from nst_viz.app.work.follow import go_on
from nst_viz.recording.run import Run
from nst_viz.render.caption import title

ASKED = "delete"
NAME_HELP = f"Letters, digits, - and \\_; whatever else is typed becomes \\_. At most {LONGEST_NAME} signs."


@st.dialog("More about this run", width="medium")
def more(name: str) -> None:
    run = state.library().open(name)
    st.markdown(f"**{plain(title(run))}**")
    st.caption(plain(line(run)))
    with st.container(horizontal=True):
        for words, (suffix, kind) in KINDS.items():
            data = partial(download, run.folder, suffix)
            st.download_button(words, data, f"{run.name}.{suffix}", kind, icon=":material/download:", on_click="ignore")
    if name.startswith(SAMPLE):
        st.caption("This run comes with nst_viz and stays as it is.")
        return
    with said_in_its_place():
        ask_further(name, run)
        ask_rename(name)
        ask_delete(name)


def ask_further(name: str, run: Run) -> None:
    step = reached(run)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = st.number_input("Go on up to step", step + 1, 100_000, max(run.config.steps, step + 50))
        if st.button("Go on", icon=":material/play_arrow:"):
            go_on(state.library(), name, int(steps))
            state.set_batch([name])
            state.go("explore")  # where it is seen to move


def ask_rename(name: str) -> None:
    with st.form(f"rename-{name}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = st.text_input("Name", name, max_chars=LONGEST_NAME, help=NAME_HELP)
        if st.form_submit_button("Rename", icon=":material/edit:"):
            batch = state.batch()
            new = state.library().rename(name, wanted)
            state.set_batch([new if each == name else each for each in batch])
            state.choose_run(new)
            st.toast(f"The run is called **{plain(new)}** now.", icon=":material/edit:")
            st.rerun()


def ask_delete(name: str) -> None:
    """Asked twice."""
    if st.session_state.get(ASKED) != name:
        st.button("Delete", icon=":material/delete:", key=f"delete-{name}", on_click=mark, args=(name,))
        return
    st.warning(f"{plain(name)} and all its pictures will be gone for good.")
    with st.container(horizontal=True):
        if st.button("Delete for good", type="primary", icon=":material/delete:"):
            state.library().delete(name)
            st.rerun()
        st.button("Keep it", on_click=mark, args=("",))


def mark(name: str) -> None:
    """The run that is to be deleted if it is said again."""
    st.session_state[ASKED] = name
