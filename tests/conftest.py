"""What tests share: small pictures on disk, and small runs that take a second."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.recording.run import Run


def painted(height: int, width: int, seed: int) -> np.ndarray:
    """A smooth random picture with some grain, float32 (height, width, 3) in [0, 1]."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (5, 6, 3), np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    return np.clip(np.asarray(small, np.float32) / 255 + 0.05 * rng.standard_normal((height, width, 3)), 0, 1).astype(
        np.float32
    )


def save(pixels: np.ndarray, path: Path) -> Path:
    Image.fromarray(np.uint8(np.round(pixels * 255))).save(path)
    return path


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return save(painted(40, 48, 1), tmp_path / "hills.png")


@pytest.fixture
def style(tmp_path: Path) -> Path:
    return save(painted(52, 44, 2), tmp_path / "strokes.png")


@pytest.fixture
def config(content: Path, style: Path) -> TransferConfig:
    """A transfer of 48 × 40 pixels in 6 steps, through the designed network."""
    return TransferConfig(network="wavelet", content=str(content), style=str(style), size=48, steps=6)


@pytest.fixture
def recorded(config: TransferConfig, tmp_path: Path) -> Run:
    from nst_viz.recording.session import record_transfer

    return record_transfer(config, tmp_path / "run", RecordingPolicy(gradients_every=3))
