"""Breaking waves as a woodblock print: carved shapes become blocks, each inked with its grain, printed a little off."""

import itertools
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from .tools import colour, fractal_noise, grid, normals, smooth_curve, smoothstep

WIDTH, HEIGHT, SCALE = 768, 640, 3
SKY, PAPER, PALE, MID, DARK, SUNRISE, MISTY = range(7)
INKS = {
    PALE: colour("#9fc0c6"),
    MID: colour("#4a7fa6"),
    DARK: colour("#1d4274"),
    SUNRISE: colour("#d2603f"),
    MISTY: colour("#efe0c4"),
}
KEY_INK = colour("#142038")
PAPER_COLOUR = colour("#f4ecd9")
SKY_BEIGE, SKY_ROSE, SKY_BLUE = colour("#dad0b8"), colour("#e9bda0"), colour("#2c5688")
BANDS = (DARK, MID, PALE, DARK, PAPER, MID, DARK, PALE, MID)

TIP = (222, 275)
FACE = smooth_curve(
    ((-30, 572), (150, 590), (330, 556), (470, 470), (545, 350), (535, 240), (465, 178), (370, 170), (280, 205), TIP),
    240,
)
BACK = smooth_curve(
    ((830, 700), (850, 560), (835, 400), (770, 240), (660, 120), (520, 55), (390, 60), (290, 105), (232, 185), TIP),
    240,
)
SMALLER, ASIDE = (-0.42, 0.42), (278, 262)
SWELL_TOP = smooth_curve(
    ((-30, 470), (40, 452), (110, 468), (190, 520), (290, 570), (420, 590), (560, 572), (700, 585), (800, 560)), 240
)
SWELL_LOW = smooth_curve(((-30, 760), (130, 730), (320, 750), (560, 760), (800, 760)), 240)
FAR_SEA = smooth_curve(((-30, 418), (60, 410), (150, 424), (250, 412), (360, 422), (470, 410), (800, 414)), 200)
SUN, SUN_RADIUS, SEAL = (410, 318), 50, (714, 26)
MIST = ((-40, 150, 236, 6), (40, 230, 250, 4), (216, 486, 374, 9), (330, 560, 352, 5), (660, 800, 148, 7))

Points = np.ndarray
Stroke = tuple[Points, np.ndarray]


class Blocks:
    """The carved blocks: one map that says which ink each spot takes, and the key block with the lines."""

    def __init__(self) -> None:
        size = (WIDTH * SCALE, HEIGHT * SCALE)
        self.inks, self.key = Image.new("L", size, SKY), Image.new("L", size, 0)
        self._draw_ink, self._draw_key = ImageDraw.Draw(self.inks), ImageDraw.Draw(self.key)

    def area(self, outline: Points, ink: int) -> None:
        """Fill a shape with an ink; it covers whatever lies behind it, lines too."""
        corners = (outline * SCALE).ravel().tolist()
        self._draw_ink.polygon(corners, fill=ink)
        self._draw_key.polygon(corners, fill=0)

    def line(self, middle: Points, half_width: np.ndarray) -> None:
        """Cut a line of changing width into the key block."""
        self._draw_key.polygon((ribbon(middle, half_width) * SCALE).ravel().tolist(), fill=255)

    def strokes(self, strokes: Sequence[Stroke], ink: int, outline: float = 0.0) -> None:
        """Round-ended strokes, (middle, half width) each, joined to one shape in one ink with a key line all around."""
        for grow in (outline, 0.0) if outline else (0.0,):
            for middle, half_width in strokes:
                corners = (ribbon(middle, half_width + grow) * SCALE).ravel().tolist()
                ends = [(middle[end], half_width[end] + grow) for end in (0, -1)]
                boxes = [(np.concatenate([spot - radius, spot + radius]) * SCALE).tolist() for spot, radius in ends]
                for draw, fill in ((self._draw_key, 255 if grow else 0), (self._draw_ink, ink)):
                    draw.polygon(corners, fill=fill)
                    for box in boxes:
                        draw.ellipse(box, fill=fill)

    def coverage(self, ink: int | None) -> np.ndarray:
        """How much of each final pixel a block covers; `None` names the key block."""
        full = np.asarray(self.key) > 0 if ink is None else np.asarray(self.inks) == ink
        return full.reshape(HEIGHT, SCALE, WIDTH, SCALE).mean((1, 3), dtype=np.float32)


