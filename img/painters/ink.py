"""Mountains in ink wash: pigment that bleeds into paper, dry-brush rock, pines, mist left as bare paper, a seal."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from painters.tools import colour, draw_strokes, fractal_noise, mix, smoothstep

WIDTH, HEIGHT = 608, 768
PAPER, FIBRE_DARK, FIBRE_PALE = colour("#ece0c4"), colour("#b89f74"), colour("#faf3e0")
INK = colour("#232629")  # what remains of white light after one unit of ink
SEAL = colour("#b8321f")
SEAL_MARKS = (  # polylines, in twelfths of the seal: x, y, x, y, ...
    (2, 6.6, 4, 3.6, 6, 6.6, 8, 5.6, 10, 6.6),
    (2, 8.4, 5, 7.4, 7, 8.4, 10, 7.6),
    (2, 10, 4, 9.2, 8, 10, 10, 9.4),
)


@dataclass(frozen=True)
class Range:
    """A mountain range: where its foot meets the left and right border (rows), and peaks as (column, rise, breadth)."""

    foot: tuple[float, float]
    peaks: tuple[tuple[float, float, float], ...]
    ink: float
    reach: float  # pixels from the crest down to where the wash has gone over into mist
    rough: float  # pixels by which the crest is broken
    rock: float  # how many texture strokes it carries


RANGES = (
    Range((235, 290), ((430, 60, 120), (120, 40, 110)), 0.16, 90, 5, 0.0),
    Range((330, 420), ((318, 248, 62), (238, 150, 46), (396, 130, 46), (60, 50, 70)), 0.52, 250, 8, 1.1),
    Range((760, 520), ((548, 285, 58), (622, 190, 60), (470, 160, 36), (415, 60, 40)), 0.80, 175, 9, 1.0),
    Range((640, 860), ((30, 170, 70), (132, 195, 48), (205, 90, 44), (285, 50, 40)), 1.25, 230, 9, 1.2),
)
PINES = ((60, 110, -0.15), (188, 120, 0.10), (135, 175, 0.30))  # on the nearest range: column, height, lean


def paper(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Warm paper with long fibres, stains and darkened borders, and the roughness that a dry brush catches on."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    border = np.minimum(np.minimum(x, WIDTH - x), np.minimum(y, HEIGHT - y))
    tone = 1 + 0.020 * fractal_noise(rng, x.shape, 300, 5) - 0.07 * np.exp(-border / 40)
    tone += 0.012 * fractal_noise(rng, x.shape, 5, 2)
    sheet = PAPER * tone[..., None] ** np.array([0.8, 1.0, 1.5])
    for shade, count in ((FIBRE_DARK, 420), (FIBRE_PALE, 700)):
        turn = rng.uniform(0, np.pi, count)
        bend = rng.normal(0, 0.6, (count, 1)) * np.linspace(-1, 1, 9)
        heading = turn[:, None] + bend
        steps = np.stack([np.cos(heading), np.sin(heading)], -1) * rng.uniform(1, 6, (count, 1, 1))
        paths = rng.uniform(0, (WIDTH, HEIGHT), (count, 1, 2)) + np.cumsum(steps, 1)
        sheet = draw_strokes(sheet, paths, np.full(count, 0.9), np.tile(shade, (count, 1)), 0.35)
    grain = fractal_noise(rng, x.shape, 6, 3) + 0.5 * fractal_noise(rng, (HEIGHT, WIDTH), 40, 2)
    return sheet, grain


def crest(rng: np.random.Generator, shape: Range) -> np.ndarray:
    """Row of a range's upper edge in each column: steep-sided peaks with a broken outline."""
    x = np.arange(WIDTH)
    rise = [height / (1 + np.abs((x - column) / breadth) ** 1.9) for column, height, breadth in shape.peaks]
    broken = fractal_noise(rng, (1, WIDTH), 130, 6)[0] + 0.7 * np.abs(fractal_noise(rng, (1, WIDTH), 60, 5)[0])
    foot = shape.foot[0] + (shape.foot[1] - shape.foot[0]) * smoothstep(0.15, 0.85, x / WIDTH)
    return foot - np.maximum.reduce(rise) - 0.22 * np.sum(rise, 0) - shape.rough * broken


