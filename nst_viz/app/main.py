"""From the address that the browser asks for to the page it shows; Streamlit runs this file for each session."""

import gc

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.look import icon, logo, style
from nst_viz.app.parts.mistakes import said_in_its_place
from nst_viz.app.views import compare, explore, inside, lessons, runs, watch

PAGES = {
    "watch": (watch, "Watch", ":material/play_circle:"),
    "explore": (explore, "Explore layers", ":material/tune:"),
    "inside": (inside, "Inside the network", ":material/grid_view:"),
    "compare": (compare, "Compare", ":material/compare:"),
    "runs": (runs, "Runs", ":material/collections:"),
    "lessons": (lessons, "Lessons", ":material/school:"),
}


def main() -> None:
    st.set_page_config(page_title="nst_viz", page_icon=icon(), layout="wide")
    st.logo(logo(state.theme_name() == "dark"), size="large")
    state.keep_worker(state.places().results)
    st.html(f"<style>{style()}</style>")
    pages = {
        path: st.Page(module.show, title=title, icon=sign, url_path=path, default=path == "watch")
        for path, (module, title, sign) in PAGES.items()
    }
    state.set_pages(pages)
    page = st.navigation(list(pages.values()), position="top")
    with said_in_its_place():
        page.run()
    state.remember_owner()
    gc.collect()  # of whole pages, which are large; not after each look at a growing run, as Streamlit's own would be


if __name__ == "__main__":
    main()
