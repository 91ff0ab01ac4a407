"""A leaded window of flowers before a low sun: streaky panes, bubbles, painted veins and soldered lead."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from painters.tools import colour, fractal_noise, mix, relief, shrink, smooth_curve, smoothstep, wide_noise

SIZE = 1536  # pixels of the longer side while painting, twice those of the picture, so that the lead comes out smooth
HEIGHT, WIDTH = SIZE, 1216
RIGHT = WIDTH / SIZE
SKY = (
    "#f6c54c #f9dd90 #f0ae38",
    "#7cc0b0 #d2daa2 #4ea6ac",
    "#1f80a8 #39a2b6 #2268ac",
    "#174c9e #2164b2 #1f3a8c",
    "#122a72 #1c4092 #2a2a7c",
)
SUN = "#ffdf80 #ffcc4a #fbb030 #ffefae"
RUBY = "#b3142a #d42a3a #8f0f2c #c43c2a"
ROSE = "#d9607e #e88fa0 #b93a6a #f0b5a8"
VIOLET = "#6a3d98 #8a5ab5 #4c2a80 #b07cc4"
AMBER = "#e8952a #f2b544 #d2701e #f7cf70"
GREEN = "#2f7d3c #4f9a44 #1c5c3a #86b04a"
WING = "#bfe3dc #d8efe0 #9fd0d8"
WATER = "#1c6f88 #2f97a0 #16507e #6fbfae"
LEAD = colour("#2b2c31")
TIN = colour("#8d8f93")


@dataclass(frozen=True)
class Cut:
    """How a petal is cut: its sideways bend, how near its tip it is widest, and along which lines it is parted."""

    bend: float = 0.0
    fullness: float = 0.6
    lengthwise: bool = True
    across: bool = False


class Cartoon:
    """The glazier's full-size drawing: a map of panes, of the objects they belong to, their glass and painted lines."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32) / SIZE
        self.x = x + 0.0022 * wide_noise(rng, x.shape, 160, 3)  # no glazier cuts along a ruler
        self.y = y + 0.0022 * wide_noise(rng, x.shape, 160, 3)
        self.pane = np.zeros(x.shape, np.int32)
        self.object = np.zeros(x.shape, np.int32)
        self.lines = np.ones(x.shape, np.float32)
        self.glass = [colour("#204080")]

    def lay(self, box: tuple, inside: np.ndarray, part: np.ndarray, tints: str, new: bool = True) -> None:
        """Put an object in front of what is there; `part` numbers its panes, `tints` are their glasses."""
        number, index = np.unique(part[inside], return_inverse=True)
        self.pane[box][inside] = len(self.glass) + index.ravel()
        self.object[box][inside] = self.object.max() + 1 if new else self.object.max()
        self.lines[box][inside] = 1
        choice = [colour(c) for c in tints.split()]
        self.glass += [choice[i] for i in self.rng.integers(len(choice), size=len(number))]

    def near(self, x: float, y: float, reach: float) -> tuple[slice, slice]:
        """The part of the picture that is at most `reach` from (x, y), or little more."""
        left, top, margin = int(x * SIZE), int(y * SIZE), int(reach * SIZE) + 12
        return slice(max(top - margin, 0), top + margin), slice(max(left - margin, 0), left + margin)

    def petal(self, x: float, y: float, turn: float, length: float, width: float, tints: str, cut: Cut = Cut()) -> None:
        """A petal or leaf that starts at (x, y) and points along `turn`, with veins painted on its glass."""
        box = self.near(x, y, length * 1.1)
        dx, dy = self.x[box] - x, self.y[box] - y
        along = (dx * np.cos(turn) + dy * np.sin(turn)) / length
        aside = (dy * np.cos(turn) - dx * np.sin(turn)) / length + cut.bend * along * (along - 1)
        swell = np.sin(np.pi * np.clip(along, 0, 1) ** cut.fullness) ** 0.8 * width / length
        inside = (along > 0) & (along < 1) & (np.abs(aside) < swell)
        part = cut.lengthwise * (aside > 0) + 2 * cut.across * (along + 0.5 * np.abs(aside) > 0.55)
        self.lay(box, inside, part, tints)
        spread = aside / (swell + 1e-3)
        veins = np.abs(np.sin(9 * spread + 0.6 * np.sin(12 * along))) + 0.35 * along
        shadow = smoothstep(0.0, 0.4, along) * 0.5 + 0.5
        self.lines[box][inside] = (shadow * (0.4 + 0.6 * smoothstep(0.12, 0.45, veins)))[inside]

    def disc(self, x: float, y: float, radius: float, sectors: int, tints: str, hole: float = 0.0) -> None:
        """A disc or ring cut into sectors."""
        box = self.near(x, y, radius)
        dx, dy = self.x[box] - x, self.y[box] - y
        away = np.hypot(dx, dy)
        part = np.floor((np.arctan2(dy, dx) / (2 * np.pi) + 0.5) * sectors + 0.3).astype(int) % max(sectors, 1)
        self.lay(box, (away < radius) & (away >= hole), part, tints)

    def stem(self, points: Sequence[tuple[float, float]], half_width: float, tints: str) -> None:
        """A stem along a smooth curve through the points (x, y), cut into lengths."""
        curve = smooth_curve(points, 240)
        nearest = np.full(self.x.shape, 9.0, np.float32)
        part = np.zeros(self.x.shape, int)
        for step, (x, y) in enumerate(curve):
            box = self.near(x, y, 0.03)
            away = np.hypot(self.x[box] - x, self.y[box] - y)
            closer = away < nearest[box]
            nearest[box][closer] = away[closer]
            part[box][closer] = step // 48
        self.lay((slice(None), slice(None)), nearest < half_width, part, tints)


