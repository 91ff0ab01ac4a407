"""From the form's widgets to the config that they ask for; what stays at the network's default is left to the network."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

import streamlit as st

from nst_viz.app import state
from nst_viz.app.parts.look import colour_rows, coloured_row, plain
from nst_viz.app.parts.pictures import choose_picture
from nst_viz.app.work.describe import SIZES, defaults_for
from nst_viz.core.config import FACTORS, LayerWeights, Mode, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.networks.layers import Layer
from nst_viz.core.register import FILE

WEIGHTS = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
"""of a layer, beside whatever its default is"""
TIMES = (0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
"""by which α, β and the TV weight can differ from their defaults"""
STEPS = (20, 50, 100, 150, 200, 300, 500, 1000)
MODES = {"style_transfer": "Style transfer", "content": "Content alone", "style": "Style alone"}
FACTOR_LABELS = {
    "alpha": "α: how much the content counts",
    "beta": "β: how much the style counts",
    "tv": "TV: how smooth it shall be",
}
HELP = {
    "mode": "A style transfer holds on to the content's shapes and takes the style's strokes; alone, each emerges from noise.",
    "alpha": "More of it holds the content's shapes more firmly. What counts is its ratio to β.",
    "beta": "More of it brings more of the style's strokes. What counts is its ratio to α.",
    "tv": "Total variation, the difference between neighbouring pixels: more of it evens out speckles, too much washes out.",
    "init": "The picture before the first step. From noise everything has to emerge; from the content its shapes are there.",
    "size": "Twice as large takes about four times as long.",
    "steps": "How often the picture is changed. Most happens in the first 50.",
    "coarse_steps": "The first two fifths of the steps on smaller, quicker pictures: large forms come first, then detail.",
    "optimizer": "How the way down the loss is found: L-BFGS gets furthest in a step, Adam and SGD take smaller ones.",
    "network": "Who looks at the pictures: distilled has learned from VGG19, wavelet is designed, VGG19 has learned from "
    "photographs, random knows nothing. Keras models in the folder networks of the results are offered too.",
    "preprocess": "What the model was trained to be given: rgb as it is; caffe, torch and tf as the models of those libraries.",
    "seed": "Another number is another noise to start from; the same number gives the same run again.",
}
LAYERS_HELP = {
    "style": "Switch a layer off, run, and see what is missing. × says how much a layer counts.",
    "content": "Fine layers hold every line of the content, coarse ones only where things are.",
}
OPTIMIZERS = {"lbfgs": "L-BFGS", "adam": "Adam", "sgd": "SGD"}
PREPROCESS = {name: name for name in ("rgb", "caffe", "torch", "tf")}
STARTS = {"noise": "noise", "content": "the content", "style": "the style"}
SIZE = 192
"""at first: two cores paint ten steps a second and more"""
USUAL = {name: TransferConfig.model_fields[name].default for name in ("mode", "network", "steps", "optimizer", "seed")}
USUAL |= {"size": SIZE, "preprocess": "rgb"}


def ask(networks: Mapping[str, Any]) -> TransferConfig:
    """The whole form. Raises NstVizError for what cannot be asked."""
    mode = cast(Mode, segments("What to paint", MODES, begun("mode", MODES), "form-mode", HELP["mode"]))
    kinds = [kind for kind in ("content", "style") if mode in ("style_transfer", kind)]
    pictures = {kind: choose_picture(kind) for kind in kinds}
    place_of_layers = st.container()
    with st.expander("More knobs: α, β, start, size, steps, optimiser, network", icon=":material/tune:"):
        place_of_weights = st.container()
        settings = ask_settings(networks)
        about = networks[settings["network"]]
        defaults = defaults_for(about, mode, settings["size"])
        with place_of_weights:
            settings |= ask_weights(mode, defaults)
        if settings.get("init", defaults["init"]) == "noise":
            settings["seed"] = ask_seed()
    with place_of_layers:
        which = "large" if defaults != defaults_for(about, mode, SIZES[0]) else "usual"
        layers = ask_layers(about, mode, defaults, f"{settings['network']}-{mode}-{which}")
    for kind in kinds:
        if layers.get(f"{kind}_layers") == {}:  # all are off: no such term at all
            settings[FACTORS[kind]] = 0.0
        if settings.get(FACTORS[kind]) == 0.0:
            layers.pop(f"{kind}_layers", None)
    if all(settings.get(FACTORS[kind]) == 0.0 for kind in kinds):
        raise NstVizError("nothing would be asked of the picture: switch on at least one layer, with α or β above 0")
    return TransferConfig(**{"mode": mode, **pictures, **layers, **settings})


def last(name: str) -> Any:
    """What was asked of the run that is shown beside the form; None where there is none, or where it was left open."""
    return getattr(state.last_asked(), name, None)


def begun(name: str, options: Collection[Any]) -> Any:
    """What a knob stands at first: as in that run, else as usual."""
    return USUAL[name] if last(name) is None or last(name) not in options else last(name)


def ask_layers(about: Mapping[str, Any], mode: Mode, defaults: Mapping[str, Any], key: str) -> dict[str, Any]:
    """A row for each layer: on or off, and its weight. Only what differs from the network's default is in the answer."""
    kinds = [kind for kind in ("style", "content") if mode in ("style_transfer", kind)]  # what is played with more comes first
    asked: dict[str, Any] = {}
    for kind, tab in zip(kinds, st.tabs([f"{kind.capitalize()} layers" for kind in kinds]), strict=True):
        usual = defaults[f"{kind}_layers"]
        same = key.startswith(f"{last('network')}-{last('mode')}-")
        before: LayerWeights = (last(f"{kind}_layers") if same else None) or usual
        first = {layer: usual.get(layer, 1.0) if weight is None else weight for layer, weight in before.items()}
        with tab:
            st.caption(LAYERS_HELP[kind])
            layers = [Layer(**each) for each in about["layers"]]
            colour_rows({f"{kind}-{each.name}": each.colour for each in layers})
            rows = {each.name: ask_layer(kind, each, usual.get(each.name), first.get(each.name), key) for each in layers}
        chosen: LayerWeights = {layer: weight for layer, weight in rows.items() if weight is not None}
        if chosen != dict(usual):
            asked[f"{kind}_layers"] = chosen
            asked["weighting"] = about["weighting"]
    return asked


