"""A run's folder at every instant: while it grows, after a stop, a kill and a full disk, and gone on with bit for bit."""

import json
import os
import signal
import subprocess
import sys
from itertools import count, islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import DivergedError, NstVizError
from nst_viz.core.image import load_pictures
from nst_viz.recording import recorder
from nst_viz.recording.recorder import create_run, only_writer, record
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer
from nst_viz.recording.summary import summary
from tests.recording.contents import content_of
from tests.waiting import wait_until


def test_the_folder_explains_itself(recorded: Run, config: TransferConfig) -> None:
    assert recorded.status == "finished"
    assert recorded.config == config
    assert recorded.frame_steps() == list(range(7))
    assert recorded.frame(6).shape == (40, 48, 3)
    assert set(recorded.inputs()) == {"content", "style"}
    manifest = json.loads((recorded.folder / "run.json").read_text())
    assert manifest["inputs"]["style"]["original_size"] == [44, 52]
    assert manifest["seconds"] > 0
    assert len(manifest["network"]["weights_sha256"]) == 64
    assert set(manifest["versions"]) >= {"python", "tensorflow", "keras", "numpy", "nst_viz"}


def test_losses_are_kept_to_the_last_digit(recorded: Run) -> None:
    losses = recorded.losses()
    assert losses.steps.tolist() == list(range(7))
    assert losses.terms[0].startswith("content.")
    assert "tv" in losses.terms
    np.testing.assert_array_equal(losses.contribution, losses.raw * losses.weight)
    _, _, state = recorded.checkpoint()
    np.testing.assert_array_equal(losses.raw[-1], state["raw"])
    assert (np.diff(losses.total()) < 0).all()  # L-BFGS never accepts a worse picture


def test_gradients_are_recorded_where_asked(recorded: Run) -> None:
    losses = recorded.losses()
    assert recorded.gradient_steps() == [0, 3, 6]
    assert np.isfinite(losses.gradient_norm).all(axis=1).tolist() == [True, False, False, True, False, False, True]
    maps = recorded.gradient_maps(3)
    assert set(maps) == set(losses.terms)
    for term, norm in zip(losses.terms, losses.gradient_norm[3], strict=True):
        assert maps[term].shape == (40, 48)
        assert np.linalg.norm(maps[term]) == pytest.approx(norm, rel=1e-5)


def test_a_seed_gives_the_same_run_again(config: TransferConfig, tmp_path: Path) -> None:
    noisy = config.replace(init="noise", seed=5)
    first, second = (record_transfer(noisy, tmp_path / name) for name in ("a", "b"))
    assert content_of(first) == content_of(second)
    other = record_transfer(noisy.replace(seed=6), tmp_path / "c")
    assert content_of(other) != content_of(first)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam", "sgd"])
def test_a_stopped_run_goes_on_bit_for_bit(config: TransferConfig, optimizer: str, tmp_path: Path) -> None:
    config = config.replace(optimizer=optimizer, init="noise")
    policy = RecordingPolicy(record_every=2, gradients_every=4)
    whole = record_transfer(config, tmp_path / "whole", policy)
    asked = iter([False, False, False, True])
    part = record_transfer(config, tmp_path / "part", policy, stop=lambda: next(asked))
    assert part.status == "stopped"
    assert part.frame_steps() == [0, 2, 3]  # the last picture is kept, whatever the policy says
    resumed = resume_transfer(part.folder)
    assert resumed.status == "finished"
    assert content_of(resumed) == content_of(whole)


def test_going_further_is_the_longer_run(config: TransferConfig, tmp_path: Path) -> None:
    longer = record_transfer(config.replace(steps=8), tmp_path / "longer")
    short = record_transfer(config, tmp_path / "short")
    assert content_of(resume_transfer(short.folder, steps=8)) == content_of(longer)
    with pytest.raises(NstVizError, match=r"is at step 8 of 8: give --steps above 8"):
        resume_transfer(short.folder)


KILLED = """
import sys
from pathlib import Path
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.recording import recorder
from nst_viz.recording.session import record_transfer
recorder.CHECKPOINT_SECONDS = 0.05
config = TransferConfig(content=sys.argv[1], style=sys.argv[2], size=48, steps=100_000)
record_transfer(config, Path(sys.argv[3]), RecordingPolicy(record_every=1))
"""


def test_a_killed_run_opens_and_goes_on_bit_for_bit(content: Path, style: Path, tmp_path: Path) -> None:
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(content), str(style), str(folder)], text=True)
    wait_until(lambda: (folder / "frames/000012.webp").exists() and (folder / "checkpoint").exists(), "a run", process)
    alive = Run.open(folder)
    assert alive.status == "running"
    with pytest.raises(NstVizError, match="is being written by another process"), only_writer(folder):
        pass
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    killed = Run.open(folder)
    assert killed.status == "stopped"
    steps = killed.losses().steps
    assert len(steps) >= 12
    assert killed.frame(killed.frame_steps()[-1]).shape == (40, 48, 3)
    more = int(steps[-1]) + 5
    resumed = resume_transfer(folder, steps=more)
    config = TransferConfig(content=str(content), style=str(style), size=48, steps=more)
    assert content_of(resumed) == content_of(record_transfer(config, tmp_path / "whole"))


