"""Runs of earlier versions, which had fewer rules about what may be asked for, open and are gone on with."""

from pathlib import Path

import pytest

from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer


@pytest.mark.parametrize("changes", [{"mode": "content", "init": "content"}, {"mode": "style", "init": "style", "alpha": 0.0}])
def test_a_run_with_knobs_that_did_not_act_opens_and_goes_on_bit_for_bit(
    config: TransferConfig, changes: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {**config.model_dump(), **changes, "seed": 5}
    with pytest.raises(NstVizError):
        TransferConfig(**fields)
    with monkeypatch.context() as earlier:
        earlier.setattr("nst_viz.core.config.ACTS", ())
        old = TransferConfig(**fields)
        whole, asked = record_transfer(old, tmp_path / "whole"), iter([False, False, True])
        part = record_transfer(old, tmp_path / "part", stop=lambda: next(asked))
    assert part.manifest["config"]["seed"] == 5
    assert Run.open(part.folder).config.seed == 0
    for stops in ([True], [False] * 9):
        answers = iter(stops)
        resumed = resume_transfer(part.folder, stop=lambda: next(answers))  # noqa: B023
    assert resumed.status == "finished"
    assert resumed.manifest["config"] == whole.manifest["config"]
    assert (resumed.frame(6) == whole.frame(6)).all()
    assert (resumed.losses().raw == whole.losses().raw).all()
