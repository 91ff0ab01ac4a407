"""The one call that renders a run in several ways, and the command that makes it."""

from pathlib import Path

import pytest

from nst_viz.__main__ import main
from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.render import SUFFIXES, render_run
from nst_viz.render.caption import loss_text, printable, shorten, title
from tests.render.synthetic import synthetic_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("runs") / "run", steps=5, gradients=True)


def test_everything_at_once(run: Run, tmp_path: Path) -> None:
    wanted = {kind: tmp_path / f"{kind}{suffixes[0]}" for kind, suffixes in SUFFIXES.items()}
    assert render_run(run, wanted, frames=3) == list(wanted.values())
    assert sorted(tmp_path.iterdir()) == sorted(wanted.values())
    assert all(path.stat().st_size > 500 for path in wanted.values())


def test_names_are_checked_before_anything_is_written(run: Run, tmp_path: Path) -> None:
    with pytest.raises(NstVizError, match=r"\.png or"):
        render_run(run, {"gif": tmp_path / "a.gif", "sheet": tmp_path / "a.bmp"})
    with pytest.raises(NstVizError, match="choose from gif"):
        render_run(run, {"gif": tmp_path / "a.gif", "hologram": tmp_path / "a"})
    with pytest.raises(NstVizError, match="is named twice"):
        render_run(run, {"gif": tmp_path / "a.gif", "storyboard": tmp_path / "." / "a.gif"})
    with pytest.raises(NstVizError, match="is among the recorded pictures of"):
        render_run(run, {"webp": run.folder / "frames" / "000002.webp"})
    assert list(tmp_path.iterdir()) == []


def test_command(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gif, gradients = tmp_path / "new" / "a.gif", tmp_path / "g.png"
    main(["render", str(run.folder), "--gif", str(gif), "--gradients", str(gradients), "--frames", "2"])
    assert capsys.readouterr().out.split() == [str(gif), str(gradients)]
    assert gif.exists()


def test_command_says_what_a_limit_cost(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nst_viz.render.animation.LIMITS", {".gif": 4000})
    main(["render", str(run.folder), "--gif", str(tmp_path / "a.gif")])
    assert "to stay under its limit" in capsys.readouterr().err


def test_command_mistake(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["render", str(run.folder), "--gif", str(tmp_path / "a.mp4")])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_titles(tmp_path: Path) -> None:
    assert title(synthetic_run(tmp_path / "a", steps=1)) == "hills in the style of strokes"
    assert title(synthetic_run(tmp_path / "b", steps=1, mode="content")) == "the content of hills"
    assert title(synthetic_run(tmp_path / "c", steps=1, mode="style")) == "the style of strokes"


@pytest.mark.parametrize(
    ("loss", "text"),
    [
        (0.01234, "0.0123"),
        (0.5, "0.500"),
        (45.67, "45.7"),
        (454.2, "454"),
        (1234.5, "1,230"),
        (4.337e6, "4.34e6"),
        (3.2e-9, "3.20e-9"),
        (0, "0.00"),
    ],
)
def test_loss_text(loss: float, text: str) -> None:
    assert loss_text(loss) == text


def test_text_that_a_font_cannot_draw() -> None:
    assert printable("a\nb 日本 é") == "a b □□ é"
    assert shorten("a" * 50 + "b" * 50, 11) == "aaaaa…bbbbb"
    assert shorten("short", 11) == "short"
