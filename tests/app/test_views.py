"""Each page's logic, without a browser: what it shows, and what it asks of the queue."""

import base64
import json
import os
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from nst_viz.app.library import Library
from nst_viz.app.parts.lesson_page import whole_page
from nst_viz.app.places import Places
from nst_viz.app.work.inspection import inspect, inspection_name
from nst_viz.app.work.queue import Job
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.recording.session import record_transfer
from tests.app.conftest import OWNER
from tests.app.pages import SAMPLE, Opens, click, jobs, own_run, texts
from tests.render.synthetic import synthetic_run


def test_the_first_screen_shows_the_sample_before_anything_is_computed(open_page: Opens) -> None:
    page = open_page("watch")
    assert page.selectbox[0].value == SAMPLE
    assert len(page.get("iframe")) == 1
    assert "loss" in texts(page).lower()


def test_watch_shows_the_run_of_its_address_but_not_anothers(open_page: Opens, library: Library) -> None:
    own_run(library)
    his = Library(library.places, "bob").reserve("his")
    synthetic_run(library.places.results / his, steps=3)
    assert open_page("watch", run="mine").selectbox[0].value == "mine"
    page = open_page("watch", run="his")
    assert page.selectbox[0].value == "mine"
    assert not any("his" in option for option in page.selectbox[0].options)
    assert "There is no run his here" in texts(page)
    assert "There is no run" not in texts(open_page("watch", run="mine"))


def test_watch_says_what_is_wrong_with_a_damaged_run(open_page: Opens, library: Library) -> None:
    name = own_run(library)
    next((library.places.results / name / "frames").iterdir()).write_bytes(b"")
    assert "damaged" in texts(open_page("watch", run=name))


def test_compare_wants_two_runs(open_page: Opens, library: Library) -> None:
    page = open_page("compare")
    assert "One run is here" in texts(page)
    own_run(library, steps=4)
    page = open_page("compare")
    assert {box.value for box in page.selectbox} == {"mine", SAMPLE}
    assert len(page.get("iframe")) == 1
    assert "| steps | 4 | 150 |" in texts(page)
    page.selectbox[1].set_value(page.selectbox[0].value).run()
    assert "the same run" in texts(page)


def test_compare_begins_with_two_of_which_something_different_was_asked(open_page: Opens, library: Library) -> None:
    for wanted, steps in (("one", 3), ("two", 4), ("three", 4)):
        own_run(library, wanted, steps=steps)
    assert {box.value for box in open_page("compare").selectbox} == {"three", "one"}


@pytest.mark.usefixtures("told")
def test_compare_offers_a_pair_in_one_click(open_page: Opens, library: Library) -> None:
    click(open_page("compare"), "Record this pair")
    one, other = (job.config for job in jobs(library))
    assert one is not None
    assert other is not None
    assert other.style_layers is not None
    assert one.replace(style_layers=other.style_layers, weighting=other.weighting) == other
    assert not any(layer.startswith("block1") for layer in other.style_layers)


def test_frames_have_no_origin_of_the_app_s(open_page: Opens) -> None:
    shell = open_page("watch").get("iframe")[0].proto.srcdoc
    assert re.findall(r'sandbox="([^"]*)"', shell) == ["allow-scripts"]


@pytest.mark.parametrize("name", ["watch", "runs", "compare", "inside", "explore"])
@pytest.mark.usefixtures("told")
def test_what_a_person_typed_is_text(open_page: Opens, library: Library, name: str) -> None:
    typed = {"content": "<script>alert(1)</script>", "style": "![x](http://x)"}
    own_run(library, names=typed)
    job = Job(kind="record", owner=library.owner, name="mine", config=TransferConfig(**typed))
    library.queue.submit(job)
    library.queue.take("record")
    batch = library.places.own / "sessions" / f"{OWNER}.json"
    batch.parent.mkdir(parents=True)
    batch.write_text('["mine"]', "utf-8")
    page = open_page(name)
    shown = texts(page) + "".join(element.proto.body for element in page.get("html"))
    assert not re.search(r"(?<!\\)(<script>alert|!\[x\]\(http)", shown)
    for frame in page.get("iframe"):
        assert "<script>alert" not in frame.proto.srcdoc


def test_runs_are_cards_that_open(open_page: Opens, library: Library) -> None:
    own_run(library)
    page = open_page("runs")
    assert [button.label for button in page.button].count("Open") == 2
    next(button for button in page.button if button.key == "open-mine").click()
    assert page.run().session_state["chosen_run"] == "mine"


def test_delete_is_asked_twice(library: Library) -> None:
    name = own_run(library)
    page = AppTest.from_string(f"from nst_viz.app.parts.manage import ask_delete\nask_delete({name!r})", default_timeout=600)
    page.session_state["owner"] = OWNER
    click(page.run(), "Delete")
    click(page, "Keep it")
    click(page, "Delete")
    assert (library.places.results / name).exists()
    click(page, "Delete for good")
    assert not (library.places.results / name).exists()


