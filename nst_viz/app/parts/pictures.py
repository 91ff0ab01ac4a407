"""From the samples and the session's uploads to the picture that a person points at."""

import io
from pathlib import Path
from typing import Literal

import streamlit as st
from PIL import Image, ImageOps

from nst_viz.app import state
from nst_viz.app.parts.look import plain
from nst_viz.app.uploads import MEGABYTES
from nst_viz.core.errors import NstVizError
from nst_viz.core.kinds import COMMON
from nst_viz.core.samples import OWN, PHOTOS, sample_path

THUMBNAIL = 148
"""pixels of a tile's side, twice what is shown, for sharp screens"""
FIRST = {"content": "sample:dancing", "style": "sample:picasso"}


def choose_picture(kind: str) -> str:
    """Tiles of which one is chosen, and a place to upload another; the source of the one chosen."""
    key = f"form-{kind}"
    sources, asked = sources_of(kind), getattr(state.last_asked(), kind, None)
    if st.session_state.get(key) not in sources:
        st.session_state[key] = asked if asked in sources else FIRST[kind]
    with st.container(horizontal=True, vertical_alignment="center", key=f"head-{kind}"):
        st.markdown(f"**{kind.capitalize()}**", width="content")
        with st.popover("your own", icon=":material/upload:", type="tertiary"):
            st.file_uploader(
                f"A {COMMON} file, {MEGABYTES} MB at most; nobody else is shown it",
                key=f"upload-{kind}",
                on_change=take_upload,
                args=(kind,),
            )
        chosen = st.session_state[key]
        if not chosen.startswith("sample:"):
            label = f"remove {plain(source_name(chosen))}"
            st.button(label, icon=":material/close:", type="tertiary", key=f"remove-{kind}", on_click=remove, args=(chosen,))
    with st.container(horizontal=True, gap="xsmall", key=f"tiles-{kind}"):
        for number, source in enumerate(sources):
            show_tile(kind, number, source)
    if mistake := st.session_state.pop(f"upload-mistake-{kind}", None):
        st.error(plain(mistake))
    return str(st.session_state[key])


def show_tile(kind: str, number: int, source: str) -> None:
    """A picture that is its own button: the style sheet lays the one over the other."""
    key = f"form-{kind}"
    with st.container(key=f"tile-{kind}-{number}"):
        name = source_name(source)
        st.image(thumbnail(source), width=74, alt=name)
        mark: Literal["primary", "secondary"] = "primary" if source == st.session_state[key] else "secondary"
        st.button(plain(name), key=f"pick-{kind}-{number}", type=mark, on_click=choose, args=(key, source))


def sources_of(kind: str) -> list[str]:
    """Samples first, then what the session uploaded."""
    names = [*OWN[kind], *(PHOTOS if kind == "content" else ())]
    return [f"sample:{name}" for name in names] + [str(path) for path in state.uploads().all()]


def source_name(source: str) -> str:
    return Path(source.removeprefix("sample:")).stem.replace("_", " ")


def choose(key: str, source: str) -> None:
    st.session_state[key] = source


def remove(source: str) -> None:
    state.uploads().remove(Path(source))


def take_upload(kind: str) -> None:
    """Store what was just uploaded and choose it; a mistake is said under the tiles."""
    given = st.session_state.get(f"upload-{kind}")
    if given is None:
        return
    try:
        choose(f"form-{kind}", str(state.uploads().add(given.name, given.getvalue())))
    except NstVizError as error:
        st.session_state[f"upload-mistake-{kind}"] = str(error)


@st.cache_data(max_entries=400, show_spinner=False)
def thumbnail(source: str, side: int = THUMBNAIL) -> bytes:
    """A square JPEG, upright and with three channels whatever the file has."""
    path = sample_path(source) if source.startswith("sample:") else Path(source)
    with Image.open(path) as image:
        square = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (side, side))
    return jpeg(square)


def jpeg(image: Image.Image) -> bytes:
    """As a page shows it: a tenth of the bytes of what is recorded, and as quick to encode as to send those."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