def background(draw: Cartoon) -> None:
    """Rings of sky around the sun, then waves."""
    everywhere = (slice(None), slice(None))
    away = np.hypot(draw.x - 0.46, draw.y - 0.30)
    turn = np.arctan2(draw.y - 0.30, draw.x - 0.46) / (2 * np.pi) + 0.5
    ring = np.digitize(away, (0.16, 0.215, 0.285, 0.365, 0.455, 0.56, 0.68))
    for number, sectors in enumerate((18, 14, 22, 22, 32, 32, 40, 40)):
        part = np.floor(turn * sectors + 0.37 * number + 0.02 * np.sin(30 * away)).astype(int) % sectors
        draw.lay(everywhere, ring == number, part, SKY[(0, 0, 1, 2, 2, 3, 4, 4)[number]], new=number < 3)
    swell = draw.y + 0.018 * np.sin(11 * draw.x + 1) + 0.008 * np.sin(23 * draw.x)
    band = np.floor((swell - 0.80) / 0.034).astype(int)
    part = band * 40 + np.floor(draw.x * 7 + 0.43 * band + 0.5 * np.sin(3.1 * band)).astype(int)
    draw.lay(everywhere, band >= 0, part, WATER)


def flower(draw: Cartoon, x: float, y: float, size: float, outer: str, inner: str, turn: float) -> None:
    """A blossom: two wreaths of petals around a seeded heart."""
    wreaths = ((8, 1.0, 0.34, outer, 0.0), (8, 0.74, 0.24, outer, 0.5), (6, 0.46, 0.17, inner, 0.2))
    for count, length, width, tints, shift in wreaths:
        for step in range(count):
            angle = turn + 2 * np.pi * (step + shift) / count
            reach = size * length * draw.rng.uniform(0.92, 1.05)
            draw.petal(x, y, angle, reach, size * width, tints, Cut(0.12, 0.85, lengthwise=length > 0.5))
    draw.disc(x, y, size * 0.23, 10, AMBER, size * 0.12)
    draw.disc(x, y, size * 0.12, 1, "#5a2a18 #7a3a1c")


