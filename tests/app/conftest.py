"""What the app's tests share: a results folder as the current one, and pages that run without a browser."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from nst_viz.app.library import Library
from nst_viz.app.places import Places
from nst_viz.recording.recorder import replace_file

OWNER = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """An empty results folder, in the current folder."""
    (tmp_path / "results").mkdir()
    monkeypatch.chdir(tmp_path)
    return Places(tmp_path / "results")


@pytest.fixture
def library(places: Places) -> Library:
    """The runs as the session of `open_page` sees them."""
    return Library(places, OWNER)


@pytest.fixture(scope="session")
def described() -> dict[str, Any]:
    from nst_viz.app.work.describe import describe_built_in

    return describe_built_in()


@pytest.fixture
def told(places: Places, described: dict[str, Any]) -> None:
    """As if the worker had said what the networks are."""
    places.own.mkdir(parents=True, exist_ok=True)
    replace_file(places.networks, json.dumps(described).encode())


@pytest.fixture
def open_page(places: Places) -> Callable[..., AppTest]:
    """Shows a page as the session OWNER sees it; fails where the page does."""

    def opened(name: str, **query: str) -> AppTest:
        page = AppTest.from_string(f"from nst_viz.app.views import {name}\n{name}.show()", default_timeout=600)
        page.session_state["owner"] = OWNER
        for key, value in query.items():
            page.query_params[key] = value
        page.run()
        assert not page.exception
        return page

    return opened
