"""The storyboard: its panels show the recorded numbers, what does not move stays, any mode and name can be drawn."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image, ImageSequence

from nst_viz.core.errors import NstVizError
from nst_viz.core.look import looks_of_names
from nst_viz.core.networks.wavelet import DESCRIPTION
from nst_viz.recording.run import LossHistory, Run
from nst_viz.render.panels import (
    Terms,
    bar_range,
    bar_widths,
    decade_ticks,
    draw_bars,
    draw_shares,
    draw_total,
    power_text,
    step_ticks,
)
from nst_viz.render.storyboard import HEIGHT, PICTURE, WIDTH, Layout, Storyboard, write_storyboard
from tests.render.synthetic import synthetic_run

MANY = (
    "content.block4_conv2",
    *(f"style.block{block}_conv{conv}" for block in range(1, 6) for conv in (1, 2, 3)),
    "tv",
)


def history(contribution: np.ndarray, terms: tuple[str, ...]) -> LossHistory:
    steps = np.arange(len(contribution))
    return LossHistory(
        steps, terms, contribution, np.ones_like(contribution), contribution, np.full(contribution.shape, np.nan)
    )


@pytest.fixture
def terms() -> Terms:
    contribution = np.array([[0.0, 6.0, 2.0], [1.0, 2.0, 1.0], [1.0, 0.5, 0.5]])
    return of(history(contribution, ("tv", "style.block2_conv1", "content.block3_conv2")))


def of(losses: LossHistory) -> Terms:
    return Terms.of(losses, looks_of_names(losses.terms, {layer.name: layer for layer in DESCRIPTION.layers}))


def test_order_and_shares(terms: Terms) -> None:
    assert tuple(look.name for look in terms.looks) == ("content.block3_conv2", "style.block2_conv1", "tv")
    np.testing.assert_allclose(terms.shares(), [[0.25, 0.75, 0], [0.25, 0.5, 0.25], [0.25, 0.25, 0.5]])
    np.testing.assert_allclose(terms.total(), [8, 4, 2])


def test_shares_of_no_loss() -> None:
    assert of(history(np.zeros((2, 2)), ("tv", "style.block1_conv1"))).shares().sum() == 0


def test_bars_have_the_recorded_lengths(terms: Terms) -> None:
    ax = Figure().add_subplot()
    bars = draw_bars(ax, terms, 1)
    low, _ = bar_range(terms)
    np.testing.assert_allclose([bar.get_x() + bar.get_width() for bar in bars], [1, 2, 1])
    assert all(bar.get_x() == low for bar in bars)
    assert bar_widths(terms, 0)[2] == 0  # nothing at step 0
    assert [bool(bar.get_hatch()) for bar in bars] == [True, False, False]  # only content is hatched
    assert [label.get_text() for label in ax.get_yticklabels()] == ["content 3.2", "style 2.1", "smoothness"]


def test_shares_fill_the_panel(terms: Terms) -> None:
    ax = Figure().add_subplot()
    draw_shares(ax, terms)
    assert ax.get_ylim() == (0, 1)
    tops = [max(path.vertices[:, 1].max() for path in filled.get_paths()) for filled in ax.collections]
    np.testing.assert_allclose(tops, [0.25, 1, 1])


@pytest.mark.parametrize("values", [[[3.0]], [[5.0], [5.0]], [[0.0], [0.0]], [[1e9], [1e-9]]])
def test_total_of_any_losses(values: list[list[float]]) -> None:
    ax = Figure().add_subplot()
    terms = of(history(np.array(values), ("tv",)))
    draw_total(ax, terms)
    draw_bars(Figure().add_subplot(), terms, 0)
    low, high = ax.get_ylim()
    assert 0 < low < high


@pytest.mark.parametrize("last", [1, 2, 7, 40, 100, 150, 5000])
def test_step_ticks(last: int) -> None:
    ticks = step_ticks(last)
    assert ticks[0] == 0
    assert ticks[-1] == last
    assert ticks == sorted(set(ticks))
    assert len(ticks) <= 14


def test_axis_numbers() -> None:
    assert decade_ticks(0.4, 3.5) == [0.5, 1, 2]
    assert [power_text(value) for value in decade_ticks(2e-5, 0.3)] == ["1e-4", "0.001", "0.01", "0.1"]
    assert power_text(3e6) == "3e6"
    assert power_text(1e-12) == "1e-12"


def test_only_what_moves_is_drawn_again(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run")
    page = Storyboard(run, Terms.of(run.losses(), run.looks()))
    first, again, later = page.draw(3), page.draw(3), page.draw(15)
    assert first.shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[:40, :640], later[:40, :640])
    assert (first != later).any(axis=-1).mean() > 0.05
    page.draw(0)
    np.testing.assert_array_equal(page.draw(3), first)  # nothing of another step is left behind


def test_what_moves_shows_the_step(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", mode="style")  # its losses fall 21-fold from step 0 to 20
    page = Storyboard(run, Terms.of(run.losses(), run.looks()))
    early, late = page.draw(1), page.draw(20)
    bars, shares = page.layout.bars, page.layout.shares

    def coloured(pixels: np.ndarray) -> np.ndarray:
        return np.ptp(pixels.astype(int), axis=-1) > 100

    inside = slice(bars.top, bars.bottom), slice(bars.left, bars.right)
    assert coloured(early[inside]).sum() > 1.2 * coloured(late[inside]).sum() > 0
    inside = slice(shares.top, shares.bottom), slice(shares.left, shares.right)
    assert coloured(early[inside]).mean() < 0.5 < 0.95 < coloured(late[inside]).mean()  # what is ahead is pale


def test_the_picture_is_on_the_page(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run")
    page = Storyboard(run, Terms.of(run.losses(), run.looks())).draw(7)
    box = PICTURE.fitted(run.frame(7))
    part = Image.fromarray(page[box.top : box.bottom, box.left : box.right]).resize((47, 33), Image.Resampling.BOX)
    assert np.abs(np.asarray(part, int) - run.frame(7)).mean() < 4


@pytest.mark.parametrize("shape", [(256, 235), (203, 256), (100, 400), (400, 100), (50, 50)])
@pytest.mark.parametrize("terms", [1, 2, 9, 17])
@pytest.mark.parametrize("small", [1, 2])
def test_nothing_overlaps(shape: tuple[int, int], terms: int, small: int) -> None:
    picture = np.zeros((*shape, 3), np.uint8)
    layout = Layout.of(picture, terms, small)
    boxes = [PICTURE.fitted(picture), layout.curve, layout.shares, layout.bars, *layout.small]
    for index, a in enumerate(boxes):
        assert a.width > 40
        assert a.height > 40
        assert a.left >= 0
        assert a.top >= 0
        assert a.right <= WIDTH
        assert a.bottom <= HEIGHT
        for b in boxes[index + 1 :]:
            assert a.right <= b.left or b.right <= a.left or a.bottom <= b.top or b.bottom <= a.top
    assert layout.bars.height / terms >= 15


@pytest.mark.parametrize(("mode", "suffix"), [("style_transfer", ".gif"), ("content", ".mp4"), ("style", ".webp")])
def test_each_mode_and_each_format(tmp_path: Path, mode: str, suffix: str) -> None:
    """How a mode is drawn and how a page is encoded do not know of each other."""
    animation = write_storyboard(synthetic_run(tmp_path / "run", mode=mode, steps=2), tmp_path / f"a{suffix}")
    assert animation.frames == 3
    assert animation.size > 5000


def test_any_name_can_be_drawn(tmp_path: Path) -> None:
    names = {"content": "$x^{a$ 日本 <b>&\n" * 9, "style": "\\frac"}
    run = synthetic_run(tmp_path / "run", steps=1, names=names, terms=MANY)
    assert Storyboard(run, Terms.of(run.losses(), run.looks())).draw(1).min() < 60


def test_picture_before_its_losses(tmp_path: Path) -> None:
    """As in a run that is being recorded: the last picture is there, its losses are not yet, or only in part."""
    run = synthetic_run(tmp_path / "run", steps=4)
    lines = (run.folder / "losses.csv").read_text().splitlines(keepends=True)
    (run.folder / "losses.csv").write_text("".join(lines[:-3]) + lines[-3][:9])
    assert write_storyboard(run, tmp_path / "a.webp").frames == 4
    (run.folder / "losses.csv").write_text(lines[0])
    with pytest.raises(NstVizError, match="no losses yet"):
        write_storyboard(run, tmp_path / "b.webp")


def test_a_page_is_drawn_whole_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a hundred pages take ten times as long."""
    run = synthetic_run(tmp_path / "run", steps=5, terms=MANY)
    page = Storyboard(run, Terms.of(run.losses(), run.looks()))
    monkeypatch.setattr(FigureCanvasAgg, "draw", lambda canvas: pytest.fail("the whole page was drawn again"))
    drawn: list[Artist] = []
    draw_artist = Figure.draw_artist
    monkeypatch.setattr(Figure, "draw_artist", lambda figure, a: (drawn.append(a), draw_artist(figure, a))[1])
    page.draw(3)
    assert drawn == page.moving
    assert len(drawn) < len(page.figure.findobj()) / 4


def test_gif_of_pages_is_readable(tmp_path: Path) -> None:
    run: Run = synthetic_run(tmp_path / "run", steps=2)
    write_storyboard(run, tmp_path / "a.gif")
    with Image.open(tmp_path / "a.gif") as image:
        pages = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    assert len(pages) == 3
    assert (pages[1][5, 5] == 255).all()
