"""Watch: a recorded run in the player, and what its numbers mean."""

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.embed import show_player
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.mistakes import said_in_its_place
from nst_viz.app.parts.words import labels

OPENING = (
    "Step by step the pixels change until a neural network sees the content's shapes in them, and the style's strokes. "
    "Drag along the timeline."
)
MEANING = r"""
- **Loss**: how far the picture is from what is asked of it; each step of the optimiser changes the pixels so that it falls.
  $\;L = \alpha \sum_l w_l\,C_l + \beta \sum_l w_l\,S_l + \gamma\,\mathrm{TV}$
- **Content** of a layer: whether it answers as it does to the content picture, place by place.
  $\;C_l = \tfrac12 \sum_{ik} (F_{ik} - P_{ik})^2$ with the answers $F_{ik}$ of channel $i$ at place $k$, and $P$ those to the
  content picture
- **Style** of a layer: whether its channels answer *together* as often as in the painting, wherever that is.
  $\;S_l = \frac{1}{4N^2} \sum_{ij} (G_{ij} - A_{ij})^2$ with the Gram matrix $G_{ij} = \frac1M \sum_k F_{ik} F_{jk}$ of $N$
  channels at $M$ places, and $A$ that of the painting
- **Smoothness**: how much neighbouring pixels differ (total variation).
  $\;\mathrm{TV} = \sum \left((\Delta_x)^2 + (\Delta_y)^2\right)^{1.25}$
- **Contribution**: a term's raw value times its weight; **share**: its part of the whole loss. They add up to the loss, always.
- **Layers** are numbered from fine to coarse: 1.1 sees the finest grain, block 5 the largest forms. A layer has the same colour
  everywhere.
"""


def show() -> None:
    names, asked = state.run_names(), state.asked_run()
    chosen = names.index(state.chosen_run(names))
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title("Watch a network paint", width="content")
        name = st.selectbox("Run", names, chosen, format_func=labels(state.library()), label_visibility="collapsed")
        if st.button("Paint your own", type="primary", icon=":material/brush:"):
            state.go("explore")
    st.markdown(OPENING)
    if asked and asked not in names:
        st.warning(f"There is no run {plain(asked)} here, or no longer, or it is not yours: this is another one.")
    state.choose_run(name)
    st.query_params["run"] = name
    with said_in_its_place():
        run = state.library().open(name)
        if run.status == "running":
            st.info("This run is being computed: here is what there is so far.", icon=":material/hourglass_top:")
            st.button("Show the newest", icon=":material/refresh:")
        show_player(run)
    st.subheader("What the numbers mean")
    st.markdown(MEANING)
    st.caption("Gatys, Ecker & Bethge 2015, eq. 1 to 7; the total variation is Chollet's.")
