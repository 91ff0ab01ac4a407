"""Nothing that is asked for is silently left aside: each knob of a config that is accepted changes what is computed.

Tried over all pairs of knobs in each mode. The oracle prepares the run of a small picture and looks at everything that a
step is made of: terms with weights and targets, the canvas, the optimiser, the number of steps.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nst_viz.core import transfer
from nst_viz.core.config import THREADS, Knobs, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import load_pictures
from nst_viz.core.networks import Network, load_network, random
from nst_viz.core.optimise import make_optimiser
from nst_viz.core.register import description_of
from tests.conftest import painted, save

MODES = ("style_transfer", "content", "style")
VALUES: dict[str, list[Any]] = {
    "network": ["random", "vgg19", "mine.keras"],
    "weights": ["other.h5"],
    "pooling": ["max"],
    "precision": ["fast"],
    "preprocess": ["caffe"],
    "threads": [THREADS + 1],
    "size": [66],
    "steps": [7],
    "coarse_steps": [2],
    "optimizer": ["adam", "sgd"],
    "lr": [0.3],
    "alpha": [0.0, 2.5],
    "beta": [0.0, 2.5],
    "tv": [0.0, 0.5],
    "content_layers": [{"block1_conv1": 1.0}, {"block2_conv1": 0.5, "block3_conv1": None}],
    "style_layers": [{"block1_conv1": 1.0}, {"block2_conv1": 0.5, "block3_conv1": None}],
    "weighting": ["balanced", "literal"],
    "init": ["noise", "content", "style", "FOLDER/start.png"],
    "seed": [3],
    "content": ["FOLDER/content.png"],
    "style": ["FOLDER/style.png"],
}
"""for each knob values that differ from its default"""
OF_NETWORK = {"weights", "pooling", "precision", "seed"}
SMALL = {"size": 64, "steps": 6}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    for number, name in enumerate(("content", "style", "start")):
        save(painted(64, 64, number), folder / f"{name}.png")
    return folder


def small_network(
    name: str, weights: Path | None = None, pooling: str = "avg", precision: str = "full", preprocess: str | None = None
) -> Network:
    """A small network in the place of each, with that one's defaults: quick, and not all weights are at hand."""
    described = description_of(name) or random.DESCRIPTION
    known = {"weighting": described.weighting, "defaults": described.defaults}
    known["weights_hash"] = f"{weights} {precision} {preprocess or 'rgb'}"
    models = remembering(load_network("random", pooling=pooling if name in ("random", "vgg19") else "avg"))
    return replace(load_network("random"), name=name, build=models, _models={}, **known)


@cache
def remembering(network: Network) -> Callable[[tuple[str, ...]], Any]:
    """The network's models, which look at the same picture only once."""
    known: dict[tuple[tuple[str, ...], bytes], Any] = {}

    def build(layers: tuple[str, ...]) -> Any:
        def features(image: Any) -> Any:
            key = layers, np.asarray(image).tobytes()
            if key not in known:
                known[key] = network.model(layers)(image)
            return known[key]

        return features

    return build


def computed(config: TransferConfig, known: dict[str, str]) -> str:
    """A hash of all that decides the pixels of the run."""
    key = config.model_dump_json()
    if key not in known:
        ready = transfer.prepare(config, load_pictures(config))
        parts: list[Any] = []
        while ready is not None:
            terms = [(term.look.name, term.weight, np.asarray(term.target).tobytes()) for term in ready.objective.terms]
            about = ready.network.name, ready.network.weights_hash
            parts += [about, terms, ready.canvas.shape, make_optimiser(ready.config), ready.config.steps, config.threads]
            if ready.coarse is None:
                parts.append(ready.canvas.tobytes())
            ready = ready.coarse
        known[key] = hashlib.sha256(repr(parts).encode()).hexdigest()
    return known[key]


def pairs(folder: Path) -> Iterator[dict[str, Any]]:
    """Each mode with each single knob, and with each two knobs at each of their values; with the other networks each two of
    which one is a knob that depends on the network."""
    knobs = [(name, given(value, folder)) for name, values in VALUES.items() for value in values]
    for mode in MODES:
        pictures = {kind: str(folder / f"{kind}.png") for kind in ("content", "style") if mode in ("style_transfer", kind)}
        base = {"mode": mode, **SMALL, **pictures}
        for each in [*([knob] for knob in knobs), *combinations(knobs, 2)]:
            if len(dict(each)) == len(each):
                yield base | dict(each)
                if OF_NETWORK & dict(each).keys() and "network" not in dict(each):
                    yield from (base | {"network": network} | dict(each) for network in VALUES["network"])


def given(value: Any, folder: Path) -> Any:
    return value.replace("FOLDER", str(folder)) if isinstance(value, str) else value


def own_value(config: TransferConfig, name: str) -> Any:
    """What a knob stands at when it is not asked for."""
    network = small_network(config.network)
    defaults = {**vars(network.defaults_for(config.mode, config.size)), "weighting": network.weighting, "preprocess": "rgb"}
    return defaults.get(name, SMALL.get(name, Knobs.model_fields[name].default))


def test_the_values_are_of_all_knobs() -> None:
    assert set(VALUES) | {"mode"} == set(TransferConfig.model_fields)


def test_each_knob_of_a_pair_acts_or_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "load_network", small_network)
    known: dict[str, str] = {}
    idle, accepted, refused = [], 0, 0
    for fields in pairs(folder):
        try:
            config = TransferConfig(**fields)
            this = computed(config, known)
        except NstVizError:
            refused += 1
            continue
        accepted += 1
        for name in set(VALUES) & set(fields):
            usual = own_value(config, name)
            if getattr(config, name) == usual:
                continue  # it asks for what is so anyhow
            try:
                without = computed(TransferConfig(**{**fields, name: usual}), known)
            except NstVizError:
                continue  # the other needs it
            if without == this:
                idle.append({**{key: fields[key] for key in fields if key in VALUES}, "mode": config.mode, "idle": name})
    assert not idle, f"{len(idle)} knobs do nothing, such as {idle[:3]}"
    assert min(accepted, refused) > 500
