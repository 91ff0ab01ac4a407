"""From what a person asked for to one frozen, validated description of a run, with every knob, its unit and its default.

Defaults live in the fields below and nowhere else: the command line, the app's forms and `main` read them from here. A
field that is None means "the network's own default for this mode", which `networks.ModeDefaults` holds.
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from nst_viz.core.errors import NstVizError
from nst_viz.core.register import FILE, check_name

Mode = Literal["style_transfer", "content", "style"]
LayerWeights = dict[str, float | None]
"""layer name -> weight; None is the layer's default weight"""

Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]

MINIMUM_SIZE = 32
COARSEST = 48
"""pixels; below, a halved picture has too little left of a painting's forms"""
THREADS = 4
"""threads of the computation by default, whatever the machine, so that the same comes out on one core and on eight"""


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


class Knobs(Frozen):
    """The knobs of a run with their ranges, before it is asked whether each of them acts: see `TransferConfig`."""

    mode: Mode = Field("style_transfer", description="what emerges: a style transfer, the content alone, the style alone")
    content: str | None = Field(None, description="content picture: a path, or sample:NAME")
    style: str | None = Field(None, description="style picture: a path, or sample:NAME")
    network: str = Field(
        "distilled",
        description="the network that looks at the pictures: distilled, wavelet, vgg19, random, "
        "keras:NAME (a model of keras.applications) or FILE.keras",
    )
    weights: Path | None = Field(None, description="vgg19's weights file; Keras's own cache or download when not given")
    pooling: Literal["avg", "max"] = Field("avg", description="pooling in vgg19 and random; the paper recommends avg")
    precision: Literal["full", "fast"] = Field(
        "full",
        description="fast: vgg19 in bfloat16, for processors that have it; about 1.8 times as fast, losses within 0.5 %, "
        "gradients of deep layers within 40 % (measured with random weights)",
    )
    preprocess: Literal["rgb", "caffe", "torch", "tf"] | None = Field(
        None,
        description="what the model in FILE.keras was trained to be given: rgb (RGB as it is, 0 to 1, or 0 to 255 where the "
        "model begins with a Rescaling or Normalization layer), caffe (BGR of 0 to 255, ImageNet's mean subtracted), "
        "torch (RGB, ImageNet's mean subtracted, divided by its deviation), tf (RGB of -1 to 1); rgb when not given",
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
        description="balanced: each term relative to its target's own energy; literal: the paper's formula as it stands, for "
        "which alpha, beta and tv have to be given too: the paper's own do not carry over, because its network was normalised "
        "to a mean activation of 1 and Keras's VGG19 is not; balanced when not given",
    )
    init: str | None = Field(None, description="the picture before the first step: content, style, noise or a path")
    seed: int = Field(0, ge=0, lt=2**32, description="seed of the noise that a run starts from")
    threads: Annotated[int, Field(ge=1, le=256)] | None = Field(
        None,
        description=f"threads of the computation, {THREADS} when not given, whatever the cores; another number gives slightly "
        "other pixels",
    )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of terms that the mode has: content, style, or both."""
        return ("content", "style") if self.mode == "style_transfer" else (self.mode,)

    @field_validator("network")
    @classmethod
    def _check_network(cls, value: str) -> str:
        return check_name(value)

    @property
    def coarse_sizes(self) -> tuple[int, ...]:
        """The sizes of the coarse steps, each half of the next: (48, 96) for 192 px; empty where there are no such steps.

        Those at which a picture is too small for the network's layers are left out (`Transfer.coarse_sizes`).
        """
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
            if kind in self.kinds and getattr(self, kind) is None:
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

    def layers_after_block1(self) -> bool:
        """Whether a layer counts that lies behind the first pooling. The layers that a network has by default do."""
        kinds = [kind for kind in self.kinds if getattr(self, FACTORS[kind]) != 0]
        asked = [getattr(self, f"{kind}_layers") for kind in kinds]
        return any(layers is None or any(not name.startswith("block1_") for name in layers) for layers in asked)


FACTORS = {"content": "alpha", "style": "beta"}
"""kind of term -> its factor in the loss"""


class Acts(NamedTuple):
    """A knob acts only where `where` holds; elsewhere it cannot be asked for, and `otherwise` says why and what to do."""

    knob: str
    where: Callable[[Knobs], bool]
    otherwise: str
    """with the config's fields in braces"""


