"""A seated guitarist in the manner of analytical cubism: facets shaded from one edge, brushed, then drawn over."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from painters.tools import colour, lay_strokes, mix, ramp, relief, shrink, smoothstep

SIZE = 1536  # pixels of the longer side while painting, twice those of the picture, so that edges come out soft
HEIGHT, WIDTH = SIZE, SIZE * 3 // 4
WARM = np.stack([colour(c) for c in ("#140d09", "#38251a", "#6b4723", "#a27331", "#cda154", "#e8ca8e", "#f8efd8")])
COOL = np.stack([colour(c) for c in ("#0e1218", "#252e38", "#425668", "#6b8393", "#9bafb6", "#ccd4d0", "#f4f2e8")])
INK = np.stack([colour("#0d0907"), colour("#2b1d14")])
CHALK = np.stack([colour("#f3ead2"), colour("#d9cfb6")])
AXES = np.array([1.08, -1.05, 1.57, 0.0, 0.45, -0.42])  # the few directions that the whole scaffold keeps to
TAKE = 4  # of several throws of the dice, the one whose face came out best

# The figure, back to front: the corners of its planes (clockwise, percent of the height, the dark edge first), tone
# (0 dark, 1 light), coolness (0 ochre, 1 blue-grey) and, for a plane with a round side, a disc (x, y, radius).
FIGURE = (
    ("7 40 11 39 12 96 7 97", 0.22, 0.3),  # chair
    ("70 97 66 97 65 50 69 49", 0.20, 0.4),
    ("27 100 27 83 47 82 46 100", 0.16, 0.6),  # legs and lap
    ("26 100 9 100 12 82 29 84", 0.54, 0.6),
    ("61 100 45 100 46 82 66 86", 0.36, 0.7),
    ("10 92 8 78 28 70 44 71 31 90", 0.56, 0.7, "24 88 15.5"),
    ("70 90 44 85 41 70 57 70", 0.42, 0.65, "51 87 16.5"),
    ("50 60 26 61 29 34 48 34", 0.40, 0.55),  # chest
    ("46 47 41 29 60 29 66 48", 0.36, 0.75, "46 47 17"),  # shoulders
    ("14 47 14 28 36 28 33 45", 0.62, 0.55, "33 47 18"),
    ("31 46 32 31 39 36 37 53", 0.20, 0.5),  # lapels
    ("39 53 39 37 45 32 45 48", 0.27, 0.7),
    ("35 32 36 23 42 22 43 32", 0.36, 0.3),  # throat and collar
    ("33 36 35 29 39 35", 0.92, 0.5),
    ("39 36 43 29 45 34", 0.86, 0.6),
    ("24 59 11 57 19 38 30 41", 0.60, 0.5),  # upper arms
    ("67 56 56 58 49 38 60 39", 0.36, 0.7),
    ("40 26 39 4 52 4 51 24", 0.25, 0.6, "39.5 15 9.5"),  # head
    ("41 10 30 11 31 3 45 3", 0.20, 0.6, "39.5 14 10"),
    ("34 25 32 9 43 8 40 27", 0.74, 0.25),
    ("31.5 14 31 9 43 7 44 12.5", 0.60, 0.3),
    ("44 23 38 24 38 15 46 14", 0.44, 0.45),
    ("46 19 44 19 43.5 13 47 13", 0.62, 0.25, "44.5 16 2.6"),
    ("39.5 19.5 33 19 36 11 38 11", 0.92, 0.2),
    ("33 15.5 32.5 13 36 12.5 35.5 15", 0.18, 0.4),
    ("39 15.5 39 12.5 43.5 12.5 43 15.5", 0.16, 0.5),
    ("41.5 21.5 32.5 21.5 34 19.5 40.5 19.5", 0.20, 0.3),
    ("41 27 34 26 34.5 22 41 22", 0.64, 0.3),
)
# The guitar and the hands, in front of it.
GUITAR = (
    ("43 84 12 84 12 55 43 55", 0.26, 0.2, "28 71 12.6"),
    ("50 76 26 76 26 50 50 50", 0.26, 0.2, "39 61.5 10"),
    ("42 83 12 84 12 56 34 55", 0.68, 0.1, "27 69.5 12.3"),
    ("30 74 27 50 50 50 50 74", 0.72, 0.1, "37.5 60.5 9.5"),
    ("42 68 31 68 31 58 42 58", 0.06, 0.3, "36.4 63 3.7"),
    ("28 76 23.5 80.5 18.5 75 23 71", 0.22, 0.2),
    ("42.5 60.5 39 57 67 33.5 69.5 36", 0.20, 0.2),
    ("69 38 65 33 71 28 74 32", 0.46, 0.2),
    ("31 73 14 67 10 57 20 53 32 64", 0.64, 0.45),  # forearms and hands
    ("67 54 58 58 51 46 58 41", 0.50, 0.6),
    ("36 70 29 74 25 67 32 63", 0.84, 0.2),
    ("61 47 54 50 51 42 58 38", 0.82, 0.25),
)
# Lines drawn with the point of the brush: from x, y to x, y, bow, width; the first three of the head, then downwards.
DETAILS = (
    "38 6 33.5 19.5 0.6 2.6|33.5 19.5 38.5 19.8 -0.7 3|31.5 13.2 36.5 12.4 -0.7 2.6|38.3 12.2 44.5 12.2 -0.8 2.8",
    "32.5 15.6 36 15.2 0.5 1.6|39 15.6 43.3 15.4 0.6 1.6|32 20.6 36.8 20.2 -1 2.4|36.8 20.2 43 20.9 -1 2.4",
    "34.5 23.3 40.5 23.3 0.3 2|34 24 40 27.4 1.2 2.6|40 27.4 45.5 20 1.3 2|30 11 37 3.5 -1.6 2.8|37 3.5 48 8 -2.2 3",
    "48 8 46.5 22 -2.2 2.4|44.4 13.6 44.8 18.4 -1.9 2|45 14.6 45 17.4 -0.8 1.4|20 3 30.5 11 0.4 1.6|57 5 49 11 0.3 1.4",
    "33 29 21 35 -0.8 2.4|21 35 15 47 -1.8 3|43 29 56 34 -0.8 2.4|56 34 63 48 -1.8 2.8|39 36 38 58 0.2 1.8",
    "12 57 23 52 -1.2 2.2|10.5 57 14.5 67.5 1.2 3|14.5 67.5 30 73 0.6 2.2|67 56 60 60 0.6 2.4|22 40 18 54 0.8 1.4",
    "26 67.5 31 66.2 -0.9 2|27 69.4 32.6 67.8 -0.9 2|28 71.4 34 69.4 -0.9 2|29.4 73.4 35.4 71 -0.9 2",
    "52 42.5 57 40 -1 2|52.8 44.4 58.4 41.8 -1 2|53.6 46.4 59.4 43.8 -1 2|54.4 48.4 60.4 45.8 -1 2",
    "15.5 73 27 57.3 -5.2 3.4|27 57.3 29 57.6 1 3|28 57.5 45 54.6 -3.2 3.2|45 54.6 46 66 -2.2 3",
    "46 66 37.5 70.5 -1.4 2.6|37.5 70.5 38.5 76 1.2 2.6|38.5 76 20 80.5 -5 3.2|32.8 62 39.8 63.6 -3.8 2.2",
    "40.2 63.4 33 64.6 -3.2 2.4",
    "24 73.6 66 35.6 0 0.9|24.8 74.5 66.8 36.5 0 0.9|25.6 75.4 67.6 37.4 0 0.9|26.4 76.3 68.4 38.3 0 0.8",
    "45 55 47 57.2 0 1.4|49 51.5 51 53.7 0 1.4|61.5 40 63.5 42.2 0 1.4|66 32.6 64 30.6 0 3|70 28.8 68.4 26.8 0 3",
    "73.6 33 74.8 34.6 0 3|22.6 73 26.4 77.4 0.2 3|9 40 8 97 0.3 2.6|68 50 69 97 -0.3 2.6|10 91 24 73 -3 2.6",
    "24 73 38 90 -3 1.8|66 90 52 70.5 2.6 2.4|27 84 27 100 0.4 2.2|46 83 45.5 100 -0.4 2.2|5 38 13 38.5 -1.4 3",
)


@dataclass
class Facet:
    """A convex plane, shaded dark to light from its first edge; `corners` (n, 2) clockwise, `disc` as x, y, radius."""

    corners: np.ndarray
    tone: float
    cool: float
    contrast: float
    disc: np.ndarray | None = None

    @property
    def edge(self) -> np.ndarray:
        """From the first corner to the second: the dark edge."""
        return self.corners[1] - self.corners[0]


def numbers(text: str) -> np.ndarray:
    """The percentages in the text as shares."""
    return np.array(text.split(), float) / 100


def area(corners: np.ndarray) -> float:
    """Area of the polygon, in squares of the picture's height."""
    x, y = corners.T
    return 0.5 * abs(x @ np.roll(y, 1) - y @ np.roll(x, 1))