def test_inside_asks_the_worker_once_and_shows_its_answer(
    open_page: Opens, library: Library, told: None, config: TransferConfig
) -> None:
    name = library.reserve("mine")
    record_transfer(config, library.places.results / name, RecordingPolicy(gradients_every=3))
    page = open_page("inside", run=name)
    asked = library.queue.jobs("waiting")
    assert {job.request["kind"] for job in asked} == {"features", "gram"}
    page.run()
    assert library.queue.jobs("waiting") == asked
    for job in asked:
        assert job.name == inspection_name(job.request)
        inspect(library.places, job.name, job.request)
        library.queue.take("inspect")
        library.queue.finish(job)
    page.run()
    assert not page.exception
    assert len(page.get("iframe")) == 2
    assert "Record it again with gradient maps" not in [button.label for button in page.button]


def test_inside_offers_gradient_maps(open_page: Opens, library: Library, told: None) -> None:
    name = own_run(library)
    page = click(open_page("inside", run=name), "Record it again with gradient maps")
    (job,) = [job for job in jobs(library) if job.kind == "record"]
    assert job.name == "hills_strokes_with_maps"
    assert job.policy is not None
    assert job.policy.gradients_every == 1
    assert not page.exception


def test_inside_on_a_run_without_pictures_says_so(open_page: Opens, library: Library, told: None) -> None:
    name = own_run(library)
    for frame in (library.places.results / name / "frames").iterdir():
        frame.unlink()
    assert "mine has no picture yet" in texts(open_page("inside", run=name)).replace("\\", "")


def test_inside_keeps_a_failure_until_it_is_to_be_tried_again(open_page: Opens, library: Library, told: None) -> None:
    """A layer for whose sake the worker was ended is not asked for again by each look at the page."""
    page = open_page("inside", run=own_run(library))
    for job in library.queue.jobs("waiting"):
        library.queue.take("inspect")
        library.queue.fail(job, "it took too long")
    page.run()
    page.run()
    assert "it took too long" in texts(page)
    assert library.queue.jobs("waiting") == []
    click(page, "Try again")
    assert len(library.queue.jobs("waiting")) == 1


def test_a_network_that_is_not_here_says_why(open_page: Opens, library: Library, told: None) -> None:
    described = json.loads(library.places.networks.read_text("utf-8"))
    for about in described.values():
        about["missing"] = "its file is cut short."
    library.places.networks.write_text(json.dumps(described), "utf-8")
    assert "its file is cut short" in texts(open_page("inside", run=own_run(library)))


DAMAGED = [
    {"inputs": {"content": 3}},
    {"inputs": {"content": {}, "style": {}}},
    {"started": "once"},
    {"config": {"steps": "x"}},
]


@pytest.mark.parametrize("name", ["watch", "runs", "compare", "inside"])
@pytest.mark.usefixtures("told")
def test_runs_that_cannot_be_shown_leave_the_others_as_they_are(open_page: Opens, library: Library, name: str) -> None:
    good = own_run(library, "good")
    for number, changes in enumerate(DAMAGED):
        path = library.places.results / own_run(library, f"damaged{number}") / "run.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")
    latin = Path(os.fsdecode(os.fsencode(library.places.results) + b"/caf\xe9"))
    names = {"content": os.fsdecode(b"caf\xe9"), "style": "strokes"}
    synthetic_run(latin, steps=3, names=names)
    for shown in (good, "caf%E9", "damaged0", "damaged2"):
        page = open_page(name, run=shown)
        page.run()
        assert not page.exception
    if name == "runs":
        buttons = {button.key for button in page.button}
        assert {f"open-{good}", "open-caf%E9", "delete-damaged0"} <= buttons
        assert "caf\N{REPLACEMENT CHARACTER} in the style of strokes" in texts(page)
    else:
        assert any("caf\N{REPLACEMENT CHARACTER} in the style of strokes" in option for option in page.selectbox[0].options)


def test_lessons_are_listed_also_before_any_is_built(open_page: Opens) -> None:
    page = open_page("lessons")
    assert "No lesson's page is built here yet" in texts(page)
    assert "1 · What is there to optimise" in texts(page)
    assert not page.button


def test_a_lesson_shows_its_page_and_runs(open_page: Opens, places: Places) -> None:
    folder = places.lessons / "03"
    synthetic_run(folder / "runs" / "from_noise-0123abcd", steps=3)
    (folder / "index.html").write_text("<title>x</title><p>x</p>", "utf-8")
    page = click(open_page("lessons"), "Read")
    assert len(page.get("iframe")) == 1
    assert page.selectbox[0].options == ["lesson 3: from_noise · hills in the style of strokes · 3 steps"]
    click(page, "Open this run in Watch")
    assert page.session_state["chosen_run"] == "lesson:03/from_noise-0123abcd"
    click(page, "All lessons")
    assert not page.get("iframe")


def test_a_lesson_s_page_needs_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a b.png").write_bytes(b"picture")
    (tmp_path / "player.html").write_text("<b>play</b>", "utf-8")
    (tmp_path.parent / "secret.png").write_bytes(b"secret")
    page = tmp_path / "index.html"
    page.write_text(
        '<nav><a href="../index.html">All</a></nav><img src="a b.png"><img src="../secret.png"><iframe src="player.html">'
        '</iframe> <a href="player.html">Open it alone.</a><a href="../02/index.html">lesson 2</a><a href="https://x">x</a>',
        "utf-8",
    )
    assert whole_page(page) == (
        f'<img src="data:image/png;base64,{base64.b64encode(b"picture").decode()}"><img ><iframe '
        'srcdoc="&lt;b&gt;play&lt;/b&gt;" ></iframe><a>lesson 2</a><a href="https://x">x</a>'
    )
