"""A young woman with a crown of braids: a sculpted head under a window's light, painted over in oil strokes."""

import numpy as np
from scipy import ndimage

from .brushwork import Brush, Canvas
from .face import Head, make_up
from .sculpt import Camera, Form, Sculpture, ellipsoid, normals, occlusion, shares, soft_shadow, trace, turned, unit
from .tools import colour, fractal_noise, grid, mix, ramp, relief, smoothstep

HEIGHT, WIDTH = 768, 640
MODEL_SCALE = 0.75
KEY = unit((0.78, 0.52, 0.52))
SKY = unit((-0.75, 0.45, 0.35))
HEAD = Head((0, 0, 0), turned(pitch=5) @ turned(yaw=33) @ turned(roll=-2))
GAZE = (-0.26, 0.0, 1.0)
TINT = {
    "skin": "#e9b896",
    "eye": "#d9d0c2",
    "hair": "#4d2d1a",
    "braid": "#5a351d",
    "dress": "#2c4f5c",
    "bead": "#b03a26",
}
WALL = np.stack([colour(c) for c in ("#1d1811", "#3a3122", "#645538", "#8f7d56")])
GROUND, LINEN = colour("#5a3d28"), colour("#e9dfca")
LAMPS = np.array(((1.05, 1.0, 0.90), (0.13, 0.15, 0.18), (0.13, 0.10, 0.085), (0.10, 0.025, 0.01)), np.float32)
SHEEN = np.array(((0.10, 0.10, 0.10), (0.5, 0.48, 0.45), (0.10, 0.055, 0.028)), np.float32)
BRUSHES = (
    Brush(900, 14, 90, 0.05),
    Brush(2200, 8, 52, 0.03),
    Brush(4000, 4.5, 34, 0.004),
    Brush(5000, 2.5, 18, 0.0005),
    Brush(6000, 1.3, 10, 0.0001),
)
STRANDS = Brush(2600, 1.5, 46, variety=0.24)


def neck_and_dress() -> list[Form]:
    """Neck and chest, and the dress over the shoulders."""
    cloth = {"part": "dress"}
    return [
        Form((0.004, -0.06, -0.022), (-0.005, -0.205, -0.045), (0.046, 0.041, 0.052), blend=0.02),
        ellipsoid((-0.005, -0.235, -0.03), (0.10, 0.05, 0.05), blend=0.06),
        Form((0.0, -0.225, -0.060), (-0.155, -0.285, -0.045), (0.050, 0.060, 0.052), blend=0.07, **cloth),
        Form((0.0, -0.225, -0.060), (0.140, -0.275, -0.090), (0.050, 0.060, 0.052), blend=0.07, **cloth),
        ellipsoid((0.0, -0.35, -0.035), (0.165, 0.13, 0.085), turned(yaw=12), blend=0.05, **cloth),
    ]


def hair() -> list[Form]:
    """Hair parted in the middle, drawn over the ears into a knot, and a braid laid around the head."""
    forms = []
    for side in (-1, 1):
        forms.append(HEAD.lump(side * 0.022, 0.034, -0.024, (0.066, 0.090, 0.098), turned(pitch=-14), blend=0.006, part="hair"))
    for side in (-1, 1):
        temple, ear = (side * 0.058, 0.050, 0.046), (side * 0.070, -0.012, 0.004)
        forms += [
            HEAD.ridge((side * 0.012, 0.094, 0.054), temple, (0.012, 0.018, 0.016), blend=0.010, part="hair"),
            HEAD.ridge(temple, ear, (0.016, 0.020, 0.020), blend=0.014, part="hair"),
            HEAD.ridge(ear, (side * 0.035, -0.035, -0.085), (0.020, 0.026, 0.030), blend=0.014, part="hair"),
        ]
    forms.append(HEAD.lump(0, -0.015, -0.115, (0.05, 0.045, 0.04), blend=0.015, part="hair"))
    for bead, angle in enumerate(np.linspace(-0.15, np.pi + 0.15, 21)):
        sway = (-1) ** bead
        turn = turned(roll=np.degrees(angle)) @ turned(pitch=42 * sway)
        place = 0.084 * np.cos(angle), 0.030 + 0.094 * np.sin(angle), -0.026 + 0.007 * sway
        forms.append(HEAD.lump(*place, (0.0140, 0.021, 0.0125), turn, blend=0.003, part="braid"))
    return forms


