"""A run that was never computed: pictures and losses made up, written by the recorder itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.image import Picture
from nst_viz.recording.recorder import create_run, record
from nst_viz.recording.run import Run

TERMS = {
    "style_transfer": ("content.block3_conv2", "style.block1_conv1", "style.block3_conv2", "tv"),
    "content": ("content.block3_conv2", "tv"),
    "style": ("style.block1_conv1", "style.block2_conv1"),
}


@dataclass(frozen=True)
class Term:
    """As the recorder sees a term of the loss."""

    name: str
    raw: float
    weight: float

    @property
    def contribution(self) -> float:
        return self.raw * self.weight


def wavy(height: int, width: int, phase: float) -> np.ndarray:
    """A colourful picture, float32 (height, width, 3) in [0, 1], that moves with its phase."""
    y, x = np.mgrid[:height, :width] / 8.0
    channels = [np.sin(x + phase) * np.cos(y), np.cos(x - y + 2 * phase), np.sin(y + phase)]
    return (0.5 + 0.45 * np.stack(channels, axis=-1)).astype(np.float32)


def synthetic_run(
    folder: Path,
    *,
    mode: str = "style_transfer",
    steps: int = 20,
    height: int = 33,
    width: int = 47,
    phases: Sequence[float] | None = None,
    terms: Sequence[str] | None = None,
    gradients: bool = False,
    names: Mapping[str, str] | None = None,
) -> Run:
    """A finished run of `steps` steps; `phases` says how far the picture moved at each (early steps most, when None)."""
    kinds = ("content", "style") if mode == "style_transfer" else (mode,)
    names = names or {"content": "hills", "style": "strokes"}
    config = TransferConfig(
        network="wavelet", mode=mode, size=max(height, width), steps=steps, **{kind: names[kind] for kind in kinds}
    )
    pictures = {
        kind: Picture(
            names[kind],
            names[kind],
            "0" * 64,
            (width, height),
            wavy(height + 9 * (mode != "style" and kind == "style"), width, 9.0),
        )
        for kind in kinds
    }
    run = create_run(folder, config, RecordingPolicy(), pictures, {"name": "wavelet", "weights_sha256": "0"})
    phases = 3 * np.log1p(np.arange(steps + 1)) if phases is None else phases
    terms = TERMS[mode] if terms is None else terms

    def iterate(step: int) -> Any:
        image = wavy(height, width, phases[step])
        losses = [Term(name, 10.0**-index / (1 + step), 2.0) for index, name in enumerate(terms)]
        pushes = {name: image * 10.0**-index for index, name in enumerate(terms)} if gradients and step % 5 == 0 else None
        return SimpleNamespace(step=step, image=image, losses=SimpleNamespace(terms=losses), state={}, gradients=pushes)

    return record((iterate(step) for step in range(steps + 1)), run)
