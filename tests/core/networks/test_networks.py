"""VGG19 from a weights file and through Keras's cache, the control network, and what is said when weights are missing."""

import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import h5py
import numpy as np
import pytest
from keras.src.legacy.saving.legacy_h5_format import save_weights_to_hdf5_group

from nst_viz.core import backend, networks
from nst_viz.core.backend import keras, tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.networks import describe, load_network
from nst_viz.core.networks import vgg as vgg_module
from nst_viz.core.networks.base import Choice, Network
from nst_viz.core.networks.catalogue import describe_network, describe_networks
from nst_viz.core.networks.weights_file import WEIGHTS_FILE
from nst_viz.core.register import BUILT_IN


def vgg19(weights: Path | None = None, pooling: str = "avg", precision: str = "full") -> Network:
    return vgg_module.load(Choice("vgg19", weights, pooling, precision))


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VGG19 no-top weights file in the layout of the one that Keras downloads, with random values."""
    keras.utils.set_random_seed(0)
    path = tmp_path_factory.mktemp("weights") / WEIGHTS_FILE
    with h5py.File(path, "w") as file:
        save_weights_to_hdf5_group(file, keras.applications.VGG19(include_top=False, weights=None))
    return path


@pytest.fixture(autouse=True)
def bfloat16_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever machine this is: TensorFlow computes in bfloat16 on each, only not always fast."""
    monkeypatch.setattr(backend, "has_bfloat16", lambda: True)


def test_vgg19_reads_both_of_keras_layouts(weights_file: Path, tmp_path: Path) -> None:
    legacy = vgg19(weights_file)
    model = keras.applications.VGG19(include_top=False, weights=None)
    model.load_weights(weights_file)
    model.save_weights(tmp_path / "a.weights.h5")
    assert vgg19(tmp_path / "a.weights.h5").weights_hash == legacy.weights_hash


def test_vgg19_reads_a_weights_file(weights_file: Path) -> None:
    network = vgg19(weights_file)
    image = np.random.default_rng(0).random((1, 48, 40, 3), np.float32)
    shallow, deep = network.model(("block1_conv2", "block4_conv1"))(image)
    assert shallow.shape == (1, 48, 40, 64)
    assert deep.shape == (1, 6, 5, 512)
    # The same as Keras's own model where no pooling lies between, on its own input: 0 to 255, BGR, mean subtracted.
    theirs = keras.applications.VGG19(include_top=False, weights=None)
    theirs.load_weights(weights_file)
    first = keras.Model(theirs.input, theirs.get_layer("block1_conv2").output)
    np.testing.assert_allclose(shallow, first(keras.applications.vgg19.preprocess_input(image * 255)), rtol=1e-4, atol=1e-3)


def test_pooling_is_average_unless_max_is_asked_for(weights_file: Path) -> None:
    image = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    layers = ("block1_conv2", "block2_conv1")
    average, largest = (vgg19(weights_file, pooling).model(layers)(image) for pooling in ("avg", "max"))
    np.testing.assert_allclose(average[0], largest[0], rtol=1e-5)
    assert np.abs(np.asarray(average[1]) - np.asarray(largest[1])).max() > 1e-3


def test_only_the_layers_needed_are_built(weights_file: Path) -> None:
    model = vgg19(weights_file).model(("block2_conv1",))
    assert not [layer.name for layer in model.layers if layer.name.startswith(("block3", "block4", "block5"))]


@pytest.mark.parametrize(
    ("kind", "says"), [("missing", "there is no weights file"), ("text", "is damaged"), ("other", "another network's weights")]
)
def test_a_weights_file_that_cannot_work(kind: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / f"{kind}.weights.h5"
    if kind == "text":
        path.write_text("no weights")
    if kind == "other":
        keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)]).save_weights(path)
    with pytest.raises(NstVizError) as raised:
        vgg19(path)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_weights_that_cannot_be_downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("network is unreachable")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(keras.applications, "VGG19", refuse)
    with pytest.raises(NstVizError) as raised:
        vgg19()
    for part in (WEIGHTS_FILE, "80 MB", str(tmp_path / "models"), "--weights PATH", "--network wavelet need no file"):
        assert part in str(raised.value)


def test_the_catalogue_says_where_files_are_looked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert f"{tmp_path / 'models' / WEIGHTS_FILE} is not there" in describe_networks()
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / WEIGHTS_FILE).touch()
    assert "is there" in describe_networks()


