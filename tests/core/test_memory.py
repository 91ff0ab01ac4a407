"""Runs that cannot fit into the memory are refused in one sentence, and what it advises fits."""

import re
from types import SimpleNamespace

import pytest

from nst_viz.core import memory
from nst_viz.core.errors import NstVizError


@pytest.mark.parametrize("gigabytes", [4, 16])
def test_what_is_advised_fits(monkeypatch: pytest.MonkeyPatch, gigabytes: int) -> None:
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: SimpleNamespace(total=gigabytes * 1e9))
    memory.check_memory(512, 400)
    with pytest.raises(NstVizError, match=rf"takes about \d+ GB of memory, of this machine's {gigabytes} GB") as error:
        memory.check_memory(8000, 6000)
    size = int(re.findall(r"--size (\d+)", str(error.value))[0])
    memory.check_memory(size, round(size * 0.75))
    assert size > 900
