"""The library: who sees which run, and that no name leads out of the results folder."""

import json
from pathlib import Path

import pytest

from nst_viz.app.library import SAMPLE, Library, clean_name, forget_owners
from nst_viz.app.places import Places
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