def split(rng: np.random.Generator, facet: Facet, limit: float) -> list[Facet]:
    """The facet cut along a few axes into planes whose area is below about `limit`, each with a light of its own."""
    corners = facet.corners
    if area(corners) < limit * rng.uniform(0.5, 2):
        turned = facet.tone + rng.normal(0, 0.12), np.clip(facet.cool + rng.normal(0, 0.2), 0, 1)
        order = np.roll(corners, rng.choice((0, 0, 0, 1, -1)), axis=0)
        return [replace(facet, corners=order, tone=turned[0], cool=turned[1], contrast=rng.uniform(0.35, 0.8))]
    turn = rng.choice(AXES) + rng.normal(0, 0.06)
    through = corners.mean(0) + rng.normal(0, 0.12, 2) * np.sqrt(area(corners))
    side = (corners - through) @ (-np.sin(turn), np.cos(turn))
    halves: tuple[list, list] = [], []
    for here, there, now, then in zip(corners, np.roll(corners, -1, 0), side, np.roll(side, -1), strict=True):
        halves[int(now > 0)].append(here)
        if now * then < 0:
            for half in halves:
                half.append(here + (there - here) * now / (now - then))
    whole = [np.array(half) for half in halves if len(half) > 2]
    return [piece for half in whole for piece in split(rng, replace(facet, corners=half), limit)]


