"""From a reel of pictures to the bytes of an animation: GIF, MP4 or animated WebP, written as a stream."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nst_viz.core.errors import NstVizError

Picture = NDArray[np.uint8]
"""uint8 (height, width, 3)"""
Draw = Callable[[int], Picture]
"""step -> its picture, all of one shape; may be asked again"""
Track = Callable[[Iterable[int], int], Iterable[int]]
"""the same steps, shown to somebody as they pass; the number is how many there will be"""


def untracked(steps: Iterable[int], count: int) -> Iterable[int]:
    """Shows nobody."""
    return steps


PALETTE = 255
"""colours of a GIF; the 256th entry means "as before" """
SAMPLED_PICTURES, SAMPLED_PIXELS = 12, 60_000
"""from which the palette is made"""
SMALL_VIDEO = 400
"""pixels: H.264 keeps one colour for 2 × 2 pixels, so a video of a smaller picture is doubled to keep its colours"""


@dataclass(frozen=True)
class Reel:
    """What is to be encoded: which steps, how they look, how large and how fast."""

    steps: tuple[int, ...]
    draw: Draw
    fps: float
    hold: float
    """seconds that the last picture stays"""
    scale: float = 1.0
    track: Track = untracked

    def pictures(self) -> Iterator[Picture]:
        """All of one size. Raises NstVizError where one is not."""
        shape = None
        for step in self.track(self.steps, len(self.steps)):
            picture = self.draw(step)
            shape = shape or picture.shape
            if picture.shape != shape:
                raise NstVizError(f"step {step} has the shape {picture.shape}, those before {shape}: record the run again")
            yield self.resized(picture)

    def sample(self, most: int) -> list[Picture]:
        """At most so many of the pictures, evenly spaced, the first and the last among them."""
        indices = np.linspace(0, len(self.steps) - 1, min(most, len(self.steps))).round().astype(int)
        return [self.resized(self.draw(self.steps[index])) for index in indices]

    def resized(self, picture: Picture) -> Picture:
        if self.scale == 1:
            return picture
        height, width = picture.shape[:2]
        size = max(1, round(width * self.scale)), max(1, round(height * self.scale))
        return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))

    def times(self) -> list[int]:
        """Milliseconds that each picture is shown, in whole hundredths of a second as a GIF counts them."""
        each = max(20, round(100 / self.fps) * 10)  # most readers show a shorter time as 100 ms
        return [each] * (len(self.steps) - 1) + [max(each, round(self.hold * 100) * 10)]


def encode_gif(reel: Reel, path: Path) -> None:
    """One palette for the whole animation, so that colours that do not change do not flicker.

    Not dithered: pictures of paint hide the steps between colours, and dithering adds 20 to 35 % and makes them boil.
    """
    palette = shared_palette(reel.sample(SAMPLED_PICTURES))
    pictures = (quantise(picture, palette) for picture in reel.pictures())
    first = next(pictures)
    first.save(
        path,
        "GIF",
        save_all=True,
        append_images=pictures,
        duration=reel.times(),
        loop=0,
        disposal=1,
        optimize=True,
        transparency=PALETTE,
        palette=bytes(palette.getpalette() or ()),
    )


def shared_palette(sample: list[Picture]) -> Image.Image:
    """A picture that carries 255 colours fit for the sample, and the last of them once more."""
    pixels = np.concatenate([picture.reshape(-1, 3) for picture in sample])
    some = pixels[:: max(1, len(pixels) // SAMPLED_PIXELS)]
    # Median cut alone leaves twice the error of what one round of k-means makes of it.
    chosen = Image.fromarray(some[None]).quantize(PALETTE, method=Image.Quantize.MEDIANCUT, kmeans=1)
    colours = np.array(chosen.getpalette(), np.int64)[: 3 * PALETTE].reshape(-1, 3)
    values, counts = np.unique(some, axis=0, return_counts=True)
    for exact in values[counts > len(some) / 50]:  # paper stays as white as it is
        distance = np.abs(colours - exact).max(axis=1)
        colours[distance <= max(8, distance.min())] = exact  # Pillow tells colours apart in steps of 4 only
    padded = np.concatenate([colours, np.repeat(colours[-1:], PALETTE + 1 - len(colours), axis=0)])
    palette = Image.new("P", (1, 1))
    palette.putpalette(padded.ravel().tolist())
    return palette


def quantise(picture: Picture, palette: Image.Image) -> Image.Image:
    """The picture in the palette's colours; the entry that means "as before" is not used."""
    indexed = Image.fromarray(picture).quantize(palette=palette, dither=Image.Dither.NONE)
    return indexed.point([*range(PALETTE), PALETTE - 1])


