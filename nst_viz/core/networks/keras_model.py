"""Any Keras model as the network that looks at pictures: a model of keras.applications, or one in a .keras file.

Every layer of the model whose output has a height, a width and channels can be matched, under the model's own name for
it. How large the forms are that a layer sees follows from the model's graph: its stride (pixels of the picture from one
position to the next) and its receptive field (how many pixels wide the part of the picture is that one position depends on).
"""

import hashlib
import inspect
import math
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from nst_viz.core.backend import keras, ops
from nst_viz.core.config import Mode
from nst_viz.core.errors import NstVizError
from nst_viz.core.networks.base import Choice, Description, ModeDefaults, Network
from nst_viz.core.networks.layers import Layer, block_colour
from nst_viz.core.networks.weights_file import check_finite
from nst_viz.core.register import APPLICATION

STYLE_STRIDES = 16
"""pixels: by default style is compared at every stride up to this one"""
CONTENT_STRIDE = 8
"""pixels: by default content is compared at the last layer of this stride, or of the largest below it"""
PROBE = 1024
"""pixels of an imaginary picture whose way through the model tells the strides"""
PREPROCESS = ("rgb", "caffe", "torch", "tf")
NONLINEAR = ("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU")
TORCH_MEAN, TORCH_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CAFFE_MEAN = (103.939, 116.779, 123.68)


@dataclass(frozen=True)
class Place:
    """Where in the model's graph a tensor stands, in pixels of the picture. A field of None is the whole picture."""

    stride: float = 1.0
    field: float | None = 1.0


def load(choice: Choice) -> Network:
    """The network around a Keras model. Raises NstVizError where it cannot be had, read, or used for pictures."""
    if choice.name.startswith(APPLICATION):
        model, preprocess = application(choice.name.removeprefix(APPLICATION))
    else:
        model = model_in(Path(choice.name))
        preprocess = preprocessing(choice.preprocess or "rgb", has_own_scaling(model))
    check_input(model, choice.name)
    features, places = spatial_outputs(model, choice.name)
    layers = described(features, places)
    digest = hashlib.sha256(str(choice.preprocess).encode())
    for array in model.get_weights():
        digest.update(array.tobytes())

    def build(wanted: tuple[str, ...]) -> Any:
        pixels = keras.Input((None, None, 3), batch_size=1)
        inner = keras.Model(features["input"], [features[name] for name in wanted])
        outputs = inner(preprocess(pixels), training=False)
        outputs = outputs if isinstance(outputs, list | tuple) else [outputs]
        return keras.Model(pixels, [ops.cast(each, "float32") for each in outputs])

    return Network.loaded(
        Description(
            name=choice.name,
            about=f"a Keras model with {len(layers)} layers that see places",
            layers=layers,
            weighting="balanced",
            defaults=usual(layers),
        ),
        digest.hexdigest(),
        build,
    )


# Getting the model.


def application_names() -> list[str]:
    """The names of keras.applications' models."""
    return sorted(name for name, each in vars(keras.applications).items() if inspect.isfunction(each) and name[0].isupper())


def application(name: str) -> tuple[Any, Callable[[Any], Any]]:
    """A model of keras.applications without its top, ImageNet weights, and its own way from pixels in [0, 1] to its input."""
    if name not in application_names():
        raise NstVizError(f"keras.applications has no model {name!r}: choose from {', '.join(application_names())}")
    make = getattr(keras.applications, name)
    own = sys.modules[make.__module__].preprocess_input
    try:
        model = make(include_top=False, weights="imagenet", input_shape=(None, None, 3))
    except Exception as error:
        raise NstVizError(
            f"the weights of {name} are not here and could not be downloaded, or are damaged ({first_line(error)}): "
            f"connect to the internet once, or delete {name}'s file in Keras's folder of models and try again"
        ) from None
    return check_finite(model, f"the weights file of {name}"), lambda pixels: own(pixels * 255.0)