def shard(rng: np.random.Generator, centre: np.ndarray, size: float) -> Facet:
    """A loose plane around `centre`, its long sides along one of the axes, a third of them with a round side."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (1, rng.uniform(0.2, 0.7))
    corners = corners * (1 + rng.uniform(-0.45, 0.3, (4, 1))) + rng.uniform(-0.2, 0.2, (4, 2))
    turn = rng.choice(AXES) + rng.integers(2) * np.pi + rng.normal(0, 0.06)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    look = rng.uniform(0.25, 0.75), rng.uniform(0.1, 0.9), rng.uniform(0.35, 0.75)
    disc = np.array([*centre + rng.normal(0, 0.3 * size, 2), size * 0.75]) if rng.random() < 0.35 else None
    return Facet(corners @ spin * size * 0.6 + centre, *look, disc)


def scaffold(rng: np.random.Generator) -> tuple[list[Facet], list[Facet]]:
    """All facets back to front, and the main forms among them: the room, the figure, and loose planes between."""
    room = split(rng, Facet(np.array([[0, 0], [0.75, 0], [0.75, 1], [0, 1]]), 0.5, 0.5, 0.2), 0.008)
    facets = []
    for piece in room:
        x, y = piece.corners.mean(0)
        light = 0.25 * np.exp(-((x - 0.2) ** 2 + (y - 0.2) ** 2) / 0.05) - 0.25 * y * abs(x - 0.375) / 0.375
        facets.append(replace(piece, tone=piece.tone + light, contrast=rng.uniform(0.25, 0.55)))
    facets += [shard(rng, rng.uniform((0, 0), (0.75, 1)), rng.uniform(0.06, 0.16)) for _ in range(24)]
    forms = []
    for group, count in ((FIGURE, 34), (GUITAR, 9)):
        for corners, tone, cool, *disc in group:
            form = Facet(numbers(corners).reshape(-1, 2), tone, cool, 0.35, numbers(disc[0]) if disc else None)
            forms.append(form)
            facets += [form, *split(rng, form, min(0.003, 0.45 * area(form.corners)))]
        places = rng.normal((0.38, 0.6), (0.14, 0.17), (count, 2))
        facets += [shard(rng, place, rng.uniform(0.03, 0.1)) for place in places]
    return facets, forms


def shade(facet: Facet, tone: np.ndarray, cool: np.ndarray, angle: np.ndarray, label: np.ndarray, number: int) -> None:
    """Lay one facet into the maps, in place: dark at its first edge, lighter and more transparent away from it."""
    low = np.clip(np.floor(facet.corners.min(0) * SIZE).astype(int), 0, (WIDTH, HEIGHT))
    high = np.clip(np.ceil(facet.corners.max(0) * SIZE).astype(int), 0, (WIDTH, HEIGHT))
    y, x = np.mgrid[low[1] : high[1], low[0] : high[0]].astype(np.float32) / SIZE
    depths = []
    for corner, after in zip(facet.corners, np.roll(facet.corners, -1, axis=0), strict=True):
        side = (after - corner) / np.hypot(*(after - corner))
        depths.append((y - corner[1]) * side[0] - (x - corner[0]) * side[1])
    inside = np.min(depths, axis=0) > 0
    if facet.disc is not None:
        inside &= np.hypot(x - facet.disc[0], y - facet.disc[1]) < facet.disc[2]
    if not inside.any():
        return
    near, far = depths[0][inside].min(), depths[0][inside].max()
    depth = np.clip((depths[0] - near) / (far - near + 1e-6), 0, 1)
    box = (slice(low[1], high[1]), slice(low[0], high[0]))
    cover = inside * (1 - 0.6 * smoothstep(0.35, 1.0, depth))
    value = facet.tone + facet.contrast * (np.sqrt(depth) - 0.62)
    tone[box] += (value - tone[box]) * cover
    cool[box] += (facet.cool - cool[box]) * cover
    solid = cover > 0.4
    angle[box][solid] = np.arctan2(*facet.edge[::-1]) + (number % 3 == 0) * np.pi / 2  # every third is brushed across
    label[box][solid] = number


def contours(rng: np.random.Generator, facets: list[Facet], share_drawn: float, weight: float) -> tuple[np.ndarray, np.ndarray]:
    """Broken lines along some edges of the facets, a little beyond their ends: paths (n, 9, 2) and half widths."""
    paths, widths = [], []
    for facet in facets:
        for start, end in zip(facet.corners, np.roll(facet.corners, -1, axis=0), strict=True):
            if rng.random() > share_drawn or facet.disc is not None:
                continue
            edge = end - start
            share = np.linspace(rng.uniform(-0.2, 0.3), rng.uniform(0.6, 1.2), 9)
            bow = rng.normal(0, 0.015) * (1 - np.linspace(-1, 1, 9) ** 2)
            paths.append(start + share[:, None] * edge + bow[:, None] * (-edge[1], edge[0]))
            widths.append(weight * rng.uniform(0.3, 1) * (0.35 + np.sin(np.linspace(0.15, rng.uniform(2, 3), 9))))
    return np.float32(paths) * SIZE, np.float32(widths)


def details() -> tuple[np.ndarray, np.ndarray]:
    """The lines of `DETAILS`, swelling in their middle: paths (n, 9, 2) and half widths (n, 9)."""
    rows = np.array([numbers(line) for group in DETAILS for line in group.split("|")])
    start, end, bow, width = rows[:, None, 0:2], rows[:, None, 2:4], rows[:, 4, None, None], rows[:, 5, None] * 100
    share = np.linspace(0, 1, 9)[:, None]
    edge = end - start
    normal = edge[..., ::-1] * (1, -1) / np.hypot(edge[..., :1], edge[..., 1:])
    paths = start + share * edge - bow * (4 * share * (1 - share)) * normal
    return np.float32(paths) * SIZE, np.float32(width * (0.4 + 0.6 * np.sin(np.linspace(0.2, 2.9, 9))))


def dabs(rng: np.random.Generator, count: int, length: float, angle: np.ndarray) -> np.ndarray:
    """Straight paths for short strokes, all over the picture, along the facets' shaded edges."""
    centres = rng.uniform((0, 0), (WIDTH, HEIGHT), (count, 2))
    column, row = centres.astype(int).T
    turn = angle[row, column] + rng.normal(0, 0.12, count)
    reach = length * rng.uniform(0.35, 0.65, count)
    share = np.linspace(-1, 1, 5)[None, :, None]
    heading = np.stack([np.cos(turn), np.sin(turn)], 1) * reach[:, None]
    return np.float32(centres[:, None] + share * heading[:, None])


