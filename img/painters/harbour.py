"""A harbour at dusk: houses in perspective, a boat and the sky, mirrored in ripples and repainted in oil strokes."""

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from painters.houses import (
    EYE,
    HORIZON,
    LAMP_EDGE,
    QUAY,
    ROW_END,
    SHADE,
    STONE,
    along_quay,
    paint_house,
    pixels_per_metre,
    street,
)
from painters.tools import colour, fractal_noise, mix, ramp, relief, repaint, shrink, smoothstep

WIDTH, HEIGHT, FINE = 768, 576, 2  # the scene is computed FINE times finer than it is painted
FORWARD = 1.5  # how much larger the edge of the quay appears than the house fronts behind it
SUN_X, WATERLINE = 96.0, 470.0  # column where the sun went down, row where the boat lies in the water
LAMP_POSTS = (262, 345, 455, 602)  # columns
PEOPLE = (  # column, height in metres, coat
    (305, 1.7, "#2b2f3d"),
    (312, 1.6, "#43303c"),
    (404, 1.75, "#27303a"),
    (528, 1.7, "#33283a"),
    (541, 1.2, "#4b3440"),
)

SKY = np.array([colour(c) for c in ("#2c4468", "#56749a", "#9fa6b4", "#e9b58a", "#f6c98a")])
CLOUDS = np.array([colour(c) for c in ("#474f74", "#6e6787", "#b67f86", "#ee9a72", "#ffcf96")])
SUNGLOW, CREST, WATER = colour("#ffd794"), colour("#f0b795"), colour("#1d3648")
SHORES = (colour("#8e6d70"), colour("#6b5a6b"))
HULL, GUNWALE, KEEL = colour("#23424a"), colour("#aea182"), colour("#6b2f28")
IRON, SKIN, LANTERN = "#20242e", "#7d5a4a", "#ffeebb"