def test_random_is_the_same_each_time_and_pools_as_asked() -> None:
    image = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    one = load_network("random").model(("block3_conv2",))(image)
    networks._load.cache_clear()
    np.testing.assert_array_equal(one, load_network("random").model(("block3_conv2",))(image))
    assert (
        np.abs(np.asarray(one) - np.asarray(load_network("random", pooling="max").model(("block3_conv2",))(image))).max() > 0.01
    )


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_a_networks_defaults_are_written_as_they_are_given(name: str) -> None:
    text = describe_network(name)
    given = dict(re.findall(r"--([a-z-]+) (\S+)", text.split("mode style_transfer:")[1].split("\n\n")[0]))
    config = TransferConfig(content="a", style="b", **{option.replace("-", "_"): value for option, value in given.items()})
    defaults = describe(name).defaults["style_transfer"]
    assert {field: getattr(config, field) for field in asdict(defaults)} == asdict(defaults)
    assert config.weighting == describe(name).weighting


@pytest.mark.parametrize("name", ["distilled", "wavelet", "random"])
def test_channels_stride_and_receptive_field_are_as_said(name: str) -> None:
    """Measured on a layer of each kind: how many pixels change what one position of it says."""
    network, side = load_network(name), 128
    pixels = tf.Variable(np.random.default_rng(0).random((1, side, side, 3), np.float32))
    for layer in [each for each in network.layers if each.block < 4]:
        with tf.GradientTape() as tape:
            features = network.model((layer.name,))(pixels)
            middle = tf.reduce_sum(features[0, features.shape[1] // 2, features.shape[2] // 2])
        touched = np.flatnonzero(np.abs(tape.gradient(middle, pixels).numpy()).sum(axis=(0, 2, 3)))
        assert (features.shape[-1], side // features.shape[1]) == (layer.channels, layer.stride)
        assert np.ptp(touched) + 1 == layer.field


def test_a_network_that_there_is_not() -> None:
    for ask in (describe, describe_network, load_network, lambda name: TransferConfig(mode="style", style="a", network=name)):
        with pytest.raises(
            NstVizError, match=r"there is no network 'alexnet': choose from distilled, wavelet, vgg19, random, or"
        ):
            ask("alexnet")


@pytest.mark.parametrize("name", list(BUILT_IN))
def test_what_is_said_of_a_network_needs_no_tensorflow(name: str) -> None:
    script = (
        f"from nst_viz.core.networks.catalogue import describe_network, describe_networks; import sys;"
        f"describe_network({name!r}); describe_networks(); sys.exit('tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("name", [name for name in BUILT_IN if name != "vgg19"])
def test_each_mode_uses_layers_that_the_network_has(name: str) -> None:
    network = load_network(name)
    image = np.random.default_rng(0).random((1, 64, 48, 3), np.float32)
    for network_defaults in (network.defaults, network.large_defaults):
        for defaults in network_defaults.values():
            network.check_layers([*defaults.content_layers, *defaults.style_layers])
    features = network.model(network.layer_names)(image)
    assert all(np.isfinite(np.asarray(each)).all() for each in features)
    assert len({layer.colour for layer in network.layers}) == len(network.layer_names), "each layer can be told by its colour"
    assert len({layer.label for layer in network.layers}) == len(network.layer_names)


@pytest.mark.parametrize("name", ["wavelet", "random", "distilled"])
def test_the_smallest_side_that_each_layer_needs(name: str) -> None:
    """Said before anything is computed; at that side each layer still has two pixels to look at."""
    network = load_network(name)
    assert network.smallest_side(["block1_conv1", "block3_conv1"]) == 8
    assert network.smallest_side() == 32
    for layer in network.layer_names:
        side = network.smallest_side([layer])
        network.check_size((side, side, 3), "the picture", [layer])
        assert network.model((layer,))(np.zeros((1, side, side, 3), np.float32)).shape[1:3] == (2, 2)
        with pytest.raises(NstVizError, match=rf"the picture is 200 x {side - 1} .* layer {layer} .* needs {side} pixels"):
            network.check_size((side - 1, 200, 3), "the picture", [layer])
    with pytest.raises(NstVizError, match=r"^a frame is 31 x 64 pixels at this size: network .* needs 32 pixels or more"):
        network.check_size((64, 31), "a frame")


def test_fast_precision_is_near_and_asked_for_only_where_it_is_fast(
    weights_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = np.random.default_rng(0).random((1, 48, 40, 3), np.float32)
    full, fast = (vgg19(weights_file, precision=precision).model(("block3_conv1",))(image) for precision in ("full", "fast"))
    difference = np.linalg.norm(np.asarray(fast) - np.asarray(full)) / np.linalg.norm(np.asarray(full))
    assert 1e-4 < difference < 2e-2
    assert np.asarray(fast).dtype == np.float32
    monkeypatch.setattr(backend, "has_bfloat16", lambda: False)
    with pytest.raises(NstVizError, match="does not compute in bfloat16"):
        vgg19(weights_file, precision="fast")
