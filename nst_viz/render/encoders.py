"""From a reel of pictures to the bytes of an animation: GIF, MP4 or animated WebP, written as a stream."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    from imageio_ffmpeg import write_frames

    video: Any = None
    try:
        for picture in reel.pictures():
            frame = even(picture)
            if video is None:
                video = write_frames(
                    path,
                    (frame.shape[1], frame.shape[0]),
                    fps=reel.fps,
                    codec="libx264",
                    quality=None,
                    macro_block_size=2,
                    ffmpeg_log_level="error",
                    output_params=H264,
                )
                video.send(None)
            video.send(frame)
        for _ in range(round(reel.hold * reel.fps) - 1):
            video.send(frame)
    finally:
        if video is not None:
            video.close()
    if path.stat().st_size == 0:
        raise OSError("the encoder wrote nothing")


H264 = [
    *("-crf", "18", "-preset", "medium", "-movflags", "+faststart", "-bf", "2"),
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
