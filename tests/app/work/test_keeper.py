"""No job holds up all others without end: the keeper ends a worker that gives no sign of life, and what waited goes on."""

import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from nst_viz.app.library import OWNER, Library
from nst_viz.app.places import Places
from nst_viz.app.work import inspection
from nst_viz.app.work.keeper import PATIENCE, Keeper
from nst_viz.app.work.queue import Job
from nst_viz.app.work.worker import DIED, STALLED, Worker
from nst_viz.core.config import TransferConfig
from tests.render.synthetic import synthetic_run

A_WHILE = 900.0
"""seconds after which a wait is in vain: far more than a slow and busy machine needs, for the worker stands back"""
SLEEPS = 1
"""the seed of a run whose step never returns"""
WORKER = f"""
import time
from nst_viz.app.work import inspection, worker

def sleep(*about):
    while True:
        time.sleep(60)

def go_on(folder, steps, progress, stop):
    while not stop():
        with (folder / "steps").open("a") as file:
            file.write("a step")
        time.sleep(0.01)

def record(config, folder, policy, progress, stop):
    progress.say("at it")
    if config.seed == {SLEEPS}:
        sleep()
    folder.mkdir()
    (folder / "checkpoint").touch()
    go_on(folder, None, progress, stop)

inspection.inspect = sleep
worker.record_transfer, worker.resume_transfer = record, go_on
worker.Worker.warm_up = lambda self: None
worker.main()
"""
"""without TensorFlow: its runs take steps until they are stopped, its inspections sleep for ever"""


def wait_until(true: Callable[[], object], what: str) -> None:
    end = time.monotonic() + A_WHILE
    while not true():
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path / "results")


@contextmanager
def kept(places: Places, **patience: float) -> Iterator[Keeper]:
    """A keeper of such a worker."""
    path = places.results.parent / "worker.py"
    path.write_text(WORKER, "utf-8")
    keeper = Keeper(places, {**PATIENCE, **patience}, (sys.executable, str(path)))
    try:
        yield keeper
    finally:
        keeper.close()


def run_of(places: Places, owner: str, **fields: object) -> Job:
    library = Library(places, owner)
    config = TransferConfig(**{"content": "a.png", "style": "b.png", **fields})
    job = Job(kind="record", owner=owner, name=library.reserve(owner), config=config)
    library.queue.submit(job)
    return job


def test_a_step_that_never_returns_is_ended_and_the_next_is_served(places: Places) -> None:
    with kept(places, record=10.0) as keeper:
        anns, bobs = run_of(places, "ann", seed=SLEEPS), run_of(places, "bob")
        queue = Library(places, "ann").queue
        wait_until((places.results / bobs.name / "steps").exists, "the other's run")
        assert queue.find(anns.name) == (anns, "failed")
        assert queue.reason(anns) == STALLED["record"]
        queue.ask(bobs, "stop")
        wait_until(lambda: queue.find(bobs.name) is None, "its end")
    assert keeper.process is not None
    assert keeper.process.poll() == 0


def test_an_inspection_that_never_returns_is_ended_and_the_run_under_way_goes_on(places: Places) -> None:
    with kept(places, inspect=2.0):
        anns, bobs = run_of(places, "ann"), run_of(places, "bob")
        queue, steps = Library(places, "ann").queue, places.results / anns.name / "steps"
        wait_until(steps.exists, "a step")
        look = Job(kind="inspect", owner="bob", name="look", request={"kind": "features"})
        queue.submit(look)
        wait_until(lambda: queue.find("look", ("inspect",)) == (look, "failed"), "the end of the inspection")
        assert queue.reason(look) == STALLED["inspect"]
        before = steps.stat().st_size
        wait_until(lambda: steps.stat().st_size > before, "a further step")
        assert queue.find(anns.name, ("resume",)) == (anns.replace(kind="resume"), "running")
        queue.ask(anns, "stop")
        wait_until((places.results / bobs.name / "steps").exists, "the other's run")
        queue.ask(bobs, "stop")
        wait_until(lambda: not queue.jobs("waiting", "running"), "its end")


@pytest.mark.parametrize("stalled", [True, False])
def test_what_a_worker_left_behind(places: Places, stalled: bool) -> None:
    """A run alone is to blame itself; with an inspection beside it it is not, and goes on from its checkpoint."""
    places.results.mkdir()
    library = Library(places, "ann")
    queue, run, look = library.queue, run_of(places, "ann"), Job(kind="inspect", owner="ann", name="look")
    synthetic_run(places.results / run.name, steps=3)
    queue.take("record")
    Worker(places, stalled=stalled).clear_up()
    assert (places.results / run.name / OWNER).exists()
    assert queue.find(run.name) == ((run, "failed") if stalled else None)
    assert queue.reason(run) == (STALLED["record"] if stalled else "")

    queue.forget(run)
    queue.submit(run)
    queue.submit(look)
    queue.take("record")
    queue.take("inspect")
    Worker(places, stalled=stalled).clear_up()
    assert queue.find(run.name) == (run.replace(kind="resume"), "waiting")
    assert queue.find("look", ("inspect",)) == (look, "failed")
    assert queue.reason(look) == (STALLED["inspect"] if stalled else DIED)


def test_a_paused_run_waits_and_answers_what_others_ask(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    queue, run = Library(places, "ann").queue, run_of(places, "ann")
    monkeypatch.setattr(inspection, "inspect", lambda *about: None)
    queue.take("record")
    queue.ask(run, "pause")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(Worker(places).until(run))
        wait_until(lambda: queue.rests(run), "the rest")
        queue.submit(Job(kind="inspect", owner="bob", name="look"))
        wait_until(lambda: queue.find("look", ("inspect",)) is None, "the answer")
        assert not asked.done()
        queue.withdraw(run, "pause")
        assert asked.result(A_WHILE) is False
    assert not queue.rests(run)


def test_between_two_steps_one_inspection_is_answered(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a run gets on, however many are asked for."""
    queue, run = Library(places, "ann").queue, run_of(places, "ann")
    monkeypatch.setattr(inspection, "inspect", lambda *about: None)
    queue.take("record")
    for name in ("one", "two"):
        queue.submit(Job(kind="inspect", owner="bob", name=name))
    stop = Worker(places).until(run)
    for left in (1, 0):
        assert stop() is False
        assert len([job for job in queue.jobs("waiting") if job.kind == "inspect"]) == left


def test_a_network_that_cannot_be_warmed_up_ends_no_worker(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    places.own.mkdir(parents=True)
    monkeypatch.setattr(
        "nst_viz.app.work.worker.WARM", TransferConfig(content="sample:nowhere", style="sample:picasso", size=64)
    )
    Worker(places).warm_up()
    assert places.networks.exists()