def ribbon(middle: Points, half_width: np.ndarray) -> Points:
    """The outline of a line of changing width."""
    side = normals(middle[None])[0] * half_width[:, None]
    return np.concatenate([middle + side, (middle - side)[::-1]])


def dot(spot: Points, radius: float) -> Stroke:
    """A round spot, as the shortest of strokes."""
    return spot + np.array([[0, 0], [0.1, 0.1]]), np.full(2, radius)


def towards(angle: np.ndarray | float) -> Points:
    """Unit vectors at these angles."""
    return np.stack([np.cos(angle), np.sin(angle)], -1)


def hand(rng: np.random.Generator, count: int, width: float) -> np.ndarray:
    """Half widths of a hand-cut line: pointed at both ends, swelling between, never quite even."""
    wobble = ndimage.gaussian_filter1d(rng.standard_normal(count), count / 18, mode="reflect")
    swelling = np.sin(np.linspace(0, np.pi, count)) ** 0.5
    return width * swelling * np.clip(1 + 0.35 * wobble / wobble.std(), 0.3, 2)


def claw(rng: np.random.Generator, root: Points, heading: float, length: float, curl: float, depth: int) -> list[Stroke]:
    """A foam finger that bends by `curl` radians and bears smaller fingers, most of them on its outer side."""
    steps = 16
    t = np.linspace(0, 1, steps)
    angle = heading - 0.35 * curl * t + 1.35 * curl * t**2.2
    middle = root + np.cumsum(towards(angle), 0) * length / steps
    strokes = [(middle, length * rng.uniform(0.09, 0.14) * (1 - t**1.5) ** 0.8 + 0.45)]
    if depth:
        count = 2 + depth
        for at in np.linspace(0.2, 0.8, count) + rng.uniform(-0.08, 0.08, count):
            knuckle = int(at * (steps - 1))
            side = -np.sign(curl) if rng.random() < 0.75 else np.sign(curl)
            turned = angle[knuckle] + side * rng.uniform(0.6, 1.1)
            size = length * rng.uniform(0.4, 0.6) * (1.15 - 0.5 * at)
            strokes += claw(rng, middle[knuckle], turned, size, curl * rng.uniform(0.8, 1.3), depth - 1)
    return strokes


def carve_water(rng: np.random.Generator, blocks: Blocks, low: Points, high: Points, count: int) -> None:
    """Bands of blue that run along a body of water from the curve `low` to the curve `high`, with tongues in them."""
    edges = np.cumsum(rng.uniform(0.4, 1.6, count))
    curves = [low + (high - low) * share for share in (0, *(edges / edges[-1]))]
    for index, (first, second) in enumerate(itertools.pairwise(curves)):
        gap = np.hypot(*(first - second).T)
        blocks.area(np.concatenate([first, second[::-1]]), BANDS[index % len(BANDS)])
        blocks.line(first, np.minimum(hand(rng, len(first), rng.uniform(0.6, 1.5)), 0.16 * gap))
        for _ in range(1 + int(gap.max() / 9)):
            start, share = rng.uniform(0.0, 0.8), rng.uniform(0.25, 0.75)
            piece = slice(int(start * len(first)), int((start + rng.uniform(0.1, 0.4)) * len(first)) + 8)
            tongue = (first * (1 - share) + second * share)[piece]
            width = np.minimum(hand(rng, len(tongue), 0.2) * gap[piece], 3.5)
            blocks.area(ribbon(tongue, width), int(rng.choice([DARK, MID, PALE, PAPER], p=[0.2, 0.2, 0.25, 0.35])))
            blocks.line(tongue + [0.0, 1.5], np.minimum(0.25 * width, 0.8))


