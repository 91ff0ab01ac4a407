"""Any Keras model as network: its layers, where they stand in its graph, how pixels reach it, and what cannot be used."""

from pathlib import Path

import numpy as np
import pytest

from nst_viz.core.backend import keras, tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import load_pictures
from nst_viz.core.networks import keras_model as module
from nst_viz.core.networks import load_network
from nst_viz.core.transfer import prepare


def saved(model: object, folder: Path) -> str:
    path = folder / "model.keras"
    model.save(path)  # type: ignore[attr-defined]
    return str(path)


@pytest.fixture
def classifier(tmp_path: Path) -> str:
    """A network as people train them: a fixed input size, a branch, a model within the model, and a top that names things."""
    keras.utils.set_random_seed(3)
    layers = keras.layers
    inner_input = keras.Input((None, None, 8))
    inner = keras.Model(
        inner_input, layers.Conv2D(12, 3, strides=2, padding="same", activation="relu", name="deep")(inner_input)
    )
    pixels = keras.Input((64, 64, 3))
    x = layers.Conv2D(8, 5, padding="same", activation="relu", name="first")(pixels)
    x = layers.BatchNormalization(name="normed")(x)
    side = layers.Conv2D(8, 1, name="side")(x)
    x = layers.Add(name="joined")([x, side])
    x = layers.MaxPooling2D(2, name="pooled")(x)
    x = inner(x)
    x = layers.Conv2D(16, 3, dilation_rate=2, padding="same", name="wide")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return saved(keras.Model(pixels, layers.Dense(5, name="names")(x)), tmp_path)


def test_every_spatial_layer_with_its_place(classifier: str) -> None:
    network = load_network(classifier)
    places = {layer.name: (layer.channels, layer.stride, layer.field) for layer in network.layers}
    assert places == {
        "first": (8, 1, 5),
        "normed": (8, 1, 5),
        "side": (8, 1, 5),
        "joined": (8, 1, 5),
        "pooled": (8, 2, 6),
        "deep": (12, 4, 10),
        "wide": (16, 4, 26),  # 10 + (3 - 1) * dilation 2 * stride 4
    }


