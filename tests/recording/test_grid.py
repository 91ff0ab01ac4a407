"""A grid of runs: every run once, the same as it would be alone, in processes that may die, here and on a cluster."""

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nst_viz.core import machine
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording import processes, recorder
from nst_viz.recording.grid import Knob, plan, record_all, record_grid
from nst_viz.recording.jobs import record_or_go_on
from nst_viz.recording.run import Run
from nst_viz.recording.session import Silent, record_transfer
from tests.recording.contents import content_of
from tests.waiting import PATIENCE

ALPHA, TV = Knob.of("alpha", 0.0, 1.0), Knob("tv", {"none": 0.0, "much": 1e-4, "very much": 1e-3})


@pytest.mark.parametrize(
    ("text", "field", "values"),
    [
        ("alpha=0.1,1", "alpha", {"0.1": "0.1", "1": "1"}),
        (
            "style-layers=block1_conv1;block1_conv1,block2_conv1=0.5",
            "style_layers",
            {"1.1": "block1_conv1", "1.1 2.1=0.5": "block1_conv1,block2_conv1=0.5"},
        ),
        ("style=sample:wave,/a/b c.jpg", "style", {"wave": "sample:wave", "b c": "/a/b c.jpg"}),
        ("style=sample:wave,wave.jpg", "style", {"sample:wave": "sample:wave", "wave.jpg": "wave.jpg"}),
        (" init = noise , content ", "init", {"noise": "noise", "content": "content"}),
    ],
)
def test_a_knob_is_read(text: str, field: str, values: dict[str, str] | None) -> None:
    knob = Knob.parse(text)
    assert knob.field == field
    assert knob.values == values


@pytest.mark.parametrize("text", ["alpha", "alpha=", "=1", "loudness=1,2"])
def test_a_knob_that_is_none(text: str) -> None:
    with pytest.raises(NstVizError, match="is no knob"):
        Knob.parse(text)


def test_a_knob_has_each_value_once() -> None:
    with pytest.raises(NstVizError, match="knob alpha has the value 1 2 times"):
        Knob.parse("alpha=1,2, 1")


