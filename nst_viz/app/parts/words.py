"""From a run to the words that a page says about it."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from nst_viz.app.library import LESSON, SAMPLE, Library
from nst_viz.app.work.describe import defaults_for
from nst_viz.core.config import FACTORS
from nst_viz.recording.run import Run
from nst_viz.render.caption import subtitle, title

MODES = {"style_transfer": "style transfer", "content": "content from noise", "style": "style from noise"}


def labels(library: Library) -> Callable[[str], str]:
    """What a run is called in a list, first what tells it from others: `mine-2 · lion in the style of ink · 150 steps`."""

    def label(name: str) -> str:
        end = called(name)
        try:
            run = library.open(name)
            far = f"{run.config.steps} steps" if run.status == "finished" else f"step {reached(run)} of {run.config.steps}"
            about = f"{title(run)} · {far}"
        except Exception:  # what is wrong with it is said where it is shown
            return end
        return f"{about} · {end}" if name.startswith(SAMPLE) else f"{end} · {about}"

    return label


def called(name: str) -> str:
    """The run's name for a reader: samples and lessons say where they come from."""
    if name.startswith(SAMPLE):
        return "comes with nst_viz"
    if name.startswith(LESSON):
        number, _, rest = name.removeprefix(LESSON).partition("/")
        return f"lesson {int(number)}: {re.sub(r'-[0-9a-f]{8}$', '', rest)}"
    return name


def begun(run: Run) -> str:
    """When the run was begun, in the machine's time."""
    return f"{datetime.fromisoformat(run.manifest['started']).astimezone():%d %b %Y, %H:%M}"


def reached(run: Run) -> int:
    """The last step there is a picture of; a run that was killed had no time to note its step."""
    return max(int(run.manifest["step"]), *run.frame_steps()[-1:], 0)


def line(run: Run) -> str:
    """Mode, network, steps and date on one line."""
    how_far = f"step {reached(run)} of {run.config.steps}"
    return f"{MODES[run.config.mode]} · {subtitle(run)} · {how_far} · {begun(run)}"


def differences(one: Run, other: Run, networks: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What was asked for differently: the knob, and its value in each."""
    first, second = resolved(one, networks), resolved(other, networks)
    pairs = [(name, *apart(first[name], second[name])) for name in first]
    names = {layer.name: layer.label for run in (one, other) for layer in run.layers().values()}
    texts = [(name, value_text(a, names), value_text(b, names)) for name, a, b in pairs]
    return [(name.replace("_", " "), a, b) for name, a, b in texts if a != b]


def apart(one: Any, other: Any) -> tuple[Any, Any]:
    """Two values; of layers and their weights only those that differ, 0 where one is off."""
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return one, other
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    return {name: one.get(name, 0.0) for name in names}, {name: other.get(name, 0.0) for name in names}


def resolved(run: Run, networks: Mapping[str, Any]) -> dict[str, Any]:
    """What the run was computed with: the config's values, and the network's own ones where nothing was asked for.

    The network's own are those that the run noted, else those of the network as it is now. Of a kind of terms that the mode
    has not there is nothing.
    """
    values, about = run.config.model_dump(mode="json"), networks.get(run.config.network)
    now = {**defaults_for(about, run.config.mode, run.config.size), "weighting": about["weighting"]} if about else {}
    own = run.network_defaults or now
    for kind, factor in FACTORS.items():
        layers = f"{kind}_layers"
        if kind not in run.config.kinds:
            own = {**own, factor: None, layers: None}
        elif values[layers]:
            usual = own.get(layers) or {}
            values[layers] = {name: usual.get(name, 1.0) if given is None else given for name, given in values[layers].items()}
    return values | {name: value for name, value in own.items() if values.get(name) is None}


def value_text(value: Any, names: Mapping[str, str]) -> str:
    """A config's value as a person reads it; `names` has what layers are called for short."""
    if value is None:
        return "–"
    if isinstance(value, dict):
        layers = {names.get(name, name): weight for name, weight in value.items()}
        words = {None: "{}", 0.0: "no {}"}
        return ", ".join(words.get(weight, "{} × {:g}").format(name, weight) for name, weight in layers.items())
    return Path(str(value).removeprefix("sample:")).name
