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
from nst_viz.recording.recorder import create_run, in_blocks, only_writer, record
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer
from nst_viz.recording.summary import summary
from tests.conftest import painted, save
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


@pytest.mark.parametrize("part", ["write_frame", "write_gradients", "write_losses", "write_checkpoint"])
def test_after_a_write_that_failed_nothing_is_written(
    config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """There may be room again a moment later: what came then would leave a gap, and the run could not be gone on with."""
    policy, failed = RecordingPolicy(gradients_every=1), []
    owner = recorder if part == "write_frame" else recorder.Writer
    write = getattr(owner, part)

    def full_once(place: object, step: object, *rest: object) -> None:
        if getattr(step, "step", step) == 3 and not failed:
            failed.append(step)
            raise OSError(28, "No space left on device")
        write(place, step, *rest)

    monkeypatch.setattr(recorder, "CHECKPOINT_SECONDS", 0)
    monkeypatch.setattr(recorder, "CHECKPOINT_SHARE", 0)
    monkeypatch.setattr(owner, part, full_once)
    with pytest.raises(NstVizError, match="No space left on device"):
        record_transfer(config, tmp_path / "run", policy)
    assert failed
    run = Run.open(tmp_path / "run")
    assert run.checkpoint()[0] == 2
    assert content_of(resume_transfer(run.folder)) == content_of(record_transfer(config, tmp_path / "whole", policy))


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


@pytest.mark.parametrize(("height", "width"), [(94, 129), (93, 130), (96, 127), (95, 128)])
def test_a_run_of_two_coarse_sizes_goes_on_bit_for_bit_whatever_its_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, height: int, width: int
) -> None:
    """The frames too: resume enlarges a small picture as the run did, for sides of each remainder of 4."""
    monkeypatch.setattr("nst_viz.core.config.COARSEST", 32)
    content = save(painted(height, width, 1), tmp_path / "content.png")
    layers = {"content_layers": "block2_conv1", "style_layers": "block1_conv1,block2_conv1"}
    config = TransferConfig(content=str(content), style=str(content), size=width, steps=7, coarse_steps=4, **layers)
    policy = RecordingPolicy(gradients_every=2)
    whole = record_transfer(config, tmp_path / "whole", policy)
    assert whole.coarse_sizes == (-(-width // 4), -(-width // 2))
    assert {whole.frame(step).shape for step in whole.frame_steps()} == {(height, width, 3)}
    for stop_at in (0, 1, 3):  # at either size, and at the last step of the smaller and of the larger one
        asked = count()
        part = record_transfer(config, tmp_path / str(stop_at), policy, stop=lambda: next(asked) == stop_at)  # noqa: B023
        assert part.manifest["step"] == stop_at
        assert content_of(resume_transfer(part.folder)) == content_of(whole)


def test_gradient_norms_of_coarse_steps_are_those_of_the_small_picture(config: TransferConfig, tmp_path: Path) -> None:
    from nst_viz.core.transfer import prepare

    config = config.replace(size=96, steps=4, coarse_steps=2)
    run = record_transfer(config, tmp_path / "run", RecordingPolicy(gradients_every=1))
    losses = run.losses()
    for iterate in prepare(config, load_pictures(config)).iterates(gradients_every=1):
        true = [np.sqrt(np.sum(np.square(iterate.gradients[term], dtype=np.float64))) for term in losses.terms]
        np.testing.assert_allclose(losses.gradient_norm[iterate.step], true, rtol=1e-6)
        assert {pushes.shape for pushes in run.gradient_maps(iterate.step).values()} == {(80, 96)}


def test_a_run_of_an_older_version_goes_on(config: TransferConfig, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says neither its threads nor its coarse sizes, and its config has no field that came later."""
    from nst_viz.terminal import Terminal

    config = config.replace(size=96, steps=8, coarse_steps=4)
    whole = record_transfer(config, tmp_path / "whole")
    asked = count()
    old = record_transfer(config, tmp_path / "old", stop=lambda: next(asked) == 2)
    manifest = json.loads((old.folder / "run.json").read_text())
    for later in (manifest["network"].pop("coarse_sizes"), manifest.pop("threads"), manifest["config"].pop("threads", None)):
        del later
    (old.folder / "run.json").write_text(json.dumps(manifest))
    arrays = dict(np.load(old.folder / "checkpoint"))
    with (old.folder / "checkpoint").open("wb") as file:
        np.savez(file, **{**arrays, "run": np.array(Run.open(old.folder).fingerprint())})
    assert Run.open(old.folder).coarse_sizes == (48,)
    capsys.readouterr()
    resumed = resume_transfer(old.folder, progress=Terminal())
    assert "old does not say with how many threads it was computed: going on with 4" in capsys.readouterr().err
    assert content_of(resumed) == content_of(whole)
    assert resumed.manifest["threads"] == 4
    assert "threads" not in resumed.manifest["config"], "else its checkpoint would be that of another run"


def test_seconds_do_not_count_a_pause(config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0

    def pausing() -> bool:
        nonlocal now
        now += 3600
        return False

    def clock() -> float:
        nonlocal now
        now += 0.5
        return now

    monkeypatch.setattr(recorder.time, "perf_counter", clock)
    run = record_transfer(config, tmp_path / "run", stop=pausing)
    assert 0 < run.manifest["seconds"] < 60


@pytest.mark.parametrize("small", [(1, 1), (3, 2), (5, 4), (33, 20)])
def test_blocks(small: tuple[int, int]) -> None:
    picture = np.arange(np.prod(small), dtype=np.float32).reshape(*small)
    for height, width in ((33, 20), (34, 23), (64, 64)):
        shown = in_blocks(picture, height, width)
        assert shown.shape == (height, width)
        assert shown.min() == 0
        assert shown.max() == picture.max()
        assert (np.diff(shown, axis=0) >= 0).all()
        assert (np.diff(shown, axis=1) >= 0).all()
    assert in_blocks(np.arange(6).reshape(2, 3), 3, 5).tolist() == [[0, 0, 1, 1, 2], [0, 0, 1, 1, 2], [3, 3, 4, 4, 5]]


def test_what_systems_leave_in_folders_is_passed_over(config: TransferConfig, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("._run", ".DS_Store", "desktop.ini"):
        (folder / name).write_bytes(b"x")
    policy = RecordingPolicy(gradients_every=2)
    asked = count()
    run = record_transfer(config, folder, policy, stop=lambda: next(asked) == 3)
    for place in ("frames", "gradients", "inputs", "."):
        for name in (
            "._000001.webp",
            "Thumbs.db",
            "desktop.ini",
            ".DS_Store",
            "a.webp",
            "²²²²²².webp",
            "1.npz",
            "000002.webp.txt",
        ):
            (folder / place / name).write_bytes(b"x")
    assert run.frame_steps() == [0, 1, 2, 3]
    assert run.gradient_steps() == [0, 2]
    assert set(run.inputs()) == {"content", "style"}
    resumed = resume_transfer(folder)
    assert resumed.frame_steps() == list(range(7))
    assert resumed.gradient_steps() == [0, 2, 4, 6]
    assert (folder / "frames" / "._000001.webp").exists(), "what is not ours stays"


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
