"""What a page shows in the place of a network that it cannot use: that it is being loaded, or why it is not here."""

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.look import plain


@st.fragment(run_every=0.5)
def wait_for_networks() -> None:
    """Until the worker has told about them."""
    st.info("The network is being loaded, which takes some seconds …", icon=":material/hourglass_top:")
    if state.networks() is not None:
        st.rerun()


def say_what_is_missing(network: str) -> None:
    """Why a network cannot be used."""
    about = (state.networks() or {}).get(network)
    st.info(plain(about["missing"] if about else f"The network {network} cannot be looked into here."))
