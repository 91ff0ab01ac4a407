"""A ballet dancer in arabesque on a stage: the sculpted figure in a spotlight, its tutu splatted, printed in sepia."""

from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from . import ballerina
from .brushwork import Brush, Canvas, along_edges
from .face import make_up
from .sculpt import Camera, Sculpture, Vector, normals, occlusion, shares, soft_shadow, trace, unit
from .tools import colour, fractal_noise, mix, ramp, relief, smoothstep

HEIGHT, WIDTH = 768, 704
KEY, RIM = unit((0.58, 0.66, 0.62)), unit((-0.80, 0.42, -0.42))
ALBEDO = {"skin": 0.50, "tights": 0.62, "shoe": 0.82, "satin": 0.86, "hair": 0.07, "eye": 0.6, "flower": 0.85}
DARK = 0.05  # of velvet
ORTHOCHROMATIC = np.array((0.05, 0.55, 0.40), np.float32)  # an old plate hardly sees red: lips come out dark
GROUND = colour("#4a3320")
BRUSHES = (
    Brush(1500, 9, 60, 0.05, 0.08),
    Brush(4000, 4, 30, 0.01, 0.08),
    Brush(6000, 2, 16, 0.002, 0.06),
    Brush(6000, 1.2, 10, 0.0005),
)
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
    depth, shown = np.full(HEIGHT * WIDTH, 1e3, np.float32), np.zeros(HEIGHT * WIDTH, np.float32)
    depth[pixels], shown[pixels] = np.where(cover > 0.6, camera.project(points)[2], 1e3), cover
    for veil, light in veils(camera, body, layers, depth):
        picture += (light - picture) * (1 - np.exp(-veil))
        shown = 1 - (1 - shown) * np.exp(-veil)
    return brush_over(rng, develop(rng, picture.reshape(HEIGHT, WIDTH)), shown.reshape(HEIGHT, WIDTH))


def on_floor(points: np.ndarray) -> np.ndarray:
    """The cells of the shadow map that the light through these points (3, …) falls on."""
    drop = points[1] / KEY[1]
    column = np.clip((points[0] - KEY[0] * drop - FLOOR[0]) * PER_METRE, 0, MAP[1] - 1)
    row = np.clip((points[2] - KEY[2] * drop - FLOOR[1]) * PER_METRE, 0, MAP[0] - 1)
    return row.astype(np.int32) * MAP[1] + column.astype(np.int32)


def deposit(places: np.ndarray, weights: np.ndarray, size: int) -> np.ndarray:
    """The sum of the weights at each place of a flat array of this size."""
    return np.bincount(places, weights, size).astype(np.float32)


def veil_shadow(layers: list[ballerina.Tulle]) -> np.ndarray:
    """Share of the key light that the tutu lets through to each cell of the floor."""
    veil = np.zeros(MAP[0] * MAP[1], np.float32)
    for cloth in layers:
        veil += deposit(on_floor(cloth.points).ravel(), (cloth.area * cloth.opacity).ravel(), veil.size)
    return np.exp(-0.10 * ndimage.gaussian_filter(veil.reshape(MAP), 2.5) * PER_METRE**2).ravel()


