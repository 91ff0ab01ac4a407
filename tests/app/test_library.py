"""The library: who sees which run, and that no name leads out of the results folder."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nst_viz.app.library import OWNER, SAMPLE, Library, clean_name, forget_owners, mark, naming
from nst_viz.app.places import Places
from nst_viz.app.work.follow import go_on, standing
from nst_viz.app.work.queue import Job
from nst_viz.core.errors import NstVizError
from nst_viz.recording.recorder import only_writer
from nst_viz.recording.run import MANIFEST
from tests.render.synthetic import synthetic_run


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "results").mkdir()
    return Places(tmp_path / "results")


def library(places: Places, owner: str = "ann") -> Library:
    return Library(places, owner)


def own_run(places: Places, wanted: str, owner: str = "ann") -> str:
    name = library(places, owner).reserve(wanted)
    synthetic_run(places.results / name, steps=2)
    return name


def test_each_session_sees_its_own_and_what_is_everybodys(places: Places) -> None:
    synthetic_run(places.results / "from_terminal", steps=2)
    anns, bobs = own_run(places, "mine"), own_run(places, "mine", "bob")
    assert (anns, bobs) == ("mine", "mine-2")
    shared = {name for name in library(places, "cat").names() if not name.startswith(SAMPLE)}
    assert shared == {"from_terminal"}
    assert {"mine", "from_terminal"} <= set(library(places).names())
    assert "mine-2" not in library(places).names()
    with pytest.raises(NstVizError, match="there is no run"):
        library(places).open("mine-2")
    for change in (library(places).delete, lambda name: library(places).rename(name, "stolen")):
        with pytest.raises(NstVizError, match="there is no run"):
            change("mine-2")


def test_the_sample_is_there_and_stays(places: Places) -> None:
    names = [name for name in library(places).names() if name.startswith(SAMPLE)]
    assert names
    run = library(places).open(names[0])
    assert run.status == "finished"
    assert len(run.frame_steps()) > 20
    with pytest.raises(NstVizError, match="stays as it is"):
        library(places).delete(names[0])


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "..",
        ".",
        "",
        "/etc",
        "a/b",
        ".app",
        "sample:../x",
        "sample:..",
        "x\0y",
        "lesson:03/..",
        "lesson:../x",
        "lesson:03/a/b",
    ],
)
def test_no_name_leads_out(places: Places, name: str) -> None:
    synthetic_run(places.results.parent / "outside", steps=1)
    with pytest.raises(NstVizError, match="there is no run"):
        library(places).open(name)


def test_runs_of_lessons(places: Places) -> None:
    synthetic_run(places.lessons / "03" / "runs" / "from noise", steps=1)
    assert library(places).of_lesson("03") == ["lesson:03/from noise"]
    assert library(places).open("lesson:03/from noise").status == "finished"
    assert "lesson:03/from noise" not in library(places).names()
    with pytest.raises(NstVizError, match="stays as it is"):
        library(places).delete("lesson:03/from noise")


def test_a_link_out_of_the_folder_is_no_run(places: Places) -> None:
    synthetic_run(places.results.parent / "outside", steps=1)
    (places.results / "link").symlink_to(places.results.parent / "outside")
    with pytest.raises(NstVizError, match="there is no run"):
        library(places).delete("link")
    assert (places.results.parent / "outside" / "run.json").exists()


@pytest.mark.parametrize(
    ("typed", "name"),
    [("my run", "my_run"), ("../../etc/passwd", "etc_passwd"), ("<b>x</b>", "b_x_b"), ("été 2", "été_2"), ("a" * 99, "a" * 60)],
)
def test_names_are_cleaned(typed: str, name: str) -> None:
    assert clean_name(typed) == name


@pytest.mark.parametrize("typed", ["", "...", "///", "gallery", " sample "])
def test_no_name_is_left(typed: str) -> None:
    with pytest.raises(NstVizError, match="cannot be a run's name"):
        clean_name(typed)


def test_rename_keeps_the_owner_and_takes_no_others_name(places: Places) -> None:
    name = own_run(places, "mine")
    own_run(places, "his", "bob")
    with pytest.raises(NstVizError, match="there is a run called his"):
        library(places).rename(name, "his")
    assert library(places).rename(name, "../new name") == "new_name"
    assert not (places.results / "mine").exists()
    assert library(places).open("new_name").name == "new_name"
    assert "new_name" not in library(places, "bob").names()


def test_a_renamed_run_of_everybody_stays_everybodys(places: Places) -> None:
    synthetic_run(places.results / "shared", steps=2)
    library(places).rename("shared", "still")
    assert "still" in library(places, "bob").names()


def test_a_run_that_is_computed_is_left_alone(places: Places) -> None:
    name = own_run(places, "mine")
    library(places).queue.submit(Job(kind="resume", owner="ann", name=name))
    for change in (library(places).delete, lambda name: library(places).rename(name, "new")):
        with pytest.raises(NstVizError, match="being computed"):
            change(name)


def test_a_damaged_run_is_said_and_can_be_deleted(places: Places) -> None:
    name = own_run(places, "mine")
    manifest = places.results / name / MANIFEST
    recorded = json.loads(manifest.read_text("utf-8"))
    for broken in ("{", "[]", "{}", json.dumps({**recorded, "config": 3}), json.dumps({**recorded, "inputs": {}})):
        manifest.write_text(broken, "utf-8")
        with pytest.raises(NstVizError, match=r"damaged|cannot be read|schema"):
            library(places).open(name)
    library(places).delete(name)
    assert not manifest.parent.exists()


def test_a_run_that_is_written_is_not_deleted(places: Places) -> None:
    name = own_run(places, "mine")
    with only_writer(places.results / name), pytest.raises(NstVizError, match="being computed"):
        library(places).delete(name)


def test_delete_frees_the_name(places: Places) -> None:
    name = own_run(places, "mine")
    library(places).delete(name)
    assert library(places, "bob").reserve("mine") == "mine"


def test_a_name_whose_run_was_removed_by_hand_is_free_again(places: Places) -> None:
    kept, gone = own_run(places, "kept"), library(places).reserve("gone")
    waiting = library(places).reserve("waiting")
    library(places).queue.submit(Job(kind="record", owner="ann", name=waiting))
    forget_owners(places)
    assert not library(places, "bob").may_see(kept)
    assert not library(places, "bob").may_see(waiting)
    assert library(places, "bob").may_see(gone)


def failed_job(places: Places, name: str, kind: str = "record", reason: str = "no room") -> Job:
    """A job of ann's that came to nothing."""
    queue, job = library(places).queue, Job(kind=kind, owner="ann", name=name)
    queue.submit(job)
    queue.take("record", "resume")
    queue.fail(job, reason)
    return job