def model_in(path: Path) -> Any:
    """The model in a .keras file, read in Keras's safe mode, in which a file cannot run code of its own."""
    if not path.is_file():
        raise NstVizError(f"there is no file {path}: give the path of a model that Keras saved (model.save('name.keras'))")
    if (wanted := 4 * path.stat().st_size) > psutil.virtual_memory().total:
        raise NstVizError(f"{path} takes about {wanted / 1e9:.0f} GB of memory, more than there is: give a smaller model")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        reason = first_line(error)
        if "unsafe" in str(error).lower() or "lambda" in str(error).lower():
            raise NstVizError(
                f"{path} has layers that carry code of their own (a Lambda, say), which is not run: give a model without them"
            ) from None
        raise NstVizError(
            f"{path} is damaged, is no Keras model, or has layers that only its own program knows ({reason}): "
            "give a model that Keras saved (model.save('name.keras'))"
        ) from None
    return check_finite(model, path)


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


def check_input(model: Any, name: str) -> None:
    """Raises NstVizError where the model does not take one picture with three channels."""
    inputs = getattr(model, "inputs", None) or []
    shapes = [tuple(each.shape) for each in inputs]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][-1] != 3:
        takes = " and ".join(str(shape[1:]) for shape in shapes) or "nothing that is known"
        raise NstVizError(f"{name} takes {takes}, no colour picture: give a model whose input is (height, width, 3)")


# From pixels in [0, 1] to what the model was trained with.


def has_own_scaling(model: Any) -> bool:
    """Whether the model begins with a layer that brings pixels of 0 to 255 to its own range."""
    first = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"][:2]
    return any(type(layer).__name__ in ("Rescaling", "Normalization") for layer in first)


def preprocessing(kind: str, own_scaling: bool) -> Callable[[Any], Any]:
    """What is done to pixels in [0, 1]: see `TransferConfig.preprocess`."""
    if kind == "caffe":
        return lambda pixels: pixels[..., ::-1] * 255.0 - ops.convert_to_tensor(CAFFE_MEAN)
    if kind == "torch":
        return lambda pixels: (pixels - ops.convert_to_tensor(TORCH_MEAN)) / ops.convert_to_tensor(TORCH_DEVIATION)
    if kind == "tf":
        return lambda pixels: pixels * 2.0 - 1.0
    return lambda pixels: pixels * (255.0 if own_scaling else 1.0)


# Its layers.


