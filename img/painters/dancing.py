"""A ballet dancer in arabesque on a stage: the sculpted figure in a spotlight, its tutu splatted, printed in sepia."""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from . import ballerina
from .face import make_up
from .sculpt import Camera, Sculpture, deposit, normals, occlusion, shares, soft_shadow, trace, unit
from .tools import colour, fractal_noise, ramp, smoothstep

HEIGHT, WIDTH = 768, 704
KEY, RIM = unit((0.58, 0.66, 0.62)), unit((-0.80, 0.42, -0.42))
ALBEDO = {"skin": 0.50, "tights": 0.62, "shoe": 0.82, "satin": 0.86, "hair": 0.07, "eye": 0.6, "flower": 0.85}
DARK = 0.05  # of velvet
ORTHOCHROMATIC = np.array((0.05, 0.55, 0.40), np.float32)  # an old plate hardly sees red: lips come out dark
SEPIA = np.stack([colour(c) for c in ("#150c07", "#3a2415", "#83603d", "#d3b488", "#f8ecd4")])
WALL = -2.6
FLOOR = np.array((-2.6, WALL), np.float32)  # its left and back corner, in x and z
MAP, PER_METRE = (1080, 1040), 200  # cells of the shadow map: from back to front, from left to right
BOARD = 0.15