def veils(
    camera: Camera, body: Sculpture, layers: list[ballerina.Tulle], depth: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
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
    """How much light each point of the body gives back, dressed and made up."""
    x, y, z = points
    albedo = sum(visible * ALBEDO[part] for part, visible in share.items())
    trunk = (y > 1.2) & (y < 1.65) & (np.abs(x - 0.08) < 0.13) & (np.abs(z - 0.087) < 0.16)
    bodice = ALBEDO["skin"] + (ALBEDO["satin"] - ALBEDO["skin"]) * bodice_shown(points)
    albedo += (share["skin"] + share["satin"]) * trunk * (bodice - albedo)
    sash = band(ballerina.WAIST, ballerina.TILT[:, 1], points, 0.052, 0.022) * share["satin"]
    choker = band((0.098, 1.615, 0.088), (0.26, 0.97, 0), points, 0, 0.008) * share["skin"]
    choker *= (np.abs(x - 0.1) < 0.08) & (np.abs(z - 0.088) < 0.08)
    albedo += np.maximum(sash, choker) * (DARK - albedo)
    ribbons = np.maximum.reduce([ankle_ribbons(points, ankle, knee) for ankle, knee in ballerina.ANKLES])
    albedo += ribbons * share["tights"] * (ALBEDO["shoe"] - albedo)
    grey = np.repeat(albedo[:, None], 3, 1)
    return make_up(ballerina.HEAD.on_head(points), grey, share["skin"], ballerina.GAZE) @ ORTHOCHROMATIC


def band(centre: Vector | np.ndarray, axis: Vector | np.ndarray, points: np.ndarray, height: float, half: float) -> np.ndarray:
    """1 on a ribbon around `axis` that is twice `half` wide, at `height` above `centre`."""
    above = np.array(axis, np.float32) @ (points - np.array(centre, np.float32)[:, None])
    return smoothstep(0.002, -0.002, np.abs(above - height) - half)


def bodice_shown(points: np.ndarray) -> np.ndarray:
    """Where the trunk is covered, up to a neckline with straps; less at its hem and its seams, which are darker."""
    x, y, z = points
    neckline = 1.475 + 0.30 * (x - 0.1) - 0.022 * smoothstep(0.05, 0, np.abs(z - 0.085)) * (x > 0.1)
    strap = smoothstep(0.012, 0.009, np.abs(np.abs(z - 0.087) - 0.082)) * (y < 1.60) * (y > 1.4)
    seam = np.abs((np.arctan2(z - 0.085, x - 0.06) / 0.42 + 0.5) % 1 - 0.5)
    dark = np.maximum(0.16 * smoothstep(0.09, 0.03, seam), 0.55 * smoothstep(0.004, 0.002, np.abs(y - neckline + 0.004)))
    return np.maximum(smoothstep(0.003, -0.003, y - neckline), strap) * (1 - dark * (1 - strap))


def ankle_ribbons(points: np.ndarray, ankle: Vector, knee: Vector) -> np.ndarray:
    """The ribbons of a shoe, crossed above the ankle."""
    along = unit(np.array(knee) - np.array(ankle))
    offset = points - np.array(ankle, np.float32)[:, None]
    up, aside = along @ offset, np.array((along[1], -along[0], 0), np.float32) @ offset
    bands = [
        smoothstep(0.009, 0.006, np.abs(up - rise - slope * aside))
        for rise, slope in ((0.035, 0.7), (0.035, -0.7), (0.078, 0.1))
    ]
    return np.maximum.reduce(bands) * (np.abs(aside) < 0.06)


def creases(points: np.ndarray) -> np.ndarray:
    """Fine folds of the bodice where the body bends at the waist."""
    x, _, z = points
    height = ballerina.TILT[:, 1] @ (points - ballerina.WAIST[:, None])
    folds = np.sin(150 * height + 12 * x + 3 * np.sin(30 * z + 25 * x)) + 0.5 * np.sin(260 * height - 30 * x)
    return 0.0003 * folds * smoothstep(0.07, 0.09, height) * smoothstep(0.24, 0.10, height) * (np.abs(z - 0.085) < 0.2)


def shade(body: Sculpture, points: np.ndarray, dimming: np.ndarray) -> np.ndarray:
    """The light that comes from points of the body."""
    normal = normals(lambda places: body.distance(places) + creases(places), points, 0.0015)
    openness = occlusion(body, points, normal, 0.10)
    seen = soft_shadow(body, points, KEY, 0.12, 0.02, 1.8)
    under = smoothstep(0.02, -0.02, ballerina.TILT[:, 1] @ (points - ballerina.WAIST[:, None]))
    seen *= 1 - under * 0.85 * (1 - dimming[on_floor(points)])
    share = shares(body.parts(points), 0.0015, ["flower"])
    lit = np.maximum(KEY @ normal, 0) * seen
    rim = np.maximum(RIM @ normal, 0) ** 1.5 * openness
    ambient = 0.14 * openness * (0.65 + 0.35 * normal[1])
    gloss = np.maximum(unit(KEY + np.array((0.2, 0, 1), np.float32)) @ normal, 0)
    shine = 0.25 * gloss**30 * (share["satin"] + share["shoe"])
    shine += 0.10 * gloss**16 * share["hair"] + 0.06 * gloss**12 * share["skin"]
    return clothe(points, share) * (ambient + 1.05 * lit + 0.50 * rim) + shine * seen


def stage(rng: np.random.Generator, camera: Camera, body: Sculpture, dimming: np.ndarray) -> np.ndarray:
    """A mottled cloth behind a floor of boards, with the shadow of the dancer on them."""
    y, x = (a.ravel() + 0.5 for a in np.mgrid[:HEIGHT, :WIDTH])
    rays = camera.rays(x, y)
    at_wall = camera.eye[:, None] + rays * ((WALL - camera.eye[2]) / rays[2])
    picture = backdrop(rng, at_wall)
    floor = at_wall[1] < 0
    points = camera.eye[:, None] - rays[:, floor] * (camera.eye[1] / rays[1, floor])
    seen = soft_shadow(body, points, KEY, 0.10, 0.01, 2.6) * dimming[on_floor(points)]
    pool = np.exp(-((points[0] + 0.1) ** 2 / 1.6 + (points[2] - 0.1) ** 2 / 2.2))
    picture[floor] = boards(rng, points) * (0.09 + 0.10 * pool + (0.10 + 0.62 * pool) * seen)
    return picture * (1 - 0.35 * smoothstep(0.25, 0.0, np.abs(at_wall[1] + 0.05)))


def backdrop(rng: np.random.Generator, points: np.ndarray) -> np.ndarray:
    """The light from a painted cloth with soft folds, brightest behind the dancer."""
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
    tone += (0.010 * fractal_noise(rng, tone.shape, 4, 2) + 0.012 * fractal_noise(rng, tone.shape, 90, 5)) * (1.2 - tone)
    return ramp(SEPIA, tone).astype(np.float32)


def brush_over(rng: np.random.Generator, print_: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """The print, reworked with the brush: broadly around the figure, lightly on it (`shown`), not across its edges."""
    drift = np.pi / 2 + 0.5 * fractal_noise(rng, shown.shape, 200, 2)
    canvas = Canvas(rng, GROUND, print_, along_edges(print_.mean(2), drift), motley=0)
    for brush in BRUSHES:
        canvas.paint(brush)
    near = ndimage.maximum_filter(shown, 9)
    edges = smoothstep(0.05, 0.22, canvas.detail()) * smoothstep(0, 0.5, ndimage.gaussian_filter(near, 2))
    share = 0.75 - 0.30 * smoothstep(0.70, 0.80, np.linspace(0, 1, HEIGHT))[:, None]
    picture = mix(print_, canvas.colours, share * (1 - 0.5 * shown) * (1 - 0.85 * edges))
    impasto = relief(ndimage.gaussian_filter(canvas.height, 0.7), strength=0.07)
    return np.clip(picture * impasto[..., None], 0, 1).astype(np.float32)
