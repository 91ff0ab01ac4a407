"""A harbour at dusk: a row of gabled houses computed in perspective, mirrored in rippled water, repainted in oil strokes."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from painters.tools import colour, draw_strokes, follow, fractal_noise, mix, ramp, relief, shrink, smoothstep

WIDTH, HEIGHT, FINE = 768, 576, 2  # the scene is computed FINE times finer than it is painted
HORIZON, VANISH_LEFT, VANISH_RIGHT = 352.0, -250.0, 1500.0
PIXELS_PER_METRE = 0.0245  # of height, for each pixel of distance from the left vanishing point
FORESHORTENING = 35000.0
EYE, QUAY, ROW_END = 2.3, 1.1, 205.0  # metres, metres, pixels
FORWARD = 1.5  # how much larger the edge of the quay appears than the house fronts behind it
SUN_X = 96.0

SKY = [colour(c) for c in ("#2c4468", "#56749a", "#9fa6b4", "#e9b58a", "#f6c98a")]
CLOUDS = [colour(c) for c in ("#474f74", "#6e6787", "#b67f86", "#ee9a72", "#ffcf96")]
WALLS = [colour(c) for c in ("#8d4a36", "#c9a77c", "#6e3f38", "#b9b3a0", "#a8643f", "#d0b489", "#7c8272", "#91503f", "#b98a63")]
TILES, FRAME, STONE = colour("#7d4436"), colour("#e6dcc6"), colour("#8d857c")
LAMP, LAMP_EDGE, PANE = colour("#ffd67c"), colour("#e8882e"), colour("#2e3c50")
WATER, HULL, HULL_STRIPE, TIMBER, CANVAS = [colour(c) for c in ("#1d3648", "#23424a", "#d9c7a2", "#5b3b26", "#b9a182")]
SHADE = colour("#3b4468")


@dataclass(frozen=True)
class House:
    """One house: where it stands along the quay (metres), its heights, its gable and how its wall is made."""

    left: float
    right: float
    eaves: float
    gable: float
    shape: str
    wall: np.ndarray
    brick: bool

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def along_quay(x: np.ndarray | float) -> np.ndarray | float:
    """Metres along the row of houses at screen column `x`."""
    return -FORESHORTENING / (x - VANISH_LEFT)


def column_of(along: float) -> float:
    return VANISH_LEFT - FORESHORTENING / along


def row_of(x: np.ndarray | float, height: np.ndarray | float) -> np.ndarray | float:
    """Screen row of a point of the house fronts `height` metres above the water at column `x`."""
    return HORIZON - (height - EYE) * PIXELS_PER_METRE * (x - VANISH_LEFT)


def street(rng: np.random.Generator) -> list[House]:
    """The houses from the far end of the quay to the near one, which the frame cuts."""
    houses, right, shapes = [], along_quay(WIDTH + 60.0), ("step", "plain", "bell")
    while column_of(right) > ROW_END + 12:
        left = max(right - rng.uniform(4.8, 6.6), along_quay(ROW_END))
        number = len(houses)
        houses.append(
            House(left, right, rng.uniform(8.2, 9.9), rng.uniform(3.4, 4.4), shapes[number % 3],
                  WALLS[number % len(WALLS)], number % 3 != 1)
        )
        right = left
    return houses[::-1]


def gable_top(house: House, along: np.ndarray) -> np.ndarray:
    """Height of the front's upper edge at each place along the quay; minus infinity beside the house."""
    off = np.abs(along - house.middle) / (house.right - house.left) * 2
    rise = {
        "plain": 1 - off,
        "step": np.ceil((1 - off) * 5) / 5,
        "bell": 1 - 0.75 * smoothstep(0.18, 0.62, off) - 0.25 * smoothstep(0.7, 1.0, off),
    }[house.shape]
    return np.where(off < 1, house.eaves + house.gable * rise, -np.inf)


