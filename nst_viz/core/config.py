"""From what a person asked for to one frozen, validated description of a run, with every knob, its unit and its default.

Defaults live in the fields below and nowhere else: the command line, the app's forms and `main` read them from here. A
field that is None means "the network's own default for this mode", which `networks.ModeDefaults` holds.
"""

import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from nst_viz.core.errors import NstVizError

Mode = Literal["style_transfer", "content", "style"]
NetworkName = Literal["wavelet", "vgg19", "random"]
LayerWeights = dict[str, float | None]
"""layer name -> weight; None is the layer's default weight"""

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]

MINIMUM_SIZE = 32
COARSEST = 48
"""pixels; below, a halved picture has too little left of a painting's forms"""


def parse_layers(text: str) -> LayerWeights:
    """`"block1_conv1=0.5,block2_conv1"` as `{"block1_conv1": 0.5, "block2_conv1": None}`.

    Raises ValueError where a weight is no number or a name is given twice.
    """
    layers: LayerWeights = {}
    for part in text.split(","):
        name, equals, weight = (piece.strip() for piece in part.partition("="))
        if not name:
            raise ValueError(f"{text!r} is no list of layers: write NAME or NAME=WEIGHT, separated by commas")
        if name in layers:
            raise ValueError(f"layer {name} is given twice: name each layer once")
        try:
            layers[name] = float(weight) if equals else None
        except ValueError:
            raise ValueError(f"{weight!r} is no weight for layer {name}: give a number, 0 or above") from None
    return layers