def of_kind(kind: str) -> list[Acts]:
    """Where the picture, the factor and the layers of content or style act."""
    factor, layers = FACTORS[kind], f"{kind}_layers"
    no_terms = f"mode {{mode}} has no {kind} terms: leave {{knob}} out, or choose another mode"

    def in_mode(config: Knobs) -> bool:
        return kind in config.kinds

    return [
        Acts(factor, in_mode, no_terms),
        Acts(layers, in_mode, no_terms),
        Acts(
            layers,
            lambda config: getattr(config, factor) != 0,
            f"{factor} 0 leaves out all {kind} terms: leave {layers} out, or give {factor} a value above 0",
        ),
        Acts(
            kind,
            lambda config: in_mode(config) or config.init == kind,
            f"mode {{mode}} uses no {kind} picture: leave it out, start from it (init {kind}), or choose another mode",
        ),
    ]


ACTS = (
    *of_kind("content"),
    *of_kind("style"),
    Acts(
        "weights",
        lambda config: config.network == "vgg19",
        "network {network} takes no weights file: leave it out, or choose network vgg19",
    ),
    Acts(
        "precision",
        lambda config: config.network == "vgg19",
        "network {network} has no fast precision: leave it out, or choose network vgg19",
    ),
    Acts(
        "pooling",
        lambda config: config.network in ("vgg19", "random"),
        "network {network} has its own pooling: leave it out, or choose network vgg19 or random",
    ),
    Acts(
        "pooling",
        Knobs.layers_after_block1,
        "no layer behind the first pooling counts: leave pooling out, or choose a layer of block 2 or later",
    ),
    Acts(
        "preprocess",
        lambda config: config.network.endswith(FILE),
        "network {network} knows how to prepare pixels: leave preprocess out, it is for a model in FILE.keras",
    ),
    Acts(
        "lr",
        lambda config: config.optimizer != "lbfgs",
        "lbfgs takes no learning rate, it finds its own steps: leave lr out, or choose adam or sgd",
    ),
    Acts(
        "seed",
        lambda config: config.init in (None, "noise"),
        "the run starts from a picture ({init}), and a seed is for noise: leave seed out, or start from noise (init noise)",
    ),
)
"""The rule that nothing is silently left aside, as a table. A knob that is not in it acts everywhere."""


def left_aside(config: Knobs, start: str | None = None) -> dict[str, str]:
    """The knobs that are asked for and would not act, each with a sentence; `start` is the network's own `init`, if known."""
    seen = config.model_copy(update={"init": start}) if start and config.init is None else config
    asked = [acts for acts in ACTS if getattr(config, acts.knob) != Knobs.model_fields[acts.knob].default]
    return {acts.knob: acts.otherwise.format(**dict(seen), knob=acts.knob) for acts in asked if not acts.where(seen)}


class TransferConfig(Knobs):
    """Everything that decides what a run computes.

    Two runs of the same config and pictures are the same, bit for bit, on the same kind of machine, with the same versions
    of the packages and the same number of threads. Raises NstVizError for a knob that is out of range, and for one that
    would not act.
    """

    @model_validator(mode="after")
    def _check_that_all_act(self) -> Self:
        for why in left_aside(self).values():
            raise ValueError(why)
        return self

    def check_start(self, start: str) -> None:
        """Raises NstVizError for a seed that would not act, now that the network's own `init` is known."""
        for why in left_aside(self, start).values():
            raise NstVizError(why)

    @classmethod
    def recorded(cls, fields: Mapping[str, Any], start: str | None = None) -> Self:
        """The config of a run that is there already, as an earlier version with fewer rules may have accepted it.

        A knob that did not act has its default again: without it the run is the same. `start` is the network's own `init`.
        Raises NstVizError for what is no config.
        """
        knobs = Knobs(**fields)
        return cls(**{name: value for name, value in dict(knobs).items() if name not in left_aside(knobs, start)})


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
