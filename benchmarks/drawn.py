"""What is drawn at random as input: command lines, configs, damage to a file, jobs and inspections of the app.

Most of it is nearly right, for what is plainly wrong is refused at the first look.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

from nst_viz.core.config import RecordingPolicy, TransferConfig

Damage = tuple[str, list[float], int]
"""what is done to the bytes of a file, where (as shares of its length), and to which bit"""
SMALL = TransferConfig(content="sample:dancing", style="sample:picasso", size=48, steps=4)

words = st.sampled_from(["", "-1", "0", "1", "nan", "inf", "1e999", "9" * 30, "../x", "x" * 300, "caf\udce9", "a\nb", "日本"])
texts = words | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
things = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    texts,
    st.binary(max_size=4),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(texts, st.none() | st.floats(), max_size=2),
    st.sampled_from([Path("a.png"), np.ones(3)]),
)
layers = st.sampled_from(
    ["block1_conv1", "block1_conv1=0", "block3_conv2=0.5,block1_conv1", "block1_conv2", "conv9", ",", "a=b"]
)
sources = st.sampled_from(["sample:dancing", "sample:picasso", "sample:", "noise", ".", "gone.jpg", "http://a.b/c.jpg"]) | texts
USUAL: Mapping[str, st.SearchStrategy[Any]] = {
    "network": st.sampled_from(["wavelet", "random", "vgg19"]),
    "size": st.sampled_from([32, 48, 64]),
    "steps": st.sampled_from([1, 2]),
    "coarse_steps": st.just(1),
    "optimizer": st.sampled_from(["lbfgs", "adam", "sgd"]),
    "lr": st.just(0.02),
    "alpha": st.sampled_from([0.0, 1.0]),
    "beta": st.sampled_from([0.0, 1.0]),
    "content_layers": layers,
    "style_layers": layers,
    "weighting": st.sampled_from(["balanced", "literal"]),
    "init": sources,
    "gradients_every": st.just(1),
    "min_change": st.just(0.01),
}
"""what may be given for a field, as well as anything else"""
FIELDS = [*TransferConfig.model_fields, *RecordingPolicy.model_fields]
damages = st.tuples(
    st.sampled_from(["flip", "flip", "flip", "cut", "zero", "gone", "twice"]),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
    st.integers(0, 7),
)


def asked_for(valid: st.SearchStrategy[Any], anything: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(valid, valid, valid, anything)


@st.composite
def command_lines(draw: st.DrawFn) -> list[str]:
    """A command with pictures and options, small where it is valid."""
    command = draw(
        st.sampled_from(["transfer", "transfer", "content", "style", "grid", "resume", "render", "info", "networks"])
    )
    pictures = [draw(asked_for(st.sampled_from(["sample:dancing", "sample:picasso"]), sources)) for _ in range(2)]
    line = [command, *pictures[: {"transfer": 2, "grid": 0}.get(command, 1)]]
    if command == "grid":
        knobs = (
            st.sampled_from(["alpha=0,1", "alpha=", "=1", "loudness=1", "tv=nan,1", "steps=1,0", "init=noise,content"]) | texts
        )
        line += ["--content", pictures[0], "--style", pictures[1], "--columns", draw(knobs), "--processes", "1"]
    if command in ("transfer", "content", "style", "grid"):
        line += ["--size", str(draw(asked_for(USUAL["size"], texts))), "--steps", str(draw(asked_for(USUAL["steps"], texts)))]
        names = draw(
            st.lists(
                st.sampled_from([name for name in FIELDS if name not in ("mode", "content", "style", "size", "steps")]),
                max_size=4,
            )
        )
        for name in names:
            line += ["--" + name.replace("_", "-"), str(draw(asked_for(USUAL.get(name, texts), texts)))]
    return line


@st.composite
def configs(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["config", "config", "policy", "replace", "knob"]))
    names = list(RecordingPolicy.model_fields if kind == "policy" else TransferConfig.model_fields)
    chosen = draw(st.lists(st.sampled_from(names), max_size=4)) + ["content", "style"] * (kind == "config")
    return kind, {name: draw(asked_for(USUAL.get(name, sources), things)) for name in chosen}


@st.composite
def jobs(draw: st.DrawFn) -> tuple[dict[str, Any], Damage | None]:
    small = st.just(SMALL.replace(steps=1))
    fields = {
        "kind": draw(asked_for(st.sampled_from(["record", "resume"]), things)),
        "owner": draw(asked_for(st.just("me"), things)),
        "name": draw(asked_for(st.sampled_from(["mine", "../mine", "", "a/b", ".app"]), things)),
        "config": draw(asked_for(small, things)),
        "steps": draw(asked_for(st.none(), things)),
    }
    return fields, draw(st.none() | damages)


@st.composite
def inspections(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    request = {
        "kind": draw(asked_for(st.sampled_from(["features", "grams"]), texts)),
        "network": draw(asked_for(st.just("wavelet"), texts)),
        "layer": draw(asked_for(layers, texts)),
        "folder": draw(asked_for(st.just("whole"), texts)),
        "picture": draw(asked_for(st.sampled_from(["content", "style", "init", "step", "sample:dancing"]), texts)),
        "step": draw(asked_for(st.sampled_from([0, 4]), st.integers())),
        "size": draw(asked_for(st.sampled_from([48, 64]), st.integers(-5, 600))),
        "channels": draw(asked_for(st.just(8), st.integers(-5, 600))),
    }
    for name in draw(st.lists(st.sampled_from(sorted(request)), max_size=1)) * draw(st.booleans()):
        del request[name]
    return draw(asked_for(st.just("answer"), texts)), request