def brush(rng: np.random.Generator, facets: list[Facet]) -> tuple[np.ndarray, np.ndarray]:
    """The facets, laid in three rounds of strokes from broad to fine that keep to their edges: colours and height."""
    tone, cool, angle = (np.full((HEIGHT, WIDTH), value, np.float32) for value in (0.62, 0.35, 0))
    label = np.zeros((HEIGHT, WIDTH), np.int32)
    for number, facet in enumerate(facets, 1):
        shade(facet, tone, cool, angle, label, number)
    picture = mix(ramp(WARM, tone), ramp(COOL, tone), np.clip(cool, 0, 1))
    height = np.zeros((HEIGHT, WIDTH), np.float32)
    for count, length, half_width in ((3000, 110, 12), (5000, 64, 7), (6000, 40, 4.5)):
        paths = dabs(rng, count, length, angle)
        column, row = paths[:, 2].astype(int).T
        value = 1.12 * tone[row, column, None] - 0.06 + rng.normal(0, 0.055, (count, 2))
        chill = np.clip(cool[row, column, None] + rng.normal(0, 0.16, (count, 2)), 0, 1)
        tints = mix(ramp(WARM, value), ramp(COOL, value), chill)
        widths = np.float32(half_width * rng.uniform(0.7, 1.2, (count, 1)))
        lay_strokes(rng, picture, height, paths, widths, tints, 0.3, label)
    return picture, height


def paint(seed: int) -> np.ndarray:
    """The guitarist: facets, then dark contours and a few chalky lights, then the light on the paint."""
    rng = np.random.default_rng((seed, TAKE))
    facets, forms = scaffold(rng)
    picture, height = brush(rng, facets)
    for lines in (contours(rng, facets, 0.06, 1.8), contours(rng, forms, 0.3, 2.6), details()):
        lay_strokes(rng, picture, height, *lines, np.broadcast_to(INK, (len(lines[0]), 2, 3)), 0.25)
    lines = contours(rng, [facet for facet in facets if area(facet.corners) < 0.0016], 0.06, 2.0)
    lay_strokes(rng, picture, height, *lines, np.broadcast_to(CHALK, (len(lines[0]), 2, 3)), 0.35)
    light = relief(ndimage.gaussian_filter(height, 1.0), (-1.0, -1.0), 0.8)
    picture = picture * np.clip(light, 0.55, 1.4)[..., None]
    return np.clip(shrink(picture), 0, 1)