def test_a_name_whose_job_failed_is_not_given_to_another(places: Places) -> None:
    failed_job(places, library(places).reserve("mine"), reason=f"there is no file {places.uploads}/0f/1e/hills.png: give one")
    forget_owners(places)  # as a worker that starts again does
    his = own_run(places, "mine", "bob")
    assert his == "mine-2"
    assert standing(library(places, "bob"), his).stand == "ended"
    theirs = standing(library(places, "bob"), "mine")
    assert (theirs.job, "hills" in theirs.words) == (None, False)
    mine = standing(library(places), "mine")
    assert (mine.stand, mine.words) == ("failed", "there is no file hills.png: give one")
    library(places).forget_failures()
    assert own_run(places, "mine", "bob") == "mine"


def test_a_name_that_a_job_has_is_not_given_out_though_its_owner_is_not_known(places: Places) -> None:
    for name in ("waits", "failed"):
        library(places).owner_file(library(places).reserve(name)).unlink()
    failed_job(places, "failed")
    library(places).queue.submit(Job(kind="record", owner="ann", name="waits"))
    assert [library(places, "bob").reserve(name) for name in ("waits", "failed")] == ["waits-2", "failed-2"]
    own_run(places, "his", "bob")
    with pytest.raises(NstVizError, match="there is a run called waits"):
        library(places, "bob").rename("his", "waits")


