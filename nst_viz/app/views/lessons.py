"""Lessons: what there is to learn, then each lesson's page as it was built, with its runs to open in Watch."""

from pathlib import Path

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.embed import show_html
from nst_viz.app.parts.lesson_page import whole_page
from nst_viz.app.parts.words import labels
from nst_viz.course.cells import Script, lesson_paths, read_script
from nst_viz.course.lesson import COVER
from nst_viz.course.site import PAGE, TITLE


def show() -> None:
    scripts = {f"{script.number:02d}": script for script in map(read_script, lesson_paths())}
    chosen = str(st.query_params.get("lesson", ""))
    if chosen in scripts and page_of(chosen).exists():
        show_lesson(scripts[chosen], chosen)
        return
    st.title(TITLE)
    if not any(page_of(number).exists() for number in scripts):
        st.info("No lesson's page is built here yet: `nst-viz lesson 1` runs the first one and builds it.")
    with st.container(horizontal=True, key="lessons"):
        for number, script in scripts.items():
            show_card(script, number)


def page_of(number: str) -> Path:
    return state.places().lessons / number / PAGE


def show_card(script: Script, number: str) -> None:
    """The lesson's cover, its question, and the way in."""
    with st.container(border=True, width=300, key=f"card-lesson-{number}"):
        cover = page_of(number).with_name(COVER)
        if cover.exists():
            st.image(cover.read_bytes(), width="stretch", alt="")
        st.markdown(f"**{script.number} · {script.title}**")
        st.caption(script.opening.split("\n\n")[0])
        if page_of(number).exists():
            st.button("Read", icon=":material/menu_book:", key=f"read-{number}", on_click=choose, args=(number,))
        else:
            st.caption(f"Not built yet: `nst-viz lesson {script.number}`")


def choose(number: str) -> None:
    st.query_params["lesson"] = number


def show_lesson(script: Script, number: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All lessons", icon=":material/apps:", on_click=choose, args=("",))
        for neighbour, sign in ((script.number - 1, "back"), (script.number + 1, "forward")):
            other = f"{neighbour:02d}"
            if page_of(other).exists():
                st.button(f"Lesson {neighbour}", icon=f":material/arrow_{sign}:", on_click=choose, args=(other,))
        runs = state.library().of_lesson(number)
        if runs:
            name = st.selectbox("Run", runs, format_func=labels(state.library()), label_visibility="collapsed")
            if st.button("Open this run in Watch", icon=":material/play_circle:"):
                state.choose_run(name)
                state.go("watch")
    path = page_of(number)
    page = lesson_html(str(path), path.stat().st_mtime_ns)
    show_html(page, script.title, 900, "lesson-page", " allow-popups")


@st.cache_data(max_entries=4, show_spinner="Opening the lesson …")
def lesson_html(path: str, changed: int) -> str:
    return whole_page(Path(path))
