"""A run's folder that was damaged, cut or mixed up: what is wrong is named, and what can be used is used."""

import hashlib
import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_viz.core.config import TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording.history import LossHistory, read_losses
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer
from nst_viz.recording.summary import summary
from tests.recording.contents import content_of

FLIPS = 300
"""bits of each file that are flipped, one at a time"""


def test_a_torn_last_line_is_left_out(recorded: Run) -> None:
    path = recorded.folder / "losses.csv"
    path.write_bytes(path.read_bytes()[:-9])
    assert recorded.losses().steps.tolist() == list(range(6))


def test_a_folder_that_is_no_run_of_ours(recorded: Run, tmp_path: Path) -> None:
    with pytest.raises(NstVizError, match=r"is no run's folder"):
        Run.open(tmp_path)
    manifest = recorded.folder / "run.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "schema": 99}))
    with pytest.raises(NstVizError, match=r"recorded in schema 99, this version reads schema 1"):
        Run.open(recorded.folder)
    manifest.write_text("{")
    with pytest.raises(NstVizError, match="cannot be read"):
        Run.open(recorded.folder)


def test_a_damaged_frame_is_named(recorded: Run) -> None:
    path = recorded.folder / "frames" / "000002.webp"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(NstVizError, match=r"000002\.webp is damaged"):
        recorded.frame(2)
    with pytest.raises(NstVizError, match=r"000099\.webp is missing"):
        recorded.frame(99)
    assert recorded.frame(3).shape == (40, 48, 3)


@pytest.mark.parametrize("name", ["losses.csv", "checkpoint", "gradients/000003.npz"])
def test_a_damaged_file_is_named(recorded: Run, name: str) -> None:
    path = recorded.folder / name
    path.write_bytes(path.read_bytes()[:200].replace(b"e", b"?"))
    readers = {"losses.csv": recorded.losses, "checkpoint": recorded.checkpoint}
    read = readers.get(name, lambda: recorded.gradient_maps(3))
    with pytest.raises(NstVizError, match=rf"{path.name} is (missing or )?damaged"):
        read()


def test_a_resume_that_cannot_be(recorded: Run) -> None:
    manifest = json.loads((recorded.folder / "run.json").read_text())
    manifest["network"]["weights_sha256"] = "0" * 64
    (recorded.folder / "run.json").write_text(json.dumps(manifest))
    with pytest.raises(NstVizError, match="recorded with other weights of wavelet"):
        resume_transfer(recorded.folder, steps=9)
    (recorded.folder / "checkpoint").unlink()
    with pytest.raises(NstVizError, match=r"checkpoint is missing from the run"):
        resume_transfer(recorded.folder, steps=9)


def test_losses_that_are_cut_or_mixed_up_are_noticed(recorded: Run) -> None:
    path = recorded.folder / "losses.csv"
    whole = path.read_text()
    lines = whole.splitlines(keepends=True)
    path.write_text(whole[:-17])
    assert len(recorded.losses().steps) == 6, "the last step is not whole, so it is left out"
    with pytest.raises(NstVizError, match=r"ends at step 5, before the checkpoint at step 6: restore it"):
        resume_transfer(recorded.folder, steps=9)
    for damaged in ("".join(lines[:9] + lines[10:]), "".join([*lines[:9], "garbage\n", *lines[9:]])):
        path.write_text(damaged)
        with pytest.raises(NstVizError, match=r"losses\.csv is missing or damaged \("):
            resume_transfer(recorded.folder, steps=9)
    path.unlink()
    with pytest.raises(NstVizError, match=r"losses\.csv is missing or damaged"):
        resume_transfer(recorded.folder, steps=9)
    assert recorded.frame_steps() == list(range(7))


def test_a_checkpoint_belongs_to_its_run(config: TransferConfig, recorded: Run, tmp_path: Path) -> None:
    other = record_transfer(config.replace(seed=1), tmp_path / "other")
    before = content_of(recorded)
    mine = (recorded.folder / "checkpoint").read_bytes()
    (recorded.folder / "checkpoint").write_bytes((other.folder / "checkpoint").read_bytes())
    with pytest.raises(NstVizError, match=r"checkpoint is not of the run that .*run\.json describes"):
        resume_transfer(recorded.folder, steps=9)
    (recorded.folder / "checkpoint").write_bytes(mine)
    manifest = json.loads((recorded.folder / "run.json").read_text())
    manifest["config"]["optimizer"] = "adam"
    (recorded.folder / "run.json").write_text(json.dumps(manifest))
    with pytest.raises(NstVizError, match=r"checkpoint is not of the run"):
        resume_transfer(recorded.folder, steps=9)
    assert content_of(recorded) == before


