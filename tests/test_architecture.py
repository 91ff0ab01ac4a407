"""The shape of the package: imports run one way, the contents page keeps its word, the command line starts light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import nst_viz

PACKAGE = Path(nst_viz.__file__).parent
ORDER = ("core", "recording", "render", "app")


def imported(path: Path) -> set[str]:
    """Every nst_viz module that a file imports, at its top or within a function."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name for name in names if name.startswith("nst_viz")}


@pytest.mark.parametrize("layer", ORDER)
def test_imports_point_left(layer: str) -> None:
    to_the_right = ORDER[ORDER.index(layer) + 1 :]
    allowed = {"nst_viz.render.notebook"}  # a run shows itself in a notebook, imported only when it is asked to
    for path in (PACKAGE / layer).rglob("*.py"):
        wrong = {name for name in imported(path) - allowed if name.split(".")[1:2] and name.split(".")[1] in to_the_right}
        assert not wrong, f"{path} imports {wrong}"


def test_contents_page_is_true() -> None:
    assert set(nst_viz.__all__) == set(nst_viz._HOME)
    for name in nst_viz.__all__:
        assert getattr(nst_viz, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        nst_viz.nothing  # noqa: B018


@pytest.mark.parametrize("heavy", ["tensorflow", "keras", "matplotlib", "streamlit", "scipy", "skimage"])
def test_help_loads_nothing_heavy(heavy: str) -> None:
    code = f"import sys, nst_viz, nst_viz.__main__, nst_viz.recording.session; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
