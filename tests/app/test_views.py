"""Each page's logic, without a browser: what it shows, and what it asks of the queue."""

import base64
import re
from collections.abc import Callable
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
from tests.render.synthetic import synthetic_run

Opens = Callable[..., AppTest]
SAMPLE = "sample:dancing_picasso"


def texts(page: AppTest) -> str:
    kinds = ("markdown", "caption", "info", "error", "warning", "success", "title", "subheader")
    return "\n".join(element.value for kind in kinds for element in getattr(page, kind))


def click(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label == label).click()
    page.run()
    assert not page.exception
    return page


def own_run(library: Library, wanted: str = "mine", steps: int = 6, **options: object) -> str:
    name = library.reserve(wanted)
    synthetic_run(library.places.results / name, steps=steps, **options)
    return name


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


def test_explore_waits_for_the_network(open_page: Opens) -> None:
    page = open_page("explore")
    assert "being loaded" in texts(page)
    assert not page.button


def jobs(library: Library) -> list[Job]:
    return library.queue.jobs("waiting")


@pytest.mark.usefixtures("told")
def test_run_as_the_form_stands_is_the_networks_own_default(open_page: Opens, library: Library) -> None:
    click(open_page("explore"), "Run")
    (job,) = jobs(library)
    expected = TransferConfig(content="sample:dancing", style="sample:picasso", size=192)
    assert job.config == expected
    assert (job.name, job.owner) == ("dancing_picasso", library.owner)


@pytest.mark.usefixtures("told")
def test_a_layer_switched_off_is_left_out_and_the_others_keep_their_weights(open_page: Opens, library: Library) -> None:
    page = open_page("explore")
    toggle = next(each for each in page.toggle if "style.block1_conv1" in (each.key or ""))
    assert toggle.value
    toggle.set_value(False).run()
    slider = next(each for each in page.select_slider if "weight-style.block3_conv1" in (each.key or ""))
    slider.set_value(5.0).run()
    click(page, "Run")
    config = jobs(library)[0].config
    assert config is not None
    assert config.style_layers is not None
    assert "block1_conv1" not in config.style_layers
    assert (config.style_layers["block2_conv2"], config.style_layers["block3_conv1"]) == (0.3, 5.0)
    assert (config.weighting, config.content_layers) == ("balanced", None)


@pytest.mark.usefixtures("told")
def test_all_style_layers_off_is_no_style(open_page: Opens, library: Library) -> None:
    page = open_page("explore")
    for toggle in page.toggle:
        if "form-on-style" in (toggle.key or ""):
            toggle.set_value(False)
    page.run()
    click(page, "Run")
    config = jobs(library)[0].config
    assert config is not None
    assert (config.style_layers, config.beta) == (None, 0.0)


@pytest.mark.usefixtures("told")
def test_without_any_layer_there_is_nothing_to_run(open_page: Opens) -> None:
    page = open_page("explore")
    for toggle in page.toggle:
        if "form-on-" in (toggle.key or ""):
            toggle.set_value(False)
    page.run()
    assert "switch on at least one" in texts(page)
    assert "Run" not in [button.label for button in page.button]


@pytest.mark.usefixtures("told")
def test_a_new_tab_begins_with_what_was_asked_last(open_page: Opens, library: Library) -> None:
    page = open_page("explore")
    next(each for each in page.toggle if "style.block1_conv1" in (each.key or "")).set_value(False)
    next(each for each in page.select_slider if "weight-style.block3_conv1" in (each.key or "")).set_value(5.0)
    next(each for each in page.select_slider if each.key == "form-alpha").set_value(2.0)
    next(each for each in page.select_slider if each.key == "form-steps").set_value(50)
    next(each for each in page.button if each.key == "pick-style-2").click()
    page.run()
    click(page, "Run")
    click(open_page("explore"), "Run")
    first, again = (job.config for job in jobs(library))
    assert first is not None
    assert (first.steps, first.style) == (50, "sample:wave")
    assert first == again


@pytest.mark.usefixtures("told")
def test_variants_are_queued_together(open_page: Opens, library: Library) -> None:
    page = open_page("explore")
    page.multiselect[0].set_value(["without block 1", "another seed"]).run()
    click(page, "Run")
    base, without, seeded = [job.config for job in jobs(library)]
    assert base is not None
    assert without is not None
    assert seeded is not None
    assert [job.name for job in jobs(library)][1] == "dancing_picasso_without_block_1"
    assert without.style_layers is not None
    assert not any(layer.startswith("block1") for layer in without.style_layers)
    assert (base.style_layers, seeded.seed, base.seed) == (None, 1, 0)
    assert [element.label for element in page.button].count("Cancel") == 3


