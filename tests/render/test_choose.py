"""Which pictures are shown: spaced by change, the first and the last always, without reading more than is needed."""

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.render import choose
from tests.render.synthetic import synthetic_run


@given(
    st.lists(st.floats(0, 100), min_size=1, max_size=60).map(np.array),
    st.integers(2, 70),
)
def test_walk_has_both_ends_and_no_more_than_asked(change: np.ndarray, count: int) -> None:
    chosen = choose.equal_change(change, count)
    assert chosen[0] == 0
    assert chosen[-1] == len(change)
    assert len(chosen) <= max(count, 2)
    assert all(a < b for a, b in pairwise(chosen))


def test_no_gap_could_be_smaller() -> None:
    """Oracle: the smallest largest gap that any choice of that many leaves, by dynamic programming."""
    change = np.random.default_rng(3).exponential(1, 24)
    along = np.concatenate([[0], np.cumsum(change)])
    best = np.full((7, 25), np.inf)
    best[0, 0] = 0
    for k in range(1, 7):
        for j in range(1, 25):
            best[k, j] = min(max(best[k - 1, i], along[j] - along[i]) for i in range(j))
    gaps = np.diff(along[choose.equal_change(change, 7)])
    assert gaps.max() == pytest.approx(best[6, 24], rel=1e-6)


def test_one_great_step_does_not_push_the_others_aside() -> None:
    change = np.array([100.0] + [1.0] * 40)
    assert choose.equal_change(change, 6) == [0, 1, 11, 21, 31, 41]


def test_where_nothing_changes_steps_are_even() -> None:
    assert choose.equal_change(np.zeros(20), 5) == [0, 5, 10, 15, 20]


def test_frames_follow_the_change(tmp_path: Path) -> None:
    phases = np.concatenate([np.zeros(10), np.linspace(0, 3, 11)])  # nothing moves in the first half
    run = synthetic_run(tmp_path / "run", phases=phases)
    steps = choose.frames(run, 6)
    assert steps[0] == 0
    assert steps[-1] == 20
    assert sum(step >= 10 for step in steps) >= 5


def test_all_where_few_were_kept(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=3)
    assert choose.frames(run, 80) == [0, 1, 2, 3]


def test_of_a_long_run_some_are_compared_many_early_and_no_great_gap() -> None:
    some = choose.candidates(list(range(5000)), 240)
    assert len(some) <= 240
    assert some[:4] == [0, 1, 2, 3]
    assert some[-1] == 4999
    assert max(np.diff(some)) < 60


def test_long_runs_are_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = synthetic_run(tmp_path / "run", steps=60)
    read: list[int] = []
    frame = Run.frame
    monkeypatch.setattr(Run, "frame", lambda run, step: (read.append(step), frame(run, step))[1])
    monkeypatch.setattr(choose, "COMPARED", 20)
    steps = choose.frames(run, 6)
    assert (steps[0], steps[-1]) == (0, 60)
    assert 6 < len(read) <= 20
    assert set(steps) <= set(read)


def test_changes_are_measured_again_where_a_run_was_recorded_anew(tmp_path: Path) -> None:
    """The same steps in the same folder, but now it is the first half that moves."""
    still, moving = np.zeros(10), np.linspace(0, 3, 11)
    late = synthetic_run(tmp_path / "run", phases=np.concatenate([still, moving]))
    assert sum(step > 10 for step in choose.frames(late, 6)) >= 4
    shutil.rmtree(late.folder)
    early = synthetic_run(tmp_path / "run", phases=np.concatenate([moving, still + 3]))
    assert sum(step > 10 for step in choose.frames(early, 6)) <= 1


@pytest.mark.parametrize(("count", "said"), [(1, "give 2 or more"), (0, "give 2 or more")])
def test_too_few(tmp_path: Path, count: int, said: str) -> None:
    with pytest.raises(NstVizError, match=said):
        choose.frames(synthetic_run(tmp_path / "run", steps=2), count)


def test_no_picture_yet(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=1)
    for path in (run.folder / "frames").iterdir():
        path.unlink()
    with pytest.raises(NstVizError, match="no picture yet"):
        choose.frames(run, 4)


def test_damaged_picture(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=9)
    (run.folder / "frames" / "000004.webp").write_bytes(b"RIFF")
    with pytest.raises(NstVizError, match="damaged"):
        choose.frames(run, 4)
