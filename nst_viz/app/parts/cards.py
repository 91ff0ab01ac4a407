"""From a run to its card: the last picture, what it is, how far it came, and the buttons that lead on."""

import streamlit as st
from PIL import Image

from nst_viz.app import state
from nst_viz.app.library import SAMPLE
from nst_viz.app.parts.embed import as_key, fingerprint, opened
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.manage import mark, more
from nst_viz.app.parts.pictures import jpeg
from nst_viz.app.parts.words import MODES, begun, called, reached
from nst_viz.recording.run import Run
from nst_viz.render.caption import title

CARD = 242
"""pixels of a card"""
SIDE = 440


def show_card(number: int, name: str, run: Run) -> None:
    with st.container(border=True, width=CARD, key=f"card-{number}"):
        picture = last_picture(as_key(run), fingerprint(run))
        if picture is not None:
            st.image(picture, width="stretch", alt=f"the last picture of {title(run)}")
        heading, below = called(name), title(run)  # first what tells it from others
        if name.startswith(SAMPLE):
            heading, below = below, heading
        st.markdown(f"**{plain(heading)}**")
        status = "" if run.status == "finished" else f" · {run.status}"
        st.caption(
            f"{plain(below)}  \n{MODES[run.config.mode]} · {run.config.network}  \n"
            f"step {reached(run)} of {run.config.steps}{status} · {begun(run)}"
        )
        with st.container(horizontal=True):
            if st.button("Open", icon=":material/play_circle:", key=f"open-{name}"):
                state.choose_run(name)
                state.go("watch")
            if st.button("More", icon=":material/more_horiz:", key=f"more-{name}"):
                mark("")
                more(name)


@st.cache_data(max_entries=400, show_spinner=False)
def last_picture(folder: bytes, state_of_folder: tuple[int, int]) -> bytes | None:
    """The run's last picture as a small JPEG; None where there is none yet."""
    run = opened(folder)
    steps = run.frame_steps()
    if not steps:
        return None
    image = Image.fromarray(run.frame(steps[-1]))
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return jpeg(image)