def carve_foam(
    rng: np.random.Generator, blocks: Blocks, edge: Points, claws: int, size: float, lean: float, curl: float
) -> None:
    """A scalloped bank of foam along a curve, and claws that lean out of it by `lean` radians and bend by `curl`."""
    along = np.gradient(edge, axis=0)
    tangent = np.arctan2(along[:, 1], along[:, 0])
    inward = tangent - np.sign(lean) * np.pi / 2
    swell = ndimage.gaussian_filter1d(rng.standard_normal(len(edge)), len(edge) / 25, mode="reflect")
    swell = size * np.exp(0.25 * swell / swell.std()) * np.sin(np.linspace(0.5, np.pi - 0.3, len(edge))) ** 0.5
    for ink, reach, fat, outline in ((PAPER, 0.5, 0.13, 1.1), (PALE, 0.33, 0.1, 0.0), (PAPER, 0.2, 0.12, 0.0)):
        where = rng.integers(0, len(edge), claws * 14)
        depth = swell[where] * reach * rng.uniform(-0.1, 1, len(where))
        middles = edge[where] + towards(inward[where]) * depth[:, None]
        radii = swell[where] * fat * rng.uniform(0.3, 1.2, len(where))
        blocks.strokes([dot(middle, radius) for middle, radius in zip(middles, radii, strict=True)], ink, outline)
    for at in rng.integers(0, len(edge), claws * 3):
        bow = towards(inward[at] + np.linspace(-1.2, 1.2, 12)) * rng.uniform(0.07, 0.13)
        blocks.line(edge[at] + swell[at] * (towards(inward[at]) * rng.uniform(0, 0.4) + bow), hand(rng, 12, 0.55))
    for at in np.linspace(0, len(edge) - 1, claws).astype(int):
        heading = tangent[at] + lean + rng.uniform(-0.25, 0.25)
        root = edge[at] + rng.uniform(-3, 3, 2)
        fingers = claw(rng, root, heading, swell[at] * rng.uniform(0.75, 1.2), curl * rng.uniform(0.7, 1.3), 2)
        thick = fingers[0][1][0]
        blocks.strokes(fingers, PAPER, rng.uniform(0.8, 1.2))
        blocks.strokes([dot(root - thick * towards(heading), thick + 1.5)], PAPER)  # the claw grows out of the bank
        blocks.strokes([(middle[3:] + 0.35 * half.mean(), 0.3 * half[3:]) for middle, half in fingers[:5]], PALE)


def carve_spray(rng: np.random.Generator, blocks: Blocks, edge: Points, count: int, reach: float) -> None:
    """Drops thrown off a curve, ever smaller and rarer away from it."""
    away = rng.exponential(reach, count)
    spots = edge[rng.integers(0, len(edge), count)] + towards(rng.uniform(0, 2 * np.pi, count)) * away[:, None]
    for spot, radius in zip(spots, rng.uniform(0.5, 1.7, count) ** 2 * np.exp(-away / reach / 4), strict=True):
        blocks.strokes([dot(spot, radius)], PAPER, 0.6)


def carve_breaker(
    rng: np.random.Generator, blocks: Blocks, face: Points, back: Points, bands: int, scale: float, way: int
) -> None:
    """A wave between its hollow face and its back, foam on both; `way` is 1 where it breaks to the left, else -1."""
    carve_water(rng, blocks, face, back, bands)
    for edge in (face, back):
        blocks.line(edge, hand(rng, len(edge), 2.0 * scale**0.5))
    carve_spray(rng, blocks, np.concatenate([face[150:], back[150:]]), int(700 * scale), 48 * scale)
    carve_foam(rng, blocks, back[130:], int(6 + 8 * scale), 58 * scale, 0.6 * way, -2.0 * way)
    carve_foam(rng, blocks, face[130:], int(6 + 12 * scale), 74 * scale, -0.8 * way, -2.0 * way)


def carve_sky(rng: np.random.Generator, blocks: Blocks) -> None:
    """The sun, bands of mist with rounded ends across it, a seal with a small rising wave, and a flock of plovers."""
    blocks.strokes([dot(np.array(SUN), SUN_RADIUS)], SUNRISE)
    for start, stop, height, thick in MIST:
        blocks.strokes([(np.array([[start, height], [stop, height]], float), np.full(2, thick / 2))], MISTY)
    blocks.area(SEAL + np.array([[0, 0], [27, 0.6], [26.5, 27], [-0.5, 26]]), SUNRISE)
    for radius in (2.4, 5.4, 8.4, 11.4):
        bow = SEAL + np.array([13.3, 23.5]) + towards(np.linspace(np.pi, 2 * np.pi, 20)) * radius
        blocks.strokes([(bow, np.full(20, 1.0))], PAPER)
    t = np.linspace(0, 1, 14)
    for _ in range(11):
        spot, size, tilt = rng.uniform((30, 60), (175, 260)), rng.uniform(7, 13), rng.uniform(-0.3, 0.5)
        for side in (-1, 1):
            wing = np.stack([side * t * (1 - 0.15 * side), 0.5 * t - 0.9 * np.sin(2.4 * t)], 1) * size
            turned = wing[:, :1] * towards(tilt) + wing[:, 1:] * towards(tilt + np.pi / 2)
            blocks.line(spot + turned, 0.17 * size * np.sin(np.pi * (0.15 + 0.85 * t)) ** 0.8)


