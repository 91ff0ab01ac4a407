"""Mountains in ink wash: layers of pigment that bleed into paper, dry-brush rock, pines, mist left as bare paper, a seal."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from painters.tools import colour, draw_strokes, fractal_noise, mix, smoothstep

WIDTH, HEIGHT = 608, 768
PAPER, FIBRE_DARK, FIBRE_PALE = colour("#ece0c4"), colour("#b89f74"), colour("#faf3e0")
INK = colour("#232629")  # what remains of white light after one unit of ink
SEAL = colour("#b8321f")



@dataclass(frozen=True)
class Range:
    """A mountain range: the rows of its foot at the left and right border, its peaks as (column, rise, breadth), its ink."""

    foot: tuple[float, float]
    peaks: tuple[tuple[float, float, float], ...]
    ink: float
    reach: float  # pixels from the crest down to where the wash has gone over into mist
    rough: float  # pixels by which the crest is broken
    rock: float  # how many texture strokes it carries


RANGES = (
    Range((235, 290), ((430, 60, 120), (120, 40, 110)), ink=0.16, reach=90, rough=5, rock=0.0),
    Range((330, 420), ((312, 235, 62), (238, 140, 50), (396, 120, 50), (60, 50, 70)), ink=0.50, reach=230, rough=8, rock=0.7),
    Range((760, 520), ((548, 265, 60), (622, 190, 60), (470, 150, 36), (415, 60, 40)), ink=0.80, reach=165, rough=9, rock=0.9),
    Range((640, 860), ((30, 170, 70), (132, 190, 48), (205, 90, 44), (285, 50, 40)), ink=1.20, reach=230, rough=9, rock=1.2),
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
        steps = np.stack([np.cos(turn[:, None] + bend), np.sin(turn[:, None] + bend)], -1) * rng.uniform(1, 6, (count, 1, 1))
        paths = rng.uniform(0, (WIDTH, HEIGHT), (count, 1, 2)) + np.cumsum(steps, 1)
        sheet = draw_strokes(sheet, paths, np.full(count, 0.9), np.tile(shade, (count, 1)), 0.35)
    grain = fractal_noise(rng, x.shape, 6, 3) + 0.5 * fractal_noise(rng, (HEIGHT, WIDTH), 40, 2)
    return sheet, grain


def crest(rng: np.random.Generator, shape: Range) -> np.ndarray:
    """Row of a range's upper edge in each column: steep-sided peaks with a broken outline."""
    x = np.arange(WIDTH)
    rise = [height / (1 + np.abs((x - column) / breadth) ** 2.4) for column, height, breadth in shape.peaks]
    broken = fractal_noise(rng, (1, WIDTH), 130, 6)[0] + 0.7 * np.abs(fractal_noise(rng, (1, WIDTH), 60, 5)[0])
    foot = shape.foot[0] + (shape.foot[1] - shape.foot[0]) * smoothstep(0.15, 0.85, x / WIDTH)
    return foot - np.maximum.reduce(rise) - 0.25 * np.sum(rise, 0) - shape.rough * broken


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


def mountain(rng: np.random.Generator, ink: np.ndarray, grain: np.ndarray, shape: Range) -> tuple[np.ndarray, np.ndarray]:
    """The ink with one more range, which hides what lies behind it, and the range's crest."""
    top = crest(rng, shape)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    crag = x + 1.1 * shape.rough * fractal_noise(rng, y.shape, 90, 5)  # ledges and overhangs on the steep sides
    below = y - np.interp(crag, np.arange(WIDTH), top)
    top = np.argmax(below > 0, axis=0)
    down = np.clip(below, 0, None) / shape.reach * np.exp(0.3 * fractal_noise(rng, y.shape, 170, 5))
    body = smoothstep(0, 3, below)
    wash = body * np.exp(-1.6 * down**1.3) * (0.70 + 0.22 * fractal_noise(rng, y.shape, 60, 5))
    layer = np.clip(bleed(rng, wash.astype(np.float32), 2.2), 0, None) * (0.85 + 0.10 * grain)
    if shape.rock:
        broad = bleed(rng, rock_strokes(rng, top, shape, 1200, 46, 9.0), 1.2)
        dry = rock_strokes(rng, top, shape, 26000, 30, 1.3) * smoothstep(-0.9, 0.7, grain)
        lines = contour(rng, top) * smoothstep(-1.3, 0.2, grain) * smoothstep(-2, 1, below) + 0.8 * bleed(rng, moss(rng, top, 1.6 + 2 * shape.ink), 0.6)
        layer = layer + np.exp(-0.9 * down) * (smoothstep(-3, 5, below) * (0.35 * broad + 1.1 * dry) + 0.9 * lines * smoothstep(-6, 0, below))
    return ink * (1 - body * np.clip(1.3 - 0.2 * down, 0, 1)) + shape.ink * layer, top