def test_a_run_of_the_app_without_its_owner_s_file_stays_its_owner_s(places: Places) -> None:
    name = own_run(places, "mine")
    mark(places.results / name, "ann")
    library(places).owner_file(name).unlink()
    assert name in library(places).names()
    assert name not in library(places, "bob").names()
    new = library(places).rename(name, "new")
    assert not library(places, "bob").may_see(new)
    assert library(places).may_see(new)
    assert "ann" not in (places.results / new / OWNER).read_text("utf-8")


@pytest.mark.parametrize("broken", ["", "\xff"])
def test_an_owner_s_mark_that_cannot_be_read_hides_the_run(places: Places, broken: str) -> None:
    one, two = own_run(places, "one"), own_run(places, "two")
    mark(places.results / two, "ann")
    for file in (library(places).owner_file(one), places.results / two / OWNER):
        file.write_bytes(broken.encode("latin-1"))
    assert not {one, two} & {*library(places).names(), *library(places, "bob").names()}
    assert own_run(places, "one", "bob") == "one-2"


def test_a_name_is_not_taken_back_while_its_job_is_written(places: Places) -> None:
    with ThreadPoolExecutor(1) as pool, naming(places):
        name = library(places).reserve("mine")
        forgetting = pool.submit(forget_owners, places)
        library(places).queue.submit(Job(kind="record", owner="ann", name=name))
    forgetting.result()
    assert not library(places, "bob").may_see(name)


def test_cancelled_as_it_began_a_run_keeps_its_owner(places: Places) -> None:
    name = library(places).reserve("mine")
    library(places).queue.submit(Job(kind="record", owner="ann", name=name))
    library(places).queue.take("record")
    library(places).release(name)
    assert not library(places, "bob").may_see(name)


def test_what_one_session_could_not_do_with_everybody_s_run_is_not_told_to_others(places: Places) -> None:
    synthetic_run(places.results / "shared", steps=2)
    failed_job(places, "shared", "resume")
    assert standing(library(places), "shared").words == "no room"
    assert standing(library(places, "bob"), "shared").stand == "ended"
    go_on(library(places, "bob"), "shared", 9)
    assert standing(library(places), "shared").stand == "waiting"
    assert standing(library(places), "shared").job is None  # it is bob's to cancel


def test_going_on_forgets_an_earlier_failure(places: Places) -> None:
    name = own_run(places, "mine")
    failed_job(places, name, "resume")
    go_on(library(places), name, 9)
    assert library(places).queue.jobs("failed") == []


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("{results}/.app/uploads/0f/1e/my hills.png is 60 x 6000 pixels: crop it", "my hills.png is 60 x 6000 pixels: crop it"),
        ("{results}/mine/run.json is damaged: restore it", "mine/run.json is damaged: restore it"),
        ("{results} cannot be written (full)", "results cannot be written (full)"),
        (
            "put it at /srv/keras/models/vgg.h5 or leave it: a/b, 1/2 and sample:x",
            "put it at vgg.h5 or leave it: a/b, 1/2 and sample:x",
        ),
        ("[Errno 28] No space left: '/var/x y/z.webp'", "[Errno 28] No space left: 'x y/z.webp'"),
        ("see https://example.org/a/b", "see https://example.org/a/b"),
    ],
)
def test_messages_say_no_path_of_the_server(places: Places, message: str, said: str) -> None:
    assert places.without_paths(message.format(results=places.results)) == said


def test_a_run_whose_name_is_no_text_has_one_that_is(places: Places) -> None:
    """From the command line, of a picture from a system with other letters."""
    folder = Path(os.fsdecode(os.fsencode(places.results) + b"/caf\xe9"))
    synthetic_run(folder, steps=2)
    assert "caf%E9" in library(places).names()
    assert library(places).open("caf%E9").folder == folder
    assert library(places).rename("caf%E9", "cafe") == "cafe"
    with pytest.raises(NstVizError, match="there is no run"):
        library(places).open("..%2Foutside")
