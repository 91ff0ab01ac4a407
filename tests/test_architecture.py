"""The shape of the package: imports run one way, the contents page keeps its word, the command line starts light."""

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest

import nst_viz

PACKAGE = Path(nst_viz.__file__).parent
LAYERS: tuple[set[str], ...] = (
    {"core"},
    {"results", "options", "terminal"},
    {"recording"},
    {"render"},
    {"seed", "course"},
    {"app"},
    {"__init__"},
    {"__main__"},
)
"""the package's own parts; each may import those of the layers before its own, and itself"""
PLACE = {part: place for place, layer in enumerate(LAYERS) for part in layer}


def parts(path: Path) -> tuple[str, str]:
    """(the part of the package that a file belongs to, the package that its relative imports start from)."""
    inside = path.relative_to(PACKAGE).with_suffix("").parts
    return inside[0], ".".join(("nst_viz", *inside[:-1]))


def modules_named(source: str, package: str) -> Iterator[str]:
    """Every module of nst_viz that a source imports or names in a string, at its top or within a function.

    Modules are also started (`python -m`) and imported by name, so a string that is nothing but such a name counts.
    """
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.ImportFrom):
            home = resolve_name("." * node.level + (node.module or ""), package)
            names = [f"{home}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.Constant) and re.fullmatch(r"nst_viz(\.\w+)+", str(node.value)):
            names = [str(node.value)]
        yield from (name for name in names if name.split(".")[0] == "nst_viz")


def part_of(module: str) -> str:
    """The part that a module, or a name within it, belongs to; the contents page for what the package itself exports."""
    part = [*module.split("."), "__init__"][1]
    return part if (PACKAGE / part).is_dir() or (PACKAGE / f"{part}.py").exists() else "__init__"


def wrong_imports(part: str, source: str, package: str) -> set[str]:
    """The modules that a source of a part must not import: those of its own layer's other parts, and of later layers."""
    return {
        name
        for name in modules_named(source, package)
        if part_of(name) != part and PLACE.get(part_of(name), len(LAYERS)) >= PLACE[part]
    }


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_run_one_way(path: Path) -> None:
    part, package = parts(path)
    assert part in PLACE, f"{part} has no layer yet: give it one in LAYERS"
    assert not wrong_imports(part, path.read_text("utf-8"), package)


@pytest.mark.parametrize(
    "source",
    [
        "import nst_viz.render.choose",
        "from nst_viz import render",
        "from nst_viz import write_movie",
        "import nst_viz",
        "def late():\n    from nst_viz.render.notebook import run_html",
        "if TYPE_CHECKING:\n    from nst_viz.app.places import Places",
        "from .. import seed",
        "from ..course import lesson",
        "import_module('nst_viz.render.notebook')",
        "command = ['-m', 'nst_viz.app.work.worker']",
    ],
)
def test_an_import_that_runs_back_is_noticed(source: str) -> None:
    assert wrong_imports("recording", source, "nst_viz.recording")
    assert not wrong_imports("__main__", source, "nst_viz.recording")


def test_contents_page_is_true() -> None:
    """What a type checker reads, what is imported when it is asked for, and what is exported are the same names."""
    page = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    typed = next(node for node in page.body if isinstance(node, ast.If))
    homes = {alias.name: each.module for each in typed.body if isinstance(each, ast.ImportFrom) for alias in each.names}
    assert {name: f"nst_viz.{home}" for name, home in nst_viz._HOME.items()} == homes
    assert set(nst_viz.__all__) == set(homes)
    for name, home in homes.items():
        assert getattr(nst_viz, name) is getattr(importlib.import_module(home), name)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        nst_viz.nothing  # noqa: B018


def test_help_loads_nothing_heavy() -> None:
    heavy = {"tensorflow", "keras", "matplotlib", "streamlit", "scipy", "skimage"}
    code = f"import sys, nst_viz, nst_viz.__main__, nst_viz.recording.session; print(*({heavy} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