def beads(bust: Sculpture, count: int = 34) -> list[Form]:
    """A string of coral that lies on the neck."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    outward = np.stack([np.sin(angle), -0.30 * np.cos(angle), np.cos(angle)]).astype(np.float32)
    places = np.array([[0.0], [-0.178], [-0.045]], np.float32) + outward * 0.12
    for _ in range(12):
        places -= outward * (bust.distance(places) - 0.004)
    return [ellipsoid(tuple(place), (0.0062, 0.0056, 0.0062), blend=0.0005, part="bead") for place in places.T]


def folds(points: np.ndarray) -> np.ndarray:
    """Pleats of the dress that spread from the neck, as hollows and ridges of its surface."""
    x, y, z = points
    around = np.arctan2(x, z + 0.12)
    depth = 0.0026 * smoothstep(-0.225, -0.30, y - 0.25 * np.abs(x))
    return depth * (np.sin(34 * around + 3 * np.sin(14 * y + 4 * x)) + 0.6 * np.sin(21 * around - 40 * y))


def model(height: int, width: int) -> tuple[np.ndarray, ...]:
    """The lit bust: its picture, how much each pixel shows of it and of its hair, the way to paint it (`doubled`)."""
    camera = Camera((0.0, -0.02, 2.6), (0.012, -0.070, 0.0), 0.44, height, width)
    trunk = neck_and_dress()
    head = [*HEAD.skull(), *HEAD.nose_and_mouth(), *HEAD.eyes(), *hair()]
    bust = Sculpture([*trunk, *head, *beads(Sculpture(trunk))])
    pixels, points, cover = trace(bust, camera, 4.0)
    normal = normals(lambda places: bust.distance(places) + folds(places), points, 0.0006)
    parts = bust.parts(points)
    share = shares(parts, 0.0007, ["bead"])
    tint = sum(visible[:, None] * colour(TINT[part]) for part, visible in share.items())
    tint = mix(tint, LINEN, share["dress"] * smoothstep(0.013, 0.011, parts["skin"] - parts["dress"]))
    tint = make_up(HEAD.on_head(points), tint, share["skin"], GAZE)
    tresses = share["hair"] + share["braid"]
    picture, seen = np.zeros((height * width, 3), np.float32), np.zeros((2, height * width), np.float32)
    picture[pixels] = illuminate(bust, points, normal, tint, share) ** (1 / 2.2)
    seen[:, pixels] = cover, tresses
    flow = np.zeros((2, height * width), np.float32)
    flow[:, pixels] = doubled(points, normal, share["hair"])
    return picture.reshape(height, width, 3), *seen.reshape(2, height, width), flow.reshape(2, height, width)


def illuminate(
    bust: Sculpture, points: np.ndarray, normal: np.ndarray, tint: np.ndarray, share: dict[str, np.ndarray]
) -> np.ndarray:
    """The light from the points: window, cool sky opposite, warm reflections, skin aglow where shadow begins."""
    openness = occlusion(bust, points, normal, 0.03)
    seen = soft_shadow(bust, points, KEY, 0.18, 0.003, 0.4)
    facing = KEY @ normal
    sky = np.maximum(SKY @ normal, 0) * openness
    bounce = openness * (0.7 + 0.3 * normal[1])
    edge = share["skin"] * np.exp(-(((facing * (0.3 + 0.7 * seen) - 0.12) / 0.16) ** 2))
    lamps = np.stack([np.maximum(facing, 0) * seen, sky, bounce, edge], 1)
    gloss = np.maximum(unit(KEY + np.array((0, 0, 1), np.float32)) @ normal, 0)
    tresses = share["hair"] + share["braid"]
    sheen = np.stack([seen * gloss**24 * share["skin"], gloss**60 * share["bead"], seen * gloss**8 * tresses], 1)
    return np.clip(tint**2.2 * (lamps @ LAMPS) + sheen @ SHEEN, 0, 1)


def doubled(points: np.ndarray, normal: np.ndarray, hair_share: np.ndarray) -> np.ndarray:
    """The way to paint, down the strands of hair and around the forms elsewhere, as a vector at twice its angle."""
    side = np.sign(HEAD.on_head(points)[0])
    strands = HEAD.turn @ np.stack([0.35 * side, np.full_like(side, -1.0), np.full_like(side, -0.6)])
    strands -= normal * (normal * strands).sum(0)
    x, y = np.where(hair_share > 0.5, np.stack([strands[0], -strands[1]]), np.stack([normal[1], normal[0]]))
    return np.stack([x * x - y * y, 2 * x * y])


def enlarge(plane: np.ndarray) -> np.ndarray:
    """A plane (rows, columns, …) of the model at the size of the picture."""
    zoom = (HEIGHT / plane.shape[0], WIDTH / plane.shape[1]) + (1,) * (plane.ndim - 2)
    return ndimage.zoom(plane, zoom, order=1, grid_mode=True, mode="nearest")


def wall(rng: np.random.Generator) -> np.ndarray:
    """A mottled wall, lightest behind the shaded side of the head."""
    x, y = grid(HEIGHT, WIDTH)
    cloud = fractal_noise(rng, (HEIGHT, WIDTH), 300, 6)
    glow = np.exp(-(((x - 0.16) / 0.38) ** 2) - ((y - 0.42) / 0.50) ** 2)
    return ramp(WALL, 0.12 + 0.62 * glow + 0.10 * cloud)


def paint(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    bust, cover, tresses, flow = model(int(HEIGHT * MODEL_SCALE), int(WIDTH * MODEL_SCALE))
    cover, tresses = enlarge(cover), enlarge(tresses)
    target = mix(wall(rng), enlarge(bust), smoothstep(0.2, 0.8, cover)).astype(np.float32)
    across, down = (enlarge(ndimage.gaussian_filter(plane, 4)) for plane in flow)
    drift = 0.8 + 0.9 * fractal_noise(rng, (HEIGHT, WIDTH), 260, 2)
    angle = np.where(cover > 0.5, np.arctan2(down, across) / 2, drift).astype(np.float32)
    canvas = Canvas(rng, GROUND, target, angle)
    for brush in BRUSHES:
        canvas.paint(brush)
    canvas.paint(STRANDS, tresses**2)
    picture = mix(canvas.colours, target, 0.15 + 0.65 * smoothstep(0.03, 0.18, canvas.detail()) * (1 - 0.8 * tresses))
    impasto = relief(ndimage.gaussian_filter(canvas.height, 0.7), strength=0.10)
    return np.clip(picture * impasto[..., None], 0, 1).astype(np.float32)