def ask_layer(kind: str, layer: Layer, usual: float | None, first: float | None, key: str) -> float | None:
    """One row, marked with the layer's colour, which stands at `first`; its weight, None where it is off."""
    options = sorted({*WEIGHTS, usual or 1.0, first or 1.0})
    term = f"{kind}.{layer.name}"
    with coloured_row(f"{kind}-{layer.name}", horizontal=True, vertical_alignment="center"):
        on = st.toggle(
            f"**{layer_name(layer)}** {layer.sees}",
            first is not None,
            key=f"form-on-{term}-{key}",
            width=210,
            persist_state="session",
        )
        weight = st.select_slider(
            f"weight of {kind} {layer.label}",
            options,
            first or usual or 1.0,
            format_func=lambda value: f"× {value:g}",
            key=f"form-weight-{term}-{key}",
            label_visibility="collapsed",
            disabled=not on,
            persist_state="session",
        )
    return weight if on else None


def layer_name(layer: Layer) -> str:
    """The layer's label as Markdown. Points and underscores stay bare, for a screen reader is given what is written here."""
    return plain(layer.label).replace("\\.", ".").replace("\\_", "_")


def ask_weights(mode: Mode, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """α, β, TV and the start; what is at its default is left out."""
    asked: dict[str, Any] = {}
    wanted = {"alpha": mode != "style", "beta": mode != "content", "tv": True}
    for name in (name for name, there in wanted.items() if there and defaults[name] > 0):
        usual = defaults[name]
        factor = st.select_slider(
            FACTOR_LABELS[name],
            TIMES,
            next((factor for factor in TIMES if last(name) == usual * factor), 1.0),
            format_func=times(usual),
            key=f"form-{name}",
            help=HELP[name],
            persist_state="session",
        )
        if factor != 1.0:
            asked[name] = usual * factor
    if mode == "style_transfer":
        first = last("init") if last("init") in STARTS else defaults["init"]
        init = segments("Start from", STARTS, first, "form-init", HELP["init"])
        asked |= {"init": init} if init != defaults["init"] else {}
    return asked


def ask_settings(networks: Mapping[str, Any]) -> dict[str, Any]:
    """Size, steps, optimiser and network."""
    there = {name: str(about["label"]) for name, about in networks.items() if not about["missing"]}
    missing = [about["missing"] for about in networks.values() if about["missing"]]
    kept: dict[str, Any] = {"persist_state": "session"}
    size = st.select_slider(
        "Size: pixels of the longer side", SIZES, begun("size", SIZES), key="form-size", help=HELP["size"], **kept
    )
    steps = st.select_slider("Steps", STEPS, begun("steps", STEPS), key="form-steps", help=HELP["steps"], **kept)
    coarse = st.toggle(
        "First at smaller sizes", bool(last("coarse_steps")), key="form-coarse", help=HELP["coarse_steps"], **kept
    )
    asked = {
        "size": size,
        "steps": steps,
        "coarse_steps": 2 * steps // 5 if coarse else 0,
        "optimizer": segments("Optimiser", OPTIMIZERS, begun("optimizer", OPTIMIZERS), "form-optimizer", HELP["optimizer"]),
        "network": segments("Network", there, begun("network", there), "form-network", HELP["network"]),
    }
    for reason in missing:
        st.caption(plain(reason))
    if asked["network"].endswith(FILE):
        first = begun("preprocess", PREPROCESS)
        asked["preprocess"] = segments("Prepared as", PREPROCESS, first, "form-preprocess", HELP["preprocess"])
    return asked


def ask_seed() -> int:
    first, most = begun("seed", range(2**32)), 2**32 - 1
    seed = st.number_input("Seed of the noise", 0, most, first, key="form-seed", help=HELP["seed"], persist_state="session")
    return int(seed)


def segments(label: str, options: Mapping[str, str], default: str, key: str, help: str) -> str:
    """One of the options, always; the options' labels are their values."""
    chosen = st.segmented_control(
        label,
        list(options),
        default=default,
        required=True,
        format_func=lambda name: options[name],
        key=key,
        help=help,
        persist_state="session",
    )
    return chosen or default


def times(usual: float) -> Callable[[float], str]:
    return lambda factor: f"{usual * factor:.3g}".replace("e-0", "e-")


def variants(config: TransferConfig, networks: Mapping[str, Any]) -> dict[str, TransferConfig]:
    """The same run but for one thing, under a label that says which."""
    found: dict[str, TransferConfig] = {}
    defaults = defaults_for(networks[config.network], config.mode, config.size)
    if config.mode != "content" and config.beta != 0:
        layers = config.style_layers or defaults["style_layers"]
        block_of = {each["name"]: each["block"] for each in networks[config.network]["layers"]}
        for block in sorted({block_of.get(layer, 0) for layer in layers} - {0}):
            rest = {layer: weight for layer, weight in layers.items() if block_of.get(layer) != block}
            if rest:
                found[f"without block {block}"] = config.replace(style_layers=rest)
    if config.mode == "style_transfer":
        beta = defaults["beta"] if config.beta is None else config.beta
        if beta > 0:
            found["four times the style"] = config.replace(beta=4 * beta)
        if (config.init or defaults["init"]) == "noise":
            found["from the content picture"] = config.replace(init="content", seed=0)
        else:
            found["from noise"] = config.replace(init="noise")
    if (config.init or defaults["init"]) == "noise":
        found["another seed"] = config.replace(seed=(config.seed + 1) % 2**32)
    return found
