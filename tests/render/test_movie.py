"""Animations: what a reader of the file sees, how large it is, and what happens when it cannot be written."""

import subprocess
from pathlib import Path

import numpy as np
import pytest
from imageio_ffmpeg import count_frames_and_secs, get_ffmpeg_exe
from PIL import Image, ImageSequence

from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.render import choose
from nst_viz.render.animation import pace
from nst_viz.render.encoders import Reel, shared_palette
from nst_viz.render.movie import write_movie
from tests.render.synthetic import synthetic_run, wavy


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return synthetic_run(tmp_path_factory.mktemp("runs") / "run", steps=20)


def shown(path: Path) -> tuple[list[np.ndarray], list[int]]:
    """The pictures of a GIF or WebP as they appear, and how many milliseconds each."""
    pictures, times = [], []
    with Image.open(path) as image:
        for frame in ImageSequence.Iterator(image):
            pictures.append(np.asarray(frame.convert("RGB")))
            times.append(frame.info["duration"])
    return pictures, times


def video_facts(path: Path) -> str:
    """What ffmpeg says of a video's one stream: codec, pixels, size."""
    told = subprocess.run([get_ffmpeg_exe(), "-hide_banner", "-i", path], capture_output=True, text=True).stderr
    return next(line for line in told.splitlines() if "Video:" in line)