def test_the_receptive_field_is_what_one_position_depends_on(classifier: str) -> None:
    network = load_network(classifier)
    pixels = tf.Variable(np.random.default_rng(0).random((1, 96, 96, 3)).astype(np.float32))
    for layer in network.layers:
        with tf.GradientTape() as tape:
            features = network.model((layer.name,))(pixels)
            middle = tf.reduce_sum(features[0, features.shape[1] // 2, features.shape[2] // 2])
        touched = np.abs(tape.gradient(middle, pixels).numpy()).sum(axis=(0, 3)) > 0
        assert np.ptp(np.nonzero(touched.any(axis=1))[0]) + 1 <= (layer.field or 0)
        if layer.name in ("first", "deep"):
            assert np.ptp(np.nonzero(touched.any(axis=1))[0]) + 1 == layer.field


def test_features_are_the_models_own(classifier: str) -> None:
    image = np.random.default_rng(1).random((1, 64, 64, 3)).astype(np.float32)
    model = keras.saving.load_model(classifier)
    theirs = keras.Model(model.inputs[0], model.get_layer("pooled").output)(image, training=False)
    ours = load_network(classifier).model(("pooled",))(image)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("kind", module.PREPROCESS)
def test_preprocessing_as_said(kind: str) -> None:
    pixels = np.array([[[[0.2, 0.5, 0.9]]]], np.float32)
    expected = {
        "rgb": pixels,
        "caffe": keras.applications.imagenet_utils.preprocess_input(pixels * 255, mode="caffe", data_format="channels_last"),
        "torch": keras.applications.imagenet_utils.preprocess_input(pixels * 255, mode="torch", data_format="channels_last"),
        "tf": keras.applications.imagenet_utils.preprocess_input(pixels * 255, mode="tf", data_format="channels_last"),
    }[kind]
    np.testing.assert_allclose(module.preprocessing(kind, own_scaling=False)(pixels), expected, rtol=1e-4, atol=1e-4)


def test_a_model_that_scales_pixels_itself_is_given_0_to_255(tmp_path: Path) -> None:
    layers = [keras.Input((None, None, 3)), keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(4, 3, name="conv")]
    model = keras.Sequential(layers)
    image = np.random.default_rng(1).random((1, 40, 40, 3)).astype(np.float32)
    ours = load_network(saved(model, tmp_path)).model(("conv",))(image)
    np.testing.assert_allclose(ours, model(image * 255), rtol=1e-5, atol=1e-6)


def test_a_run_with_it(classifier: str, config: TransferConfig) -> None:
    config = config.replace(network=classifier, size=64, steps=4)
    transfer = prepare(config, load_pictures(config))
    losses = [each.losses.total() for each in transfer.iterates()]
    assert losses[-1] < 0.9 * losses[0]
    assert {look.kind for look in transfer.looks()} == {"content", "style", "tv"}
    with pytest.raises(NstVizError, match=r"has no layer 'conv9': choose from first, normed"):
        prepare(config.replace(style_layers="conv9"), load_pictures(config))


def test_applications_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without weights: that the real ones are fetched is Keras's part."""
    assert {"VGG16", "ResNet50V2", "MobileNetV2", "EfficientNetV2B0"} <= set(module.application_names())
    real = keras.applications.MobileNetV2
    asked = {}

    def untrained(**options: object) -> object:
        asked.update(options)
        return real(**{**options, "weights": None})

    untrained.__module__ = real.__module__
    monkeypatch.setattr(keras.applications, "MobileNetV2", untrained)
    network = load_network("keras:MobileNetV2")
    assert asked == {"include_top": False, "weights": "imagenet", "input_shape": (None, None, 3)}
    assert sorted({layer.stride for layer in network.layers}) == [2, 4, 8, 16, 32]
    assert len(network.layers) > 100
    assert len(network.offered()) <= 16
    used = network.defaults["style_transfer"]
    assert {*used.style_layers, *used.content_layers} <= {layer.name for layer in network.offered()}
    with pytest.raises(NstVizError, match=r"keras.applications has no model 'AlexNet': choose from .*VGG16"):
        load_network("keras:AlexNet")


def test_no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**options: object) -> None:
        raise OSError("network is unreachable")

    refuse.__module__ = keras.applications.VGG16.__module__
    monkeypatch.setattr(keras.applications, "VGG16", refuse)
    with pytest.raises(
        NstVizError, match=r"the weights of VGG16 are not here and could not be downloaded, or are damaged"
    ) as raised:
        load_network("keras:VGG16")
    assert "\n" not in str(raised.value)


def damaged(folder: Path) -> str:
    path = saved(keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3)]), folder)
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
    return path


def text(folder: Path) -> str:
    (folder / "text.keras").write_text("no model")
    return str(folder / "text.keras")


def with_nan(folder: Path) -> str:
    model = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3)])
    model.set_weights([np.full(each.shape, np.nan) for each in model.get_weights()])
    return saved(model, folder)


def with_code(folder: Path) -> str:
    return saved(keras.Sequential([keras.Input((None, None, 3)), keras.layers.Lambda(lambda x: 2 * x)]), folder)


def grey(folder: Path) -> str:
    return saved(keras.Sequential([keras.Input((None, None, 1)), keras.layers.Conv2D(4, 3)]), folder)


def dense(folder: Path) -> str:
    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]
    return saved(keras.Sequential(layers), folder)


def vector(folder: Path) -> str:
    return saved(keras.Sequential([keras.Input((7,)), keras.layers.Dense(4)]), folder)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (damaged, "is damaged, is no Keras model"),
        (text, "is damaged, is no Keras model"),
        (with_nan, "values that are no numbers"),
        (with_code, "carry code of their own"),
        (grey, "no colour picture"),
        (dense, "no layer whose output has height and width|cannot be called on a picture of any size"),
        (vector, "no colour picture"),
        (lambda folder: str(folder / "none.keras"), "there is no file"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(make: object, says: str, tmp_path: Path) -> None:
    name = make(tmp_path)  # type: ignore[operator]
    with pytest.raises(NstVizError, match=says) as raised:
        load_network(name)
    assert "\n" not in str(raised.value)


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    def network(channels: int) -> object:
        return keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(channels, 3, name="conv")])

    first = load_network(saved(network(4), tmp_path))
    second = load_network(saved(network(6), tmp_path))
    assert (first.layers[0].channels, second.layers[0].channels) == (4, 6)
    assert first.weights_hash != second.weights_hash