def test_pictures_that_are_lost_come_back(config: TransferConfig, recorded: Run, tmp_path: Path) -> None:
    """From the checkpoint and from the files of which the run was made."""
    (recorded.folder / "frames" / "000006.webp").write_bytes(b"damaged")
    (recorded.folder / "inputs" / "content.png").unlink()
    longer = record_transfer(config.replace(steps=9), tmp_path / "longer", recorded.policy)
    assert content_of(resume_transfer(recorded.folder, steps=9)) == content_of(longer)
    assert set(recorded.inputs()) == {"content", "style"}
    (recorded.folder / "inputs" / "content.png").write_bytes(b"damaged")
    Path(config.content or "").unlink()
    with pytest.raises(NstVizError, match=r"content\.png is damaged .*, and .* is no longer what the run was"):
        resume_transfer(recorded.folder, steps=12)


def readings(run: Run) -> dict[str, Callable[[], object]]:
    """For each kind of file what reads it."""
    return {
        "checkpoint": run.checkpoint,
        "gradients/000003.npz": lambda: run.gradient_maps(3),
        "inputs/content.png": run.inputs,
        "losses.csv": lambda: read_losses(run.folder / "losses.csv"),
        "frames/000003.webp": lambda: run.frame(3),
        "run.json": lambda: opened(run.folder),
    }


def opened(folder: Path) -> object:
    run = Run.open(folder)
    return run.status, run.config, run.policy, run.shape, run.coarse_sizes, summary(run), run.checkpoint()[0]


def same(one: object, other: object) -> bool:
    return hashlib.sha256(pickle.dumps(one)).digest() == hashlib.sha256(pickle.dumps(other)).digest()


@pytest.mark.parametrize("name", ["checkpoint", "gradients/000003.npz", "inputs/content.png", "losses.csv"])
def test_a_bit_that_flipped_is_noticed(recorded: Run, name: str) -> None:
    """Each has a checksum, or numbers that check each other: what is read is right, or it is said to be damaged."""
    path, read = recorded.folder / name, readings(recorded)[name]
    whole, right = path.read_bytes(), read()
    said = []
    for place in flips(len(whole)):
        path.write_bytes(flipped(whole, place))
        try:
            found = read()
        except NstVizError as error:
            said.append(str(error))
        else:
            norms = name == "losses.csv" and same(without_norms(found), without_norms(right))
            assert norms or same(found, right), f"bit {place} of {name} was changed, and {read} believed it"
    assert len(said) > 0.5 * FLIPS
    assert all(path.name in sentence and "\n" not in sentence for sentence in said)


@pytest.mark.parametrize("name", ["frames/000003.webp", "run.json"])
def test_a_bit_that_flipped_breaks_nothing(recorded: Run, name: str) -> None:
    """These have no checksum: a frame may show a wrong pixel, but only NstVizError comes out."""
    path, read = recorded.folder / name, readings(recorded)[name]
    whole = path.read_bytes()
    noticed = 0
    for place in flips(len(whole)):
        path.write_bytes(flipped(whole, place))
        try:
            read()
        except NstVizError:
            noticed += 1
    assert noticed > 0


def flips(length: int) -> list[int]:
    """Places of bits: those of the first and last bytes, where files say what they are, and others anywhere."""
    rng = np.random.default_rng(0)
    return [
        *rng.integers(0, 8 * min(length, 200), FLIPS // 3),
        *(8 * length - 1 - rng.integers(0, 8 * min(length, 400), FLIPS // 3)),
        *rng.integers(0, 8 * length, FLIPS // 3),
    ]


def flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place // 8] ^= 1 << place % 8
    return bytes(changed)


def without_norms(history: object) -> object:
    assert isinstance(history, LossHistory)
    return [history.terms, history.raw.tolist(), history.weight.tolist(), history.contribution.tolist()]


def test_a_picture_of_another_size_is_named(recorded: Run) -> None:
    Image.new("RGB", (20, 10)).save(recorded.folder / "frames" / "000002.webp")
    with pytest.raises(NstVizError, match=r"000002\.webp is damaged \(it is 20 x 10 pixels, not 48 x 40\)"):
        recorded.frame(2)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"reason": 3}, "reason"),
        ({"seconds": "long"}, "seconds"),
        ({"step": -1}, "step"),
        ({"status": "odd"}, "status"),
        ({"threads": 0}, "threads"),
        ({"inputs": {"content": {"name": "x"}}}, r"inputs\.content"),
        ({"inputs": {"../../up": {}}}, "inputs"),
        ({"network": {}}, r"network\.name"),
    ],
)
def test_a_manifest_that_lacks_something_is_damaged(recorded: Run, change: dict[str, object], where: str) -> None:
    manifest = recorded.folder / "run.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **change}))
    with pytest.raises(NstVizError, match=rf"run\.json is damaged \(see {where}"):
        Run.open(recorded.folder)
    manifest.write_text("[" * 100_000)
    with pytest.raises(NstVizError, match=r"run\.json cannot be read"):
        Run.open(recorded.folder)
