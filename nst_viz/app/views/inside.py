"""Inside the network: what a layer answers to a picture, and how a run's Gram matrix moves towards its target."""

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.inspections import STEP, offer_gradients, picture_label, show_features, show_gram
from nst_viz.app.parts.look import colour_rows, coloured_row, plain
from nst_viz.app.parts.mistakes import said_in_its_place
from nst_viz.app.parts.networks import say_what_is_missing, wait_for_networks
from nst_viz.app.parts.pictures import sources_of
from nst_viz.app.parts.words import labels
from nst_viz.core.networks.layers import Layer
from nst_viz.recording.run import Run


def show() -> None:
    st.title("Inside the network")
    names = state.run_names()
    left, right = st.columns(2)
    name = left.selectbox(
        "Run", names, names.index(state.chosen_run(names)), format_func=labels(state.library()), key="inside-run"
    )
    state.choose_run(name)
    with said_in_its_place():
        run = state.library().open(name)
        networks = state.networks()
        if networks is None:
            wait_for_networks()
            return
        if networks.get(run.config.network, {}).get("missing"):
            say_what_is_missing(run.config.network)
            return
        layers = run.layers()
        names = list(layers)
        first = names[min(1, len(names) - 1)]
        with right:
            chosen = st.segmented_control(
                "Layer, from fine to coarse",
                names,
                default=first,
                required=True,
                format_func=lambda each: layers[each].label,
                key=f"inside-{run.config.network}",
            )
        show_layer(name, run, layers[chosen or first])


def show_layer(name: str, run: Run, layer: Layer) -> None:
    colour_rows({f"inside-{layer.name}": layer.colour})
    with coloured_row(f"inside-{layer.name}"):
        st.markdown(f"Layer **{plain(layer.label)}** looks at **{plain(layer.sees)}**.")
    features, gram = st.tabs(["What it sees in a picture", "Its Gram matrix, and who pushes where"])
    with features:
        pictures = [*run.manifest["inputs"], STEP, *sources_of("content"), *sources_of("style")]
        picture = st.selectbox("Picture", pictures, format_func=picture_label, key="inside-picture", width=360)
        show_features(run, layer, picture)
    with gram:
        show_gram(run, layer)
        if not run.gradient_steps():
            offer_gradients(name, run)
