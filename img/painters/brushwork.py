"""Painting over a picture: passes of ever smaller brushes, laid where the canvas is still unlike the picture."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .tools import follow, lay_strokes


@dataclass
class Brush:
    """How many strokes, half as wide and as long as given (pixels), how many of them anywhere, how unlike in tone."""

    count: int
    half: float
    length: float
    spread: float = 0.0
    variety: float = 0.05


class Canvas:
    """A canvas on its way to a picture (`target`): its `colours` (rows, columns, 3) and the `height` of the paint.

    The strokes run along `angle` and differ at random from the target's colours, in hue by `motley`.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        ground: np.ndarray,
        target: np.ndarray,
        angle: np.ndarray,
        motley: float = 0.012,
    ) -> None:
        self.rng, self.target, self.angle, self.motley = (
            rng,
            target.astype(np.float32),
            angle.astype(np.float32),
            motley,
        )
        self.colours = np.broadcast_to(ground, target.shape).astype(np.float32)
        self.height = np.zeros(target.shape[:2], np.float32)

    def paint(self, brush: Brush, where: np.ndarray | None = None) -> None:
        """Lay the strokes of one brush, most where the canvas is most wrong, or as densely as `where` says."""
        if where is None:
            where = ndimage.gaussian_filter(np.abs(self.target - self.colours).sum(2), brush.half) ** 1.5 + brush.spread
        chance = where.ravel().astype(np.float64)
        count, rng = brush.count, self.rng
        y, x = np.divmod(rng.choice(chance.size, count, p=chance / chance.sum()), where.shape[1])
        seen = ndimage.gaussian_filter(self.target, (brush.half / 2, brush.half / 2, 0))[y, x]
        tints = seen[:, None] * (1 + brush.variety * rng.standard_normal((count, 2, 1)))
        tints = np.clip(tints + self.motley * rng.standard_normal((count, 2, 3)), 0, 1).astype(np.float32)
        paths = follow(self.angle, np.stack([x, y], 1), brush.length * rng.uniform(0.6, 1.2, count))
        half_widths = brush.half * rng.uniform(0.7, 1.2, (count, 1))
        lay_strokes(rng, self.colours, self.height, paths, half_widths, tints, 0.25)

    def detail(self) -> np.ndarray:
        """How much fine detail the picture has around each pixel."""
        return ndimage.gaussian_filter(np.abs(self.target - ndimage.gaussian_filter(self.target, (4, 4, 0))).sum(2), 2)


def along_edges(light: np.ndarray, drift: np.ndarray, flat: float = 2e-5) -> np.ndarray:
    """The direction (angle) of the edges nearby, or `drift` where the picture is flat."""
    down, across = np.gradient(ndimage.gaussian_filter(light, 1.5))
    x = ndimage.gaussian_filter(down**2 - across**2, 4) + flat * np.cos(2 * drift)
    y = ndimage.gaussian_filter(-2 * down * across, 4) + flat * np.sin(2 * drift)
    return np.arctan2(y, x) / 2
