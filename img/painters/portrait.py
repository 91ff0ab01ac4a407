"""A young woman with a crown of braids: a sculpted head under a window's light, painted over in oil strokes."""

import numpy as np
from scipy import ndimage

from .face import Head, make_up
from .sculpt import Camera, Form, Sculpture, ellipsoid, normals, occlusion, shares, soft_shadow, trace, turned, unit
from .tools import colour, follow, fractal_noise, grid, lay_strokes, mix, ramp, relief, smoothstep

HEIGHT, WIDTH = 768, 640
MODEL_SCALE = 0.75
KEY = unit((0.78, 0.52, 0.52))
SKY = unit((-0.75, 0.45, 0.35))
HEAD = Head((0, 0, 0), turned(pitch=5) @ turned(yaw=33) @ turned(roll=-2))
GAZE = (-0.26, 0.0, 1.0)
TINT = {"skin": "#e9b896", "eye": "#d9d0c2", "hair": "#4d2d1a", "braid": "#5a351d", "dress": "#2c4f5c", "bead": "#b03a26"}
WALL = ("#1d1811", "#3a3122", "#645538", "#8f7d56")
GROUND = "#5a3d28"
BRUSHES = ((900, 14, 90, 0.05), (2200, 8, 52, 0.03), (4000, 4.5, 34, 0.004), (5000, 2.5, 18, 0.0005), (6000, 1.3, 10, 0.0001))
LINEN = colour("#e9dfca")


def neck_and_dress() -> list[Form]:
    cloth = {"part": "dress"}
    return [
        Form((0.004, -0.06, -0.022), (-0.005, -0.205, -0.045), (0.046, 0.041, 0.052), blend=0.02),
        ellipsoid((-0.005, -0.235, -0.03), (0.10, 0.05, 0.05), blend=0.06),
        Form((0.0, -0.225, -0.060), (-0.155, -0.285, -0.045), (0.050, 0.060, 0.052), blend=0.07, **cloth),
        Form((0.0, -0.225, -0.060), (0.140, -0.275, -0.090), (0.050, 0.060, 0.052), blend=0.07, **cloth),
        ellipsoid((0.0, -0.35, -0.035), (0.165, 0.13, 0.085), turned(yaw=12), blend=0.05, **cloth),
    ]


def hair() -> list[Form]:
    forms = []
    for side in (-1, 1):
        forms.append(HEAD.lump(side * 0.022, 0.034, -0.024, (0.066, 0.090, 0.098), turned(pitch=-14), blend=0.006, part="hair"))
    for side in (-1, 1):
        temple, ear = (side * 0.058, 0.050, 0.046), (side * 0.070, -0.012, 0.004)
        forms += [
            HEAD.ridge((side * 0.012, 0.100, 0.046), temple, (0.012, 0.018, 0.016), blend=0.010, part="hair"),
            HEAD.ridge(temple, ear, (0.016, 0.020, 0.020), blend=0.014, part="hair"),
            HEAD.ridge(ear, (side * 0.035, -0.035, -0.085), (0.020, 0.026, 0.030), blend=0.014, part="hair"),
        ]
    forms.append(HEAD.lump(0, -0.015, -0.115, (0.05, 0.045, 0.04), blend=0.015, part="hair"))
    for bead, angle in enumerate(np.linspace(-0.15, np.pi + 0.15, 21)):
        sway = (-1) ** bead
        turn = turned(roll=np.degrees(angle)) @ turned(pitch=42 * sway)
        forms.append(HEAD.lump(0.084 * np.cos(angle), 0.030 + 0.094 * np.sin(angle), -0.026 + 0.007 * sway, (0.0140, 0.021, 0.0125), turn, blend=0.003, part="braid"))
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
    depth = 0.0011 * smoothstep(-0.225, -0.30, y - 0.25 * np.abs(x))
    return depth * (np.sin(34 * around + 3 * np.sin(14 * y + 4 * x)) + 0.6 * np.sin(21 * around - 40 * y))


