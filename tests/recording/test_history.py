"""Losses as a page looks at them again and again: the same as read anew, with no more work than what is new."""

import os
import random
from pathlib import Path

import numpy as np
import pytest

from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording import history
from nst_viz.recording.history import COLUMNS, LossHistory, follow_losses, read_losses
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer

TERMS = ("content.block2_conv1", "style.block1_conv1", "tv")


def rows(first: int, last: int, seed: int = 0) -> str:
    """The lines of steps `first` to `last` - 1, with a gradient's norm at each third."""
    lines = []
    for step in range(first, last):
        rng = random.Random(f"{seed} {step}")
        for term in TERMS:
            raw, weight = rng.random(), rng.random() * 1e6
            lines.append(f"{step},{term},{raw!r},{weight!r},{raw * weight!r},{rng.random() if step % 3 == 0 else ''}\n")
    return "".join(lines)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "losses.csv"
    path.write_text(",".join(COLUMNS) + "\n")
    return path


def add(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def assert_same(one: LossHistory, other: LossHistory) -> None:
    assert one.terms == other.terms
    for name in ("steps", "raw", "weight", "contribution", "gradient_norm"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_it_grows_and_is_the_same_as_read_anew(path: Path) -> None:
    text, rng = rows(1, 60), random.Random(1)
    looks = []
    add(path, rows(0, 1)[:-1])
    assert follow_losses(path).terms == TERMS[:2], "nobody can know that there will be another"
    add(path, rows(0, 1)[-1])
    assert follow_losses(path).terms == TERMS
    while text:
        cut = rng.randrange(1, 900)  # also in the middle of a line, and of a step
        add(path, text[:cut])
        text = text[cut:]
        looks.append(follow_losses(path))
        assert_same(looks[-1], read_losses(path))
    assert len(looks[-1].steps) == 60
    assert looks[-1].raw.shape == (60, 3)
    for look in looks:  # what somebody has in hand does not change under them
        np.testing.assert_array_equal(look.raw, looks[-1].raw[: len(look.steps)])
    with pytest.raises(ValueError, match="read-only"):
        looks[-1].raw[0] = 1


def test_only_what_is_new_is_parsed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[int] = []
    extended = history.extended

    def counted(before: history.Reading, state: tuple[int, int], data: bytes) -> history.Reading:
        parsed.append(len(data))
        return extended(before, state, data)

    monkeypatch.setattr(history, "extended", counted)
    add(path, rows(0, 500))
    follow_losses(path)
    follow_losses(path)
    assert len(parsed) == 1, "nothing is new, so nothing is read"
    add(path, rows(500, 502))
    follow_losses(path)
    assert parsed[1] == len(rows(500, 502))


def test_another_file_in_its_place_is_read_anew(path: Path) -> None:
    add(path, rows(0, 20))
    follow_losses(path)
    other = path.with_name("other.csv")
    other.write_text(",".join(COLUMNS) + "\n" + rows(0, 30, seed=1))
    os.replace(other, path)
    assert_same(follow_losses(path), read_losses(path))
    text = ",".join(COLUMNS) + "\n" + rows(0, 40, seed=2)
    path.write_text(text)  # the same file, with other things in it
    assert_same(follow_losses(path), read_losses(path))
    path.write_text(text[: len(text) // 2])
    assert_same(follow_losses(path), read_losses(path))
    path.unlink()
    with pytest.raises(NstVizError, match="is missing or damaged"):
        follow_losses(path)


def test_it_is_right_after_a_run_was_gone_on_with(config: TransferConfig, tmp_path: Path) -> None:
    stops = iter([False] * 3 + [True])
    run = record_transfer(config, tmp_path / "run", stop=lambda: next(stops))
    assert len(run.losses().steps) == 4
    add(run.folder / "losses.csv", "4,")  # a kill in the middle of a line
    assert len(Run.open(run.folder).losses().steps) == 4
    resumed = resume_transfer(run.folder)
    assert_same(resumed.losses(), read_losses(run.folder / "losses.csv"))
    assert len(resumed.losses().steps) == 7


def test_the_memory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history.kept.clear()
    monkeypatch.setattr(history, "KEPT_BYTES", 3 * 100 * len(TERMS) * 4 * 8)
    for number in range(9):
        path = tmp_path / f"{number}.csv"
        path.write_text(",".join(COLUMNS) + "\n" + rows(0, 100, number))
        follow_losses(path)
        assert path.absolute() in history.kept
    assert len(history.kept) == 3
    monkeypatch.setattr(history, "KEPT_BYTES", 0)
    assert len(follow_losses(path).steps) == 100
    assert len(history.kept) == 1, "the one looked at stays, or it would be read anew at each look"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("3,tv,", "3,tw,", "line 13 is '3,tw"),
        ("3,tv,", "4,tv,", "line 13 is '4,tv"),
        ("step,term", "step,perm", "its first line is"),
        ("3,tv,0.", "3,tv,1.", "at step 3 a contribution is not raw x weight"),
        ("3,tv,0.", "3,tv,x.", "could not convert"),
        ("3,tv,", "3,tv,,", "inhomogeneous"),
        ("3,tv,", "3,tv\x00", "line 13"),
    ],
)
def test_what_is_wrong_is_named(path: Path, old: str, new: str, says: str) -> None:
    add(path, rows(0, 6))
    path.write_text(path.read_text().replace(old, new))
    for look in (follow_losses, read_losses):
        with pytest.raises(NstVizError, match=says):
            look(path)
