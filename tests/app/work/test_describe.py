"""What is told about the networks: without loading one, and whatever became of VGG19's file."""

import hashlib
from dataclasses import asdict
from pathlib import Path

import pytest

from nst_viz.app.work import describe as module
from nst_viz.app.work.describe import WEIGHTS_MD5, describe_built_in, describe_files
from nst_viz.core.backend import keras
from nst_viz.core.networks import load_network, vgg
from nst_viz.core.networks.weights_file import WEIGHTS_FILE


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where VGG19's weights would lie."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "models").mkdir()
    return tmp_path / "models" / WEIGHTS_FILE


@pytest.mark.parametrize("name", ["distilled", "wavelet", "random"])
def test_what_is_described_is_the_network(name: str) -> None:
    network, about = load_network(name), describe_built_in()[name]
    assert about["layers"] == [asdict(layer) for layer in network.layers]
    assert (about["weighting"], about["missing"]) == (network.weighting, "")
    for mode, sizes in about["defaults"].items():
        assert sizes == {size: asdict(network.defaults_for(mode, int(size))) for size in sizes}


def test_vgg19_is_described_without_its_weights(weights: Path) -> None:
    about = describe_built_in()["vgg19"]
    assert "block5_conv4" in [layer["name"] for layer in about["layers"]]
    assert about["defaults"]["style_transfer"]["192"] == asdict(vgg.DEFAULTS["style_transfer"])
    assert "is offered once the file with its weights is here" in about["missing"]


def test_a_damaged_file_leaves_out_vgg19_alone_and_is_said(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights.write_bytes(b"half of it")
    told = describe_built_in()
    assert "is damaged or cut short" in told["vgg19"]["missing"]
    assert str(weights.parent) not in told["vgg19"]["missing"]
    assert told["wavelet"]["missing"] == told["random"]["missing"] == ""
    monkeypatch.setattr(module, "WEIGHTS_MD5", hashlib.md5(weights.read_bytes()).hexdigest())
    assert describe_built_in()["vgg19"]["missing"] == ""


def test_a_folder_in_the_place_of_the_file(weights: Path) -> None:
    weights.mkdir()
    assert "cannot be read (Is a directory)" in describe_built_in()["vgg19"]["missing"]


def test_the_hash_is_keras_s_own() -> None:
    import keras.src.applications.vgg19 as keras_vgg19

    assert WEIGHTS_MD5 in Path(keras_vgg19.__file__).read_text("utf-8")


def test_keras_models_in_the_folder_are_described_and_a_damaged_one_says_why(tmp_path: Path) -> None:
    keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3, name="conv")]).save(tmp_path / "good.keras")
    (tmp_path / "bad.keras").write_text("no model")
    told = describe_files(tmp_path)
    good, bad = told[str(tmp_path / "good.keras")], told[str(tmp_path / "bad.keras")]
    assert ([layer["name"] for layer in good["layers"]], good["label"], good["missing"]) == (["conv"], "good.keras", "")
    assert "bad.keras is damaged" in bad["missing"]
    assert str(tmp_path) not in bad["missing"]