def sky(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Evening sky: bands from blue to amber, and layers of cloud lit from below by the sun that has just set."""
    up = np.clip((HORIZON - y) / HORIZON, 0, 1)
    picture = ramp(SKY, (1 - up) ** 1.2).astype(np.float32)
    glow = np.exp(-(((x - SUN_X) / 230) ** 2) - (up / 0.32) ** 2)
    picture = mix(picture, SUNGLOW, 0.8 * glow)
    billow = fractal_noise(rng, (512, 512), 130, 7)
    far = 1 / (up + 0.13)
    place = np.stack([74 * far, (x - WIDTH * 0.45) / WIDTH * far * 120 + 250])
    bank = ndimage.map_coordinates(billow, place, order=1, mode="reflect")
    sunward = ndimage.map_coordinates(billow, place + np.array([[[9.0]], [[-7.0]]]), order=1, mode="reflect")
    cover = smoothstep(-0.25, 1.2, bank) * (0.55 + 0.45 * smoothstep(0.0, 0.2, up))
    lit = np.clip(0.30 + 0.55 * (bank - sunward), 0, 1) * (0.35 + 0.65 * np.exp(-np.hypot((x - SUN_X) / 520, up / 0.9)))
    return mix(picture, ramp(CLOUDS, lit * 1.5), cover * 0.9)


def far_shore(rng: np.random.Generator, picture: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Hazy hills and roofs on the other side of the water."""
    column = np.arange(y.shape[1])
    roofs = 6 * (column // 34 * 7919 % 5 / 4)
    for shade, rise in zip(SHORES, (16, 9 + roofs), strict=True):
        top = HORIZON - rise - 3 * fractal_noise(rng, (1, y.shape[1]), 120, 6)[0]
        picture = mix(picture, shade, smoothstep(-0.7, 0.7, y - top) * (y < HORIZON + 6))
    return picture


def quay(rng: np.random.Generator, picture: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The cobbled quay in front of the houses and its wall of stone blocks, wet and dark near the water."""
    near = (y - HORIZON) / pixels_per_metre(x)
    edge, foot = (EYE - QUAY) * FORWARD, EYE * FORWARD
    along = along_quay(x)
    down = (near - edge) / (foot - edge)
    row = np.floor(down * 4)
    block = along / 1.1 + 0.5 * (row % 2)
    tone = rng.normal(1, 0.13, (64, 64))[row.astype(int) % 64, np.floor(block).astype(int) % 64]
    joint = (down * 4 - row < 0.13) | (block - np.floor(block) < 0.06)
    wet = 0.75 * smoothstep(0.5, 1.0, down)
    blocks = mix(STONE * tone[..., None] * 0.72, SHADE * 0.4, np.maximum(joint * 0.7, wet))
    cobbles = STONE * (0.78 + 0.10 * fractal_noise(rng, x.shape, 12, 2))[..., None]
    picture = mix(picture, cobbles * 0.65 + SHADE * 0.35, (x > ROW_END) & (near > EYE - QUAY) & (near < edge))
    return mix(picture, blocks, (x > ROW_END) & (near >= edge) & (near <= foot + 0.1))


def lamps(picture: np.ndarray, light: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The picture with street lamps and a few people on the quay, and the light with the lamps."""
    image, shine = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255)), Image.fromarray(light)
    brush, glow = ImageDraw.Draw(image), ImageDraw.Draw(shine)

    def stand(column: float, forward: float) -> tuple[float, float, float]:
        """Where on the fine canvas somebody's feet are, and the pixels that a metre of theirs takes there."""
        metre = pixels_per_metre(column) * forward * FINE
        return column * FINE, HORIZON * FINE + metre * (EYE - QUAY), metre

    for column in LAMP_POSTS:
        x, foot, metre = stand(column, 0.92 * FORWARD)
        brush.line((x, foot, x, foot - 3.3 * metre), fill=IRON, width=max(round(0.11 * metre), 2))
        box = (x - 0.2 * metre, foot - 3.75 * metre, x + 0.2 * metre, foot - 3.25 * metre)
        brush.rectangle(box, fill=LANTERN, outline=IRON)
        glow.rectangle(box, fill=5.0)
    for column, tall, coat in PEOPLE:
        x, foot, metre = stand(column, 0.86 * FORWARD)
        head, hem, shoulder = foot - tall * metre, 0.28 * metre, 0.2 * metre
        neck = head + 0.3 * metre
        brush.polygon([(x - hem, foot), (x - shoulder, neck), (x + shoulder, neck), (x + hem, foot)], fill=coat)
        brush.ellipse((x - 0.15 * metre, head, x + 0.15 * metre, neck), fill=SKIN)
    return np.asarray(image, np.float32) / 255, np.asarray(shine)


def hull(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The planked side of the boat: colours and cover."""
    t = (x - 62) / 224
    sheer = WATERLINE - 25 - 58 * (t - 0.62) ** 2 - 9 * smoothstep(0.3, 0.0, t)
    down = np.maximum((y - sheer) / (WATERLINE - sheer), 0)
    tone = 0.8 + 0.35 * (down * 6 % 1) - 0.3 * down + 0.06 * fractal_noise(rng, x.shape, 60, 5)
    wood = mix(HULL * tone[..., None], GUNWALE, (down < 0.16) * 0.9)
    wood = mix(wood, KEEL * tone[..., None], smoothstep(0.72, 0.75, down))
    return wood, (down > 0) & (down < 1) & (t > 0.07 * down**1.5) & (t < 1 - 0.05 * down**2)


def rigging(size: tuple[int, int]) -> np.ndarray:
    """Cabin, mast, furled sails and ropes of the boat as RGBA."""
    image = Image.new("RGBA", size)
    brush = ImageDraw.Draw(image)

    def shape(fill: str, *points: tuple[float, float], width: float = 0) -> None:
        corners = [(column * FINE, row * FINE) for column, row in points]
        if width:
            brush.line(corners, fill=fill, width=round(width * FINE), joint="curve")
        else:
            brush.polygon(corners, fill=fill)

    shape("#a9763f", (186, 448), (188, 416), (250, 414), (253, 448))
    shape("#4b3a3a", (181, 417), (186, 411), (253, 409), (259, 415))
    for left in (194, 213, 232):
        shape("#3f2d22", (left, 436), (left, 422), (left + 13, 422), (left + 13, 436))
        shape("#ffd27a", (left + 1.5, 434.5), (left + 1.5, 423.5), (left + 11.5, 423.5), (left + 11.5, 434.5))
    for foot in ((66, 428), (112, 440), (196, 414), (284, 436)):
        shape("#3c3232", (152, 118), foot, width=0.8)
    shape("#5a3d2a", (152, 450), (152, 118), width=4)
    shape("#9a6b45", (153, 450), (153, 120), width=1.2)
    shape("#5a3d2a", (152, 396), (270, 380), width=3)
    upper = [(a, 393 - 0.135 * (a - 156) - 5 * np.sin(0.03 * (a - 156))) for a in range(156, 262, 4)]
    lower = [(a, b + 9 + 2 * np.sin(a / 5)) for a, b in upper[::-1]]
    shape("#8f4a35", *upper, *lower)
    shape("#8f4a35", (146, 172), (70, 424), width=3.2)
    shape("#c9473a", (152, 118), (166, 123), (153, 129))
    return np.asarray(image, np.float32) / 255


def boat(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A moored fishing boat seen from the side: colours and cover."""
    wood, side = hull(rng, x, y)
    above = rigging(x.shape[::-1])
    shade = 1 + 0.10 * fractal_noise(rng, x.shape, 24, 4)
    colours = np.where(side[..., None], wood, above[..., :3] * shade[..., None])
    return colours * 0.78 + SHADE * 0.18, np.maximum(side, above[..., 3])


def water(
    rng: np.random.Generator, picture: np.ndarray, boat: tuple[np.ndarray, np.ndarray], x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """The picture with its lower part turned to water that mirrors the rest, broken by ripples growing towards us."""
    depth = np.maximum(y - HORIZON, 1.0)
    place = np.stack([160 * np.log(depth), (x - WIDTH / 2) / depth * 34])
    long, short = (fractal_noise(rng, (256, 256), size, 3) for size in (20, 11))
    slope = ndimage.map_coordinates(long, place, order=1, mode="reflect")
    slope += 0.7 * ndimage.map_coordinates(short, place * 1.9 + 40, order=1, mode="reflect")
    shift = slope * (0.8 + 0.085 * depth)
    columns = np.clip((x + 0.25 * shift) * FINE, 0, x.shape[1] - 1).astype(np.intp)

    def mirrored(layer: np.ndarray, edge: np.ndarray | float) -> np.ndarray:
        rows = np.minimum(2 * edge - y + 1.6 * shift, edge) - 0.5
        return layer[np.clip(rows * FINE, 0, x.shape[0] - 1).astype(np.intp), columns]

    edge = np.where(x > ROW_END, HORIZON + FORWARD * EYE * pixels_per_metre(x), HORIZON + 5)
    image = mirrored(picture, edge)
    image = mix(image, mirrored(boat[0], WATERLINE), mirrored(boat[1], WATERLINE) * (y > WATERLINE - 8))
    near = smoothstep(0, HEIGHT - HORIZON, depth)
    image = mix(image * 0.92, WATER, np.clip(0.12 + 0.30 * near + 0.10 * slope, 0, 0.7))
    image = mix(image, CREST, smoothstep(1.3, 2.2, slope) * (0.15 + 0.35 * np.exp(-(((x - SUN_X) / 200) ** 2))))
    return mix(picture, image, y > edge)


def glow(picture: np.ndarray, light: np.ndarray) -> np.ndarray:
    """The picture with the halos of its lights."""
    for sigma, strength in ((3, 0.10), (14, 0.8), (50, 1.1)):
        halo = ndimage.gaussian_filter(light, sigma * FINE / 2) * strength
        picture = picture + halo[..., None] * LAMP_EDGE * (1 - picture) * (0.15 + picture)
    return picture


def paint(seed: int) -> np.ndarray:
    """The picture, the same at each call with the same seed."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: HEIGHT * FINE, : WIDTH * FINE].astype(np.float32) / FINE
    picture, light = far_shore(rng, sky(rng, x, y), y), np.zeros(x.shape, np.float32)
    for house in street(rng):
        paint_house(rng, picture, light, house, x, y)
    picture, light = lamps(quay(rng, picture, x, y), light)
    moored = boat(rng, x, y)
    picture = mix(water(rng, glow(picture, light), moored, x, y), *moored)
    scene = np.clip(shrink(picture), 0, 1)
    oil = 0.6 * repaint(rng, scene) + 0.4 * scene
    ridges = relief(ndimage.gaussian_filter(oil.mean(-1), 0.7), strength=0.7)
    return np.clip(oil * ridges[..., None], 0, 1).astype(np.float32)