def pine(rng: np.random.Generator, foot: tuple[float, float], height: float, lean: float) -> np.ndarray:
    """A pine on a rock: a bent trunk, a few level branches, needles in fans that overlap to flat clouds."""
    t = np.linspace(0, 1, 16)
    trunk = np.stack([foot[0] + lean * height * t + 0.10 * height * np.sin(4.2 * t + lean), foot[1] - height * t], -1)
    paths, widths, amounts = [trunk, trunk + (1.2, 0)], [0.075 * height, 0.03 * height], [0.75, 1.0]
    fans = []
    for place in np.linspace(0.38, 1.0, 8):
        start = trunk[int(place * 15)]
        side = rng.choice((-1, 1)) if place < 1 else 0.3
        span = height * rng.uniform(0.22, 0.55) * (1.25 - 0.75 * place) * side
        x = start[0] + span * t
        y = start[1] - 0.10 * height * np.sin(2.6 * t) + rng.normal(0, 1, 16) * 0.6
        paths.append(np.stack([x, y], -1))
        widths.append(0.022 * height)
        amounts.append(0.9)
        count = 5 + int(abs(span) / 7)
        along = rng.uniform(0.3, 1.05, count)
        fans.append(np.stack([start[0] + span * along, np.interp(along, t, y) - rng.uniform(-1, 5, count)], -1))
    fan = np.repeat(np.concatenate(fans), 26, axis=0)
    turn = rng.uniform(-np.pi * 1.02, 0.02 * np.pi, len(fan))
    length = rng.uniform(0.06, 0.11, len(fan)) * height
    needles = fan[:, None] + (np.stack([np.cos(turn), 0.75 * np.sin(turn)], -1) * length[:, None])[:, None] * t[:, None]
    ink = strokes(needles, np.full(len(needles), 1.0), rng.uniform(0.15, 0.9, len(needles)))
    haze = ndimage.gaussian_filter(ink, 4) * 0.35
    return np.maximum(ink, strokes(np.array(paths), np.array(widths), np.array(amounts), tip=0.35)) + haze


def boat(rng: np.random.Generator) -> np.ndarray:
    """A small boat with an angler, and the water under it in a few level strokes."""
    t = np.linspace(0, 1, 16)
    x, y = 424.0, 690.0
    hull = np.stack([x + 62 * t, y + 7 * np.sin(np.pi * t)], -1)
    deck = np.stack([x + 8 + 48 * t, y + 2 + 3 * np.sin(np.pi * t)], -1)
    roof = np.stack([x + 12 + 22 * t, y - 9 * np.sin(np.pi * t)], -1)
    man = np.stack([x + 46 + 2 * t, y - 12 + 13 * t], -1)
    hat = np.stack([x + 41 + 10 * t, y - 12 - 3 * np.sin(np.pi * t)], -1)
    rod = np.stack([x + 48 + 34 * t, y - 6 - 12 * np.sin(1.9 * t)], -1)
    ripples = [np.stack([x + a + b * t, y + c + np.sin(9 * t + a)], -1)
               for a, b, c in zip(rng.uniform(-150, 90, 12), rng.uniform(30, 110, 12), rng.uniform(8, 60, 12), strict=True)]
    widths = np.array([3.2, 2.0, 5.0, 6.0, 2.5, 0.9] + [1.3] * 12)
    amounts = np.array([1.0, 0.8, 0.75, 0.9, 1.0, 0.8] + [0.32] * 12)
    return strokes(np.array([hull, deck, roof, man, hat, rod, *ripples]), widths, amounts, tip=0.15)


def seal(rng: np.random.Generator, picture: np.ndarray, grain: np.ndarray, corner: tuple[int, int], size: int) -> np.ndarray:
    """A vermilion stamp with a made-up mark, worn where the paper is rough."""
    image = Image.new("L", (size * 4, size * 4))
    brush = ImageDraw.Draw(image)
    brush.rounded_rectangle((6, 6, size * 4 - 7, size * 4 - 7), size // 2, fill=255)
    unit = size * 4 / 12
    brush.ellipse((6.6 * unit, 2 * unit, 9.4 * unit, 4.8 * unit), outline=0, width=round(unit * 0.8))
    for ridge in ((2, 6.6, 4, 3.6, 6, 6.6, 8, 5.6, 10, 6.6), (2, 8.4, 5, 7.4, 7, 8.4, 10, 7.6), (2, 10, 4, 9.2, 8, 10, 10, 9.4)):
        brush.line([place * unit for place in ridge], fill=0, width=round(unit * 0.75), joint="curve")
    stamp = np.zeros(grain.shape, np.float32)
    x, y = corner
    stamp[y : y + size, x : x + size] = np.asarray(image.reduce(4), np.float32) / 255
    stamp *= smoothstep(-2.2, -0.4, grain + 0.3 * fractal_noise(rng, grain.shape, 8, 2)) * 0.92
    return mix(picture, np.broadcast_to(SEAL, picture.shape), stamp)


def paint(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    sheet, grain = paper(rng)
    ink = np.zeros(grain.shape, np.float32)
    for shape in RANGES:
        ink, top = mountain(rng, ink, grain, shape)
    for column, height, lean in PINES:
        tree = pine(rng, (column, top[column] + 8), height, lean) * smoothstep(-2.2, 0.1, grain)
        ink = ink * (1 - 0.6 * np.clip(tree, 0, 1)) + 1.25 * tree
    ink = ink + 1.3 * boat(rng) * smoothstep(-1.5, 0.3, grain)
    picture = sheet * INK ** (np.clip(ink, 0, 2.2)[..., None])
    return np.clip(seal(rng, picture, grain, (536, 60), 34), 0, 1).astype(np.float32)
