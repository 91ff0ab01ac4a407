"""Gradient maps: brighter where a term pushes harder, on one scale, and a run without them says how to get them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_viz.core.errors import NstVizError
from nst_viz.render.gradients import colour_scale, draw_gradient_sheet, recorded_maps, write_gradient_sheet
from tests.render.synthetic import synthetic_run


def test_one_scale_for_all_maps(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", gradients=True)
    figure = draw_gradient_sheet(run)
    images = [image for ax in figure.axes for image in ax.images]
    maps = [image for image in images if image.get_array().ndim == 2]
    assert len(maps) == 4 * 4  # steps and terms
    assert len(images) == len(maps) + 4  # and the picture at each step
    assert len({(image.norm.vmin, image.norm.vmax) for image in maps}) == 1
    strong, weak = (np.median(np.asarray(image.norm(image.get_array()))) for image in maps[:2])
    assert strong > weak + 0.2  # the second term pushes ten times less


def test_first_and_last_recorded_step(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", gradients=True)
    assert list(recorded_maps(run, 4)) == [0, 5, 10, 20]
    assert list(recorded_maps(run, 2)) == [0, 20]
    assert list(recorded_maps(run, 99)) == [0, 5, 10, 15, 20]


def test_no_push_at_all() -> None:
    scale = colour_scale({0: {"tv": np.zeros((4, 4), np.float32)}})
    assert 0 < scale.vmin < scale.vmax


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("mode", ["content", "style_transfer"])
def test_sheet_is_written(tmp_path: Path, suffix: str, mode: str) -> None:
    run = synthetic_run(tmp_path / "run", mode=mode, gradients=True, names={"content": "日本 $x^{" * 6, "style": "s"})
    with Image.open(write_gradient_sheet(run, tmp_path / f"a{suffix}")) as image:
        assert image.width > 300
        assert np.asarray(image.convert("L")).std() > 20


def test_run_without_maps_says_how_to_record_them(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=1)
    with pytest.raises(NstVizError, match="--gradients-every"):
        write_gradient_sheet(run, tmp_path / "a.png")


def test_damaged_maps(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=1, gradients=True)
    (run.folder / "gradients" / "000000.npz").write_bytes(b"no maps")
    with pytest.raises(NstVizError, match="damaged"):
        write_gradient_sheet(run, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()
