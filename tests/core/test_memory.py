"""Runs that cannot fit into the memory are refused in one sentence, and what it advises fits."""

import re
from pathlib import Path

import pytest

from nst_viz.core import memory
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording.session import record_transfer


@pytest.mark.parametrize("gigabytes", [4, 16])
def test_what_is_advised_fits(monkeypatch: pytest.MonkeyPatch, gigabytes: int) -> None:
    monkeypatch.setattr(memory.machine, "memory", lambda: int(gigabytes * 1e9))
    memory.check_memory(512, 400)
    with pytest.raises(NstVizError, match=rf"takes about \d+ GB of memory, of this machine's {gigabytes} GB") as error:
        memory.check_memory(8000, 6000)
    size = int(re.findall(r"--size (\d+)", str(error.value))[0])
    memory.check_memory(size, round(size * 0.75))
    assert size > 900


def test_runs_at_the_same_time_share_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.machine, "memory", lambda: 8_000_000_000)
    most = memory.runs_at_once(256 * 256)
    assert 2 < most < 9
    memory.check_memory(256, 256, most)
    with pytest.raises(
        NstVizError, match=rf"{most + 1} runs at once of 256 x 256 pixels take .*: choose {most} at once or fewer"
    ):
        memory.check_memory(256, 256, most + 1)


def test_a_run_is_refused_before_its_folder_is_made(
    config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory.machine, "memory", lambda: 100_000_000)
    with pytest.raises(NstVizError, match=r"48 x 40 pixels takes about \d+ GB of memory"):
        record_transfer(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