@pytest.mark.usefixtures("told")
def test_half_the_size_first_is_two_fifths_of_the_steps(open_page: Opens, library: Library) -> None:
    page = open_page("explore")
    page.toggle(key="form-coarse").set_value(True).run()
    click(page, "Run")
    (job,) = jobs(library)
    assert job.config is not None
    assert (job.config.coarse_steps, job.config.steps) == (60, 150)


@pytest.mark.usefixtures("told")
def test_of_runs_asked_for_together_one_is_large_those_that_ended_small_and_the_rest_in_line(
    open_page: Opens, library: Library
) -> None:
    page = open_page("explore")
    page.multiselect[0].set_value(["without block 1", "another seed"]).run()
    click(page, "Run")
    first = library.queue.take("record")
    assert first is not None
    synthetic_run(library.places.results / first.name, steps=4)
    library.queue.finish(first)
    second = library.queue.take("record")
    assert second is not None
    synthetic_run(library.places.results / second.name, steps=5)
    page.run()
    large, small = (each.proto.body for each in page.get("html")[:2])
    assert (large.count("<img"), "without_block_1" in large) == (2, True)  # the picture and its history
    assert (small.count("<img"), small.count("<figure"), f">{first.name}<" in small) == (1, 1, True)
    assert "in line" in texts(page)
    assert [button.label for button in page.button if button.label in ("Pause", "Stop", "Cancel")] == [
        "Pause",
        "Stop",
        "Cancel",
    ]


@pytest.mark.usefixtures("told")
def test_cancelled_runs_leave_the_line_and_their_names(open_page: Opens, library: Library) -> None:
    page = click(open_page("explore"), "Run")
    click(page, "Cancel")
    assert jobs(library) == []
    assert library.reserve("dancing_picasso") == "dancing_picasso"


@pytest.mark.usefixtures("told")
def test_a_run_in_the_works_is_paused_gone_on_with_and_stopped(open_page: Opens, library: Library) -> None:
    page = click(open_page("explore"), "Run")
    job = library.queue.take("record")
    assert job is not None
    synthetic_run(library.places.results / job.name, steps=5)
    page.run()
    assert 'class="live"' in page.get("html")[0].proto.body
    click(page, "Pause")
    assert library.queue.asked(job, "pause")
    click(page, "Go on")
    assert not library.queue.asked(job, "pause")
    click(page, "Stop")
    assert library.queue.asked(job, "stop")


@pytest.mark.usefixtures("told")
def test_a_reload_finds_the_run_again_and_another_session_does_not(open_page: Opens, library: Library) -> None:
    click(open_page("explore"), "Run")
    assert "Cancel" in [button.label for button in open_page("explore").button]
    other = AppTest.from_string("from nst_viz.app.views import explore\nexplore.show()", default_timeout=60)
    other.session_state["owner"] = "f" * 32
    assert "Cancel" not in [button.label for button in other.run().button]


@pytest.mark.usefixtures("told")
def test_explore_follows_a_rename_and_forgets_what_is_gone(open_page: Opens, library: Library) -> None:
    own_run(library)
    batch = library.places.own / "sessions" / f"{OWNER}.json"
    batch.parent.mkdir(parents=True)
    batch.write_text('["mine", "gone"]', "utf-8")
    page = AppTest.from_string("from nst_viz.app.parts.manage import ask_rename\nask_rename('mine')", default_timeout=60)
    page.session_state["owner"] = OWNER
    page.run().text_input[0].set_value("other")
    next(button for button in page.button if button.label == "Rename").click()
    page.run()
    assert batch.read_text("utf-8") == '["other"]'
    shown = open_page("explore")
    assert not shown.error
    assert len(shown.get("iframe")) == 1
    library.delete("other")
    assert "Press **Run**" in texts(open_page("explore"))


@pytest.mark.usefixtures("told")
def test_a_failure_is_said_as_plain_text(open_page: Opens, library: Library) -> None:
    page = click(open_page("explore"), "Run")
    job = library.queue.take("record")
    assert job is not None
    library.queue.fail(job, "no <b>picture</b> [here](http://x)")
    page.run()
    assert r"\<b\>picture" in texts(page)
    assert r"\[here\]\(" in texts(page)


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
    page = AppTest.from_string(f"from nst_viz.app.parts.manage import ask_delete\nask_delete({name!r})", default_timeout=60)
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