def test_a_grid_holds_each_pair_once_and_skips_what_is_there(config: TransferConfig, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    grid = record_grid(
        config, TV, ALPHA, folder=tmp_path / "g", advance=lambda done, steps: seen.append((done, steps)), processes=1
    )
    assert [[(run.config.alpha, run.config.tv) for run in row] for row in grid.runs] == [
        [(alpha, tv) for tv in (0.0, 1e-4, 1e-3)] for alpha in (0.0, 1.0)
    ]
    assert len(list((tmp_path / "g").iterdir())) == 6
    assert seen[0] == (0, 36)
    assert seen[-1] == (36, 36)
    written = {run.folder: (run.folder / "losses.csv").stat().st_mtime_ns for run in grid.all_runs()}
    seen.clear()
    again = record_grid(
        config, TV, ALPHA, folder=tmp_path / "g", advance=lambda done, steps: seen.append((done, steps)), processes=1
    )
    assert seen == [(36, 36)]
    assert {run.folder: (run.folder / "losses.csv").stat().st_mtime_ns for run in again.all_runs()} == written


def test_a_changed_setting_policy_or_picture_is_recorded_anew(config: TransferConfig, content: Path, tmp_path: Path) -> None:
    def folder(config: TransferConfig, policy: RecordingPolicy | None = None) -> Path:
        return record_all({"one": config}, tmp_path / "g", policy)[0].folder

    folders = [folder(config), folder(config.replace(seed=1)), folder(config, RecordingPolicy(record_every=2))]
    content.write_bytes((tmp_path / "strokes.png").read_bytes())
    folders.append(folder(config))
    assert len(set(folders)) == 4


def test_processes_record_what_one_run_alone_would(config: TransferConfig, tmp_path: Path) -> None:
    grid = record_grid(config, ALPHA, folder=tmp_path / "g", processes=2)
    for run in grid.all_runs():
        alone = record_transfer(run.config, tmp_path / f"alone {run.config.alpha}")
        assert run.status == "finished"
        assert content_of(run) == content_of(alone)
        assert run.manifest["threads"] == alone.manifest["threads"]


def test_threads_are_a_knob(config: TransferConfig, tmp_path: Path) -> None:
    """Each number needs a process of its own; one process after the other serves them."""
    grid = record_grid(config, Knob("threads", {"1": 1, "3": 3}), folder=tmp_path / "g", processes=1)
    assert [run.manifest["threads"] for run in grid.all_runs()] == [1, 3]
    (job,) = plan({"one": config}, tmp_path, RecordingPolicy())
    assert job.threads() == 4
    grid.all_runs()[1].folder.rename(job.folder)
    assert job.threads() == 3, "a run that is there is gone on with as it began"


def test_a_run_that_fails_on_the_way_is_not_begun_again(
    config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk while a run is gone on with: what is there of it stays, and the next time it goes on."""
    cut = record_transfer(config, tmp_path / "cut", stop=lambda: True)
    write = recorder.write_frame

    def full(folder: Path, step: int, image: np.ndarray) -> None:
        if step == 3:
            raise OSError(28, "No space left on device")
        write(folder, step, image)

    monkeypatch.setattr(recorder, "write_frame", full)
    with pytest.raises(NstVizError, match="No space left on device"):
        record_or_go_on(config, cut.folder, cut.policy, Silent())
    monkeypatch.undo()
    assert Run.open(cut.folder).status == "failed"
    marker = cut.folder / "mine.txt"
    marker.touch()
    run = record_or_go_on(config, cut.folder, cut.policy, Silent())
    assert marker.exists(), "it was gone on with, not recorded anew"
    assert content_of(run) == content_of(record_transfer(config, tmp_path / "whole"))


@pytest.mark.parametrize("starts", [0, 1])
def test_a_process_that_cannot_be_started_is_told(
    config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, starts: int
) -> None:
    """The first, or the one that replaces one that died: nobody waits for ever."""
    started: list[object] = []
    start = processes.Worker.open

    def failing(worker: processes.Worker, threads: int) -> "subprocess.Popen[str]":
        if len(started) >= starts:
            raise OSError(12, "Cannot allocate memory")
        started.append(worker)
        process = start(worker, threads)
        process.kill()
        return process

    monkeypatch.setattr(processes.Worker, "open", failing)
    with pytest.raises(NstVizError, match=r"2 of 2 runs failed.*could not be started or spoken to .*Cannot allocate memory"):
        record_grid(config, ALPHA, folder=tmp_path / "g", processes=2)


def test_processes_are_as_many_as_fit(config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = plan({str(seed): config.replace(seed=seed) for seed in range(8)}, tmp_path, RecordingPolicy())
    monkeypatch.setattr(processes, "cores", lambda: 6)
    monkeypatch.setattr(machine, "memory", lambda: int(64e9))
    assert processes.how_many(jobs, None) == 6
    assert processes.how_many(jobs, 8) == 8
    assert processes.how_many(jobs[:3], None) == 3
    assert processes.how_many([], None) == 0
    monkeypatch.setattr(machine, "memory", lambda: int(3e9))
    assert processes.how_many(jobs, None) == 3
    with pytest.raises(NstVizError, match=r"8 runs at once of .* take about .*: choose 3 at once or fewer"):
        processes.how_many(jobs, 8)
    monkeypatch.setattr(machine, "memory", lambda: int(0.1e9))
    assert processes.how_many(jobs, None) == 1, "which then says itself that it does not fit"


def test_a_run_that_was_cut_off_goes_on(config: TransferConfig, tmp_path: Path) -> None:
    whole = record_all({"one": config}, tmp_path / "g")[0]
    frames = {step: whole.frame(step) for step in whole.frame_steps()}
    cut = record_transfer(config, tmp_path / "cut", stop=lambda: True)
    assert cut.status == "stopped"
    for path in (whole.folder / "frames").iterdir():
        path.unlink()
    whole.folder.joinpath("frames").rmdir()
    for path in whole.folder.iterdir():
        if path.is_file():
            path.unlink()
    for path in cut.folder.rglob("*"):
        if path.is_file():
            target = whole.folder / path.relative_to(cut.folder)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    run = record_all({"one": config}, tmp_path / "g")[0]
    assert run.status == "finished"
    assert run.manifest["started"] == cut.manifest["started"]
    for step, frame in frames.items():
        np.testing.assert_array_equal(run.frame(step), frame)


LAYERS = Knob("style_layers", {"good": "block1_conv1", "bad": "block9_conv1"})


def test_a_run_that_fails_is_named_and_the_others_are_there(config: TransferConfig, tmp_path: Path) -> None:
    with pytest.raises(NstVizError, match=r"1 of 2 runs failed.*style_layers=bad.*no layer 'block9_conv1'"):
        record_grid(config, LAYERS, folder=tmp_path / "g", processes=1)
    assert len(list((tmp_path / "g").glob("*/run.json"))) == 1


def test_a_process_that_dies_is_replaced_and_a_run_that_fails_fails_alone(
    config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    started: list[subprocess.Popen[str]] = []
    start = processes.Worker.open

    def remembered(worker: processes.Worker, threads: int) -> "subprocess.Popen[str]":
        started.append(start(worker, threads))
        return started[-1]

    def kill_once(done: int, steps: int) -> None:
        if done > 1 and not killed:
            killed.append(started[0].pid)
            os.kill(started[0].pid, signal.SIGKILL)

    monkeypatch.setattr(processes.Worker, "open", remembered)
    with pytest.raises(NstVizError, match=r"3 of 6 runs failed.*style_layers=bad.*no layer 'block9_conv1'"):
        record_grid(config.replace(steps=40), LAYERS, TV, folder=tmp_path / "g", advance=kill_once, processes=2)
    assert killed
    assert len(started) == 3
    runs = [Run.open(manifest.parent) for manifest in (tmp_path / "g").glob("*/run.json")]
    assert sorted(run.config.tv for run in runs if run.config.tv is not None) == sorted(TV.values.values())
    assert [run.status for run in runs] == ["finished"] * 3
    assert all(run.losses().steps.tolist() == list(range(41)) for run in runs)


DIES = """
import os, signal
from nst_viz.recording import session

def at_step_three(iterates):
    for iterate in iterates:
        if iterate.step == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        yield iterate

session.record = lambda iterates, *others, record=session.record: record(at_step_three(iterates), *others)
"""
"""what a worker loads that is to die in its first job"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A Dask scheduler and two workers, each a process of its own: (address, the worker that dies in its first job)."""
    distributed = pytest.importorskip("distributed")
    running: list[subprocess.Popen[bytes]] = []
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    file = tmp_path / "scheduler.json"

    def dask(*arguments: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(file)], **quiet)
        running.append(process)
        return process

    dask("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--dashboard-address", "127.0.0.1:0")
    (tmp_path / "dies.py").write_text(DIES)
    worker = ("worker", "--no-nanny", "--nthreads", "1", "--no-dashboard")
    dask(*worker)
    dies = dask(*worker, "--preload", str(tmp_path / "dies.py"))
    try:
        with distributed.Client(scheduler_file=str(file), set_as_default=False, timeout=PATIENCE) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
            yield client.scheduler.address, dies
    finally:
        for process in running:
            process.kill()
            process.wait()


def test_a_cluster_records_every_run_once_though_a_worker_dies(
    config: TransferConfig,
    tmp_path: Path,
    cluster: tuple[str, "subprocess.Popen[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, dies = cluster
    monkeypatch.setattr("nst_viz.recording.cluster.CONNECT_SECONDS", PATIENCE)
    grid = record_grid(config.replace(steps=12), ALPHA, TV, folder=tmp_path / "g", scheduler=address)
    assert dies.wait() == -signal.SIGKILL
    assert len(list((tmp_path / "g").iterdir())) == 6
    assert [run.status for run in grid.all_runs()] == ["finished"] * 6
    for run in grid.all_runs():
        assert run.losses().steps.tolist() == list(range(13))
        assert Run.open(run.folder).frame_steps() == list(range(13))
    assert sorted((run.config.alpha, run.config.tv) for run in grid.all_runs()) == sorted(
        (alpha, tv) for alpha in (0.0, 1.0) for tv in (0.0, 1e-4, 1e-3)
    )


def test_a_folder_that_cannot_be_unpacked_loses_only_its_own_run(
    config: TransferConfig,
    tmp_path: Path,
    cluster: tuple[str, dict[str, "subprocess.Popen[bytes]"]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from nst_viz.recording import cluster as module

    unpack, unpacked = module.unpack, itertools.count()

    def failing(data: bytes, folder: Path) -> None:
        if next(unpacked) == 0:
            raise OSError(28, "No space left on device")
        unpack(data, folder)

    monkeypatch.setattr(module, "unpack", failing)
    with pytest.raises(NstVizError, match=r"1 of 3 runs failed, .*No space left on device"):
        record_grid(config, TV, folder=tmp_path / "g", scheduler=cluster[0])
    assert len(list((tmp_path / "g").glob("*/run.json"))) == 2


def test_jobs_in_one_worker_take_turns(config: TransferConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain Dask worker has as many threads as cores, each of which would run TensorFlow with threads of its own."""
    from nst_viz.recording import cluster as module
    from nst_viz.recording import session

    alone: list[bool] = []

    def recording(config: TransferConfig, folder: Path, *rest: object, **more: object) -> None:
        alone.append(not module.one_at_a_time.acquire(blocking=False))
        folder.mkdir()

    monkeypatch.setattr(session, "record_transfer", recording)
    for _ in range(2):
        assert module.archive_of_run(config.model_dump(mode="json"), RecordingPolicy().model_dump(mode="json"), {})
    assert alone == [True, True]


def test_no_scheduler_there(config: TransferConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    from nst_viz.recording import cluster as module

    monkeypatch.setattr(module, "CONNECT_SECONDS", 1)
    with pytest.raises(NstVizError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        record_grid(config, ALPHA, folder=tmp_path / "g", scheduler="tcp://127.0.0.1:9")


@pytest.mark.parametrize("address", ["nonsense", "http://127.0.0.1:9", "tcp://127.0.0.1", ""])
def test_an_address_that_is_none(config: TransferConfig, tmp_path: Path, address: str) -> None:
    with pytest.raises(NstVizError, match="is no scheduler's address: give one such as tcp://HOST:8786"):
        record_grid(config, ALPHA, folder=tmp_path / "g", scheduler=address)
