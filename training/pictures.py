"""What the student looks at while it learns: photos that other packages bring, our own paintings, and invented pictures.

Nothing here is downloaded. The photos come with scikit-image and Matplotlib and are used by name. The invented pictures
fill the gaps: "dead leaves" (discs and bars that cover one another) have edges and corners of every size and contrast,
as photographs do, and photos that are painted over have strokes of every direction, as paintings do.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from nst_viz.core.image import load_image
from nst_viz.core.samples import sample_names

sys.path.append(str(Path(__file__).parents[1] / "img"))
from painters.tools import repaint

Pixels = NDArray[np.float32]

SIDE = 640
"""pixels of the longer side at which a picture is kept"""
FURTHER_PHOTOS = (
    "brick.png",
    "camera.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "ihc.png",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
)
"""photos and textures of scikit-image that nst_viz does not offer as samples"""
LEAVES, REPAINTED = 14, 16
"""how many invented pictures of each kind"""


def training_pictures(seed: int) -> list[Pixels]:
    """All pictures, each float32 RGB in [0, 1] of shape (height, width, 3); the same seed gives the same ones."""
    import skimage

    folder = Path(skimage.__file__).parent / "data"
    sources = [f"sample:{name}" for name in sample_names()] + [str(folder / name) for name in FURTHER_PHOTOS]
    found = [load_image(source, SIDE).pixels for source in sources]
    rng = np.random.default_rng(seed)
    leaves = [dead_leaves(rng, found[rng.integers(len(found))]) for _ in range(LEAVES)]
    photos = [found[index] for index in rng.permutation(len(found))[:REPAINTED]]
    painted = [np.clip(repaint(rng, photo), 0, 1).astype(np.float32) for photo in photos]
    return [*found, *leaves, *painted]


def dead_leaves(rng: np.random.Generator, palette: Pixels, side: int = 384, count: int = 1200) -> Pixels:
    """A square picture of ellipses and bars that fall over one another like leaves, in the colours of `palette`.

    Their sizes follow a power law, so that there are as many edges at each scale as in a photograph
    (Lee, Mumford & Huang 2001). Some are striped, some are shaded.
    """
    colours = palette.reshape(-1, 3)
    picture = np.broadcast_to(colours[rng.integers(len(colours))], (side, side, 3)).copy()
    for _ in range(count):
        radius = 3.0 / (1.0 - rng.random() * (1 - 3.0 / (side / 3)))
        turn, flatness = rng.uniform(0, np.pi), rng.uniform(0.15, 1)
        middle_x, middle_y = rng.uniform(0, side, 2)
        reach = 1.5 * radius + 2
        rows, columns = (slice(max(0, int(m - reach)), int(m + reach) + 1) for m in (middle_y, middle_x))
        under = picture[rows, columns]
        y, x = np.mgrid[rows, columns][:, : under.shape[0], : under.shape[1]].astype(np.float32)
        across, along = x - middle_x, y - middle_y
        u = across * np.cos(turn) + along * np.sin(turn)
        v = (along * np.cos(turn) - across * np.sin(turn)) / flatness
        distance = np.hypot(u, v) if rng.random() < 0.6 else np.maximum(np.abs(u), np.abs(v))
        cover = np.clip((radius - distance) * flatness + 0.5, 0, 1)[..., None]  # an edge as soft as one pixel
        colour = colours[rng.integers(len(colours))]
        if rng.random() < 0.35:
            stripes = np.sin((u * np.cos(turn) + v) * rng.uniform(0.3, 2.2))[..., None]
            colour = colour + rng.uniform(0.05, 0.3) * stripes
        elif rng.random() < 0.5:
            colour = colour + rng.uniform(-0.3, 0.3) * (u / radius)[..., None]
        under[:] = under * (1 - cover) + cover * colour
    return np.clip(picture, 0, 1).astype(np.float32)


def crop(rng: np.random.Generator, pictures: list[Pixels], side: int) -> Pixels:
    """A square of one of the pictures at a random scale, changed so that there is always something new to see.

    It is mirrored, turned, its colours exchanged, its contrast and tint changed. A third of them are noisy and some are
    blurred, because the student has to be right about pictures that are only half painted, too.
    """
    picture = pictures[rng.integers(len(pictures))]
    wanted = min(int(side / rng.uniform(0.35, 1.2)), *picture.shape[:2])
    top, left = (int(rng.integers(full - wanted + 1)) for full in picture.shape[:2])
    square = picture[top : top + wanted, left : left + wanted]
    channels = [Image.fromarray(square[..., c]).resize((side, side), Image.Resampling.LANCZOS) for c in range(3)]
    pixels = np.stack([np.asarray(channel, np.float32) for channel in channels], axis=-1)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    if rng.random() < 0.5:
        pixels = pixels.transpose(1, 0, 2)
    if rng.random() < 0.5:
        pixels = pixels[..., rng.permutation(3)]
    pixels = (pixels - 0.5) * rng.uniform(0.6, 1.4) + 0.5 + rng.uniform(-0.15, 0.15, 3)
    if rng.random() < 0.15:
        pixels = ndimage.gaussian_filter(pixels, (rng.uniform(0.5, 2.5),) * 2 + (0,))
    if rng.random() < 0.35:
        pixels = pixels + rng.normal(0, rng.uniform(0.02, 0.25), pixels.shape)
    return np.clip(pixels, 0, 1).astype(np.float32)
