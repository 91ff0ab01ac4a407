"""A lion's head: a modelled depth map lit softly, then mane and fur laid hair by hair along a direction field."""

import numpy as np
from scipy import ndimage

from painters.tools import colour, draw_strokes, fractal_noise, grow, mix, ramp, smoothstep

WIDTH, HEIGHT = 720, 768
CENTRE, UNIT = (350.0, 372.0), 128.0  # where the point between eyes and nose lies, and the length of one face unit, in pixels
YAW = 0.20  # the sine of the angle by which the head turns to our right
LIGHT = np.array([-0.55, -0.62, 0.56])

MANE = np.array([colour(c) for c in ("#120a09", "#2f170e", "#5e2e15", "#9a5522", "#cf8f42", "#f2c87f")])
COAT = np.array([colour(c) for c in ("#2a160d", "#6a4020", "#a8703a", "#d3a162", "#efcf98", "#fdeccb")])
GROUND = np.array([colour(c) for c in ("#120b0a", "#2b1812", "#4b2a1b", "#6d4027")])
CREAM, NOSE, LID, AMBER = colour("#f6e8cf"), colour("#84503f"), colour("#1c100c"), colour("#a9661a")

EARS = ((-1.20, -1.44), (1.40, -1.36))  # in face units from the centre, as the turned head shows them

# Where the hair of one half of the head grows to: place (across, down) in face units, and direction.
GROWTH = np.array([
    (0.00, 0.30, 0.0, -1.0), (0.15, -0.20, 0.15, -1.0), (0.00, -1.00, 0.0, -1.0), (0.40, -1.10, 0.35, -1.0),
    (0.80, -1.20, 0.8, -0.8), (0.60, -0.85, 0.5, -0.8), (0.20, -0.50, 0.1, -1.0), (0.60, -0.25, 0.9, 0.25),
    (0.95, 0.00, 1.0, 0.3), (1.10, -0.50, 1.0, -0.2), (0.90, 0.50, 0.7, 0.7), (0.60, 0.40, 0.8, 0.5),
    (0.35, 0.78, 0.85, 0.45), (0.20, 1.30, 0.2, 1.0), (0.00, 1.45, 0.0, 1.0), (0.32, 0.20, 0.7, -0.1),
    (1.50, -0.80, 1.0, -0.45), (1.20, -1.60, 0.6, -0.9), (0.00, -1.80, 0.05, -1.0), (0.50, -2.00, 0.4, -1.0),
    (1.80, 0.00, 0.85, 0.55), (1.60, 1.00, 0.5, 1.0), (1.00, 1.70, 0.25, 1.0), (2.50, 0.00, 0.5, 0.9),
    (2.50, 1.50, 0.15, 1.0), (2.20, -1.20, 0.95, 0.1), (0.00, 2.20, 0.0, 1.0), (3.00, -1.00, 0.6, 0.7),
])  # fmt: skip


def bump(u: np.ndarray, v: np.ndarray, at: tuple[float, float], size: tuple[float, float]) -> np.ndarray:
    """A smooth hill of height one at a place on both halves of the face."""
    return np.exp(-(((np.abs(u) - at[0]) / size[0]) ** 2) - ((v - at[1]) / size[1]) ** 2)