def paint(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    camera = Camera((1.3, 1.45, 6.6), (-0.11, 0.975, 0.0), 2.25, HEIGHT, WIDTH)
    body = ballerina.figure()
    layers = [ballerina.tulle(rng, body, layer) for layer in range(ballerina.LAYERS)]
    dimming = veil_shadow(layers)
    picture = stage(rng, camera, body, dimming)
    pixels, points, cover = trace(body, camera, 9.0)
    picture[pixels] += (shade(body, points, dimming) - picture[pixels]) * cover
    depth = np.full(HEIGHT * WIDTH, 1e3, np.float32)
    depth[pixels] = np.where(cover > 0.6, camera.project(points)[2], 1e3)
    for veil, light in veils(camera, body, layers, depth):
        picture += (light - picture) * (1 - np.exp(-veil))
    return develop(rng, picture.reshape(HEIGHT, WIDTH))


def on_floor(points: np.ndarray) -> np.ndarray:
    """The cells of the shadow map that the light through these points (3, …) falls on."""
    drop = points[1] / KEY[1]
    column = np.clip((points[0] - KEY[0] * drop - FLOOR[0]) * PER_METRE, 0, MAP[1] - 1)
    row = np.clip((points[2] - KEY[2] * drop - FLOOR[1]) * PER_METRE, 0, MAP[0] - 1)
    return row.astype(np.int32) * MAP[1] + column.astype(np.int32)


def veil_shadow(layers: list[ballerina.Tulle]) -> np.ndarray:
    """Share of the key light that the tutu lets through to each cell of the floor."""
    veil = sum(deposit(on_floor(cloth.points).ravel(), (cloth.area * cloth.opacity).ravel(), MAP[0] * MAP[1]) for cloth in layers)
    return np.exp(-0.10 * ndimage.gaussian_filter(veil.reshape(MAP), 2.5) * PER_METRE**2).ravel()


def veils(camera: Camera, body: Sculpture, layers: list[ballerina.Tulle], depth: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The tulle in front of `depth` in slices from back to front: its optical thickness and brightness by pixel."""
    gathered = []
    for cloth in layers:
        x, y, away = camera.project(cloth.points.reshape(3, -1))
        place = np.clip(y, 0, HEIGHT - 1).astype(np.int32) * WIDTH + np.clip(x, 0, WIDTH - 1).astype(np.int32)
        thickness = 0.20 * (cloth.area * cloth.opacity).ravel() * (camera.focal / away) ** 2
        front = away < depth[place] + 0.004
        gathered.append([part[front] for part in (place, thickness, glow(body, cloth).ravel(), away)])
    place, thickness, light, away = (np.concatenate(parts) for parts in zip(*gathered, strict=True))
    slices = np.digitize(away, np.linspace(away.min(), away.max(), 9)[1:-1])
    for depth_slice in range(7, -1, -1):
        chosen = slices == depth_slice
        veil = deposit(place[chosen], thickness[chosen], HEIGHT * WIDTH)
        yield veil, deposit(place[chosen], (thickness * light)[chosen], HEIGHT * WIDTH) / (veil + 1e-9)


def glow(body: Sculpture, cloth: ballerina.Tulle) -> np.ndarray:
    """The light that comes from each point of tulle: the key shines through it, the layers above dim it."""
    coarse = cloth.points[ballerina.COARSE]
    seen = soft_shadow(body, coarse.reshape(3, -1), KEY, 0.15, 0.03, 1.5).reshape(coarse.shape[1:])
    facing, behind = (np.abs(np.tensordot(lamp, cloth.normal, 1)) for lamp in (KEY, RIM))
    key = 0.80 * ballerina.refine(seen) * (0.25 + 0.75 * facing) * (1 - 0.55 * cloth.low)
    sky = 0.14 * (0.5 + 0.5 * np.abs(cloth.normal[1])) * (0.3 + 0.7 * cloth.out) * (1 - 0.4 * cloth.low)
    deep = 0.5 + 0.5 * smoothstep(0.05, 0.6, cloth.out)
    return (key + sky) * deep + 0.18 * behind * smoothstep(0.3, 1, cloth.out)


def clothe(points: np.ndarray, share: dict[str, np.ndarray]) -> np.ndarray:
    """How much light each point of the body gives back: the bodice's neckline, velvet sash and choker, the face."""
    x, y, z = points
    neckline = 1.475 + 0.30 * (x - 0.1) - 0.022 * smoothstep(0.05, 0, np.abs(z - 0.085)) * (x > 0.1)
    strap = smoothstep(0.012, 0.009, np.abs(np.abs(z - 0.087) - 0.082)) * (y < 1.60) * (y > 1.4) * (np.abs(x - 0.07) < 0.12)
    trunk = (y > 1.2) & (y < 1.65) & (np.abs(x - 0.08) < 0.13) & (np.abs(z - 0.087) < 0.16)
    satin = trunk * np.maximum(smoothstep(0.003, -0.003, y - neckline), strap)
    bare = share["skin"] + share["satin"]
    albedo = sum(visible * ALBEDO[part] for part, visible in share.items())
    seams = 0.16 * smoothstep(0.003, 0.001, np.abs((np.arctan2(z - 0.085, x - 0.06) / 0.42 + 0.5) % 1 - 0.5) * 0.035)
    hem = 0.55 * smoothstep(0.004, 0.002, np.abs(y - neckline + 0.004))
    satin *= 1 - np.maximum(seams * (1 - strap), hem * (1 - strap))
    albedo += bare * trunk * (ALBEDO["skin"] + (ALBEDO["satin"] - ALBEDO["skin"]) * satin - albedo)
    tilted = ballerina.TILT[:, 1] @ (points - ballerina.WAIST[:, None])
    sash = smoothstep(0.002, -0.002, np.abs(tilted - 0.052) - 0.022) * share["satin"]
    high = (points - np.array([[0.098], [1.615], [0.088]], np.float32)) * np.array([[0.26], [0.96], [0]], np.float32)
    choker = smoothstep(0.0015, -0.0015, np.abs(high.sum(0)) - 0.008) * share["skin"] * (np.abs(x - 0.1) < 0.08) * (np.abs(z - 0.088) < 0.08)
    albedo += np.maximum(sash, choker) * (DARK - albedo)
    face = make_up(ballerina.HEAD.on_head(points), np.repeat(albedo[:, None], 3, 1), share["skin"], ballerina.GAZE)
    return face @ ORTHOCHROMATIC


def shade(body: Sculpture, points: np.ndarray, dimming: np.ndarray) -> np.ndarray:
    """The light that comes from points of the body."""
    normal = normals(body.distance, points, 0.0015)
    openness = occlusion(body, points, normal, 0.10)
    seen = soft_shadow(body, points, KEY, 0.12, 0.02, 1.8)
    under = smoothstep(0.02, -0.02, ballerina.TILT[:, 1] @ (points - ballerina.WAIST[:, None]))
    seen *= 1 - under * 0.85 * (1 - dimming[on_floor(points)])
    share = shares(body.parts(points), 0.0015, ["flower"])
    lit = np.maximum(KEY @ normal, 0) * seen
    rim = np.maximum(RIM @ normal, 0) ** 1.5 * openness
    ambient = 0.14 * openness * (0.65 + 0.35 * normal[1])
    half = unit(KEY + np.array((0.2, 0, 1), np.float32))
    gloss = np.maximum(half @ normal, 0)
    shine = seen * (0.25 * gloss**30 * (share["satin"] + share["shoe"]) + 0.10 * gloss**16 * share["hair"] + 0.06 * gloss**12 * share["skin"])
    return clothe(points, share) * (ambient + 1.05 * lit + 0.50 * rim) + shine


def stage(rng: np.random.Generator, camera: Camera, body: Sculpture, dimming: np.ndarray) -> np.ndarray:
    """A mottled cloth behind a floor of boards, with the shadow of the dancer on them."""
    y, x = (a.ravel() + 0.5 for a in np.mgrid[:HEIGHT, :WIDTH])
    rays = camera.rays(x, y)
    at_wall = camera.eye[:, None] + rays * ((WALL - camera.eye[2]) / rays[2])
    picture = backdrop(rng, at_wall)
    floor = at_wall[1] < 0
    points = camera.eye[:, None] - rays[:, floor] * (camera.eye[1] / rays[1, floor])
    seen = soft_shadow(body, points, KEY, 0.10, 0.01, 2.6, 30) * dimming[on_floor(points)]
    pool = np.exp(-((points[0] + 0.1) ** 2 / 1.6 + (points[2] - 0.1) ** 2 / 2.2))
    picture[floor] = boards(rng, points) * (0.09 + 0.10 * pool + (0.10 + 0.62 * pool) * seen)
    return picture * (1 - 0.35 * smoothstep(0.25, 0.0, np.abs(at_wall[1] + 0.05)))


def backdrop(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    cloth = fractal_noise(rng, (HEIGHT, WIDTH), 260, 6).ravel()
    brush = ndimage.gaussian_filter(rng.standard_normal((HEIGHT, WIDTH)), (7, 1.2)).ravel()
    folds = np.sin(points[0] * 5 + 0.5 * cloth) + 0.5 * np.sin(points[0] * 11 + 1 + 0.5 * cloth)
    pool = np.exp(-((points[0] + 0.35) ** 2 / 2.2 + (points[1] - 1.1) ** 2 / 1.6))
    return ((0.040 + 0.105 * pool) * np.exp(0.30 * cloth + 0.07 * brush / brush.std() + 0.06 * folds)).astype(np.float32)


def boards(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """How much light the boards give back: each with a tone and a grain of its own, dark gaps between."""
    across, along = points[0] + 4, points[2] + 4
    number = (across / BOARD).astype(int)
    tone, shift = rng.uniform(0.72, 1.12, 80)[number], rng.uniform(0, 5, 80)[number]
    grain = ndimage.gaussian_filter(rng.standard_normal((900, 900)), (14, 0.8), mode="wrap")
    streak = grain[((along + shift) * 110).astype(int) % 900, (across * 260).astype(int) % 900] / grain.std()
    wear = fractal_noise(rng, (640, 640), 60, 5)[(along * 80).astype(int), (across * 80).astype(int)]
    gap = np.abs(across / BOARD % 1 - 0.5) * 2
    joint = np.abs((along + shift) / 1.7 % 1 - 0.5) * 2
    dark = np.maximum(smoothstep(0.93, 0.985, gap), 0.7 * smoothstep(0.985, 0.995, joint))
    return 0.5 * tone * (1 + 0.10 * streak + 0.12 * wear) * (1 - 0.75 * dark)


def develop(rng: np.random.Generator, light: np.ndarray) -> np.ndarray:
    """The sepia print of a picture in light: vignette, film curve, grain and tone."""
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    exposed = light * (1 - 0.35 * smoothstep(0.7, 1.5, np.hypot(x, y)))
    tone = (1 - np.exp(-2.5 * exposed)) ** 0.78 * 1.04
    tone += (0.012 * fractal_noise(rng, tone.shape, 4, 2) + 0.012 * fractal_noise(rng, tone.shape, 90, 5)) * (1.2 - tone)
    return ramp(SEPIA, tone).astype(np.float32)
