"""The lessons: each runs from its first line to its last and proves what it says, small; its committed pictures are its own."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nst_viz.core.errors import NstVizError
from nst_viz.course import cells, site
from nst_viz.course.lesson import MADE, Lesson, file_hash, hash_of
from nst_viz.recording import processes

SCRIPTS = {int(path.name[:2]): path for path in cells.lesson_paths()}
SMALL: dict[int, dict[str, Any]] = {
    1: {"SIZE": 64, "STEPS": 60, "RATE": 0.02, "WINDOW": 8},
    2: {"SIZE": 64, "STEPS": 30, "PATCH": 160, "CONTENT": "sample:dancing"},
    3: {"SIZE": 96, "STEPS": 40},
    4: {"SIZE": 96, "STEPS": 30, "GROWN": "sample:mosaic"},
    5: {"SIZE": 144, "STEPS": 60},
    6: {"SIZE": 96, "STEPS": 40, "GRID_SIZE": 64, "GRID_STEPS": 75},
    7: {"SIZE": 96, "STEPS": 32, "EVERY": 8, "GRID_STEPS": 16},
    8: {"SIZE": 96, "STEPS": 60},
    9: {"SIZE": 64, "STEPS": 25},
    10: {"SIZE": 128, "STEPS": 40},
}
"""constants with which a lesson takes seconds and what it asserts still holds"""
COMMITTED = Path(__file__).parents[2] / "results" / "lessons"
LARGEST_GIF, LARGEST_ALL = 3_000_000, 26_000_000


def made_small(path: Path, number: int) -> cells.Script:
    """The lesson with its constants replaced."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    for node in ast.parse("".join(lines)).body:
        if isinstance(node, ast.Assign):
            target = node.targets[0]
            names = [part.id for part in getattr(target, "elts", [target]) if isinstance(part, ast.Name)]
            if names and set(names) <= set(SMALL[number]):
                assert node.lineno == node.end_lineno
                lines[node.lineno - 1] = "; ".join(f"{name} = {SMALL[number][name]!r}" for name in names) + "\n"
    small = Path("small") / path.name
    small.parent.mkdir()
    small.write_text("".join(lines), "utf-8")
    return cells.read_script(small)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(processes, "cores", lambda: 1)


@pytest.mark.parametrize("number", SCRIPTS)
@pytest.mark.usefixtures("elsewhere")
def test_a_lesson_runs_and_shows_what_it_says(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    script = made_small(SCRIPTS[number], number)
    assert script.constants() == SMALL[number]
    page = site.run_lesson(script)
    folder = Lesson(number).folder
    made = json.loads((folder / MADE).read_text("utf-8"))
    assert made["constants"] == hash_of(SMALL[number])
    kinds = {Path(name).suffix for name in made["pictures"]}
    assert {".gif", ".png", ".html", ".webp"} <= kinds
    for name in made["pictures"]:
        assert (folder / name).stat().st_size
    text = page.read_text("utf-8")
    for name in set(made["pictures"]) - {"cover.webp"}:
        assert f'src="{name}"' in text
    assert f"The pictures of lesson {number} are in results/lessons/{number:02d}/" in capsys.readouterr().out
    assert f"{number:02d}/index.html" in (folder.parent / "index.html").read_text("utf-8")


@pytest.mark.parametrize("number", SCRIPTS)
def test_a_lesson_has_its_form(number: int) -> None:
    script = cells.read_script(SCRIPTS[number])
    prose = "\n".join(cell.text for cell in script.cells if cell.kind == "markdown")
    assert script.cells[0].kind == "markdown"
    assert "Predict" in prose or "Before you read on" in prose
    assert "## What we saw" in prose
    assert len(re.findall(r"^- ", prose.split("## Try")[1], re.MULTILINE)) == 2
    if number < 10:
        assert f"Next, lesson {number + 1}" in prose
    code = "\n".join(cell.text for cell in script.cells if cell.kind == "code")
    assert "assert " in code
    assert "TODO" not in code + prose
    for cell in script.cells:
        assert len(cell.text.strip().splitlines()) <= 32


@pytest.mark.parametrize("number", SCRIPTS)
def test_committed_pictures_are_those_of_the_lesson(number: int) -> None:
    folder = COMMITTED / f"{number:02d}"
    made = json.loads((folder / MADE).read_text("utf-8"))
    constants = cells.read_script(SCRIPTS[number]).constants()
    assert made["constants"] == hash_of(constants), f"lesson {number} has other constants now: run nst-viz lesson {number}"
    for name, digest in made["pictures"].items():
        assert file_hash(folder / name) == digest, f"{name} is not what lesson {number} made: run nst-viz lesson {number}"
        if name.endswith(".gif"):
            assert (folder / name).stat().st_size <= LARGEST_GIF
            with Image.open(folder / name) as image:
                first = np.asarray(image.convert("RGB"), np.float32)
            assert first.std() > 20, "the first picture of the animation says nothing"
    page = (folder / "index.html").read_text("utf-8")
    for link in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert (folder / link).exists(), link


def test_committed_pictures_are_small_together() -> None:
    files = [path for path in COMMITTED.rglob("*") if path.is_file() and "runs" not in path.relative_to(COMMITTED).parts]
    assert sum(path.stat().st_size for path in files) <= LARGEST_ALL


def test_there_are_ten() -> None:
    assert list(SCRIPTS) == list(range(1, 11)) == list(SMALL)


def test_cells(tmp_path: Path) -> None:
    path = tmp_path / "01_one.py"
    opening = '# %% [markdown]\n"""# A title.\n\nA question?\n"""\n\n'
    path.write_text(opening + '# %% [markdown]\n# ## Head\n#\n# Text\n\n# %%\nAB, CD = 1, 2\nE = len("x")\nx = 3\n')
    script = cells.read_script(path)
    assert (script.title, script.opening, script.number) == ("A title", "A question?", 1)
    assert (script.cells[0].kind, script.cells[0].text) == ("markdown", "## Head\n\nText")
    assert script.constants() == {"AB": 1, "CD": 2}
    assert script.cells[1].line == 12
    with pytest.raises(NstVizError, match="there is no lesson 99"):
        cells.find_lesson(99)


def test_what_is_to_be_predicted_is_not_in_the_code_above_it() -> None:
    one, other = 'lesson.show("a.gif", "It is (so).")\n', 'lesson.show(\n    "b.gif",\n    f"A {x} (b)"\n    "and c.",\n)\n'
    page = re.sub("<[^>]*>", "", site.code(cells.Cell("code", f"x = 1\n{one}y = 2\n{other}{one}z = 3\n", 0), "", []))
    assert "(so)" not in page
    assert "and c" not in page
    assert page.count("…") == 3
    assert "y = 2" in page.replace("&#39;", "'")
    assert "z = 3" in page


@pytest.mark.usefixtures("elsewhere")
def test_a_lesson_whose_claim_fails_stops_at_its_line() -> None:
    path = Path("01_wrong.py")
    path.write_text('"""A title.\n"""\n\n# %%\nSIZE = 3\n\n# %%\nassert SIZE == 4\n')
    with pytest.raises(NstVizError, match=r"lesson 1 stops at 01_wrong\.py, line 8, since this does not hold: SIZE == 4"):
        site.run_lesson(cells.read_script(path))
