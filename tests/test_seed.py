"""The seed's three calls, as its README writes them but for smaller pictures."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from nst_viz import NstVizError, main
from nst_viz.core.config import TransferConfig
from nst_viz.render.sheet import draw_triptych
from nst_viz.seed import seed_config


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("mode", "start", "kinds"),
    [
        ("style_transfer", "content", {"content", "style"}),
        ("content", "noise", {"content"}),
        ("style", "noise", {"style"}),
    ],
)
def test_the_three_calls(mode: str, start: str, kinds: set[str], content: Path, style: Path) -> None:
    first = str(content) if start == "content" else "noise"
    run = main(content_path=first, style_path=str(style), imsize=48, mode=mode, num_steps=3)  # type: ignore[arg-type]
    name = f"{'hills' if start == 'content' else 'noise'}_strokes"
    assert run.folder == Path("results") / name
    assert set(run.inputs()) == kinds
    assert (run.config.mode, run.config.size, run.config.steps, run.status) == (mode, 48, 3, "finished")
    with Image.open(f"results/{name}.jpg") as picture:
        difference = ImageChops.difference(picture, draw_triptych(run))  # the targets and the result, but for JPEG
    assert max(ImageStat.Stat(difference).mean) < 4
    with Image.open(f"results/{name}.gif") as animation:
        assert animation.n_frames == len(run.frame_steps()) == 4
    assert 'src="data:image/webp;base64,' in run._repr_html_()


def test_the_seeds_parameters_are_the_configs_fields() -> None:
    config = seed_config("a.jpg", "b.jpg", 300, "style_transfer", 20, 5.0, 0.5)
    assert config == TransferConfig(content="a.jpg", style="b.jpg", size=300, steps=20, beta=5.0, alpha=0.5)
    assert seed_config("noise", "b.jpg", None, "content", None, None, None) == TransferConfig(
        mode="content", content="b.jpg", init="noise"
    )
    assert seed_config("a.jpg", "b.jpg", None, "style", None, None, None).init == "a.jpg"


def test_mistakes() -> None:
    with pytest.raises(NstVizError, match="needs a content picture"):
        main("noise", "b.jpg")
    with pytest.raises(NstVizError, match="there is no mode 'dream': choose from style_transfer, content, style"):
        main("a.jpg", "b.jpg", mode="dream")  # type: ignore[arg-type]