def first_picture(path: Path, width: int, height: int) -> np.ndarray:
    """A video's first picture, uint8 (height, width, 3)."""
    command = [get_ffmpeg_exe(), "-loglevel", "error", "-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3)


def colour_tables(data: bytes) -> int:
    """How many of a GIF's pictures bring a palette of their own."""
    place, local = 13 + 3 * 2 ** ((data[10] & 7) + 1), 0
    while data[place] != 0x3B:
        if data[place] == 0x21:
            place += 2
        else:
            flags = data[place + 9]
            local += bool(flags & 0x80)
            place += 11 + (3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0)
        while data[place]:
            place += data[place] + 1
        place += 1
    return local


def test_gif_shows_the_chosen_pictures(run: Run, tmp_path: Path) -> None:
    animation = write_movie(run, tmp_path / "a.gif", frames=9, fps=10)
    pictures, times = shown(tmp_path / "a.gif")
    steps = choose.frames(run, 9)
    assert len(pictures) == animation.frames == len(steps)
    assert times == [100] * (len(steps) - 1) + [1500]
    for picture, step in zip(pictures, steps, strict=True):
        assert np.abs(picture.astype(int) - run.frame(step)).mean() < 10
    assert animation.size == (tmp_path / "a.gif").stat().st_size
    assert animation.note() == ""


def test_gif_has_one_palette_and_loops(run: Run, tmp_path: Path) -> None:
    write_movie(run, tmp_path / "a.gif", frames=9)
    data = (tmp_path / "a.gif").read_bytes()
    assert colour_tables(data) == 0
    assert data[10] & 0x80
    with Image.open(tmp_path / "a.gif") as image:
        assert image.info["loop"] == 0


def test_palette_keeps_paper_white() -> None:
    page = np.full((90, 160, 3), 255, np.uint8)
    page[20:70, 20:70] = np.random.default_rng(0).integers(0, 256, (50, 50, 3))
    page[:10] = 251
    colours = np.array(shared_palette([page]).getpalette()).reshape(-1, 3)
    assert len(colours) == 256
    assert (colours == 255).all(axis=1).any()


def test_flat_picture_in_a_gif(tmp_path: Path) -> None:
    """One colour, as far from any other as can be: no entry of the palette may turn it transparent."""
    run = synthetic_run(tmp_path / "run", steps=1)
    for step, grey in ((0, 0), (1, 255)):
        Image.new("RGB", (47, 33), (grey,) * 3).save(run.folder / "frames" / f"{step:06d}.webp", lossless=True)
    write_movie(run, tmp_path / "a.gif")
    pictures, _ = shown(tmp_path / "a.gif")
    assert pictures[0].max() == 0
    assert pictures[1].min() == 255


def test_gif_meets_its_limit_by_fewer_pictures_then_by_smaller_ones(run: Run, tmp_path: Path) -> None:
    whole = write_movie(run, tmp_path / "a.gif", frames=20)
    assert whole.scale == 1
    less = write_movie(run, tmp_path / "b.gif", frames=20, limit=whole.size * 2 // 3)
    assert less.size == (tmp_path / "b.gif").stat().st_size <= whole.size * 2 // 3
    assert less.scale < 1  # 20 pictures are already few
    assert "their sides at" in less.note()


def test_many_pictures_are_cut_down_first(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=59)
    whole = write_movie(run, tmp_path / "a.gif")
    less = write_movie(run, tmp_path / "b.gif", limit=round(whole.size * 0.8))
    assert 30 <= less.frames < 60
    assert less.scale == 1
    assert f"{less.frames} pictures in place of 60" in less.note()


def test_limit_that_cannot_be_met(run: Run, tmp_path: Path) -> None:
    with pytest.raises(NstVizError, match="larger limit"):
        write_movie(run, tmp_path / "a.gif", limit=100)
    assert list(tmp_path.iterdir()) == []


def test_mp4_plays_in_a_browser(run: Run, tmp_path: Path) -> None:
    write_movie(run, tmp_path / "a.mp4", frames=9, fps=10)
    frames, seconds = count_frames_and_secs(str(tmp_path / "a.mp4"))
    assert frames == 8 + 15
    assert seconds == pytest.approx(2.3, abs=0.05)
    facts = video_facts(tmp_path / "a.mp4")
    assert "h264" in facts
    assert "yuv420p(tv, bt709" in facts
    assert ", 94x66" in facts  # 47 × 33, doubled
    data = (tmp_path / "a.mp4").read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_mp4_keeps_colours(run: Run, tmp_path: Path) -> None:
    write_movie(run, tmp_path / "a.mp4", frames=2, hold=0.2)
    first = first_picture(tmp_path / "a.mp4", 94, 66)[::2, ::2]
    assert np.abs(first.astype(int) - run.frame(0)).mean() < 5


def test_odd_sides_become_even(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=1, height=35, width=401)
    write_movie(run, tmp_path / "a.mp4")
    assert ", 402x36" in video_facts(tmp_path / "a.mp4")


def test_webp(run: Run, tmp_path: Path) -> None:
    write_movie(run, tmp_path / "a.webp", frames=9, fps=10)
    pictures, times = shown(tmp_path / "a.webp")
    assert sum(times) == 8 * 100 + 1500
    assert times[-1] >= 1500
    assert np.abs(pictures[-1].astype(int) - run.frame(20)).mean() < 8


@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webp"])
@pytest.mark.parametrize("steps", [0, 1])
def test_one_picture_or_two(tmp_path: Path, suffix: str, steps: int) -> None:
    run = synthetic_run(tmp_path / "run", steps=1)
    if steps == 0:
        (run.folder / "frames" / "000001.webp").unlink()
    path = tmp_path / f"a{suffix}"
    assert write_movie(run, path).frames == steps + 1
    assert path.stat().st_size > 0


def test_frame_time_is_what_readers_keep() -> None:
    assert Reel((0, 1, 2), lambda step: wavy(8, 8, 0), 50, 1.5).times() == [20, 20, 1500]
    assert Reel((0, 1, 2), lambda step: wavy(8, 8, 0), 12.5, 0).times() == [80, 80, 80]


def test_few_pictures_do_not_rush_past() -> None:
    assert pace(80) == 12.5
    assert pace(400) == 12.5
    assert pace(40) == pytest.approx(6.25)
    assert pace(2) == 5


def test_unknown_suffix(run: Run, tmp_path: Path) -> None:
    with pytest.raises(NstVizError, match=r"\.gif or \.mp4 or \.webp"):
        write_movie(run, tmp_path / "a.avi")
    with pytest.raises(NstVizError, match="no suffix"):
        write_movie(run, tmp_path / "movie")


@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webp"])
def test_unwritable_target(run: Run, tmp_path: Path, suffix: str) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(NstVizError, match="cannot be written"):
        write_movie(run, tmp_path / "file" / f"a{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(NstVizError, match="is a directory"):
        write_movie(run, tmp_path / f"folder{suffix}")


@pytest.mark.parametrize("suffix", [".gif", ".mp4", ".webp"])
def test_failure_leaves_what_was_there(tmp_path: Path, suffix: str) -> None:
    run = synthetic_run(tmp_path / "run", steps=5)
    (run.folder / "frames" / "000003.webp").write_bytes(b"RIFF")
    out = tmp_path / "out"
    out.mkdir()
    (out / f"a{suffix}").write_bytes(b"an older one")
    with pytest.raises(NstVizError, match="damaged"):
        write_movie(run, out / f"a{suffix}")
    assert [path.name for path in out.iterdir()] == [f"a{suffix}"]
    assert (out / f"a{suffix}").read_bytes() == b"an older one"


@pytest.mark.parametrize("fps", [0, -1, 51, float("nan")])
def test_rate_out_of_range(run: Run, tmp_path: Path, fps: float) -> None:
    with pytest.raises(NstVizError, match="pictures a second"):
        write_movie(run, tmp_path / "a.gif", fps=fps)


def test_pictures_of_other_shapes(tmp_path: Path) -> None:
    run = synthetic_run(tmp_path / "run", steps=2)
    Image.new("RGB", (5, 5)).save(run.folder / "frames" / "000001.webp")
    with pytest.raises(NstVizError, match="it is 5 x 5 pixels, not 47 x 33"):
        write_movie(run, tmp_path / "a.webp")
