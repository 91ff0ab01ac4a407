"""A network's defaults may change: a run that was recorded goes on with those that it began with."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from nst_viz.core.config import TransferConfig
from nst_viz.core.networks import load_network
from nst_viz.core.networks.base import Network
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer


@pytest.mark.parametrize("changes", [{}, {"alpha": 0.0}, {"mode": "style", "content": None}])
def test_going_on_uses_the_defaults_that_were_recorded(
    changes: dict[str, object], config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config.replace(network="random", **changes)
    whole = record_transfer(config.replace(steps=6), tmp_path / "whole")
    half = record_transfer(config.replace(steps=3), tmp_path / "half")
    network = load_network("random")
    other = {mode: dataclasses.replace(each, alpha=7.0, beta=7.0, tv=0.5) for mode, each in network.defaults.items()}

    def changed(name: str, **how: object) -> Network:
        return dataclasses.replace(load_network(name, **how), defaults=other, _models={})

    monkeypatch.setattr("nst_viz.core.transfer.load_network", changed)
    resume_transfer(half.folder, 6)
    again = Run.open(half.folder)
    np.testing.assert_array_equal(again.losses().weight, whole.losses().weight)
    np.testing.assert_array_equal(again.frame(6), whole.frame(6))
