"""What a browser session knows, in one place: who it is, its runs and pictures, what it looks at, and where pages are."""

import json
import re
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from nst_viz.app.library import LESSON, Library
from nst_viz.app.places import Places
from nst_viz.app.uploads import Uploads
from nst_viz.app.work.follow import standing
from nst_viz.app.work.keeper import Keeper
from nst_viz.app.work.queue import Queue, read_text
from nst_viz.core.config import TransferConfig
from nst_viz.recording.recorder import replace_file
from nst_viz.results import RESULTS

COOKIE = "nst_viz_session"


@st.cache_resource
def keep_worker(results: Path) -> Keeper:
    """The worker, started once for all sessions."""
    return Keeper(Places(results))


def places() -> Places:
    return Places(RESULTS.absolute())


def owner() -> str:
    """The session's secret name: that of the browser's cookie, or a new one for it to keep."""
    if "owner" not in st.session_state:
        known = st.context.cookies.to_dict().get(COOKIE, "")
        st.session_state.owner = known if re.fullmatch("[0-9a-f]{32}", known) else secrets.token_hex(16)
    return cast(str, st.session_state.owner)


def remember_owner() -> None:
    """Have the browser keep the session's name for a year, so that a reload finds its runs again."""
    if st.context.cookies.to_dict().get(COOKIE) != owner():
        cookie = f"{COOKIE}={owner()}; max-age=31536000; path=/; samesite=strict"
        st.html(f"<script>document.cookie = '{cookie}'</script>", unsafe_allow_javascript=True)


def library() -> Library:
    return Library(places(), owner())


def queue() -> Queue:
    return Queue(places().queue)


def uploads() -> Uploads:
    return Uploads(places(), owner())


def networks() -> dict[str, Any] | None:
    """What the worker told about the networks; None until it has."""
    text = read_text(places().networks)
    told = cast(dict[str, Any], json.loads(text)) if text else {}
    return told if told and all("missing" in about for about in told.values()) else None  # else an earlier version's


def theme_name() -> Literal["auto", "light", "dark"]:
    """As the reader chose in the app's menu, or the system's."""
    return st.context.theme.type or "auto"


# What the session looks at.


def run_names() -> list[str]:
    """The runs to choose from, and before them one that was asked for and is not among them: a lesson's."""
    names, asked = library().names(), asked_run()
    return [asked, *names] if asked.startswith(LESSON) else names


def asked_run() -> str:
    return str(st.session_state.get("chosen_run") or st.query_params.get("run", ""))


def chosen_run(names: Sequence[str]) -> str:
    """The run to show: the one asked for last or in the address, else the newest of the session's, else a sample."""
    asked = asked_run()
    return asked if asked in names else names[0]


def choose_run(name: str) -> None:
    st.session_state.chosen_run = name


def batch() -> list[str]:
    """The names of the runs that were asked for together, last, and are still there; also after a reload."""
    text = read_text(batch_file())
    return [str(name) for name in json.loads(text) if library().has(name)] if text else []


def last_asked() -> TransferConfig | None:
    """What was asked of the run that a new tab finds beside the form, for the form to begin with; the same all session."""
    if "last_asked" not in st.session_state:
        found = [standing(library(), name) for name in batch()[:1]]
        asked = [each.run.config if each.run else each.job.config if each.job else None for each in found]
        st.session_state.last_asked = asked[0] if asked else None
    return cast(TransferConfig | None, st.session_state.last_asked)


def set_batch(names: Sequence[str]) -> None:
    batch_file().parent.mkdir(parents=True, exist_ok=True)
    replace_file(batch_file(), json.dumps(list(names)).encode())


def batch_file() -> Path:
    return places().own / "sessions" / f"{owner()}.json"


# Where pages are.


def set_pages(pages: dict[str, StreamlitPage]) -> None:
    st.session_state.pages = pages


def go(page: str) -> None:
    """Show another page."""
    if "pages" in st.session_state:
        st.switch_page(st.session_state.pages[page])
