import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nst_viz.core.config import RecordingPolicy, TransferConfig, parse_layers
from nst_viz.core.errors import NstVizError


def made(**fields: Any) -> TransferConfig:
    return TransferConfig(**{"content": "a.jpg", "style": "b.jpg", **fields})


def test_json_both_ways() -> None:
    config = made(style_layers="block1_conv1=0.5,block2_conv1", tv=0.1, weights=None, init="noise", seed=7)
    assert TransferConfig(**json.loads(config.model_dump_json())) == config
    assert config.style_layers == {"block1_conv1": 0.5, "block2_conv1": None}


def test_is_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        made().steps = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"steps": 0}, "steps was given as 0: it should be greater than or equal to 1"),
        ({"steps": -5}, "steps was given as -5"),
        ({"size": 10}, "size was given as 10"),
        ({"alpha": math.nan}, "alpha was given as nan"),
        ({"beta": -1}, "beta was given as -1"),
        ({"tv": math.inf}, "tv was given as inf"),
        ({"optimizer": "newton"}, "'lbfgs', 'adam' or 'sgd'"),
        ({"network": "resnet"}, "choose from distilled, wavelet, vgg19, random, or give keras:NAME"),
        ({"mode": "dream"}, "'style_transfer', 'content' or 'style'"),
        ({"content": None}, "mode style_transfer needs a content picture"),
        ({"style": None}, "mode style_transfer needs a style picture"),
        ({"style_layers": {"block1_conv1": 0.0}}, "all layers' weights are zero"),
        ({"style_layers": {"block1_conv1": math.nan}}, "nan"),
        ({"style_layers": "block1_conv1=x"}, "'x' is no weight for layer block1_conv1"),
        ({"style_layers": "block1_conv1,,"}, "write NAME or NAME=WEIGHT"),
        ({"style_layers": "block1_conv1,block1_conv1"}, "given twice"),
        ({"weights": "w.h5"}, "network distilled takes no weights file"),
        ({"precision": "fast"}, "network distilled has no fast precision"),
        ({"coarse_steps": 150}, "coarse_steps are some of the 150 steps: give fewer than 150"),
        ({"coarse_steps": 5, "size": 48}, "coarse_steps need a size of 64 or more"),
        ({"pooling": "max"}, "network distilled has its own pooling"),
        ({"lr": 0.1}, "lbfgs takes no learning rate"),
        ({"mode": "style", "alpha": 2}, "mode style has no content terms: leave alpha out"),
        ({"mode": "content", "content": "a.jpg"}, "mode content uses no style picture: leave it out, start from it"),
        ({"init": "content", "seed": 3}, "starts from a picture (content), and a seed is for noise: leave seed out"),
        ({"alpha": 0, "content_layers": "block1_conv1"}, "alpha 0 leaves out all content terms: leave content_layers out"),
        ({"mode": "content", "style_layers": "block1_conv1"}, "mode content has no style terms: leave style_layers out"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_mistake_is_one_sentence(fields: dict[str, Any], says: str) -> None:
    with pytest.raises(NstVizError) as raised:
        made(**fields)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("field", "least", "most"), [("size", 32, 8192), ("steps", 1, 100_000), ("seed", 0, 2**32 - 1), ("coarse_steps", 0, 99_999)]
)
def test_each_number_has_its_limits(field: str, least: int, most: int) -> None:
    usual: dict[str, Any] = {} if field == "steps" else {"steps": 100_000}
    for allowed in (least, most):
        assert getattr(made(**{**usual, field: allowed}), field) == allowed
    for refused in (least - 1, most + 1):
        with pytest.raises(NstVizError, match=f"{field} was given as {refused}: it should be"):
            made(**{**usual, field: refused})


def test_a_mode_takes_only_its_own_picture() -> None:
    assert TransferConfig(mode="content", content="a.jpg").style is None
    with pytest.raises(NstVizError, match="mode style needs a style picture"):
        TransferConfig(mode="style", content="a.jpg")
    with pytest.raises(NstVizError, match="init content needs a content picture"):
        TransferConfig(mode="style", style="a.jpg", init="content")


@given(st.dictionaries(st.from_regex(r"block[1-5]_conv[1-4]", fullmatch=True), st.none() | st.floats(0, 1e6), min_size=1))
def test_layers_are_read_as_they_are_written(layers: dict[str, float | None]) -> None:
    text = ",".join(name if weight is None else f"{name}={weight!r}" for name, weight in layers.items())
    assert parse_layers(text) == layers


@pytest.mark.parametrize(("steps", "spacing"), [(1, 1), (400, 1), (401, 2), (2000, 5)])
def test_default_policy_keeps_at_most_400(steps: int, spacing: int) -> None:
    assert RecordingPolicy().spacing(steps) == spacing
    assert RecordingPolicy(record_every=7).spacing(steps) == 7


def test_what_a_run_recorded_and_did_not_use_is_left_out_of_its_config() -> None:
    """Earlier versions accepted a style picture in mode content, and a seed for a start from a picture."""
    fields = {"mode": "content", "content": "a.jpg", "style": "b.jpg", "init": "content", "seed": 5, "steps": 9}
    with pytest.raises(NstVizError):
        TransferConfig(**fields)
    config = TransferConfig.recorded(fields)
    assert config == TransferConfig(mode="content", content="a.jpg", init="content", steps=9)
    assert config.replace(steps=12).steps == 12
    seeded = {"content": "a.jpg", "style": "b.jpg", "network": "vgg19", "seed": 5}
    assert (TransferConfig.recorded(seeded, start="noise").seed, TransferConfig.recorded(seeded, start="content").seed) == (
        5,
        0,
    )
    with pytest.raises(NstVizError, match="steps was given as 0"):
        TransferConfig.recorded({**fields, "steps": 0})


def test_a_seed_is_refused_where_the_network_itself_starts_from_a_picture() -> None:
    with pytest.raises(NstVizError, match="a seed is for noise"):
        made(seed=5).check_start("content")
    made(seed=5).check_start("noise")
    made().check_start("content")