def dragonfly(draw: Cartoon, x: float, y: float, size: float, turn: float) -> None:
    """A dragonfly seen from above, heading towards `turn`."""
    ahead = np.array([np.cos(turn), np.sin(turn)])
    for back, spread in ((0.12, 1.95), (0.12, -1.95), (0.0, 1.35), (0.0, -1.35)):
        root = (x, y) - back * size * ahead
        draw.petal(*root, turn + spread, 0.8 * size, 0.15 * size, WING, Cut(0.1, 1.6, across=True))
    shape = ((0.2, 0), (-0.2, 0), (-0.6, 0.05), (-1.0, 0.15))
    body = [(x, y) + reach * size * ahead + (0, bow * size) for reach, bow in shape]
    draw.stem(body, 0.055 * size, "#2fa08a #1c6f88 #86b04a")
    draw.disc(*((x, y) + 0.24 * size * ahead), 0.085 * size, 2, RUBY)


def border(draw: Cartoon) -> None:
    """Two bands of small panes around the picture."""
    edge = np.minimum(np.minimum(draw.x, RIGHT - draw.x), np.minimum(draw.y, 1 - draw.y))
    upright = np.minimum(draw.x, RIGHT - draw.x) < np.minimum(draw.y, 1 - draw.y)
    along = np.where(upright, draw.y, draw.x)
    side = upright * 1 + 2 * ((draw.x > RIGHT / 2) * upright + (draw.y > 0.5) * ~upright)
    everywhere = (slice(None), slice(None))
    colourful = f"{RUBY} {VIOLET} {AMBER} {WATER}"
    for reach, density, tints in ((0.048, 21, colourful), (0.016, 13.5, "#b9b58e #9cae9c #cdb27c")):
        draw.lay(everywhere, edge < reach, side * 100 + np.floor(along * density).astype(int), tints)


def cartoon(rng: np.random.Generator) -> Cartoon:
    """The whole window, drawn from the back to the front."""
    draw = Cartoon(rng)
    background(draw)
    draw.disc(0.46, 0.30, 0.115, 9, SUN)
    draw.stem(((0.40, 1.0), (0.36, 0.85), (0.34, 0.66), (0.27, 0.50)), 0.011, GREEN)
    draw.stem(((0.44, 1.0), (0.47, 0.80), (0.57, 0.60), (0.60, 0.42)), 0.010, GREEN)
    draw.stem(((0.42, 1.0), (0.45, 0.90), (0.52, 0.84), (0.62, 0.76)), 0.008, GREEN)
    for leaf in (
        (0.38, 0.92, -2.6, 0.30, 0.040, 0.5),
        (0.36, 0.82, -2.2, 0.26, 0.036, -0.5),
        (0.46, 0.84, -1.2, 0.24, 0.032, 0.5),
        (0.50, 0.72, -0.5, 0.22, 0.032, -0.5),
        (0.44, 0.94, -0.25, 0.26, 0.036, 0.5),
        (0.35, 0.70, -0.9, 0.17, 0.026, -0.4),
    ):
        draw.petal(*leaf[:5], GREEN, Cut(leaf[5], across=True))
    flower(draw, 0.26, 0.46, 0.17, RUBY, ROSE, 0.3)
    flower(draw, 0.60, 0.37, 0.13, VIOLET, ROSE, 0.1)
    flower(draw, 0.63, 0.75, 0.095, AMBER, RUBY, 0.2)
    dragonfly(draw, 0.16, 0.665, 0.14, -0.75)
    border(draw)
    return draw


