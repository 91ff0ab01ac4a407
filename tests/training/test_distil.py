"""How the learned network is taught: it learns, goes on where it was stopped, and its weights say what the student says."""

import sys
from pathlib import Path

import numpy as np
import pytest

from nst_viz.core.networks import distilled
from nst_viz.core.networks.base import Choice
from tests.conftest import painted

sys.path.append(str(Path(__file__).parents[2] / "training"))

import distil
from pictures import crop, dead_leaves

WIDTHS = {"1": 64, "2": 128, "3": 256}


@pytest.fixture
def teacher(tmp_path: Path) -> Path:
    """A network of VGG19's shape up to block 3, with random weights."""
    rng, arrays, inputs = np.random.default_rng(0), {}, 3
    for layer in distil.LAYERS:
        outputs = WIDTHS[layer[len("block")]]
        scale = 0.02 if inputs == 3 else np.sqrt(2 / (9 * inputs))
        arrays[f"{layer}/kernel"] = (scale * rng.standard_normal((3, 3, inputs, outputs))).astype(np.float32)
        arrays[f"{layer}/bias"] = np.zeros(outputs, np.float32)
        inputs = outputs
    np.savez(tmp_path / "teacher.npz", **arrays)
    return tmp_path / "teacher.npz"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SIDE": 32, "BATCH": 2, "BANK": 3, "EVERY": 2, "SAVED_EVERY": 2}.items():
        monkeypatch.setattr(distil, name, value)
    monkeypatch.setattr(distil, "training_pictures", lambda seed: [painted(96, 80, seed), painted(70, 90, seed + 1)])


def taught(teacher: Path, out: Path, steps: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    monkeypatch.setattr(sys, "argv", ["distil.py", "--teacher", str(teacher), "--steps", str(steps), "--out", str(out)])
    distil.main()
    with np.load(out) as arrays:
        return {name: arrays[name] for name in arrays.files}


def test_what_is_written_is_the_student_in_the_units_that_are_said(
    teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = taught(teacher, tmp_path / "d.npz", 4, monkeypatch)
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float16)}
    lesson = distil.Lesson(distil.teacher_kernels(teacher), distil.training_pictures(0), 0)
    lesson.restore(tmp_path / "d.state.npz")
    monkeypatch.setattr(distilled, "read_weights", lambda: {name: array.astype(np.float32) for name, array in weights.items()})
    network = distilled.load(Choice("distilled"))
    picture = painted(48, 64, 5)[None]
    own = distil.features(picture, lesson.student, distil.TAUGHT)
    for layer in distil.TAUGHT:
        said = np.asarray(network.model((layer,))(picture))[0, ..., :-1] + weights[f"{layer}/usual"].astype(np.float32)
        meant = np.asarray(own[layer])[0]
        heard = meant.max(axis=(0, 1)) > 0
        scale = said.max(axis=(0, 1))[heard] / meant.max(axis=(0, 1))[heard]  # each channel is in a unit of its own
        np.testing.assert_allclose(said[..., heard], meant[..., heard] * scale, atol=0.02 * said.max())
        assert heard.sum() > 10


def test_a_step_brings_the_student_nearer_to_the_teacher(teacher: Path) -> None:
    lesson = distil.Lesson(distil.teacher_kernels(teacher), distil.training_pictures(0), 0)
    rng = np.random.default_rng(0)
    for variable in lesson.variables:
        value = variable.numpy()
        variable.assign(value + 0.3 * np.abs(value).mean() * rng.standard_normal(value.shape).astype(np.float32))
    errors = [lesson.learn(*lesson.taught(0), 2e-3, float(step)).numpy().sum() for step in range(1, 16)]
    assert errors[-1] < 0.9 * errors[0]


def test_going_on_is_the_same(teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = taught(teacher, tmp_path / "whole.npz", 8, monkeypatch)
    assert len((tmp_path / "whole.csv").read_text("utf-8").splitlines()) == 1 + 8 // 2

    class Stopped(distil.Lesson):
        def run(self, steps: int):  # type: ignore[no-untyped-def]
            for step, errors in super().run(steps):
                yield step, errors
                if step == 4:
                    raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(distil, "Lesson", Stopped)
        with pytest.raises(FileNotFoundError):
            taught(teacher, tmp_path / "half.npz", 8, monkeypatch)
    again = taught(teacher, tmp_path / "half.npz", 8, monkeypatch)
    for name, array in whole.items():
        np.testing.assert_array_equal(again[name], array)


def test_pictures() -> None:
    leaves = dead_leaves(np.random.default_rng(0), painted(20, 20, 1), side=64, count=100)
    assert leaves.shape == (64, 64, 3)
    assert 0 <= leaves.min() < leaves.max() <= 1
    again = [crop(np.random.default_rng(3), [leaves, painted(50, 90, 2)], 40) for _ in range(2)]
    assert again[0].shape == (40, 40, 3)
    np.testing.assert_array_equal(*again)