def sky(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Evening sky: bands from blue to amber, and layers of cloud lit from below by the sun that has just set."""
    up = np.clip((HORIZON - y) / HORIZON, 0, 1)
    picture = ramp(np.array(SKY), (1 - up) ** 1.2).astype(np.float32)
    glow = np.exp(-(((x - SUN_X) / 230) ** 2) - (up / 0.32) ** 2)
    picture = mix(picture, colour("#ffd794"), 0.8 * glow)
    billow = fractal_noise(rng, (512, 512), 130, 7)
    far = 1 / (up + 0.13)
    place = np.stack([74 * far, (x - WIDTH * 0.45) / WIDTH * far * 120 + 250])
    bank = ndimage.map_coordinates(billow, place, order=1, mode="reflect")
    sunward = ndimage.map_coordinates(billow, place + np.array([[[9.0]], [[-7.0]]]), order=1, mode="reflect")
    cover = smoothstep(-0.25, 1.2, bank) * (0.55 + 0.45 * smoothstep(0.0, 0.2, up))
    lit = np.clip(0.30 + 0.55 * (bank - sunward), 0, 1) * (0.35 + 0.65 * np.exp(-np.hypot((x - SUN_X) / 520, up / 0.9)))
    return mix(picture, ramp(np.array(CLOUDS), lit * 1.5), cover * 0.9)


def far_shore(rng: np.random.Generator, picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Hazy roofs, trees and a church spire on the other side of the water."""
    column = np.arange(x.shape[1])
    for depth, (rise, haze) in enumerate(((16, 0.45), (9, 0.75))):
        bumps = fractal_noise(rng, (1, x.shape[1]), 120, 6)[0]
        top = HORIZON - rise - 3 * bumps - 6 * (column // 34 * 7919 % 5 / 4) * (depth == 1)
        shade = mix(np.broadcast_to(colour("#c58f78"), picture.shape), colour("#4c4a66"), np.full(x.shape, haze))
        picture = mix(picture, shade, smoothstep(-0.7, 0.7, y - top) * (y < HORIZON + 6))
    return picture


def patch(house: House, x: np.ndarray, reach: float = 60.0) -> slice:
    """The columns a house and the side of its roof may touch."""
    first, last = column_of(house.left), min(column_of(house.right), WIDTH + 60.0) + reach
    return slice(max(int(first * FINE) - 2, 0), max(min(int(last * FINE), x.shape[1]), 0))


def in_quad(x: np.ndarray, y: np.ndarray, corner: np.ndarray, one: np.ndarray, two: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along two edges of a parallelogram, each from 0 to 1 inside it."""
    (ax, ay), (bx, by) = one - corner, two - corner
    dx, dy, area = x - corner[0], y - corner[1], ax * by - ay * bx
    return (dx * by - dy * bx) / area, (dy * ax - dx * ay) / area


def sides(rng: np.random.Generator, picture: np.ndarray, house: House, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The tiled slope and the side wall that turn towards the near end of the row."""
    def corner(along: float, height: float, back: float) -> np.ndarray:
        column = column_of(along)
        front = np.array([column, row_of(column, height)])
        return front + back * (np.array([VANISH_RIGHT, HORIZON]) - front)

    depth, ridge = 0.10, house.eaves + house.gable * 0.92
    top, eave, foot = ((house.middle, ridge), (house.right + 0.15, house.eaves - 0.2), (house.right, QUAY))
    down, back = in_quad(x, y, corner(*eave, 0), corner(*foot, 0), corner(*eave, depth))
    inside = (down > -0.03) & (down < 1.2) & (back > 0) & (back < 1)
    picture = mix(picture, mix(house.wall * 0.5 + 0 * picture, SHADE, 0.45 + 0.2 * down), inside)
    down, back = in_quad(x, y, corner(*top, 0), corner(*eave, 0), corner(*top, depth))
    inside = (down > 0) & (down < 1) & (back > 0) & (back < 1)
    course, tile = np.floor(down * 17), np.floor(back * 26)
    tone = 0.8 + 0.25 * (down * 17 - course) + 0.10 * rng.standard_normal((32, 32))[course.astype(int) % 32, tile.astype(int) % 32]
    tiles = mix(TILES * tone[..., None], SHADE, 0.25 + 0.2 * down)
    return mix(picture, tiles, inside)


def masonry(rng: np.random.Generator, house: House, along: np.ndarray, height: np.ndarray) -> np.ndarray:
    """The wall's own colour: courses of brick with pale joints, or plaster stained by weather."""
    course = height / 0.21
    row = np.floor(course)
    brick = (along - house.left) / 0.5 + 0.5 * (row % 2)
    tone = rng.normal(1, 0.16, (64, 64))[row.astype(int) % 64, np.floor(brick).astype(int) % 64]
    joint = ((course - row) < 0.2) | ((brick - np.floor(brick)) < 0.10)
    bricks = mix(house.wall * tone[..., None], STONE * 0.95, joint * 0.5)
    stain = fractal_noise(rng, height.shape, 70, 5)
    plaster = house.wall * (1 + 0.07 * stain - 0.18 * smoothstep(4.0, 1.0, height + 0.5 * stain))[..., None]
    bare = smoothstep(1.0, 1.3, stain) if not house.brick else np.ones_like(stain)
    return mix(plaster, bricks * (1 + 0.05 * stain[..., None]), bare)


def windows(
    rng: np.random.Generator, house: House, along: np.ndarray, height: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Windows and a door: their colours, where they cover the wall, and how much light they give."""
    columns = 3
    across = (along - house.left) / (house.right - house.left) * columns
    storey = (height - QUAY - 0.1) / (house.eaves - QUAY - 0.3) * 3
    cell, floor = np.floor(across).astype(int) % 8, np.clip(np.floor(storey), 0, 7).astype(int)
    u, v = across - np.floor(across) - 0.5, storey - floor - 0.5
    attic = floor == 3
    u = np.where(attic, (across - columns / 2) * 1.2, u)
    cell = np.where(attic, 7, cell)
    door = (floor == 0) & (cell == int(house.eaves * 10) % 3)
    tall, wide = np.where(door, 0.45, 0.33), np.where(attic, 0.24, 0.28)
    low = v + np.where(door, 0.06, 0.0)
    arch = low - (0.06 * (1 - (u / wide) ** 2))
    opening = (np.abs(u) < wide) & (low > -tall) & (arch < tall - 0.06) & (height > QUAY + 0.05)
    frame = (np.abs(u) < wide + 0.055) & (low > -tall - 0.05) & (arch < tall) & (height > QUAY + 0.05)
    bars = (np.abs(u) < 0.022) | (np.abs(v - 0.1) < 0.02) | (np.abs(v + 0.12) < 0.012)
    lit = (rng.random((8, 8)) < 0.52)[floor, cell] & ~door
    warmth = rng.uniform(0.55, 1.0, (8, 8))[floor, cell]
    curtain = smoothstep(0.5, 0.95, np.abs(u) / wide) * rng.uniform(0, 1, (8, 8))[floor, cell]
    glass = mix(np.broadcast_to(PANE, (*u.shape, 3)), colour("#8b93ad"), smoothstep(-0.3, 0.4, v + 0.4 * u) * 0.7)
    lamp = mix(np.broadcast_to(LAMP, glass.shape), LAMP_EDGE, np.clip(0.9 * np.abs(v - 0.05) / 0.33 + 0.4 * curtain, 0, 1))
    glass = np.where(lit[..., None], lamp * warmth[..., None], glass)
    glass = np.where((door & opening)[..., None], colour("#3d4a3c") * (0.85 + 0.3 * (np.abs(u * 12 % 1 - 0.5)))[..., None], glass)
    glass = mix(glass, FRAME * 0.75, (bars & ~door) * 0.8)
    shown = np.where(opening[..., None], glass, FRAME * np.where(low < -tall, 0.9, 0.72)[..., None])
    return shown, frame & (floor < 4), (opening & lit & ~bars & (floor < 4)) * warmth


def front(rng: np.random.Generator, picture: np.ndarray, light: np.ndarray, house: House, x: np.ndarray, y: np.ndarray) -> None:
    """Paint one house front into the picture and its lit windows into `light`, both in place."""
    along = along_quay(x)
    height = EYE + (HORIZON - y) / (PIXELS_PER_METRE * (x - VANISH_LEFT))
    top = gable_top(house, along)
    wall = masonry(rng, house, along, height)
    edge = smoothstep(0.42, 0.30, top - height) * (height > house.eaves - 0.2)
    band = (np.abs(height - house.eaves + 0.1) < 0.13) | (np.abs(height - QUAY - 2.7) < 0.09)
    wall = mix(wall, STONE * 1.15, np.maximum(edge, band * 0.8))
    panes, cover, lamp = windows(rng, house, along, height)
    wall = mix(wall, panes, cover)
    beside = np.minimum(along - house.left, house.right - along)
    dusk = 0.20 + 0.42 * smoothstep(12.0, 1.0, height) * 0.7 + 0.25 * smoothstep(0.5, 0.0, beside)
    wall = np.where((cover & (lamp > 0))[..., None], wall, mix(wall, SHADE * 0.75, dusk))
    inside = (height < top) & (height > QUAY) & (along < house.right)
    picture[inside], light[inside] = wall[inside], lamp[inside]


def quay(rng: np.random.Generator, picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The cobbled quay in front of the houses and its wall of stone blocks, wet and dark near the water."""
    near = (y - HORIZON) / (x - VANISH_LEFT) / PIXELS_PER_METRE
    edge, foot = (EYE - QUAY) * FORWARD, EYE * FORWARD
    along = along_quay(x)
    down = (near - edge) / (foot - edge)
    row = np.floor(down * 4)
    block = along / 1.1 + 0.5 * (row % 2)
    tone = rng.normal(1, 0.13, (64, 64))[row.astype(int) % 64, np.floor(block).astype(int) % 64]
    joint = (down * 4 - row < 0.13) | (block - np.floor(block) < 0.06)
    blocks = mix(STONE * tone[..., None] * 0.72, SHADE * 0.4, np.maximum(joint * 0.7, 0.75 * smoothstep(0.5, 1.0, down)))
    cobbles = STONE * (0.78 + 0.10 * fractal_noise(rng, x.shape, 12, 2))[..., None]
    cobbles = mix(cobbles, SHADE, np.full(x.shape, 0.35, np.float32))
    on_quay = (x > ROW_END) & (near > EYE - QUAY) & (near < edge)
    picture = np.where(on_quay[..., None], cobbles, picture)
    return np.where(((x > ROW_END) & (near >= edge) & (near <= foot + 0.1))[..., None], blocks, picture)


def lamps(picture: np.ndarray, light: np.ndarray) -> np.ndarray:
    """Street lamps and a few people on the quay; the lamps shine in `light`, in place."""
    image = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255))
    shine = Image.fromarray(light)
    brush, glow = ImageDraw.Draw(image), ImageDraw.Draw(shine)
    for column in (262, 345, 455, 602):
        size = PIXELS_PER_METRE * (column - VANISH_LEFT) * FORWARD * FINE * 0.92
        x, foot = column * FINE, (HORIZON + size / FINE * (EYE - QUAY)) * FINE
        brush.line((x, foot, x, foot - 3.3 * size), fill="#20242e", width=max(round(0.11 * size), 2))
        box = (x - 0.2 * size, foot - 3.75 * size, x + 0.2 * size, foot - 3.25 * size)
        brush.rectangle(box, fill="#ffeebb", outline="#20242e")
        glow.rectangle(box, fill=5.0)
    for column, tall, coat in ((305, 1.7, "#2b2f3d"), (312, 1.6, "#43303c"), (404, 1.75, "#27303a"), (528, 1.7, "#33283a"), (541, 1.2, "#4b3440")):
        size = PIXELS_PER_METRE * (column - VANISH_LEFT) * FORWARD * FINE * 0.86
        x, foot = column * FINE, (HORIZON + size / FINE * (EYE - QUAY)) * FINE
        head = foot - tall * size
        brush.polygon([(x - 0.28 * size, foot), (x - 0.2 * size, head + 0.3 * size), (x + 0.2 * size, head + 0.3 * size), (x + 0.28 * size, foot)], fill=coat)
        brush.ellipse((x - 0.15 * size, head, x + 0.15 * size, head + 0.33 * size), fill="#7d5a4a")
    light[:] = np.asarray(shine)
    return np.asarray(image, np.float32) / 255


def water_edge(x: np.ndarray) -> np.ndarray:
    """Screen row where the water begins in each column."""
    return np.where(x > ROW_END, HORIZON + FORWARD * EYE * PIXELS_PER_METRE * (x - VANISH_LEFT), HORIZON + 5)


def boat(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A moored fishing boat seen from the side: colours and cover."""
    bow, stern, waterline = 62.0, 286.0, 470.0
    t = (x - bow) / (stern - bow)
    sheer = waterline - 25 - 22 * (t - 0.62) ** 2 / 0.38 - 9 * smoothstep(0.3, 0.0, t)
    down = (y - sheer) / (waterline - sheer)
    hull = (down > 0) & (down < 1) & (t > 0.07 * down * np.abs(down) ** 0.5) & (t < 1 - 0.05 * down**2)
    plank = down * 6 % 1
    tone = 0.8 + 0.35 * plank - 0.3 * down + 0.06 * fractal_noise(rng, x.shape, 60, 5)
    wood = mix(HULL * tone[..., None], HULL_STRIPE * 0.8, (down < 0.16) * 0.9)
    wood = mix(wood, colour("#6b2f28") * tone[..., None], smoothstep(0.72, 0.75, down))
    image = Image.new("RGBA", x.shape[::-1])
    brush = ImageDraw.Draw(image)

    def shape(points: list[tuple[float, float]], fill: str, width: float = 0) -> None:
        points = [(a * FINE, b * FINE) for a, b in points]
        if width:
            brush.line(points, fill=fill, width=round(width * FINE), joint="curve")
        else:
            brush.polygon(points, fill=fill)

    shape([(186, 448), (188, 416), (250, 414), (253, 448)], "#a9763f")
    shape([(181, 417), (186, 411), (253, 409), (259, 415)], "#4b3a3a")
    for left in (194, 213, 232):
        shape([(left, 436), (left, 422), (left + 13, 422), (left + 13, 436)], "#3f2d22")
        shape([(left + 1.5, 434.5), (left + 1.5, 423.5), (left + 11.5, 423.5), (left + 11.5, 434.5)], "#ffd27a")
    mast = (152.0, 118.0)
    for foot in ((66, 428), (112, 440), (196, 414), (284, 436)):
        shape([mast, foot], "#3c3232", 0.8)
    shape([(152, 450), mast], "#5a3d2a", 4)
    shape([(153, 450), (153, 120)], "#9a6b45", 1.2)
    shape([(152, 396), (270, 380)], "#5a3d2a", 3)
    fold = [(a, 393.0 - 0.135 * (a - 156) - 5 * np.sin(3.1 * (a - 156) / 104)) for a in range(156, 262, 4)]
    shape(fold + [(a, b + 9 + 2 * np.sin(a / 5)) for a, b in fold[::-1]], "#8f4a35")
    shape([(146, 172), (70, 424)], "#8f4a35", 3.2)
    shape([mast, (166, 123), (153, 129)], "#c9473a")
    rigging = np.asarray(image, np.float32) / 255
    shade = 1 + 0.10 * fractal_noise(rng, x.shape, 24, 4)
    colours = np.where(hull[..., None], wood, rigging[..., :3] * shade[..., None])
    return mix(colours, SHADE * 0.8, np.full(x.shape, 0.22)), np.maximum(hull, rigging[..., 3])


def water(
    rng: np.random.Generator, picture: np.ndarray, hull: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """The picture with its lower part turned to water that mirrors the rest, broken by ripples growing towards us."""
    depth = np.maximum(y - HORIZON, 1.0)
    place = np.stack([160 * np.log(depth), (x - WIDTH / 2) / depth * 34])
    long, short = (fractal_noise(rng, (256, 256), size, 3) for size in (20, 11))
    slope = ndimage.map_coordinates(long, place, order=1, mode="reflect")
    slope += 0.7 * ndimage.map_coordinates(short, place * 1.9 + 40, order=1, mode="reflect")
    shift = slope * (0.8 + 0.085 * depth)

    def mirrored(layer: np.ndarray, edge: np.ndarray | float) -> np.ndarray:
        rows = np.clip((np.minimum(2 * edge - y + shift * 1.6, edge) - 0.5) * FINE, 0, layer.shape[0] - 1).astype(np.intp)
        columns = np.clip((x + 0.25 * shift) * FINE, 0, layer.shape[1] - 1).astype(np.intp)
        return layer[rows, columns]

    edge = water_edge(x)
    image = mirrored(picture, edge)
    image = mix(image, mirrored(hull[0], 470.0), mirrored(hull[1], 470.0) * (y > 462))
    near = smoothstep(0, HEIGHT - HORIZON, depth)
    image = mix(image * 0.92, np.broadcast_to(WATER, image.shape), np.clip(0.12 + 0.30 * near + 0.10 * slope, 0, 0.7))
    crest = smoothstep(1.3, 2.2, slope) * (0.15 + 0.35 * np.exp(-(((x - SUN_X) / 200) ** 2)))
    image = mix(image, np.broadcast_to(colour("#f0b795"), image.shape), crest)
    below = y > edge
    return np.where(below[..., None], image, picture)


def edge_angle(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Direction along which the picture changes least around each pixel, the way a brush would follow its forms."""
    dy, dx = np.gradient(ndimage.gaussian_filter(picture.mean(-1), 1))
    xx, yy, xy = (ndimage.gaussian_filter(product, sigma) for product in (dx * dx, dy * dy + 2e-5, dx * dy))
    return 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2


def repaint(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """The scene in oil strokes that follow its forms: broad ones everywhere, finer ones where they have lost detail."""
    canvas = ndimage.gaussian_filter(picture, (6, 6, 0))
    rows, columns = picture.shape[:2]
    for width, length, count in ((11, 46, 5000), (5, 22, 16000), (2.4, 10, 42000), (1.3, 6, 42000)):
        centres = rng.uniform((0, 0), (columns, rows), (count, 2))
        column, row = centres.astype(int).T
        blurred = ndimage.gaussian_filter(picture, (width / 5, width / 5, 0))
        lost = ndimage.gaussian_filter(np.abs(blurred - canvas).max(-1), width / 3)[row, column]
        chosen = lost > rng.uniform(0, 0.045, count)
        centres, column, row = centres[chosen], column[chosen], row[chosen]
        paths = follow(edge_angle(picture, width * 0.6), centres, length * rng.uniform(0.5, 1.3, len(centres)), 7)
        tints = blurred[row, column] * (1 + rng.normal(0, 0.045, (len(centres), 1))) + rng.normal(0, 0.012, (len(centres), 3))
        canvas = draw_strokes(canvas, paths, width * rng.uniform(0.6, 1.2, len(centres)), tints, 0.88, tip=0.45)
    return canvas


def paint(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: HEIGHT * FINE, : WIDTH * FINE].astype(np.float32) / FINE
    picture = far_shore(rng, sky(rng, x, y), x, y)
    light = np.zeros(x.shape, np.float32)
    for house in street(rng):
        part = patch(house, x)
        picture[:, part] = sides(rng, picture[:, part], house, x[:, part], y[:, part])
        front(rng, picture[:, part], light[:, part], house, x[:, part], y[:, part])
    picture = lamps(quay(rng, picture, x, y), light)
    for sigma, strength in ((3, 0.10), (14, 0.8), (50, 1.1)):
        halo = ndimage.gaussian_filter(light, sigma * FINE / 2) * strength
        picture = picture + halo[..., None] * LAMP_EDGE * (1 - picture) * (0.15 + picture)
    hull = boat(rng, x, y)
    picture = water(rng, picture, hull, x, y)
    picture = mix(picture, hull[0], hull[1])
    picture = np.clip(shrink(picture), 0, 1)
    oil = repaint(rng, picture)
    paint_height = ndimage.gaussian_filter(oil.mean(-1), 0.7)
    return np.clip(mix(oil, picture, np.full(oil.shape[:2], np.float32(0.4))) * relief(paint_height, strength=0.7)[..., None], 0, 1)
