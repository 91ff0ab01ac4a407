"""From the names of runs that were asked for together to what is shown of them: live while they grow, then in step."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.embed import show_player
from nst_viz.app.parts.live import done_html, live_html, words_html
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.mistakes import said, said_in_its_place, sentence
from nst_viz.app.parts.side_by_side import show_side_by_side
from nst_viz.app.parts.words import reached
from nst_viz.app.work.follow import Standing, cancel, go_on, standing
from nst_viz.app.work.queue import Job
from nst_viz.core.errors import NstVizError

REFRESH = 0.3
"""seconds between two looks at a growing run"""
OVER = ("ended", "failed")


def show_batch(names: Sequence[str]) -> None:
    """The runs, growing or ended; a hint where there is none."""
    standings = [standing(state.library(), name) for name in names]
    if not standings:
        st.info(
            "Press **Run**: the picture and what each layer adds to the loss move while it computes.", icon=":material/brush:"
        )
    elif all(each.stand in OVER for each in standings):
        show_ended(standings)
    else:
        show_growing(list(names))


@st.fragment(run_every=REFRESH)
def show_growing(names: list[str]) -> None:
    """The runs as they are now, drawn anew every REFRESH seconds: those under way large, what is done small, then the line."""
    standings = [standing(state.library(), name) for name in names]
    if all(each.stand in OVER for each in standings):
        st.rerun()
    over, waiting = ([each for each in standings if each.stand in stands] for stands in (OVER, ("waiting",)))
    for each in standings:
        if each not in over and each not in waiting:
            show_under_way(each)
    if over:
        st.html(done_html([(": ".join(filter(None, (each.name, each.words))), each.run) for each in over]))
    for each in waiting:
        with st.container(horizontal=True, vertical_alignment="center", key=f"waiting-{each.name}"):
            show_buttons(each)
            st.markdown(plain(f"{each.name}: {each.words}"))


def show_under_way(each: Standing) -> None:
    caption = " · ".join(filter(None, (each.name, each.words)))
    if each.run is None:
        st.html(words_html(caption))
    else:
        try:
            st.html(live_html(each.run, caption, moving=each.stand == "running"))
        except Exception as error:
            st.html(words_html(sentence(error)))
    show_buttons(each)


def show_buttons(each: Standing) -> None:
    """Pause, go on, stop or cancel: what fits how the run stands."""
    queue, job = state.queue(), each.job
    if job is None or each.stand in OVER:
        return
    with st.container(horizontal=True, width="content"):
        if each.stand == "waiting":
            st.button("Cancel", icon=":material/close:", key=f"cancel-{job.id}", on_click=take_back, args=(job,))
        if each.stand == "running":
            st.button("Pause", icon=":material/pause:", key=f"pause-{job.id}", on_click=queue.ask, args=(job, "pause"))
        if each.stand == "paused":
            withdraw = partial(queue.withdraw, job, "pause")
            st.button("Go on", icon=":material/play_arrow:", type="primary", key=f"on-{job.id}", on_click=withdraw)
        if each.stand in ("running", "paused"):
            st.button("Stop", icon=":material/stop:", key=f"stop-{job.id}", on_click=queue.ask, args=(job, "stop"))


def take_back(job: Job) -> None:
    cancel(state.library(), job)
    state.set_batch([name for name in state.batch() if name != job.name])


def show_ended(standings: Sequence[Standing]) -> None:
    """One run in the player, several in step; what failed with its reason, what stopped with the way to go on."""
    for each in standings:
        if each.stand == "failed" and each.words:
            st.error(plain(f"{each.name}: {each.words}"))
    runs = [each.run for each in standings if each.run is not None]
    for run in runs:
        if run.status == "stopped":
            with st.container(horizontal=True, vertical_alignment="center"):
                how = "was cut off" if run.manifest["status"] == "running" else "is stopped"
                where = " It goes on from the last checkpoint, a few seconds before." if how == "was cut off" else ""
                st.markdown(f"{plain(run.name)} {how} at step {reached(run)} of {run.config.steps}.{where}")
                if st.button("Go on", icon=":material/play_arrow:", key=f"resume-{run.name}"):
                    ask_to_go_on(run.name)
    with said_in_its_place():
        if len(runs) == 1:
            show_player(runs[0], "player-explore")
            lead_on(runs[0].name)
        elif runs:
            show_side_by_side(runs)
            if st.button("Wipe between the first two", icon=":material/compare:"):
                state.go("compare")


def lead_on(name: str) -> None:
    """Where else the run can be looked at."""
    with st.container(horizontal=True):
        if st.button("Watch it large", icon=":material/play_circle:"):
            state.choose_run(name)
            state.go("watch")
        if st.button("Look inside the network", icon=":material/grid_view:"):
            state.choose_run(name)
            state.go("inside")


def ask_to_go_on(name: str, steps: int | None = None) -> None:
    try:
        go_on(state.library(), name, steps)
    except NstVizError as error:
        st.error(said(error))
        return
    st.rerun()
