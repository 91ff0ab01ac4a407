"""What a run shows of itself in a notebook: small, escaped, and never a traceback."""

import base64
import io
import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

from nst_viz.recording.run import Run
from nst_viz.render.notebook import LIMIT, run_html
from tests.render.synthetic import synthetic_run


def test_animation_and_caption(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", height=300, width=400)
    page = run_html(run)
    assert run._repr_html_() == page
    assert "hills in the style of strokes · step 20 of 20 · loss" in page
    data = base64.b64decode(re.search(r'src="data:image/webp;base64,([^"]*)"', page)[1])
    assert len(data) <= LIMIT
    assert len(page) < 1_500_000
    with Image.open(io.BytesIO(data)) as image:
        assert image.n_frames > 1
        assert image.size == (320, 240)


def test_names_are_escaped(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=1, names={"content": '"><script>', "style": "<b>&"})
    page = run_html(run)
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert '""' not in page


def test_run_without_a_picture_is_one_line(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "<run>", steps=1)
    for path in (run.folder / "frames").iterdir():
        path.unlink()
    page = run_html(run)
    assert "no picture yet" in page
    assert "<img" not in page
    assert "<run>" not in page


def test_a_run_that_did_not_end_says_so(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=1)
    assert "finished" not in run_html(run)
    assert "· stopped</figcaption>" in run_html(Run(run.folder, {**run.manifest, "status": "stopped"}))


def test_a_run_that_was_opened_through_the_package_shows_itself(tmp_path: Path) -> None:
    """In a process of its own, in which nothing has asked for rendering yet."""
    run = synthetic_run(tmp_path / "run", steps=1)
    code = f"from nst_viz import Run; print(Run.open({str(run.folder)!r})._repr_html_())"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == run_html(run)
