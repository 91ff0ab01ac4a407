"""A lion's head: a modelled depth map lit softly, then mane and fur laid hair by hair along a direction field."""

import numpy as np

from painters.lion_head import (
    CENTRE,
    HEIGHT,
    LIGHT,
    UNIT,
    WIDTH,
    coat,
    face_coordinates,
    face_radius,
    growth_angle,
    light_on,
)
from painters.tools import colour, draw_strokes, fractal_noise, grow, mix, ramp, sample, smoothstep

MANE = np.array([colour(c) for c in ("#120a09", "#2f170e", "#5e2e15", "#9a5522", "#cf8f42", "#f2c87f")])
COAT = np.array([colour(c) for c in ("#2a160d", "#6a4020", "#a8703a", "#d3a162", "#efcf98", "#fdeccb")])
GROUND = np.array([colour(c) for c in ("#120b0a", "#2b1812", "#4b2a1b", "#6d4027")])
CREAM, NOSE, LID = colour("#f6e8cf"), colour("#84503f"), colour("#1c100c")
AMBER, GOLD, UMBER, WHITE_OF_EYE, PUPIL = (colour(c) for c in ("#a9661a", "#e3b04a", "#5a2f0c", "#3f2a19", "#0a0605"))
LID_SHINE = colour("#d9a877")

EARS = np.array([(-1.20, -1.44), (1.40, -1.36)])  # in face units from the centre, as the turned head shows them


