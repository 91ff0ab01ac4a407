"""The worker, as a process of its own: runs, pauses, gives way, dies and is replaced."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from nst_viz.app.library import Library
from nst_viz.app.places import Places
from nst_viz.app.work import follow
from nst_viz.app.work.inspection import inspection_name, read_inspection
from nst_viz.app.work.keeper import Keeper
from nst_viz.app.work.queue import Job, Queue
from nst_viz.app.work.worker import Progress
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer
from tests.conftest import painted, save

PATIENCE = 900.0
"""seconds after which a wait is in vain: far more than a slow and busy machine needs, for the worker stands back"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pictures")
    return {
        "content": str(save(painted(40, 48, 1), folder / "hills.png")),
        "style": str(save(painted(52, 44, 2), folder / "strokes.png")),
    }


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    keeper = Keeper(Places(tmp_path_factory.mktemp("app") / "results"))
    yield keeper
    keeper.close()
    assert keeper.process is not None
    assert keeper.process.poll() == 0


@pytest.fixture
def queue(keeper: Keeper) -> Queue:
    return Queue(keeper.places.queue)


def wait_until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


def submit(queue: Queue, pictures: dict[str, str], name: str, steps: int = 6, owner: str = "ann") -> Job:
    job = Job(kind="record", owner=owner, name=name, config=TransferConfig(**pictures, size=48, steps=steps))
    queue.submit(job)
    return job


def steps_of(keeper: Keeper, name: str) -> int:
    return len(list((keeper.places.results / name / "frames").glob("*.webp")))


def test_runs_come_one_after_the_other_and_are_as_from_the_terminal(
    keeper: Keeper, queue: Queue, pictures: dict[str, str], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        submit(queue, pictures, name)
    wait_until(lambda: not queue.jobs("waiting", "running"), "two runs")
    one = Run.open(keeper.places.results / "one")
    assert one.status == Run.open(keeper.places.results / "two").status == "finished"
    here = record_transfer(TransferConfig(**pictures, size=48, steps=6), tmp_path / "here")
    np.testing.assert_array_equal(one.frame(6), here.frame(6))


def test_what_is_being_prepared_is_said_until_the_first_picture_is_there(tmp_path: Path) -> None:
    places, signs = Places(tmp_path / "results"), []
    job = Job(kind="record", owner="ann", name="one")
    (places.results / "one").mkdir(parents=True)
    progress = Progress(places, job, lambda: signs.append("beat"))
    progress.say("building the network")
    assert Queue(places.queue).said(job) == "building the network"
    assert list(progress.track(iter(["canvas"]), 0, 1)) == ["canvas"]  # type: ignore[list-item]
    assert Queue(places.queue).said(job) == ""
    assert signs


def test_pages_are_told_about_the_networks(keeper: Keeper) -> None:
    wait_until(keeper.places.networks.exists, "the networks")
    told = json.loads(keeper.places.networks.read_text("utf-8"))
    assert {"wavelet", "random"} <= set(told)
    assert "block3_conv1" in [layer["name"] for layer in told["wavelet"]["layers"]]
    defaults = told["wavelet"]["defaults"]["style_transfer"]
    assert defaults["192"]["style_layers"]["block1_conv1"] == 1.0
    assert "block5_conv1" in set(defaults["384"]["style_layers"]) - set(defaults["192"]["style_layers"])


def test_pause_go_on_and_stop(keeper: Keeper, queue: Queue, pictures: dict[str, str]) -> None:
    job = submit(queue, pictures, "paused", steps=20_000)
    wait_until(lambda: steps_of(keeper, "paused") > 1, "the first picture")
    queue.ask(job, "pause")
    wait_until(lambda: queue.rests(job), "the rest")
    run = Run.open(keeper.places.results / "paused")
    assert run.status == "running"
    before = run.losses().steps[-1]
    queue.withdraw(job, "pause")
    wait_until(lambda: run.losses().steps[-1] > before, "a further step")
    queue.ask(job, "stop")
    wait_until(lambda: queue.find("paused") is None, "the stop")
    assert Run.open(keeper.places.results / "paused").status == "stopped"


def test_a_paused_run_gives_way_and_goes_on_later(keeper: Keeper, queue: Queue, pictures: dict[str, str]) -> None:
    job = submit(queue, pictures, "polite", steps=20_000)
    wait_until(lambda: steps_of(keeper, "polite") > 1, "the first picture")
    queue.ask(job, "pause")
    submit(queue, pictures, "others", owner="bob")
    wait_until(lambda: queue.find("others") is None, "the other's run")
    assert Run.open(keeper.places.results / "others").status == "finished"
    run = Run.open(keeper.places.results / "polite")
    assert run.status == "stopped"
    step = int(run.losses().steps[-1])
    queue.submit(Job(kind="resume", owner="ann", name="polite", steps=step + 3))
    wait_until(lambda: queue.find("polite") is None, "the end")
    run = Run.open(run.folder)
    assert (run.status, run.manifest["step"]) == ("finished", step + 3)


def test_inspections_are_answered_while_a_run_goes_on(keeper: Keeper, queue: Queue, pictures: dict[str, str]) -> None:
    job = submit(queue, pictures, "busy", steps=20_000)
    wait_until(lambda: steps_of(keeper, "busy") > 2, "the first pictures")
    folder = str(keeper.places.results / "one")
    about = {"network": "wavelet", "layer": "block1_conv1", "folder": folder}
    requests = [{**about, "kind": "gram", "channels": 64}, {**about, "kind": "features", "picture": "step", "step": 6}]
    for request in requests:
        queue.submit(Job(kind="inspect", owner="ann", name=inspection_name(request), request=request))
    wait_until(lambda: all(read_inspection(keeper.places, request) for request in requests), "the answers")
    assert queue.find("busy") == (job, "running")
    queue.ask(job, "stop")
    gram, features = (read_inspection(keeper.places, request) for request in requests)
    assert gram is not None
    assert features is not None
    count = len(gram["target"])
    assert gram["grams"].shape == (len(gram["steps"]), count, count)
    distance = np.square(gram["grams"] - gram["target"]).sum(axis=(1, 2))
    assert distance[-1] < distance[0]  # it moves towards its target
    assert features["maps"].shape[1:] == (40, 48)
    assert (np.diff(features["strength"]) <= 0).all()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"content": "nowhere.png"}, "there is no file nowhere.png"),
        ({"style_layers": {"block9_conv9": None}}, "has no layer 'block9_conv9'"),
    ],
)
def test_a_mistake_is_told(keeper: Keeper, queue: Queue, pictures: dict[str, str], changes: dict, reason: str) -> None:
    config = TransferConfig(**{**pictures, "size": 48, "steps": 2, **changes})
    job = Job(kind="record", owner="ann", name="mistake", config=config)
    queue.submit(job)
    wait_until(lambda: queue.find("mistake") == (job, "failed"), "the failure")
    assert reason in queue.reason(job)
    queue.forget(job)