def test_a_full_disk_keeps_what_is_there(config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = recorder.replace_file

    def full(path: Path, data: bytes) -> None:
        if path.name >= "000004.webp" and path.suffix == ".webp":
            raise OSError(28, "No space left on device")
        write(path, data)

    monkeypatch.setattr(recorder, "replace_file", full)
    with pytest.raises(NstVizError, match=r"could not be written \(No space left on device\): make room, then .*resume"):
        record_transfer(config, tmp_path / "run")
    monkeypatch.undo()
    run = Run.open(tmp_path / "run")
    assert run.status == "failed"
    assert run.frame_steps() == [0, 1, 2, 3]
    assert content_of(resume_transfer(run.folder)) == content_of(record_transfer(config, tmp_path / "whole"))


def test_a_loss_that_is_no_number_keeps_the_last_good_frame(config: TransferConfig, tmp_path: Path) -> None:
    from nst_viz.core.transfer import prepare

    pictures = load_pictures(config)
    transfer = prepare(config.replace(optimizer="adam"), pictures)
    calls = 0
    evaluate = type(transfer.objective).evaluate

    def breaking(self: object, image: np.ndarray) -> object:
        nonlocal calls
        calls += 1
        evaluation = evaluate(self, image)  # type: ignore[arg-type]
        raw = np.where(np.arange(len(evaluation.raw)) == 2, np.nan, evaluation.raw)
        return evaluation._replace(loss=float("nan"), raw=raw) if calls > 3 else evaluation

    run = create_run(tmp_path / "run", transfer.config, RecordingPolicy(), pictures, transfer.about())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(transfer.objective), "evaluate", breaking)
        with pytest.raises(DivergedError, match=r"no longer a number at step 3 \(in style\.block1_conv1\)"):
            record(transfer.iterates(), run)
    failed = Run.open(run.folder)
    assert failed.status == "failed"
    assert "style.block1_conv1" in failed.manifest["reason"]
    assert failed.frame_steps() == [0, 1, 2]


def test_pictures_that_hardly_change_are_left_out(config: TransferConfig, tmp_path: Path) -> None:
    run = record_transfer(config, tmp_path / "run", RecordingPolicy(min_change=0.02))
    steps = run.frame_steps()
    assert steps[0] == 0
    assert steps[-1] == 6
    assert len(steps) < 7
    for before, after in pairwise(steps[:-1]):
        change = np.abs(run.frame(after).astype(float) - run.frame(before)).mean() / 255
        assert change >= 0.02


def test_memory_does_not_grow_with_steps(config: TransferConfig, tmp_path: Path) -> None:
    """No iterate that was written is kept: the queue holds a few, and the stream is consumed one by one."""
    import weakref

    from nst_viz.core.transfer import prepare

    config = config.replace(steps=40)
    pictures = load_pictures(config)
    transfer = prepare(config, pictures)
    alive: list[weakref.ref[np.ndarray]] = []
    most = 0

    def watched() -> object:
        nonlocal most
        for iterate in transfer.iterates():
            alive.append(weakref.ref(iterate.image))
            most = max(most, sum(reference() is not None for reference in alive))
            yield iterate

    record(watched(), create_run(tmp_path / "run", config, RecordingPolicy(), pictures, transfer.about()))  # type: ignore[arg-type]
    assert len(alive) == 41
    assert most <= recorder.QUEUE + 4


def test_an_existing_folder_is_refused_and_left_alone(config: TransferConfig, recorded: Run, tmp_path: Path) -> None:
    before = content_of(recorded)
    with pytest.raises(NstVizError, match=r"is there already: go on with it by nst-viz resume .*, or give another --out"):
        record_transfer(config, recorded.folder)
    assert content_of(recorded) == before
    (tmp_path / "file").touch()
    with pytest.raises(NstVizError, match="cannot be written"):
        record_transfer(config, tmp_path / "file" / "run")


def test_the_stream_may_end_before_its_time(config: TransferConfig, tmp_path: Path) -> None:
    from nst_viz.core.transfer import prepare

    pictures = load_pictures(config)
    transfer = prepare(config, pictures)
    run = create_run(tmp_path / "run", config, RecordingPolicy(), pictures, transfer.about())
    run = record(islice(transfer.iterates(), 3), run)
    assert run.status == "finished"
    assert "nothing was left to gain after step 2" in summary(run)


@pytest.mark.parametrize("stop_at", [2, 5])
def test_a_run_that_starts_small_goes_on_at_either_size(config: TransferConfig, tmp_path: Path, stop_at: int) -> None:
    config = config.replace(size=96, steps=8, coarse_steps=4)
    whole = record_transfer(config, tmp_path / "whole")
    asked = count()
    part = record_transfer(config, tmp_path / "part", stop=lambda: next(asked) == stop_at)
    assert part.status == "stopped"
    assert content_of(resume_transfer(part.folder)) == content_of(whole)
    assert {whole.frame(step).shape for step in whole.frame_steps()} == {(80, 96, 3)}


def test_no_half_made_folder_is_left(config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").touch()
    with pytest.raises(NstVizError, match=r"taken is there already and is no run: give another --out"):
        record_transfer(config, tmp_path / "taken")
    (tmp_path / "empty").mkdir()
    assert record_transfer(config, tmp_path / "empty").status == "finished"
    monkeypatch.setattr(recorder, "write_manifest", full)
    with pytest.raises(NstVizError, match=r"run cannot be written \(No space left on device\): make room"):
        record_transfer(config, tmp_path / "run")
    assert not (tmp_path / "run").exists()