def spatial_outputs(model: Any, name: str) -> tuple[dict[str, Any], dict[str, Place]]:
    """Every output of the model with height, width and channels, in the order of the graph, for pictures of any size.

    The model's own layers are called again on an input of any size, and those of models within it one by one. The answer
    has the tensors by layer name ("input" is the input itself), and each layer's place. Raises NstVizError.
    """
    pixels = keras.Input((None, None, 3), name="pixels")
    tensors: dict[str, Any] = {"input": pixels}
    places: dict[str, Place] = {}
    where: dict[int, Place] = {id(pixels): Place()}
    last_of: dict[Any, Any] = {}

    def call(layer: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(layer, keras.Model):
            return walk(layer, arguments[0])
        output = last_of[layer] = layer(*arguments, **options)
        place = next_place(layer, [where.get(id(each), Place()) for each in flat(arguments)])
        for each in flat([output]):
            where[id(each)] = place
        shape: tuple[Any, ...] = tuple(getattr(output, "shape", ()))
        if len(shape) == 4 and shape[-1] and not (shape[1] == shape[2] == 1) and place.field is not None:
            unique = layer.name if layer.name not in tensors else f"{layer.name}_{len(tensors)}"
            tensors[unique], places[unique] = output, place
        return output

    def walk(whole: Any, x: Any) -> Any:
        """Call the model's layers one by one, so that each answer is seen; also those of a model within the model."""
        if isinstance(whole, keras.Sequential):
            for layer in whole.layers:
                x = call(layer, x)
            return x
        keras.models.clone_model(whole, input_tensors=x, clone_function=lambda layer: layer, call_function=call)
        return last_of[whole.outputs[0]._keras_history.operation]

    try:
        model.trainable = False
        walk(model, pixels)
    except Exception as error:  # a Flatten or Dense layer, say, that needs one size: what came before is still of use
        if not places:
            raise NstVizError(
                f"{name} cannot be called on a picture of any size ({first_line(error)}): "
                "give a model that begins with convolutions, or save it with input_shape=(None, None, 3)"
            ) from None
    if not places:
        raise NstVizError(f"{name} has no layer whose output has height and width: give a convolutional network")
    return tensors, places


def flat(values: Any) -> list[Any]:
    """All tensors in nested lists."""
    if isinstance(values, list | tuple):
        return [tensor for value in values for tensor in flat(value)]
    return [values] if hasattr(values, "shape") else []


def next_place(layer: Any, before: list[Place]) -> Place:
    """The place of what a layer gives out, from the places of what it takes in."""
    stride = max((place.stride for place in before), default=1.0)
    fields = [place.field for place in before]
    kind = type(layer).__name__
    if kind.startswith("Global") or not fields or None in fields:
        return Place(stride, None)
    field = max(value for value in fields if value is not None)
    side, step, spread = (first_of(getattr(layer, name, None), usual) for name, usual in SIZES)
    if hasattr(layer, "pool_size"):
        side = first_of(layer.pool_size, 1)
    if kind == "UpSampling2D" or "Transpose" in kind:
        factor = first_of(getattr(layer, "size", None), 0) or step
        return Place(stride / factor, field + (side - 1) * stride / factor)
    return Place(stride * step, field + (side - 1) * spread * stride)


SIZES = (("kernel_size", 1), ("strides", 1), ("dilation_rate", 1))


def first_of(value: Any, usual: int) -> int:
    """A layer's number for height and width, which Keras keeps once, twice, or not at all."""
    value = value[0] if isinstance(value, list | tuple) and value else value
    return int(value) if isinstance(value, int) else usual


def described(tensors: dict[str, Any], places: dict[str, Place]) -> tuple[Layer, ...]:
    """The layers as values. Their block, and so their colour, follows from the stride: 1, 2, 4, … pixels."""
    layers: list[Layer] = []
    for name, place in places.items():
        stride, field = max(1, round(place.stride)), max(1, round(place.field or 1))
        layers.append(
            Layer(
                name=name,
                label=name,
                sees=f"forms up to {field} pixels wide",
                colour=block_colour(block_of(stride)),
                block=block_of(stride),
                smallest_side=2 * stride,
                channels=int(tensors[name].shape[-1]),
                stride=stride,
                field=field,
            )
        )
    chosen = {name for layers_of_mode in usual_layers(layers) for name in layers_of_mode}
    place_in_block: dict[int, int] = {}
    coloured = []
    for layer in layers:
        if layer.name in chosen:  # a later one in its block is darker, so that layers used together can be told apart
            layer = replace(layer, colour=block_colour(layer.block, place_in_block.get(layer.block, 0)))
            place_in_block[layer.block] = place_in_block.get(layer.block, 0) + 1
        coloured.append(layer)
    return tuple(coloured)


def block_of(stride: int) -> int:
    return 1 + max(0, round(math.log2(stride)))


def usual_layers(layers: list[Layer] | tuple[Layer, ...]) -> tuple[dict[str, float], dict[str, float]]:
    """Content and style layers: the last of each stride up to STYLE_STRIDES for style, one for content."""
    last = {layer.stride or 1: layer.name for layer in layers}
    style = {name: 1.0 for stride, name in sorted(last.items()) if stride <= STYLE_STRIDES} or {layers[-1].name: 1.0}
    fitting = [stride for stride in sorted(last) if stride <= CONTENT_STRIDE] or sorted(last)[:1]
    return {last[fitting[-1]]: 1.0}, style


def usual(layers: tuple[Layer, ...]) -> dict[Mode, ModeDefaults]:
    """The defaults of each mode, as they are for networks that learned from photographs."""
    content, style = usual_layers(layers)
    return {
        "style_transfer": ModeDefaults(content, style, alpha=0.02, beta=3.0, tv=3e-7, init="content"),
        "content": ModeDefaults(content, style, alpha=1.0, beta=0.0, tv=1e-5, init="noise"),
        "style": ModeDefaults(content, style, alpha=0.0, beta=1.0, tv=3e-7, init="noise"),
    }
