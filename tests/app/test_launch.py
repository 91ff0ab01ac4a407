"""The launch: a free port, a folder that can be written, and one sentence where either is not there."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nst_viz.app.launch import HOST, check_folder, command, free_port
from nst_viz.app.places import Places
from nst_viz.core.errors import NstVizError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind((HOST, 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_port_that_is_taken_is_said_or_passed_over(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NstVizError, match=f"port {taken} is in use: end what runs there, or give another by --port"):
        free_port(taken)
    monkeypatch.setattr("nst_viz.app.launch.FIRST_PORT", taken)
    assert free_port(None) > taken


def test_only_this_machine_is_served(taken: int) -> None:
    options = command(taken)
    assert "--server.address=127.0.0.1" in options
    assert f"--server.port={taken}" in options
    assert "--browser.gatherUsageStats=false" in options


def test_a_results_folder_that_cannot_be_written(tmp_path: Path) -> None:
    check_folder(Places(tmp_path / "results"))
    (tmp_path / "file").touch()
    with pytest.raises(NstVizError, match=r"cannot be written .*: start the app in a folder that you may write to"):
        check_folder(Places(tmp_path / "file"))