def test_ten_sessions_at_once_get_their_run_and_none_anothers(keeper: Keeper, queue: Queue, pictures: dict[str, str]) -> None:
    libraries = [Library(keeper.places, f"{number:032x}") for number in range(10)]

    def ask(number: int) -> str:
        config = TransferConfig(**pictures, size=48, steps=number + 1)
        return follow.submit(libraries[number], [("", config)], RecordingPolicy())[0]

    with ThreadPoolExecutor(10) as pool:
        names = list(pool.map(ask, range(10)))
    assert len(set(names)) == 10
    wait_until(lambda: not queue.jobs("waiting", "running"), "ten runs")
    for number, (library, name) in enumerate(zip(libraries, names, strict=True)):
        run = library.open(name)
        assert (run.status, run.manifest["step"]) == ("finished", number + 1)
        assert {name} == set(names) & set(library.names())
        library.owner_file(name).unlink()  # lost, but the run itself says that it is somebody's
        assert name in library.names()
    assert not set(names) & set(Library(keeper.places, "f" * 32).names())


def test_a_worker_that_dies_is_replaced_and_its_run_can_go_on(keeper: Keeper, queue: Queue, pictures: dict[str, str]) -> None:
    wait_until(lambda: not queue.jobs("waiting", "running"), "an idle worker")
    submit(queue, pictures, "killed", steps=20_000)
    wait_until(lambda: (keeper.places.results / "killed" / "checkpoint").exists(), "a checkpoint")
    assert keeper.process is not None
    killed = keeper.process
    os.kill(killed.pid, signal.SIGKILL)
    wait_until(lambda: queue.find("killed") is None, "the new worker")
    assert killed.poll() == -signal.SIGKILL
    run = Run.open(keeper.places.results / "killed")
    assert run.status == "stopped"
    step, _, _ = run.checkpoint()
    queue.submit(Job(kind="resume", owner="ann", name="killed", steps=step + 2))
    wait_until(lambda: queue.find("killed") is None, "the end")
    assert Run.open(run.folder).status == "finished"


def test_the_end_of_the_app_stops_the_run_with_a_checkpoint(pictures: dict[str, str], tmp_path: Path) -> None:
    keeper = Keeper(Places(tmp_path / "results"))
    submit(Queue(keeper.places.queue), pictures, "last", steps=20_000)
    wait_until(lambda: steps_of(keeper, "last") > 1, "the first picture")
    keeper.close()
    run = Run.open(keeper.places.results / "last")
    assert run.manifest["status"] == "stopped"
    assert run.checkpoint()[0] == run.manifest["step"]


def test_the_policy_is_kept(keeper: Keeper, queue: Queue, pictures: dict[str, str]) -> None:
    policy = RecordingPolicy(gradients_every=2)
    config = TransferConfig(**pictures, size=48, steps=4)
    queue.submit(Job(kind="record", owner="ann", name="mapped", config=config, policy=policy))
    wait_until(lambda: not queue.jobs("waiting", "running"), "the run")
    assert Run.open(keeper.places.results / "mapped").gradient_steps() == [0, 2, 4]