def locks(
    rng: np.random.Generator, roots: np.ndarray, angle: np.ndarray, length: np.ndarray, tone: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Locks of the mane, 30 strokes each, which start side by side and meet at the tip: paths, widths and colours."""
    count, hairs, t = len(roots), 30, np.linspace(0, 1, 13)
    heading = sample(angle, roots)
    across = np.stack([-np.sin(heading), np.cos(heading)], 1)
    curl = rng.normal(0, 0.10, (count, 1)) * length[:, None] * t**2
    spine = grow(angle, roots, length, 12) + curl[..., None] * across[:, None]
    place = rng.uniform(-1, 1, (count, hairs))
    breadth = rng.uniform(8, 18, count) * np.clip(length / 110, 0.45, 1.1)
    narrowing = (0.35 + 0.65 * np.minimum(1, 3 * t)) * (1 - 0.85 * t**1.6)
    offset = (breadth[:, None] * place)[..., None] * narrowing
    stagger = rng.normal(0, 0.09, (count, hairs, 1, 1)) * (spine[:, -1:] - spine[:, :1])[:, None]
    paths = spine[:, None] + offset[..., None] * across[:, None, None] + stagger
    lit = place * np.sign(across @ LIGHT[:2])[:, None]
    shade = tone[:, None] + 0.09 * lit - 0.16 * place**2 + rng.normal(0, 0.07, place.shape)
    return paths.reshape(-1, 13, 2), rng.uniform(1.0, 2.1, count * hairs), ramp(MANE, shade.ravel())


def mane(
    rng: np.random.Generator, radius_map: np.ndarray, angle: np.ndarray, count: int, inner: float, outer: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Strokes of the mane's locks that grow between two radii, those farthest out first."""
    roots = rng.uniform((-40, -40), (WIDTH + 40, HEIGHT + 60), (count * 6, 2))
    radius = sample(radius_map, roots)
    chosen = np.flatnonzero((radius > inner) & (radius < outer + rng.normal(0, 0.12, len(roots))))[:count]
    if inner < 1:
        chosen = chosen[clear_of_ears(roots[chosen])]
    chosen = chosen[np.argsort(-(radius[chosen] + rng.normal(0, 0.06, len(chosen))))]
    roots, radius = roots[chosen], radius[chosen]
    x, y = (roots - CENTRE).T / UNIT
    length = np.clip(45 + 75 * (radius - 0.95), 30, 135) * rng.uniform(0.75, 1.25, len(radius))
    tone = 0.66 - 0.10 * x - 0.09 * y - 0.42 * smoothstep(1.05, 1.9, radius) - 0.12 * smoothstep(0.6, 2.4, y)
    return locks(rng, roots, angle, length, np.clip(tone + rng.normal(0, 0.13, len(radius)), 0.08, 0.97))


def clear_of_ears(roots: np.ndarray) -> np.ndarray:
    """Which of the places (n, 2) are so far from both ears that hair from there leaves their upper halves free."""
    offsets = (roots[:, None] - CENTRE) / UNIT - 1.04 * EARS
    return np.hypot(offsets[..., 0], offsets[..., 1]).min(1) > 0.46


def loose_hair(rng: np.random.Generator, picture: np.ndarray, radius_map: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Single long hairs across the locks, a little lighter or darker than what they lie on."""
    roots = rng.uniform(0, (WIDTH, HEIGHT), (9000, 2))
    radius = sample(radius_map, roots)
    roots = roots[(radius > 1.0) & (radius < 1.85) & clear_of_ears(roots)]
    paths = grow(angle + 0.35 * fractal_noise(rng, angle.shape, 90, 3), roots, rng.uniform(30, 95, len(roots)), 12)
    tones = sample(picture, roots) * rng.choice((0.55, 0.75, 1.15, 1.3), (len(roots), 1))
    return draw_strokes(picture, paths, rng.uniform(0.7, 1.2, len(roots)), tones, 0.8, tip=0.1)


def ears(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """Two round ears, half sunk in the mane: dark inside, pale tufts across the opening."""
    for side, place in zip((-1, 1), EARS, strict=True):
        turn = rng.uniform(-np.pi, np.pi, 4200)
        out = np.sqrt(rng.uniform(0, 1, 4200))
        outward = np.arctan2(-0.75, side * 0.65)
        tuft = (rng.random(4200) < 0.30) & (np.cos(turn - outward) < -0.1) & (out < 0.8)
        order = np.argsort(-out + 2 * tuft)
        turn, out, tuft = turn[order], out[order], tuft[order]
        roots = CENTRE + UNIT * place + 50 * out[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
        rim = smoothstep(0.74, 0.84, out)
        heading = np.where(rim > 0.5, turn + 0.9 * np.sin(outward - turn), outward) + rng.normal(0, 0.22, len(turn))
        paths = straight(roots, heading, rng.uniform(6, 17, len(turn)) + 16 * tuft)
        tone = 0.10 + 0.10 * out + 0.36 * rim - 0.16 * (0.5 * np.cos(turn) + 0.8 * np.sin(turn)) * rim
        tone += 0.32 * tuft * rng.uniform(0.3, 1.2, len(turn)) + rng.normal(0, 0.07, len(turn))
        picture = draw_strokes(picture, paths, rng.uniform(1.2, 2.2, len(turn)), ramp(MANE, tone))
    return picture


def straight(roots: np.ndarray, heading: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Straight paths of six points each from `roots` (n, 2)."""
    way = np.stack([np.cos(heading), np.sin(heading)], 1) * length[:, None]
    return roots[:, None] + way[:, None] * np.linspace(0, 1, 6)[:, None]


def fur(rng: np.random.Generator, picture: np.ndarray, u: np.ndarray, v: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Short hair all over the face, in the colours of the picture beneath, the nose's last as it lies on top."""
    roots = rng.uniform((90, 100), (WIDTH - 90, HEIGHT - 60), (34000, 2))
    roots = roots[sample(face_radius(u, v), roots) < 1.03]
    away = np.hypot(sample(u, roots), sample(v, roots) - 0.5)
    order = np.argsort(-(away + rng.normal(0, 0.05, len(away))))
    roots, away = roots[order], away[order]
    length = (5 + 9 * away) * rng.uniform(0.7, 1.3, len(away))
    paths = grow(angle + 0.12 * fractal_noise(rng, u.shape, 30, 2), roots, length, 5)
    tones = sample(picture, roots) * rng.normal(1, 0.13, (len(roots), 1))
    return draw_strokes(picture, paths, rng.uniform(0.8, 1.7, len(roots)), tones, tip=0.1)


def eye(picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """An amber eye under heavy dark lids, its middle at the origin and the nose on the side of negative `u`."""
    x, y = u * 0.96 - v * 0.28, v * 0.96 + u * 0.28  # the outer corner lies higher
    almond = 1 - (x / 0.225) ** 2
    upper, lower = y + 0.120 * almond, 0.095 * almond - y
    opening = np.minimum(upper, lower)
    tear = np.hypot((x + 0.25) / 1.6, y - 0.07 + 0.25 * (x + 0.25))
    picture = mix(picture, LID, 0.95 * np.maximum(smoothstep(-0.075, -0.015, opening), smoothstep(0.075, 0.02, tear)))
    ring = np.hypot(x, y + 0.025)
    rays = 0.04 * np.sin(23 * np.arctan2(y + 0.025, x)) * smoothstep(0.04, 0.12, ring)
    iris = mix(np.broadcast_to(AMBER, picture.shape), GOLD, smoothstep(-0.06, 0.10, y + rays))
    iris = mix(iris, UMBER, 0.85 * np.maximum(smoothstep(0.12, 0.165, ring), smoothstep(0.11, 0.0, upper)))
    ball = mix(iris, WHITE_OF_EYE, smoothstep(0.16, 0.175, ring))
    ball = mix(ball, PUPIL, smoothstep(0.066, 0.054, ring))
    picture = mix(picture, ball, smoothstep(-0.004, 0.012, opening))
    shine = 0.35 * np.exp(-(((lower + 0.02) / 0.012) ** 2)) * smoothstep(0.22, 0.1, np.abs(x))
    return mix(picture, LID_SHINE, shine)


def nose(rng: np.random.Generator, picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The broad nose with its nostrils."""
    w = np.abs(u)
    side = np.interp(v, [0.36, 0.44, 0.54, 0.62, 0.70, 0.78], [0.26, 0.38, 0.43, 0.38, 0.19, 0.04])
    top = 0.40 + 0.06 * smoothstep(0.3, 0.0, w) - 0.05 * smoothstep(0.1, 0.35, w)
    inside = np.minimum(np.minimum(side - w, v - top), 0.80 - v)
    pores = 1 + 0.10 * fractal_noise(rng, u.shape, 7, 2)
    shine = 0.55 * np.exp(-(((u + 0.10) / 0.16) ** 2) - ((v - 0.49) / 0.05) ** 2) - 0.9 * np.clip(v - 0.55, 0, 1)
    leather = NOSE * (pores * (0.62 + shine))[..., None]
    hole = np.hypot((w - 0.235) / 0.135, (v - 0.61 + 0.55 * (w - 0.22) - 1.6 * (w - 0.22) ** 2) / 0.050)
    cleft = 0.8 * smoothstep(0.02, 0.0, w) * (v > 0.56)
    leather = mix(leather, LID * 0.5, np.maximum(smoothstep(1.15, 0.75, hole), cleft))
    fade = 0.02 + 0.10 * smoothstep(0.56, 0.42, v)
    return mix(picture, leather, smoothstep(-0.015, fade, inside))


def whiskers(rng: np.random.Generator, picture: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Rows of dark spots on the lips, and long white hairs that grow from them."""
    side, row, place = (index.ravel() for index in np.meshgrid((-1, 1), np.arange(4), np.arange(4), indexing="ij"))
    across = side * (0.28 + 0.10 * place) + rng.normal(0, 0.008, side.size)
    down = 0.70 + 0.085 * row + 0.02 * place + rng.normal(0, 0.008, side.size)
    nearest = [np.argmin((u - a) ** 2 + (v - d) ** 2) for a, d in zip(across, down, strict=True)]
    spots = np.stack(np.unravel_index(nearest, u.shape)[::-1], 1).astype(float)
    count = len(spots)
    dots = straight(spots - (0, 2), np.full(count, np.pi / 2), np.full(count, 4.5))
    picture = draw_strokes(picture, dots, np.full(count, 3.6), np.tile(COAT[0], (count, 1)), 0.75)
    t, length = np.linspace(0, 1, 14), rng.uniform(90, 200, (count, 1))
    rise = rng.uniform(-0.05, 0.22, (count, 1)) - 0.07 * row[:, None]
    fall = rng.uniform(0.15, 0.4, (count, 1)) * t**2.2
    hairs = np.stack([side[:, None] * (1 - 0.12 * t) * t, fall - rise * t], -1) * length[..., None] + spots[:, None]
    grown = hairs[rng.random(count) < 0.75]
    return draw_strokes(picture, grown, np.full(len(grown), 1.5), np.tile(CREAM, (len(grown), 1)), 0.85, tip=0.15)


def background(rng: np.random.Generator) -> np.ndarray:
    """A dark wall, warmer and lighter at the upper left, brushed in all directions."""
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32) / HEIGHT
    tone = 0.75 - 0.55 * np.hypot(x - 0.15, y - 0.15) + 0.10 * fractal_noise(rng, x.shape, 300, 4)
    picture = ramp(GROUND, tone)
    angle = 2.0 * fractal_noise(rng, x.shape, 500, 2)
    roots = rng.uniform(0, (WIDTH, HEIGHT), (9000, 2))
    tints = sample(picture, roots) * rng.normal(1, 0.14, (9000, 1))
    paths = grow(angle, roots, rng.uniform(20, 70, 9000), 6)
    return draw_strokes(picture, paths, rng.uniform(1.5, 6, 9000), tints, 0.6)


def paint(seed: int) -> np.ndarray:
    """The picture, the same at each call with the same seed."""
    rng = np.random.default_rng(seed)
    u, v = face_coordinates()
    radius, angle = face_radius(u, v), growth_angle(rng, u, v)
    picture = draw_strokes(background(rng), *mane(rng, radius, angle, 1000, 1.22, 1.95))
    picture = ears(rng, picture)
    picture = draw_strokes(picture, *mane(rng, radius, angle, 420, 0.93, 1.26))
    picture = loose_hair(rng, picture, radius, angle)
    pale = coat(rng, u, v)
    head = ramp(COAT, (0.18 + 1.14 * light_on(u, v)) * pale)
    picture = fur(rng, mix(picture, head, smoothstep(1.02, 0.93, radius)), u, v, angle)
    picture = nose(rng, picture, u, v)
    for side in (-1, 1):
        picture = eye(picture, side * u - 0.60, v + 0.52)
        spark = np.hypot(u - side * 0.60 + 0.045, v + 0.595)  # on the same side in both eyes
        picture = mix(picture, np.ones(3, np.float32), 0.95 * smoothstep(0.030, 0.014, spark))
    return whiskers(rng, picture, u, v)
