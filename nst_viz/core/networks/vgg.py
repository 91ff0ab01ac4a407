"""The paper's network: VGG19 (Simonyan & Zisserman 2015) through Keras, with ImageNet weights or those of a file."""

import hashlib
import warnings
from pathlib import Path
from typing import Any

from nst_viz.core.config import Mode
from nst_viz.core.errors import NstVizError
from nst_viz.core.networks.base import Choice, Description, ModeDefaults, Network
from nst_viz.core.networks.layers import block_layers, vgg_places
from nst_viz.core.networks.weights_file import WEIGHTS_FILE, WEIGHTS_MEGABYTES, cached_weights

CONVOLUTIONS = (2, 2, 4, 4, 4)
STYLE = {f"block{block}_conv1": 0.2 for block in range(1, 6)}
CONTENT = {"block4_conv2": 1.0}
# Differs from Gatys et al. (2015): their network is normalised so that the mean activation of each filter is 1, Keras's is
# not (30 to 300), so their α / β means something else here. Weighed by its target's own energy each term means the same.
DEFAULTS: dict[Mode, ModeDefaults] = {
    "style_transfer": ModeDefaults(CONTENT, STYLE, alpha=0.02, beta=10.0, tv=3e-7, init="content"),
    "content": ModeDefaults(CONTENT, STYLE, alpha=1.0, beta=0.0, tv=1e-4, init="noise"),
    "style": ModeDefaults(CONTENT, STYLE, alpha=0.0, beta=5.0, tv=3e-7, init="noise"),
}
DESCRIPTION = Description(
    name="vgg19",
    about="the paper's network, learned from a million photographs (ImageNet); its weights are a download of 80 MB",
    layers=block_layers(vgg_places(CONVOLUTIONS, (64, 128, 256, 512, 512))),
    weighting="balanced",
    defaults=DEFAULTS,
)


def load_keras_model(weights: Path | None) -> Any:
    """Keras's VGG19 without its top. Raises NstVizError where the weights are not to be had or do not fit."""
    from nst_viz.core.backend import keras
    from nst_viz.core.networks.weights_file import check_finite

    if weights is None:
        try:
            return check_finite(keras.applications.VGG19(include_top=False, weights="imagenet"), cached_weights())
        except NstVizError:
            raise
        except Exception as error:
            raise NstVizError(
                f"VGG19's weights are not here and could not be downloaded ({first_line(error)}): put the file "
                f"{WEIGHTS_FILE} ({WEIGHTS_MEGABYTES} MB) at {cached_weights()} or name it with --weights PATH; "
                "--network distilled and --network wavelet need no file"
            ) from None
    if not weights.is_file():
        raise NstVizError(f"there is no weights file {weights}: give the path of {WEIGHTS_FILE}")
    model = keras.applications.VGG19(include_top=False, weights=None)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras lists each layer that does not fit before it raises
            model.load_weights(weights)
    except Exception as error:
        raise NstVizError(
            f"{weights} is damaged or holds another network's weights ({first_line(error)}): "
            f"give a file in the layout of {WEIGHTS_FILE}"
        ) from None
    return check_finite(model, weights)


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def load(choice: Choice) -> Network:
    """VGG19 with ImageNet weights, or a file's; average pooling as the paper recommends, max as an option.

    Raises NstVizError for weights that cannot be had, or for precision "fast" on a processor without bfloat16.
    """
    from nst_viz.core.backend import has_bfloat16

    if choice.precision == "fast" and not has_bfloat16():
        raise NstVizError("this processor does not compute in bfloat16, so precision fast would be slow: leave it out")
    return vgg_network(load_keras_model(choice.weights), choice.pooling, choice.precision)


def vgg_network(loaded: Any, pooling: str = "avg", precision: str = "full") -> Network:
    """The network around a Keras VGG19, cut at the deepest layer used, weights frozen; with precision "fast" in bfloat16."""
    from nst_viz.core.backend import keras, ops

    policy = "mixed_bfloat16" if precision == "fast" else "float32"
    digest = hashlib.sha256()
    for array in loaded.get_weights():
        digest.update(array.tobytes())

    def build(layers: tuple[str, ...]) -> Any:
        pool = keras.layers.AveragePooling2D if pooling == "avg" else keras.layers.MaxPooling2D
        pixels = keras.Input((None, None, 3), batch_size=1)
        x = keras.applications.vgg19.preprocess_input(pixels * 255.0)  # BGR, ImageNet's mean subtracted
        features: dict[str, Any] = {}
        for layer in loaded.layers[1:]:
            layer.trainable, layer.dtype_policy = False, policy
            x = pool(2, dtype=policy)(x) if layer.name.endswith("pool") else layer(x)
            features[layer.name] = ops.cast(x, "float32")
            if features.keys() >= set(layers):
                break
        return keras.Model(pixels, [features[name] for name in layers])

    return Network.loaded(DESCRIPTION, digest.hexdigest(), build)