def model(height: int, width: int) -> tuple[np.ndarray, ...]:
    """The lit bust: its picture, how much of each pixel it covers, and the direction (angle) in which to paint it."""
    camera = Camera((0.0, -0.02, 2.6), (0.012, -0.070, 0.0), 0.44, height, width)
    bust = Sculpture([*neck_and_dress(), *HEAD.skull(), *HEAD.nose_and_mouth(), *HEAD.eyes(), *hair()])
    bust = Sculpture([*bust.forms, *beads(Sculpture(neck_and_dress()))])
    pixels, points, cover = trace(bust, camera, 4.0)
    normal = normals(lambda places: bust.distance(places) + folds(places), points, 0.0006)
    openness = occlusion(bust, points, normal, 0.03)
    seen = soft_shadow(bust, points, KEY, 0.18, 0.003, 0.4)
    parts = bust.parts(points)
    share = shares(parts, 0.0007, ["bead"])
    tint = sum(visible[:, None] * colour(TINT[part]) for part, visible in share.items())
    tint = mix(tint, LINEN, share["dress"] * smoothstep(0.013, 0.011, parts["skin"] - parts["dress"]))
    tint = make_up(HEAD.on_head(points), tint, share["skin"], GAZE)
    facing = (normal * KEY[:, None]).sum(0)
    lit = np.maximum(facing, 0) * seen
    sky = np.maximum((normal * SKY[:, None]).sum(0), 0) * openness
    warm = share["skin"] * np.exp(-(((facing * (0.3 + 0.7 * seen) - 0.12) / 0.16) ** 2))
    light = lit[:, None] * np.array((1.0, 0.95, 0.86)) * 1.05 + sky[:, None] * np.array((0.13, 0.15, 0.18))
    light += (openness * (0.7 + 0.3 * normal[1]))[:, None] * np.array((0.13, 0.10, 0.085)) + warm[:, None] * np.array((0.10, 0.025, 0.01))
    half = unit(KEY + np.array((0, 0, 1)))
    gloss = np.maximum((normal * half[:, None]).sum(0), 0)
    shine = gloss**24 * 0.10 * seen * share["skin"] + gloss**14 * 0.05 * (share["hair"] + share["braid"]) * seen + gloss**60 * 0.5 * share["bead"]
    picture = np.zeros((height * width, 3), np.float32)
    picture[pixels] = tint**2.2 * light + shine[:, None]
    strands = HEAD.turn @ np.stack([np.sign(HEAD.on_head(points)[0]) * 0.35, np.full(len(pixels), -1.0), np.full(len(pixels), -0.6)])
    strands -= normal * (normal * strands).sum(0)
    flow = np.where(share["hair"] > 0.5, np.stack([strands[0], -strands[1]]), np.stack([normal[1], normal[0]]))
    direction, covered = np.zeros((2, height * width), np.float32), np.zeros(height * width, np.float32)
    direction[:, pixels] = np.stack([flow[0] ** 2 - flow[1] ** 2, 2 * flow[0] * flow[1]])
    covered[pixels] = cover
    smooth = ndimage.gaussian_filter(direction.reshape(2, height, width), (0, 4, 4))
    picture = np.clip(picture, 0, 1).reshape(height, width, 3) ** (1 / 2.2)
    return picture, covered.reshape(height, width), np.arctan2(smooth[1], smooth[0]) / 2


def enlarge(plane: np.ndarray) -> np.ndarray:
    zoom = (HEIGHT / plane.shape[0], WIDTH / plane.shape[1]) + (1,) * (plane.ndim - 2)
    return ndimage.zoom(plane, zoom, order=1, grid_mode=True, mode="nearest")


def wall(rng: np.random.Generator) -> np.ndarray:
    x, y = grid(HEIGHT, WIDTH)
    cloud = fractal_noise(rng, (HEIGHT, WIDTH), 300, 6)
    glow = np.exp(-(((x - 0.16) / 0.38) ** 2) - ((y - 0.42) / 0.50) ** 2)
    return ramp(np.stack([colour(c) for c in WALL]), np.clip(0.12 + 0.62 * glow + 0.10 * cloud, 0, 1))


def paint(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = __import__("time").perf_counter
    t0 = t()
    bust, cover, angle = model(int(HEIGHT * MODEL_SCALE), int(WIDTH * MODEL_SCALE))
    print("model", t() - t0)
    cover = enlarge(cover)
    target = mix(wall(rng), enlarge(bust), smoothstep(0.2, 0.8, cover)).astype(np.float32)
    angle = np.where(cover > 0.5, zoom_angle(angle), 0.8 + 0.9 * fractal_noise(rng, (HEIGHT, WIDTH), 260, 2)).astype(np.float32)
    canvas = np.broadcast_to(colour(GROUND), target.shape).copy()
    height = np.zeros((HEIGHT, WIDTH), np.float32)
    for brush in BRUSHES:
        lay_pass(rng, canvas, height, target, angle, *brush)
    fine = np.abs(target - ndimage.gaussian_filter(target, (4, 4, 0))).sum(2)
    canvas = mix(canvas, target, 0.15 + 0.65 * smoothstep(0.04, 0.25, ndimage.gaussian_filter(fine, 2)))
    return np.clip(canvas * relief(ndimage.gaussian_filter(height, 0.7), strength=0.10)[..., None], 0, 1).astype(np.float32)


def zoom_angle(angle: np.ndarray) -> np.ndarray:
    return np.arctan2(enlarge(np.sin(2 * angle)), enlarge(np.cos(2 * angle))) / 2


def lay_pass(rng, canvas, height, target, angle, count, half, length, spread) -> None:
    """One pass of a brush, laid where the canvas still differs from the target."""
    seen = ndimage.gaussian_filter(target, (half * 0.5, half * 0.5, 0))
    wrong = ndimage.gaussian_filter(np.abs(seen - canvas).sum(2), half).astype(np.float64) ** 1.5 + spread
    places = rng.choice(wrong.size, count, p=(wrong / wrong.sum()).ravel())
    y, x = np.divmod(places, WIDTH)
    tints = seen[y, x][:, None] * (1 + 0.05 * rng.standard_normal((count, 2, 1))) + 0.012 * rng.standard_normal((count, 2, 3))
    paths = follow(angle, np.stack([x, y], 1), np.full(count, length) * rng.uniform(0.6, 1.2, count))
    lay_strokes(rng, canvas, height, paths, half * rng.uniform(0.7, 1.2, (count, 1)), np.clip(tints, 0, 1).astype(np.float32), 0.25)