def carve(rng: np.random.Generator) -> Blocks:
    """Everything that is cut into the blocks, from the sky to the foreground."""
    blocks = Blocks()
    carve_sky(rng, blocks)
    carve_water(rng, blocks, FAR_SEA, FAR_SEA + [0, 160], 14)
    carve_breaker(rng, blocks, FACE * SMALLER + ASIDE, BACK * SMALLER + ASIDE, 12, 0.42, -1)
    carve_breaker(rng, blocks, FACE, BACK, 27, 1.0, 1)
    carve_water(rng, blocks, SWELL_TOP, SWELL_LOW, 14)
    carve_spray(rng, blocks, SWELL_TOP, 300, 24)
    carve_foam(rng, blocks, SWELL_TOP[::-1], 22, 50, 0.8, -2.0)
    return blocks


def wood(rng: np.random.Generator, rings: int = 34) -> np.ndarray:
    """The grain of a plank, zero mean: contour lines of a slow wave in the wood, around knots, and fine fibres."""
    x, y = grid(HEIGHT, WIDTH)
    phase = y + 0.035 * ndimage.zoom(fractal_noise(rng, (HEIGHT // 4, WIDTH // 16), 40, 2), (4, 16), order=3)
    for column, line, size in rng.uniform((0, 0, 0.02), (1, 0.83, 0.06), (4, 3)):
        phase += size * np.exp(-(((x - column) / 4) ** 2 + (y - line) ** 2) / size**2)
    ring = (rings * phase) % 1
    line = ring**3 * (1 - smoothstep(0.86, 1.0, ring))
    fibre = ndimage.gaussian_filter(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0.5, 12))
    return 2 * (line - line.mean()) + 0.3 * fibre / fibre.std()


def printed(
    rng: np.random.Generator, cover: np.ndarray, ink: np.ndarray, plank: np.ndarray, strength: np.ndarray | float = 1.0
) -> np.ndarray:
    """What one block leaves of the light: its ink lies uneven, shows the grain, and sits a little off its place."""
    cover = ndimage.shift(cover, rng.uniform(-1.2, 1.2, 2), order=1, mode="nearest")
    speckle, blotches = fractal_noise(rng, cover.shape, 5, 2), fractal_noise(rng, cover.shape, 120, 3)
    squeezed = np.clip(cover - ndimage.gaussian_filter(cover, 2.5), 0, 1)  # the press drives ink to the rim of a block
    density = 0.88 + plank + 0.05 * (speckle + blotches) + 0.25 * squeezed
    return 1 - (cover * np.clip(density, 0.2, 1.15) * strength)[..., None] * (1 - ink)


def paint(seed: int) -> np.ndarray:
    """The finished print: paper, a sky wiped on in three gradations, the flat inks, the key block last."""
    rng = np.random.default_rng(seed)
    blocks = carve(rng)
    height = grid(HEIGHT, WIDTH)[1] * WIDTH / HEIGHT + 0.03 * fractal_noise(rng, (HEIGHT, WIDTH), 300, 3)
    picture = PAPER_COLOUR * (1 + 0.018 * fractal_noise(rng, (HEIGHT, WIDTH), 6, 2)[..., None])
    sky, plank = blocks.coverage(SKY), 0.22 * wood(rng)
    picture *= printed(rng, sky, SKY_BEIGE, plank)
    picture *= printed(rng, sky, SKY_ROSE, plank, 0.75 * smoothstep(0.36, 0.66, height))
    picture *= printed(rng, sky, SKY_BLUE, plank, 0.9 * (1 - smoothstep(0.0, 0.26, height)))
    for ink, tone in INKS.items():
        strength = 1 - smoothstep(0.42, 0.66, height) if ink == SUNRISE else 1.0
        picture *= printed(rng, blocks.coverage(ink), tone, 0.12 * wood(rng), strength)
    picture *= printed(rng, blocks.coverage(None), KEY_INK, 0.05 * wood(rng))
    return np.clip(picture, 0, 1).astype(np.float32)