def glaze(rng: np.random.Generator, draw: Cartoon, away: np.ndarray) -> np.ndarray:
    """The glass with the daylight behind it; `away` is the distance from the lead."""
    shape, count = draw.pane.shape, len(draw.glass)
    tint = np.array(draw.glass, np.float32) * np.float32(rng.uniform(0.85, 1.1, (count, 1)))
    other = np.clip(tint + np.float32(rng.normal(0.06, 0.12, (count, 1)) + rng.normal(0, 0.06, (count, 3))), 0, 1)
    noise = rng.standard_normal((4, *shape)).astype(np.float32)
    grains = ((3, 40), (40, 3), (14, 9), (6, 60))
    streaks = [ndimage.gaussian_filter(layer, grain) for layer, grain in zip(noise, grains, strict=True)]
    streak = np.choose(rng.integers(4, size=count)[draw.pane], [layer / layer.std() for layer in streaks])
    glass = mix(tint[draw.pane], other[draw.pane], smoothstep(-1.3, 1.3, streak))
    pixels = np.maximum(np.bincount(draw.pane.ravel(), minlength=count), 1)
    lean = np.zeros(shape, np.float32)
    for where in (draw.x, draw.y):
        middle = np.bincount(draw.pane.ravel(), where.ravel(), count) / pixels
        lean += rng.normal(0, 1.6, count).astype(np.float32)[draw.pane] * (where - middle.astype(np.float32)[draw.pane])
    ripple = relief(ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), 3.5) * 12, (-1, -1), 0.2)
    depth = 0.5 * np.sqrt(pixels).astype(np.float32)[draw.pane]
    light = (0.62 + 0.58 * smoothstep(0, 1, away / np.minimum(depth, 40))) * (1 + np.clip(lean, -0.3, 0.3)) * ripple
    light *= 1.15 + 0.12 * wide_noise(rng, shape, 500, 3)
    for size, chance in ((1.2, 0.0012), (1.9, 0.00025), (3.2, 0.00003)):
        seeds = (rng.random(shape) < chance).astype(np.float32)
        core, rim = (ndimage.gaussian_filter(seeds, size * k) * (size * k) ** 2 * 6.28 for k in (0.7, 1.2))
        light *= 1 + 0.9 * core - 0.55 * rim
    glass *= (light * draw.lines)[..., None]
    return glass / (1 + glass**4) ** 0.25  # bright panes near white keep their colour


def seam(labels: np.ndarray) -> np.ndarray:
    """Distance of each pixel to the next border between two labels, in pixels."""
    same = np.ones(labels.shape, bool)
    same[:, 1:] &= labels[:, 1:] == labels[:, :-1]
    same[1:] &= labels[1:] == labels[:-1]
    return ndimage.distance_transform_edt(same).astype(np.float32)


def lead(rng: np.random.Generator, draw: Cartoon, away: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lead's colours, and where it lies (0 to 1): stouter around objects, with solder where panes meet."""
    shape = draw.pane.shape
    corners = np.stack([draw.pane[:-1, :-1], draw.pane[1:, :-1], draw.pane[:-1, 1:], draw.pane[1:, 1:]])
    corners.sort(axis=0)
    joints = np.zeros(shape, np.float32)
    joints[1:, 1:] = (np.diff(corners, axis=0) > 0).sum(0) > 1
    solder = np.minimum(ndimage.gaussian_filter(joints, 4.5) * 60, 1)
    hand = 1 + 0.12 * wide_noise(rng, shape, 60, 2)
    nearest = np.minimum(away / (3.6 + 3.5 * solder), seam(draw.object) / (5.5 + 2.5 * solder)) / hand
    rounding = np.sqrt(np.clip(1 - nearest**2, 0, 1))
    tinned = smoothstep(0.25, 0.9, solder + 0.15 * fractal_noise(rng, shape, 16, 2))
    metal = mix(np.broadcast_to(LEAD, (*shape, 3)), TIN, tinned)
    bump = ndimage.gaussian_filter(5 * rounding + 0.35 * fractal_noise(rng, shape, 10, 2), 1.0)
    shine = relief(bump, (-1, -1), 0.55)[..., None]
    return metal * np.clip(shine, 0.2, 2.2) + 0.25 * np.clip(shine - 1.4, 0, 1), smoothstep(0.0, 0.35, rounding)


def paint(seed: int) -> np.ndarray:
    """The window: the drawing, its glass with daylight behind, the lead in front, and the glow that spills over it."""
    rng = np.random.default_rng(seed)
    draw = cartoon(rng)
    away = seam(draw.pane)
    metal, cover = lead(rng, draw, away)
    picture = shrink(mix(glaze(rng, draw, away), metal, cover))
    glow = ndimage.gaussian_filter(picture**2, (9, 9, 0))
    return np.float32(np.clip(picture + 0.16 * glow * (1 - 0.5 * picture), 0, 1))
