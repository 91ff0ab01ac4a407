"""From a lesson's script to its parts: the opening, the cells of prose and of code, the constants."""

import ast
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nst_viz.core.errors import NstVizError

PACKAGE = Path(__file__).parents[1]
FOLDERS = (PACKAGE / "lessons", PACKAGE.parent / "lessons")
"""in an installed package, and in a checkout"""


@dataclass(frozen=True)
class Cell:
    """A part of a script in the percent format."""

    kind: Literal["markdown", "code"]
    text: str
    """prose without its comment signs, or code as it stands"""
    line: int
    """of the script, counted from 0, where the text begins"""


@dataclass(frozen=True)
class Script:
    """A lesson as it is written."""

    path: Path
    title: str
    opening: str
    """the docstring after its title, in Markdown"""
    cells: tuple[Cell, ...]

    @property
    def number(self) -> int:
        return int(self.path.name[:2])

    def constants(self) -> dict[str, Any]:
        """The names in capitals that the first cell of code sets to plain values: `SIZE, STEPS = 192, 80`."""
        first = next(cell for cell in self.cells if cell.kind == "code")
        found: dict[str, Any] = {}
        for node in ast.parse(first.text).body:
            if isinstance(node, ast.Assign):
                target = node.targets[0]
                names = [part.id for part in getattr(target, "elts", [target]) if isinstance(part, ast.Name)]
                if all(name.isupper() and len(name) > 1 for name in names):
                    with suppress(ValueError):  # computed from something: no constant
                        value = ast.literal_eval(node.value)
                        found.update(zip(names, value if len(names) > 1 else [value], strict=True))
        return found


def lesson_paths() -> list[Path]:
    """The lessons' scripts, in order."""
    folder = next((folder for folder in FOLDERS if folder.is_dir()), FOLDERS[-1])
    return sorted(folder.glob("[0-9][0-9]_*.py"))


def find_lesson(number: int) -> Script:
    """The lesson of this number. Raises NstVizError where there is none."""
    for path in lesson_paths():
        if int(path.name[:2]) == number:
            return read_script(path)
    raise NstVizError(f"there is no lesson {number}: nst-viz lesson lists those that there are")


def read_script(path: Path) -> Script:
    """A script in the percent format: a docstring, which may be a cell, then cells: `# %%` or `# %% [markdown]`."""
    source = path.read_text("utf-8")
    head, _, opening = (ast.get_docstring(ast.parse(source)) or path.stem).partition("\n")
    cells, lines = [], source.splitlines(keepends=True)
    starts = [index for index, line in enumerate(lines) if line.startswith("# %%")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        body = "".join(lines[start + 1 : end])
        if body.lstrip().startswith('"""'):
            continue  # the opening, marked as prose so that a notebook shows it as such
        if "[markdown]" in lines[start]:
            cells.append(Cell("markdown", re.sub(r"^# ?", "", body, flags=re.MULTILINE).strip(), start + 1))
        else:
            cells.append(Cell("code", body, start + 1))
    return Script(path, head.strip("# ").rstrip("."), opening.strip(), tuple(cells))