class Frozen(BaseModel):
    """A value: no field can change, none can be added, NaN is no number; a mistake is one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **fields: Any) -> None:
        try:
            super().__init__(**fields)
        except ValidationError as error:
            raise NstVizError(sentence(error)) from None

    def replace(self, **changes: Any) -> Self:
        """The same with some fields changed, validated again."""
        return type(self)(**{**self.model_dump(), **changes})


class TransferConfig(Frozen):
    """Everything that decides what a run computes. Two runs of the same config and pictures are the same, bit for bit."""

    mode: Mode = Field("style_transfer", description="what emerges: a style transfer, the content alone, the style alone")
    content: str | None = Field(None, description="content picture: a path, or sample:NAME")
    style: str | None = Field(None, description="style picture: a path, or sample:NAME")
    network: NetworkName = Field("wavelet", description="the network whose features are matched")
    weights: Path | None = Field(None, description="vgg19's weights file; Keras's own cache or download when not given")
    pooling: Literal["avg", "max"] = Field("avg", description="pooling in vgg19 and random; the paper recommends avg")
    precision: Literal["full", "fast"] = Field(
        "full",
        description="fast: vgg19 in bfloat16, for processors that have it; about 1.8 times as fast, losses within 0.5 %, "
        "gradients of deep layers within 40 % (measured with random weights)",
    )
    size: int = Field(256, ge=MINIMUM_SIZE, le=8192, description="longer side of the picture in pixels, aspect kept")
    steps: int = Field(150, ge=1, le=100_000, description="steps of the optimiser")
    coarse_steps: int = Field(
        0,
        ge=0,
        lt=100_000,
        description="so many of the steps first at smaller sizes, a quarter and a half say: a texture from noise is there "
        "in a quarter to four fifths of the time; no reliable gain in a transfer",
    )
    optimizer: Literal["lbfgs", "adam", "sgd"] = Field("lbfgs", description="how to go down the gradient")
    lr: Annotated[float, Field(gt=0)] | None = Field(
        None, description="learning rate of adam (range of a pixel per step) and sgd, 0.02 when not given; lbfgs has none"
    )
    alpha: Weight | None = Field(None, description="weight of the content terms; quoted for 512 x 512 pixels")
    beta: Weight | None = Field(None, description="weight of the style terms")
    tv: Weight | None = Field(None, description="weight of the total variation, which smooths; quoted for 512 x 512 pixels")
    content_layers: LayerWeights | None = Field(None, description="layers whose features are matched: NAME[=W],...")
    style_layers: LayerWeights | None = Field(None, description="layers whose Gram matrices are matched: NAME[=W],...")
    weighting: Literal["balanced", "literal"] | None = Field(
        None,
        description="balanced: each term relative to its target's own energy; literal: the paper's formula; "
        "by default literal for vgg19, balanced for the others",
    )
    init: str | None = Field(None, description="the picture before the first step: content, style, noise or a path")
    seed: int = Field(0, ge=0, lt=2**32, description="seed of the noise that a run starts from")

    @property
    def coarse_sizes(self) -> tuple[int, ...]:
        """The sizes of the coarse steps, each half of the next: (48, 96) for 192 px; empty where there are no such steps."""
        sizes = [(self.size + 1) // 2] if self.coarse_steps else []
        while sizes and (sizes[0] + 1) // 2 >= COARSEST:
            sizes.insert(0, (sizes[0] + 1) // 2)
        return tuple(sizes[-self.coarse_steps :])

    @field_validator("content", "style", "init", mode="before")
    @classmethod
    def _read_path(cls, value: Any) -> Any:
        return str(value) if isinstance(value, Path) else value

    @field_validator("content_layers", "style_layers", mode="before")
    @classmethod
    def _read_layers(cls, value: Any) -> Any:
        return parse_layers(value) if isinstance(value, str) else value

    @field_validator("content_layers", "style_layers")
    @classmethod
    def _check_layers(cls, value: LayerWeights | None) -> LayerWeights | None:
        for name, weight in (value or {}).items():
            if weight is not None and not (math.isfinite(weight) and weight >= 0):
                raise ValueError(f"{weight} is no weight for layer {name}: give a number, 0 or above")
        if value is not None and not any(weight is None or weight > 0 for weight in value.values()):
            raise ValueError("all layers' weights are zero: give at least one layer a weight above 0")
        return value

    @model_validator(mode="after")
    def _check_pictures(self) -> Self:
        for kind in ("content", "style"):
            if self.mode in ("style_transfer", kind) and getattr(self, kind) is None:
                raise ValueError(f"mode {self.mode} needs a {kind} picture: give a path or sample:NAME")
            if self.init == kind and getattr(self, kind) is None:
                raise ValueError(f"init {kind} needs a {kind} picture: give one, or start from noise")
        return self

    @model_validator(mode="after")
    def _check_coarse_steps(self) -> Self:
        if self.coarse_steps >= self.steps:
            raise ValueError(f"coarse_steps are some of the {self.steps} steps: give fewer than {self.steps}")
        if self.coarse_steps and self.size < 2 * MINIMUM_SIZE:
            raise ValueError(f"coarse_steps need a size of {2 * MINIMUM_SIZE} or more: raise the size, or leave them out")
        return self

    @model_validator(mode="after")
    def _check_that_all_count(self) -> Self:
        """Nothing may be asked for that would be silently left aside."""
        if self.weights is not None and self.network != "vgg19":
            raise ValueError(f"network {self.network} takes no weights file: leave it out, or choose network vgg19")
        if self.precision != "full" and self.network != "vgg19":
            raise ValueError(f"network {self.network} has no fast precision: leave it out, or choose network vgg19")
        if self.pooling != "avg" and self.network == "wavelet":
            raise ValueError("network wavelet has no pooling: leave it out, or choose network vgg19 or random")
        if self.lr is not None and self.optimizer == "lbfgs":
            raise ValueError("lbfgs takes no learning rate, it finds its own steps: leave lr out, or choose adam or sgd")
        for kind, factor in (("content", "alpha"), ("style", "beta")):
            for name in (factor, f"{kind}_layers"):
                if self.mode not in ("style_transfer", kind) and getattr(self, name) is not None:
                    raise ValueError(f"mode {self.mode} has no {kind} terms: leave {name} out, or choose another mode")
        return self


class RecordingPolicy(Frozen):
    """Which steps are kept and what is kept of them. Step 0 and the last step always are."""

    record_every: Annotated[int, Field(ge=1)] | None = Field(
        None, description="keep the picture at every K-th step; so that at most 400 are kept when not given"
    )
    min_change: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0,
        description="keep a picture only when its pixels changed by this much (mean, range 0 to 1) since the last kept",
    )
    gradients_every: int = Field(0, ge=0, description="record each term's gradient norm and map at every K-th step; 0 is off")

    def spacing(self, steps: int) -> int:
        """Steps from one kept picture to the next in a run of so many steps."""
        return self.record_every or math.ceil(steps / 400)


def sentence(error: ValidationError) -> str:
    """The first mistake that pydantic found, as one sentence: what was given, what is allowed."""
    first = error.errors(include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if not first["loc"]:
        return reason
    if first["type"] == "value_error":
        return f"{first['loc'][0]}: {reason}"
    reason = reason.replace("Input should be", "it should be")
    return f"{first['loc'][0]} was given as {first['input']!r}: {reason[0].lower()}{reason[1:]}"