def bleed(rng: np.random.Generator, layer: np.ndarray, reach: float) -> np.ndarray:
    """The layer after its ink has crept into the paper: edges feathered along the fibres, and a darker tide line."""
    shift = [reach * fractal_noise(rng, layer.shape, size, 4) for size in (26, 40)]
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    crept = ndimage.map_coordinates(layer, [y + shift[0], x + shift[1]], order=1, mode="nearest")
    soft = ndimage.gaussian_filter(crept, reach * 0.8)
    tide = np.clip(crept - ndimage.gaussian_filter(crept, 5), 0, 1)
    return 0.5 * crept + 0.5 * soft + 0.45 * tide


def strokes(paths: np.ndarray, widths: np.ndarray, amounts: np.ndarray, tip: float = 0.2) -> np.ndarray:
    """Ink that the strokes carry to each point, 0 to 1; a stroke never lightens what lies beneath."""
    order = np.argsort(amounts, kind="stable")
    blank = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    return draw_strokes(blank, paths[order], widths[order], np.repeat(amounts[order, None], 3, 1), tip=tip)[..., 0]


def folds(rng: np.random.Generator) -> np.ndarray:
    """Height of steep rock whose ribs run downwards."""
    small = fractal_noise(rng, (HEIGHT // 3, WIDTH), 110, 5)
    tall = np.asarray(Image.fromarray(small).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))
    return -np.abs(tall) * 1.6 + 0.35 * fractal_noise(rng, (HEIGHT, WIDTH), 60, 4)


def rock_strokes(
    rng: np.random.Generator, top: np.ndarray, shape: Range, count: int, length: float, width: float
) -> np.ndarray:
    """Texture strokes that run down the ribs of the rock, dense on the shaded sides and near the crest."""
    height = ndimage.gaussian_filter(folds(rng), 2)
    dy, dx = np.gradient(height)
    shade = smoothstep(-0.02, 0.09, dx - 0.3 * dy)
    roots = rng.uniform((0, 0), (WIDTH, HEIGHT), (int(count * shape.rock), 2))
    column, row = roots.astype(int).T
    depth = row - top[column]
    chance = shade[row, column] * np.exp(-np.clip(depth, 0, None) / (0.8 * shape.reach)) * (depth > 1)
    keep = rng.random(len(roots)) < chance
    roots, depth, column = roots[keep], depth[keep], column[keep]
    slope = np.clip(np.gradient(ndimage.gaussian_filter1d(top, 8))[column], -1.6, 1.6)
    heading = np.arctan2(1.5, slope) + rng.normal(0, 0.16, len(roots))
    bend = heading[:, None] + np.linspace(0, 0.6, 9) * rng.normal(0, 0.8, (len(roots), 1))
    steps = np.stack([np.cos(bend), np.sin(bend)], -1) * rng.gamma(4.0, length / 36, (len(roots), 1, 1))
    amounts = np.exp(-depth / shape.reach) * rng.uniform(0.25, 1.0, len(roots))
    return strokes(roots[:, None] + np.cumsum(steps, 1), width * rng.gamma(4.0, 0.25, len(roots)), amounts)


def contour(rng: np.random.Generator, top: np.ndarray) -> np.ndarray:
    """The crest drawn in broken strokes that press and lift."""
    starts = rng.integers(0, WIDTH - 70, 46)
    t = np.linspace(0, 1, 24)
    x = starts[:, None] + t * rng.uniform(18, 68, (46, 1))
    y = top[x.astype(int)] + rng.normal(0, 1.4, (46, 1)) + 1.0
    return strokes(np.stack([x, y], -1), rng.gamma(3, 1.1, 46) + 0.8, rng.uniform(0.4, 1.0, 46), tip=0.1)


def moss(rng: np.random.Generator, top: np.ndarray, size: float) -> np.ndarray:
    """Dabs that stand for shrubs and far trees, in clumps on the crest and on ledges below it."""
    clump = np.stack([rng.uniform(0, WIDTH - 1, 40), np.abs(rng.normal(0, 34, 40)) * (rng.random(40) < 0.6)], 1)
    x, below = np.repeat(clump, 12, axis=0).T + rng.normal(0, (9, 3), (480, 2)).T
    y = top[np.clip(x, 0, WIDTH - 1).astype(int)] + below + np.abs(x - np.repeat(clump[:, 0], 12)) * 0.3
    t = np.linspace(-0.5, 0.5, 5)
    length = size * rng.uniform(0.7, 2.0, (480, 1))
    paths = np.stack([x[:, None] + 0.5 * t, y[:, None] + length * t], -1)
    return strokes(paths, size * rng.uniform(0.5, 1.3, 480), rng.uniform(0.2, 1.0, 480), tip=0.5)


def brushwork(
    rng: np.random.Generator,
    top: np.ndarray,
    below: np.ndarray,
    grain: np.ndarray,
    shape: Range,
) -> np.ndarray:
    """All that is drawn on a range over its wash: broad wet strokes, fine dry ones, the contour and the moss."""
    broad = bleed(rng, rock_strokes(rng, top, shape, 1200, 46, 9.0), 1.2)
    dry = rock_strokes(rng, top, shape, 26000, 30, 1.3) * smoothstep(-0.9, 0.7, grain)
    line = contour(rng, top) * smoothstep(-1.3, 0.2, grain) * smoothstep(-2, 1, below)
    dabs = bleed(rng, moss(rng, top, 1.6 + 2 * shape.ink), 0.6) * smoothstep(-6, 0, below)
    return smoothstep(-3, 5, below) * (0.40 * broad + 1.1 * dry) + 0.9 * line + 0.7 * dabs


def mountain(
    rng: np.random.Generator,
    ink: np.ndarray,
    grain: np.ndarray,
    shape: Range,
) -> tuple[np.ndarray, np.ndarray]:
    """The ink with one more range, which hides what lies behind it, and the range's crest."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    crag = x + 1.1 * shape.rough * fractal_noise(rng, y.shape, 90, 5)  # ledges and overhangs on the steep sides
    below = y - np.interp(crag, np.arange(WIDTH), crest(rng, shape))
    top = np.argmax(below > 0, axis=0)
    down = np.clip(below, 0, None) / shape.reach * np.exp(0.3 * fractal_noise(rng, y.shape, 170, 5))
    body = smoothstep(0, 3, below)
    wash = body * np.exp(-1.6 * down**1.3) * (0.70 + 0.22 * fractal_noise(rng, y.shape, 60, 5))
    layer = np.clip(bleed(rng, wash.astype(np.float32), 2.2), 0, None) * (0.85 + 0.10 * grain)
    if shape.rock:
        layer = layer + np.exp(-0.8 * down) * brushwork(rng, top, below, grain, shape)
    return ink * (1 - body * np.clip(1.3 - 0.2 * down, 0, 1)) + shape.ink * layer, top


def pine(rng: np.random.Generator, foot: tuple[float, float], height: float, lean: float) -> np.ndarray:
    """A pine on a rock: a bent trunk, a few level branches, needles in fans that overlap to flat clouds."""
    t = np.linspace(0, 1, 16)
    trunk = np.stack([foot[0] + lean * height * t + 0.10 * height * np.sin(4.2 * t + lean), foot[1] - height * t], -1)
    paths, fans = [trunk, trunk + np.array([1.2, 0])], []
    for place in np.linspace(0.38, 1.0, 8):
        start = trunk[int(place * 15)]
        side = rng.choice((-1, 1)) if place < 1 else 0.3
        span = height * rng.uniform(0.22, 0.55) * (1.25 - 0.75 * place) * side
        rise = 0.10 * height * np.sin(2.6 * t) + rng.normal(0, 0.6, 16)
        branch = np.stack([start[0] + span * t, start[1] - rise], -1)
        paths.append(branch)
        along = rng.uniform(0.3, 1.05, 5 + int(abs(span) / 7))
        lift = rng.uniform(-1, 5, len(along))
        fans.append(np.stack([start[0] + span * along, np.interp(along, t, branch[:, 1]) - lift], -1))
    fan = np.repeat(np.concatenate(fans), 26, axis=0)
    turn = rng.uniform(-np.pi * 1.02, 0.02 * np.pi, len(fan))
    reach = np.stack([np.cos(turn), 0.75 * np.sin(turn)], -1) * rng.uniform(0.06, 0.11, (len(fan), 1)) * height
    needles = strokes(fan[:, None] + reach[:, None] * t[:, None], np.ones(len(fan)), rng.uniform(0.15, 0.9, len(fan)))
    widths, amounts = height * np.array([0.075, 0.03] + [0.022] * 8), np.array([0.75, 1.0] + [0.9] * 8)
    wood = strokes(np.array(paths), widths, amounts, tip=0.35)
    return np.maximum(needles, wood) + 0.35 * ndimage.gaussian_filter(needles, 4)


def boat(rng: np.random.Generator, x: float, y: float) -> np.ndarray:
    """A small boat with an angler, and the water under it in a few level strokes."""
    t = np.linspace(0, 1, 16)
    arch = np.sin(np.pi * t)
    hull, deck = (x + 62 * t, y + 7 * arch), (x + 8 + 48 * t, y + 2 + 3 * arch)
    roof, hat = (x + 12 + 22 * t, y - 9 * arch), (x + 41 + 10 * t, y - 12 - 3 * arch)
    man, rod = (x + 46 + 2 * t, y - 12 + 13 * t), (x + 48 + 34 * t, y - 6 - 12 * np.sin(1.9 * t))
    ripples = []
    for left, length, down in rng.uniform((-50, 30, 8), (90, 110, 60), (12, 3)):
        ripples.append((x + left + length * t, y + down + np.sin(9 * t + left)))
    paths, corner = np.stack([hull, deck, roof, man, hat, rod, *ripples]).transpose(0, 2, 1), np.array([x, y])
    widths = np.array([3.2, 2.0, 5.0, 6.0, 2.5, 0.9] + [1.3] * 12)
    amounts = np.array([1.0, 0.8, 0.75, 0.9, 1.0, 0.8] + [0.32] * 12)
    size = 1.35
    return strokes(corner + size * (paths - corner), size * widths, amounts, tip=0.15)


def seal(rng: np.random.Generator, picture: np.ndarray, grain: np.ndarray) -> np.ndarray:
    """The picture with a vermilion stamp, a made-up mark of moon, mountain and water, worn where the paper is rough."""
    column, row, size = 536, 60, 34
    image = Image.new("L", (size * 4, size * 4))
    brush, unit = ImageDraw.Draw(image), size / 3
    brush.rounded_rectangle((6, 6, size * 4 - 7, size * 4 - 7), size // 2, fill=255)
    brush.ellipse((6.6 * unit, 2 * unit, 9.4 * unit, 4.8 * unit), outline=0, width=round(0.8 * unit))
    for mark in SEAL_MARKS:
        brush.line([place * unit for place in mark], fill=0, width=round(0.75 * unit), joint="curve")
    stamp = np.zeros(grain.shape, np.float32)
    stamp[row : row + size, column : column + size] = np.asarray(image.reduce(4), np.float32) / 255
    worn = smoothstep(-2.2, -0.4, grain + 0.3 * fractal_noise(rng, grain.shape, 8, 2))
    return mix(picture, SEAL, 0.92 * stamp * worn)


def paint(seed: int) -> np.ndarray:
    """The picture, the same at each call with the same seed."""
    rng = np.random.default_rng(seed)
    sheet, grain = paper(rng)
    ink = np.zeros(grain.shape, np.float32)
    for shape in RANGES:
        ink, top = mountain(rng, ink, grain, shape)
    for column, height, lean in PINES:
        tree = pine(rng, (column, top[column] + 8), height, lean) * smoothstep(-2.2, 0.1, grain)
        ink = ink * (1 - 0.6 * np.clip(tree, 0, 1)) + 1.25 * tree
    ink = ink + 1.3 * boat(rng, 414, 684) * smoothstep(-2.2, -0.2, grain)
    picture = sheet * INK ** np.clip(ink, 0, 2.2)[..., None]
    return np.clip(seal(rng, picture, grain), 0, 1).astype(np.float32)
