"""The queue: jobs move from folder to folder, each is taken once, and the place in line is told."""

import json
from itertools import count
from pathlib import Path

import pytest

from nst_viz.app.work.queue import Job, Queue
from nst_viz.core.config import TransferConfig


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "queue")


def job(name: str, owner: str = "ann", kind: str = "record") -> Job:
    return Job(kind=kind, owner=owner, name=name, config=TransferConfig(content="a.png", style="b.png"))


def test_first_come_first_served_and_each_is_taken_once(queue: Queue) -> None:
    jobs = [job("one"), job("two"), job("three")]
    for each in jobs:
        queue.submit(each)
    assert [queue.place(each) for each in jobs] == [0, 1, 2]
    assert queue.take("record") == jobs[0]
    assert queue.place(jobs[1]) == 1  # behind the one that runs
    queue.finish(jobs[0])
    assert queue.place(jobs[1]) == 0
    assert [queue.take("record"), queue.take("record"), queue.take("record")] == [*jobs[1:], None]


def test_a_kind_is_taken_alone_and_inspections_hold_nobody_up(queue: Queue) -> None:
    look, run = job("look", kind="inspect"), job("run")
    for each in (look, run):
        queue.submit(each)
    assert queue.place(run) == 0
    assert queue.take("record", "resume") == run
    assert queue.take("inspect") == look


def test_wishes_are_for_jobs_that_run(queue: Queue) -> None:
    one = job("one")
    queue.submit(one)
    queue.ask(one, "stop")
    assert not queue.asked(one, "stop")  # it waits still: it is cancelled, not stopped
    queue.take("record")
    queue.ask(one, "pause")
    assert queue.asked(one, "pause")
    queue.withdraw(one, "pause")
    assert not queue.asked(one, "pause")
    queue.ask(one, "stop")
    queue.finish(one)
    assert not queue.asked(one, "stop")
    assert queue.find("one") is None


def test_cancelled_while_waiting_and_while_running(queue: Queue) -> None:
    one, two = job("one"), job("two")
    queue.submit(one)
    queue.submit(two)
    queue.take("record")
    queue.cancel(two)
    assert queue.find("two") is None
    queue.cancel(one)
    assert queue.asked(one, "stop")


def test_a_failure_is_kept_with_its_reason_until_it_is_seen(queue: Queue) -> None:
    one = job("one")
    queue.submit(one)
    queue.take("record")
    queue.fail(one, "no weights: put them there")
    found = queue.find("one")
    assert found == (one, "failed")
    assert queue.reason(one) == "no weights: put them there"
    queue.forget(one)
    assert queue.find("one") is None


def test_only_somebody_else_makes_a_paused_run_give_way(queue: Queue) -> None:
    mine = job("mine")
    queue.submit(mine)
    queue.take("record")
    queue.submit(job("another of mine"))
    queue.submit(job("a look", owner="bob", kind="inspect"))
    assert not queue.others_wait(mine)
    queue.submit(job("his", owner="bob"))
    assert queue.others_wait(mine)


def test_a_file_that_is_no_job_is_passed_over(queue: Queue) -> None:
    folder = queue.folder / "waiting"
    folder.mkdir(parents=True)
    (folder / "00000000000000000000-00000000.json").write_text("{")
    (folder / "00000000000000000001-00000000.json").write_text('{"id": "../../x", "kind": "record"}')
    assert queue.jobs("waiting") == []
    assert queue.take("record") is None


@pytest.mark.parametrize("after", range(4))
@pytest.mark.parametrize("move", ["take", "fail", "put back"])
def test_a_job_that_moves_while_it_is_looked_for_is_found(
    queue: Queue, move: str, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = job("one")
    queue.submit(one)
    if move != "take":
        queue.take("record")
    moves = {
        "take": lambda: queue.take("record"),
        "fail": lambda: queue.fail(one, "x"),
        "put back": lambda: queue.put_back(one),
    }
    looks, listed = count(), Queue.listed

    def moving(self: Queue, state: str) -> list[Job]:
        found = listed(self, state)
        if next(looks) == after:
            moves[move]()
        return found

    monkeypatch.setattr(Queue, "listed", moving)
    assert queue.find("one") is not None


def test_what_is_in_the_works_goes_before_a_failure_and_failures_are_their_owners(queue: Queue) -> None:
    failed, again = job("one", kind="resume"), job("one", owner="bob", kind="resume")
    queue.submit(failed)
    queue.take("resume")
    queue.fail(failed, "no room")
    assert queue.find("one", owner="bob") is None
    assert queue.find("one", owner="ann") == (failed, "failed")
    queue.submit(again)
    assert queue.find("one", owner="ann") == (again, "waiting")


def test_a_job_goes_back_to_its_place_with_what_was_wished(queue: Queue) -> None:
    one, two = job("one"), job("two")
    for each in (one, two):
        queue.submit(each)
    queue.take("record")
    queue.ask(one, "pause")
    queue.say(one, "building")
    queue.put_back(one)
    assert queue.jobs("waiting") == [one, two]
    assert (queue.jobs("running"), queue.said(one), queue.asked(one, "pause")) == ([], "", True)


def test_a_job_of_an_earlier_version_is_read_by_its_rules(queue: Queue) -> None:
    """It may ask for a seed that does nothing."""
    one = job("one")
    queue.submit(one)
    path = queue.path("waiting", one.id)
    written = json.loads(path.read_text("utf-8"))
    written["config"] |= {"init": "content", "seed": 3}
    path.write_text(json.dumps(written), "utf-8")
    taken = queue.take("record")
    assert taken is not None
    assert taken.config is not None
    assert (taken.config.init, taken.config.seed) == ("content", 0)


def test_a_job_may_name_a_file_whose_name_is_no_text(queue: Queue) -> None:
    one = Job(kind="record", owner="ann", name="one", config=TransferConfig(content="caf\udce9.png", style="b.png"))
    queue.submit(one)
    assert queue.take("record") == one
