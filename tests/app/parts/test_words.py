"""The words about runs: what was asked for differently is said, and only that."""

from pathlib import Path
from typing import Any

import pytest

from nst_viz.app.parts.words import called, differences
from nst_viz.core.config import TransferConfig
from nst_viz.recording.run import Run

BASE = TransferConfig(network="wavelet", content="sample:dancing", style="sample:picasso", size=208)


def run(config: TransferConfig) -> Run:
    return Run(Path("run"), {"config": config.model_dump(mode="json")})


def found(described: dict[str, Any], **changes: Any) -> list[tuple[str, str, str]]:
    return differences(run(BASE), run(BASE.replace(**changes)), described)


def test_the_network_s_own_values_are_the_same_whether_asked_for_or_not(described: dict[str, Any]) -> None:
    own = described["wavelet"]["defaults"]["style_transfer"]["224"]
    same = {name: own[name] for name in ("style_layers", "alpha", "init")}
    assert found(described, **same, weighting="balanced") == []
    assert found(described, **same) == []  # given layers are weighed as the network's own
    assert found(described, **same, weighting="literal") == [("weighting", "balanced", "literal")]


def test_a_layer_without_a_weight_has_its_usual_one(described: dict[str, Any]) -> None:
    own = described["wavelet"]["defaults"]["style_transfer"]["224"]["style_layers"]
    assert found(described, style_layers=dict.fromkeys(own)) == []


def test_a_run_is_told_by_the_defaults_that_it_noted() -> None:
    """Also where the network's defaults are others by now, or nothing is known of it."""
    noted = {"defaults": {"beta": 7.0, "init": "noise", "weighting": "literal"}}
    older = Run(Path("older"), {"config": BASE.model_dump(mode="json"), "network": noted})
    assert differences(older, run(BASE.replace(beta=7.0, init="noise", weighting="literal")), {}) == []


def test_a_mode_without_content_has_no_content_layers(described: dict[str, Any]) -> None:
    style = run(TransferConfig(network="wavelet", mode="style", style="sample:picasso", size=208))
    rows = {name: (one, other) for name, one, other in differences(run(BASE), style, described)}
    assert (rows["alpha"], rows["content layers"][1]) == (("0.6", "–"), "–")


def test_a_layer_that_is_left_out_is_the_one_difference(described: dict[str, Any]) -> None:
    own = described["wavelet"]["defaults"]["style_transfer"]["224"]["style_layers"]
    rest = {layer: weight for layer, weight in own.items() if layer != "block1_conv1"}
    ((name, with_it, without),) = found(described, style_layers=rest, weighting="balanced")
    assert (name, with_it) == ("style layers", "1.1 × 1")
    assert without == "no 1.1"


def test_paths_are_told_by_their_names(described: dict[str, Any]) -> None:
    assert found(described, content="/home/somebody/x.png", seed=3) == [("content", "dancing", "x.png"), ("seed", "0", "3")]


@pytest.mark.parametrize(
    ("name", "words"),
    [("sample:dancing_picasso", "comes with nst_viz"), ("lesson:03/alpha=2-0123abcd", "lesson 3: alpha=2"), ("mine", "mine")],
)
def test_what_a_run_is_called(name: str, words: str) -> None:
    assert called(name) == words
