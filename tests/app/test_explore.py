"""Explore's logic, without a browser: what the form asks of the queue, and how what was asked for is shown."""

import pytest
from streamlit.testing.v1 import AppTest

from nst_viz.app.library import Library
from nst_viz.core.config import TransferConfig
from tests.app.conftest import OWNER
from tests.app.pages import Opens, click, jobs, own_run, texts
from tests.render.synthetic import synthetic_run


def test_explore_waits_for_the_network(open_page: Opens) -> None:
    page = open_page("explore")
    assert "being loaded" in texts(page)
    assert not page.button


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
    assert (config.style_layers["block4_conv1"], config.style_layers["block3_conv1"]) == (0.3, 5.0)
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
def test_a_start_from_the_content_takes_no_seed_and_offers_none(open_page: Opens, library: Library) -> None:
    page = from_noise(open_page("explore"))
    next(each for each in page.number_input if each.key == "form-seed").set_value(7).run()
    assert "another seed" in page.multiselect[0].options
    page.multiselect[0].set_value(["from the content picture"]).run()
    click(page, "Run")
    assert [(job.config.init, job.config.seed) for job in jobs(library) if job.config] == [("noise", 7), ("content", 0)]
    next(each for each in page.button_group if each.key == "form-init").set_value("content").run()
    assert not page.exception
    assert "another seed" not in page.multiselect[0].options
    assert "form-seed" not in {each.key for each in page.number_input}
    click(page, "Run")
    assert jobs(library)[-1].config == jobs(library)[0].config.replace(init=None, seed=0)  # type: ignore[union-attr]


def from_noise(page: AppTest) -> AppTest:
    """The form with the start set to noise, where a seed acts."""
    return next(each for each in page.button_group if each.key == "form-init").set_value("noise").run()


@pytest.mark.usefixtures("told")
def test_content_layers_are_not_asked_for_where_the_content_counts_nothing(open_page: Opens, library: Library) -> None:
    page = open_page("explore")
    next(each for each in page.toggle if "content.block1_conv1" in (each.key or "")).set_value(True)
    next(each for each in page.select_slider if each.key == "form-alpha").set_value(0.0)
    page.run()
    click(page, "Run")
    config = jobs(library)[0].config
    assert config is not None
    assert (config.alpha, config.content_layers) == (0.0, None)


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
    page = from_noise(open_page("explore"))
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
    page = from_noise(open_page("explore"))
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
    large, small = (each.proto.body for each in page.get("html") if 'class="live' in each.proto.body)
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
    other = AppTest.from_string("from nst_viz.app.views import explore\nexplore.show()", default_timeout=600)
    other.session_state["owner"] = "f" * 32
    assert "Cancel" not in [button.label for button in other.run().button]


@pytest.mark.usefixtures("told")
def test_explore_follows_a_rename_and_forgets_what_is_gone(open_page: Opens, library: Library) -> None:
    own_run(library)
    batch = library.places.own / "sessions" / f"{OWNER}.json"
    batch.parent.mkdir(parents=True)
    batch.write_text('["mine", "gone"]', "utf-8")
    page = AppTest.from_string("from nst_viz.app.parts.manage import ask_rename\nask_rename('mine')", default_timeout=600)
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