def encode_webp(reel: Reel, path: Path) -> None:
    """Full colour, lossy."""
    pictures = (Image.fromarray(picture) for picture in reel.pictures())
    next(pictures).save(
        path, "WEBP", save_all=True, append_images=pictures, duration=reel.times(), loop=0, quality=80, method=4
    )


def encode_mp4(reel: Reel, path: Path) -> None:
    """H.264 as every browser plays it: even sides, 4:2:0, colours marked as BT.709, the index at the front."""
    pictures = map(even, reel.pictures())
    last = next(pictures)
    with ffmpeg(path, (last.shape[1], last.shape[0]), reel.fps) as video:
        video.write(last.data)
        for last in pictures:
            video.write(last.data)
        for _ in range(round(reel.hold * reel.fps) - 1):
            video.write(last.data)


@contextmanager
def ffmpeg(path: Path, size: tuple[int, int], fps: float) -> Iterator[IO[bytes]]:
    """The input of an encoder that takes pictures of a width and height, three bytes a pixel, and writes `path`.

    Raises OSError with its last words where it does not end well, NstVizError where there is none.
    """
    from imageio_ffmpeg import get_ffmpeg_exe

    try:
        program = get_ffmpeg_exe()
    except RuntimeError:
        raise NstVizError("a video needs ffmpeg, which is not here: install imageio-ffmpeg anew, or write a .gif") from None
    rate = str(Fraction(fps).limit_denominator(1000))
    given = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{size[0]}x{size[1]}", "-r", rate, "-i", "-"]
    # "file:", for otherwise what stands before a colon in a name is read as a protocol.
    command = [program, "-y", "-v", "error", *given, "-an", *H264, f"file:{path}"]
    apart = 0 if os.name == "posix" else -1  # Ctrl-C is for this process, which then ends the encoder
    with (
        tempfile.TemporaryFile() as words,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words, process_group=apart
        ) as process,
    ):
        assert process.stdin
        try:
            yield process.stdin
            process.stdin.close()
        except BrokenPipeError:  # it ended before it had all; its status and its words say why
            with suppress(OSError):
                process.stdin.close()
        except BaseException:
            process.kill()
            raise
        if process.wait() != 0:
            words.seek(0)
            lines = words.read().decode(errors="replace").strip().splitlines()
            raise OSError(f"the video encoder ended with status {process.returncode}{': ' * bool(lines)}{''.join(lines[-1:])}")
    if not path.stat().st_size:
        raise OSError("the video encoder wrote nothing")


H264 = [
    *("-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "18", "-preset", "medium", "-movflags", "+faststart", "-bf", "2"),
    "-vf",
    "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv",
]


def even(picture: Picture) -> Picture:
    """Doubled where it is small, then its last row and column repeated where a side is odd; contiguous."""
    if max(picture.shape[:2]) < SMALL_VIDEO:
        picture = picture.repeat(2, axis=0).repeat(2, axis=1)
    height, width = picture.shape[:2]
    return np.ascontiguousarray(np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge"))


ENCODERS = {".gif": encode_gif, ".mp4": encode_mp4, ".webp": encode_webp}