def depth(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """How far the head comes towards us at each point of the face, in face units."""
    skull = 1.15 * np.sqrt(np.clip(1 - (u / 1.7) ** 2 - ((v + 0.1) / 2.2) ** 2, 0, 1))
    bridge = 0.34 * np.exp(-((u / (0.30 + 0.06 * v)) ** 2)) * smoothstep(-1.0, -0.3, v) * smoothstep(0.95, 0.5, v)
    muzzle = 0.62 * bump(u, v, (0.0, 0.82), (0.76, 0.60)) + 0.26 * bump(u, v, (0.36, 0.88), (0.30, 0.27))
    brow = 0.17 * bump(u, v, (0.56, -0.86), (0.34, 0.20)) - 0.27 * bump(u, v, (0.60, -0.50), (0.30, 0.20))
    cheek = 0.16 * bump(u, v, (0.92, 0.02), (0.34, 0.36)) + 0.22 * bump(u, v, (0.0, 1.38), (0.36, 0.22))
    lip = np.abs(v - mouth_line(u))
    groove = 0.14 * np.exp(-((lip / 0.06) ** 2)) * smoothstep(0.80, 0.66, np.abs(u))
    furrow = 0.05 * np.exp(-((u / 0.06) ** 2)) * (smoothstep(-0.7, -1.2, v) + smoothstep(0.70, 0.78, v))
    return skull + bridge + muzzle + brow + cheek - groove - furrow


def mouth_line(u: np.ndarray) -> np.ndarray:
    return 1.06 + 0.17 * smoothstep(0.0, 0.40, np.abs(u)) - 0.22 * smoothstep(0.36, 0.80, np.abs(u))


def face_coordinates() -> tuple[np.ndarray, np.ndarray]:
    """For each pixel the point (across, down) of the frontal face that the turned head shows there."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    across, v = (x - CENTRE[0]) / UNIT, (y - CENTRE[1]) / UNIT
    across = across + 0.06 * v  # the head leans a little
    u = across.copy()
    for _ in range(8):
        u = 0.5 * u + 0.5 * (across - YAW * (depth(u, v) - 0.9)) / np.sqrt(1 - YAW**2)
    return u, v


def growth_angle(rng: np.random.Generator, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The direction in which hair grows: the given ones blended by nearness, waving more and more in the mane."""
    flow, total = np.zeros((2, *u.shape)), np.zeros(u.shape)
    for place_u, place_v, du, dv in GROWTH:
        for side in (-1, 1):
            near = 1 / (((u - side * place_u) ** 2 + (v - place_v) ** 2) ** 1.5 + 0.02)
            flow += near * np.array([side * du, dv])[:, None, None] / np.hypot(du, dv)
            total += near
    wave = fractal_noise(rng, u.shape, 240, 3) * 0.30 * smoothstep(0.9, 1.6, face_radius(u, v))
    return np.arctan2(flow[1], flow[0]) + wave


def face_radius(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance from the middle of the face: 1 on the border of the short fur."""
    return np.hypot(u / (1.16 - 0.26 * smoothstep(0.7, 1.5, v) * smoothstep(2.4, 1.6, v)), (v + 0.02) / np.where(v < 0, 1.42, 1.70))


def light_on(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Soft light from the upper left on the modelled head, 0 to 1, darker in its hollows."""
    height = ndimage.gaussian_filter(depth(u, v), 1.5)
    dy, dx = np.gradient(height * UNIT)
    normal = np.stack([-dx, -dy, np.ones_like(dx)], -1) / np.sqrt(1 + dx**2 + dy**2)[..., None]
    hollow = ndimage.gaussian_filter(height, 14) - height
    return np.clip(0.22 + 0.76 * np.clip(normal @ LIGHT, 0, 1) - 1.5 * hollow, 0, 1)


def coat(rng: np.random.Generator, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """How pale the fur itself is at each point of the face, 0 (black) to 1 (cream)."""
    pale = 0.58 + 0.04 * fractal_noise(rng, u.shape, 60, 4)
    pale += 0.40 * bump(u, v, (0.36, 0.92), (0.32, 0.25)) * (1 + 0.5 * smoothstep(-0.2, 0.4, u)) + 0.28 * bump(u, v, (0.0, 1.36), (0.42, 0.24))
    pale += 0.22 * bump(u, v, (0.66, -0.30), (0.24, 0.10)) + 0.15 * bump(u, v, (0.42, -0.84), (0.16, 0.10))
    pale -= 0.30 * bump(u, v, (0.36, -0.22), (0.07, 0.26)) + 0.35 * bump(u, v, (0.60, -0.53), (0.27, 0.13))
    pale -= 0.16 * bump(u, v, (0.16, -1.15), (0.06, 0.30)) + 0.12 * bump(u, v, (0.44, -1.2), (0.06, 0.22))
    pale -= 0.10 * bump(u, v, (0.0, -0.1), (0.20, 0.6))
    lip = np.exp(-(((v - mouth_line(u) - 0.02) / 0.05) ** 2)) * smoothstep(0.80, 0.66, np.abs(u))
    return pale - 0.55 * lip - 0.45 * np.exp(-((u / 0.03) ** 2)) * smoothstep(0.70, 0.76, v) * smoothstep(1.08, 1.03, v)


def sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The field's values at the points (n, 2) given as x, y."""
    column, row = np.clip(points, 0, np.array(field.shape[1::-1]) - 1).astype(np.intp).T
    return field[row, column]


def locks(
    rng: np.random.Generator, roots: np.ndarray, angle: np.ndarray, length: np.ndarray, tone: np.ndarray, hairs: int = 30
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Locks of the mane as `hairs` strokes each, which leave the root side by side and meet at the tip."""
    spine = grow(angle, roots, length, 12)
    count = len(roots)
    curl = rng.normal(0, 0.10, (count, 1)) * length[:, None] * np.linspace(0, 1, 13) ** 2
    heading = sample(angle, roots)
    across = np.stack([-np.sin(heading), np.cos(heading)], 1)
    spine += curl[..., None] * across[:, None]
    place = np.sort(rng.uniform(-1, 1, (count, hairs)), 1)
    place = np.take_along_axis(place, rng.permuted(np.tile(np.arange(hairs), (count, 1)), axis=1), 1)
    t = np.linspace(0, 1, 13)
    narrowing = (0.35 + 0.65 * np.minimum(1, 3 * t)) * (1 - 0.85 * t**1.6)
    breadth = rng.uniform(8, 18, count) * np.clip(length / 110, 0.45, 1.1)
    offset = (breadth[:, None] * place)[..., None] * narrowing
    stagger = rng.normal(0, 0.09, (count, hairs, 1, 1)) * (spine[:, -1:] - spine[:, :1])[:, None]
    paths = spine[:, None] + offset[..., None] * across[:, None, None] + stagger
    lit = -place * np.sign(across @ LIGHT[:2])[:, None]
    shade = tone[:, None] - 0.09 * lit - 0.16 * place**2 + rng.normal(0, 0.07, place.shape)
    return paths.reshape(-1, 13, 2), rng.uniform(1.0, 2.1, count * hairs), ramp(MANE, shade.ravel())


def mane(rng: np.random.Generator, u: np.ndarray, v: np.ndarray, angle: np.ndarray, count: int, inner: float, outer: float):
    """Roots, lengths and tones of mane locks between two radii, those farthest out first."""
    roots = rng.uniform((-40, -40), (WIDTH + 40, HEIGHT + 60), (count * 6, 2))
    radius = sample(face_radius(u, v), roots)
    limit = outer + 0.12 * rng.standard_normal(len(roots))
    roots, radius = (a[(radius > inner) & (radius < limit)][:count] for a in (roots, radius))
    if inner < 1:  # nothing that grows in front may cover the ears
        free = clear_of_ears(roots)
        roots, radius = roots[free], radius[free]
    order = np.argsort(-(radius + rng.normal(0, 0.06, len(radius))))
    roots, radius = roots[order], radius[order]
    x, y = (roots - CENTRE).T / UNIT
    length = np.clip(45 + 75 * (radius - 0.95), 30, 135) * rng.uniform(0.75, 1.25, len(radius))
    light = 0.66 - 0.10 * x - 0.09 * y - 0.42 * smoothstep(1.05, 1.9, radius) - 0.12 * smoothstep(0.6, 2.4, y)
    tone = light + 0.13 * rng.standard_normal(len(radius))
    return locks(rng, roots, angle, length, np.clip(tone, 0.08, 0.97))


def clear_of_ears(roots: np.ndarray) -> np.ndarray:
    """Which of the places (n, 2) are so far from both ears, or so far above them, that hair from there spares them."""
    offsets = (roots[:, None] - CENTRE) / UNIT - np.multiply(EARS, 1.04)
    return np.hypot(offsets[..., 0], offsets[..., 1]).min(1) > 0.46


def loose_hair(rng: np.random.Generator, picture: np.ndarray, u: np.ndarray, v: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Single long hairs across the locks, a little lighter or darker than what they lie on."""
    roots = rng.uniform(0, (WIDTH, HEIGHT), (9000, 2))
    radius = sample(face_radius(u, v), roots)
    roots = roots[(radius > 1.0) & (radius < 1.85) & clear_of_ears(roots)]
    paths = grow(angle + 0.35 * fractal_noise(rng, angle.shape, 90, 3), roots, rng.uniform(30, 95, len(roots)), 12)
    tones = sample(picture, roots) * rng.choice((0.55, 0.75, 1.15, 1.3), (len(roots), 1))
    return draw_strokes(picture, paths, rng.uniform(0.7, 1.2, len(roots)), tones, 0.8, tip=0.1)


def ears(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Two round ears, half sunk in the mane: dark inside, pale tufts across the opening."""
    for side, place in zip((-1, 1), EARS, strict=True):
        middle = np.array(CENTRE) + UNIT * np.array(place)
        turn = rng.uniform(-np.pi, np.pi, 4200)
        out = np.sqrt(rng.uniform(0, 1, 4200))
        outward = np.arctan2(-0.75, side * 0.65)
        tuft = (rng.random(4200) < 0.30) & (np.cos(turn - outward) < -0.1) & (out < 0.8)
        order = np.argsort(-out + 2 * tuft)
        turn, out, tuft = turn[order], out[order], tuft[order]
        roots = middle + 50 * out[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
        rim = smoothstep(0.74, 0.84, out)
        heading = np.where(rim > 0.5, turn + 0.9 * np.sin(outward - turn), outward) + rng.normal(0, 0.22, len(turn))
        paths = grow_straight(roots, heading, rng.uniform(6, 17, len(turn)) + 16 * tuft)
        tone = 0.10 + 0.10 * out + 0.36 * rim - 0.16 * (0.5 * np.cos(turn) + 0.8 * np.sin(turn)) * rim
        tone += 0.32 * tuft * rng.uniform(0.3, 1.2, len(turn)) + rng.normal(0, 0.07, len(turn))
        picture = draw_strokes(picture, paths, rng.uniform(1.2, 2.2, len(turn)), ramp(MANE, tone))
    return picture


def grow_straight(roots: np.ndarray, heading: np.ndarray, length: np.ndarray) -> np.ndarray:
    way = np.stack([np.cos(heading), np.sin(heading)], 1) * length[:, None]
    return roots[:, None] + way[:, None] * np.linspace(0, 1, 6)[:, None]


def fur(rng: np.random.Generator, picture: np.ndarray, u: np.ndarray, v: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Short hair all over the face, in the colours of the picture beneath, the nose's last as it lies on top."""
    count = 34000
    roots = rng.uniform((90, 100), (WIDTH - 90, HEIGHT - 60), (count, 2))
    radius = sample(face_radius(u, v), roots)
    roots = roots[radius < 1.03]
    across, down = sample(u, roots), sample(v, roots)
    away = np.hypot(across, down - 0.5)
    order = np.argsort(-(away + rng.normal(0, 0.05, len(away))))
    roots, away = roots[order], away[order]
    length = (5 + 9 * away) * rng.uniform(0.7, 1.3, len(away))
    paths = grow(angle + 0.12 * fractal_noise(rng, u.shape, 30, 2), roots, length, 5)
    tones = sample(picture, roots) * (1 + rng.normal(0, 0.13, (len(roots), 1)))
    return draw_strokes(picture, paths, rng.uniform(0.8, 1.7, len(roots)), tones, tip=0.1)


def eyes(picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Amber eyes under heavy dark lids, lit from the upper left."""
    for side in (-1, 1):
        x, y = (u - side * 0.60) * side, v + 0.52
        x, y = x * 0.96 - y * 0.28, y * 0.96 + x * 0.28  # the outer corner lies higher
        upper = y + 0.120 * (1 - (x / 0.225) ** 2)
        lower = 0.095 * (1 - (x / 0.225) ** 2) - y
        opening = np.minimum(upper, lower)
        tear = np.hypot((x + 0.25) / 1.6, (y - 0.07 + 0.25 * (x + 0.25)))
        picture = mix(picture, np.broadcast_to(LID, picture.shape), smoothstep(-0.075, -0.015, opening) * 0.95)
        picture = mix(picture, np.broadcast_to(LID, picture.shape), smoothstep(0.075, 0.02, tear) * 0.95)
        ring = np.hypot(x - 0.0, y + 0.025)
        rays = 0.10 * np.sin(23 * np.arctan2(y + 0.025, x)) * smoothstep(0.04, 0.12, ring)
        iris = mix(np.broadcast_to(AMBER, picture.shape), colour("#e3b04a"), smoothstep(-0.06, 0.10, y + rays * 0.4))
        iris = mix(iris, colour("#5a2f0c"), np.maximum(smoothstep(0.12, 0.165, ring), smoothstep(0.11, 0.0, upper)) * 0.85)
        ball = mix(np.broadcast_to(colour("#3f2a19"), picture.shape), iris, smoothstep(0.175, 0.16, ring))
        ball = mix(ball, np.broadcast_to(colour("#0a0605"), ball.shape), smoothstep(0.066, 0.054, ring))
        picture = mix(picture, ball, smoothstep(-0.004, 0.012, opening))
        spark = np.hypot(u - side * 0.60 + 0.045, v + 0.52 + 0.075)
        picture = mix(picture, np.ones_like(picture), smoothstep(0.030, 0.014, spark) * 0.95)
        under = np.exp(-((lower + 0.02) / 0.012) ** 2) * smoothstep(0.22, 0.1, np.abs(x)) * 0.35
        picture = mix(picture, np.broadcast_to(colour("#d9a877"), picture.shape), under)
    return picture


def nose(rng: np.random.Generator, picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The broad nose with its nostrils, and the dark lips below it."""
    w = np.abs(u)
    side = np.interp(v, [0.36, 0.44, 0.54, 0.62, 0.70, 0.78], [0.26, 0.38, 0.43, 0.38, 0.19, 0.04])
    top = 0.40 + 0.06 * smoothstep(0.3, 0.0, w) - 0.05 * smoothstep(0.1, 0.35, w)
    inside = np.minimum(np.minimum(side - w, v - top), 0.80 - v)
    pores = 1 + 0.10 * fractal_noise(rng, u.shape, 7, 2)
    shine = 0.62 + 0.55 * np.exp(-(((u + 0.10) / 0.16) ** 2) - ((v - 0.49) / 0.05) ** 2) - 0.9 * np.clip(v - 0.55, 0, 1)
    leather = NOSE * (pores * shine)[..., None]
    hole = np.hypot((w - 0.235) / 0.135, (v - 0.61 + 0.55 * (w - 0.22) - 1.6 * (w - 0.22) ** 2) / 0.050)
    leather = mix(leather, LID * 0.5, np.maximum(smoothstep(1.15, 0.75, hole), smoothstep(0.02, 0.0, w) * (v > 0.56) * 0.8))
    fade = 0.02 + 0.10 * smoothstep(0.56, 0.42, v)
    return mix(picture, leather, smoothstep(-0.015, fade, inside))


def whiskers(rng: np.random.Generator, picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Rows of dark spots on the lips, and long white hairs that grow from them."""
    roots = []
    for side in (-1, 1):
        for row in range(4):
            for place in range(4):
                at = np.array([side * (0.28 + 0.10 * place), 0.70 + 0.085 * row + 0.02 * place]) + rng.normal(0, 0.008, 2)
                near = np.argmin((u - at[0]) ** 2 + (v - at[1]) ** 2)
                roots.append((near % WIDTH, near // WIDTH, side, row))
    roots = np.array(roots, float)
    spots = grow_straight(roots[:, :2] - (0, 2), np.full(len(roots), np.pi / 2), np.full(len(roots), 4.5))
    picture = draw_strokes(picture, spots, np.full(len(roots), 3.6), np.tile(COAT[0], (len(roots), 1)), 0.75)
    roots = roots[rng.random(len(roots)) < 0.75]
    t = np.linspace(0, 1, 14)
    length = rng.uniform(90, 200, len(roots))
    x = roots[:, :1] + roots[:, 2:3] * (length[:, None] * t * (1 - 0.12 * t))
    rise = rng.uniform(-0.05, 0.22, len(roots)) - 0.07 * roots[:, 3]
    y = roots[:, 1:2] - (length * rise)[:, None] * t + (length * rng.uniform(0.15, 0.4, len(roots)))[:, None] * t**2.2
    return draw_strokes(picture, np.stack([x, y], -1), np.full(len(roots), 1.5), np.tile(CREAM, (len(roots), 1)), 0.85, tip=0.15)


def background(rng: np.random.Generator) -> np.ndarray:
    """A dark wall, warmer and lighter at the upper left, brushed in all directions."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32) / HEIGHT
    tone = 0.75 - 0.55 * np.hypot(x - 0.15, y - 0.15) + 0.10 * fractal_noise(rng, x.shape, 300, 4)
    picture = ramp(GROUND, tone)
    angle = 2.0 * fractal_noise(rng, x.shape, 500, 2)
    roots = rng.uniform(0, (WIDTH, HEIGHT), (9000, 2))
    tints = sample(picture, roots) * (1 + rng.normal(0, 0.14, (9000, 1)))
    return draw_strokes(picture, grow(angle, roots, rng.uniform(20, 70, 9000), 6), rng.uniform(1.5, 6, 9000), tints, 0.6)


def paint(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    u, v = face_coordinates()
    angle = growth_angle(rng, u, v)
    picture = draw_strokes(background(rng), *mane(rng, u, v, angle, 1000, 1.22, 1.95))
    picture = ears(rng, picture)
    picture = draw_strokes(picture, *mane(rng, u, v, angle, 420, 0.93, 1.26))
    picture = loose_hair(rng, picture, u, v, angle)
    pale, light = coat(rng, u, v), light_on(u, v)
    head = ramp(COAT, np.clip(0.18 * pale + 1.14 * light * pale, 0, 1))
    picture = mix(picture, head, smoothstep(1.02, 0.93, face_radius(u, v)))
    picture = fur(rng, picture, u, v, angle)
    picture = eyes(nose(rng, picture, u, v), u, v)
    return whiskers(rng, picture, u, v)
