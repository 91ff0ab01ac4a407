"""What a page says where something cannot be done or shown: one sentence in its place, and the page goes on."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.look import plain
from nst_viz.core.errors import NstVizError


def sentence(error: Exception) -> str:
    """What to tell a reader, without where things lie on the server. What nobody foresaw goes to the terminal besides."""
    if isinstance(error, NstVizError):
        return state.places().without_paths(str(error))
    traceback.print_exception(error)
    if isinstance(error, OSError):
        return f"A file could not be read or written ({error.strerror}): see whether there is room on the disk."
    return f"This cannot be shown ({type(error).__name__}): choose another run; the terminal says more."


def said(error: Exception) -> str:
    """The sentence as Markdown."""
    return plain(sentence(error))


@contextmanager
def said_in_its_place() -> Iterator[None]:
    """Within, whatever goes wrong is said here. (What Streamlit raises to run a page again is no Exception.)"""
    try:
        yield
    except Exception as error:
        st.error(said(error))
