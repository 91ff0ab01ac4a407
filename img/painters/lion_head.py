"""The form of a lion's head: depth, light, markings and the way its hair grows, in coordinates of the frontal face."""

import numpy as np
from scipy import ndimage

from painters.tools import fractal_noise, smoothstep

WIDTH, HEIGHT = 720, 768
CENTRE, UNIT = np.array([350.0, 372.0]), 128.0  # the point between eyes and nose, and one face unit, in pixels
YAW = 0.20  # the sine of the angle by which the head turns to our right
LIGHT = np.array([-0.55, -0.62, 0.56])

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
# Smooth hills on both halves of the face: height, place (across, down), breadth and length, in face units.
FORMS = (
    (0.62, 0.00, 0.82, 0.76, 0.60), (0.26, 0.36, 0.88, 0.30, 0.27),  # muzzle, lips
    (0.17, 0.56, -0.86, 0.34, 0.20), (-0.27, 0.60, -0.50, 0.30, 0.20),  # brows, sockets of the eyes
    (0.16, 0.92, 0.02, 0.34, 0.36), (0.22, 0.00, 1.38, 0.36, 0.22),  # cheeks, chin
)  # fmt: skip
# The same for how much paler or darker than the rest the fur is.
MARKINGS = (
    (0.40, 0.36, 0.92, 0.32, 0.25), (0.28, 0.00, 1.36, 0.42, 0.24), (0.22, 0.66, -0.30, 0.24, 0.10),
    (0.15, 0.42, -0.84, 0.16, 0.10), (-0.30, 0.36, -0.22, 0.07, 0.26), (-0.35, 0.60, -0.53, 0.27, 0.13),
    (-0.16, 0.16, -1.15, 0.06, 0.30), (-0.12, 0.44, -1.20, 0.06, 0.22), (-0.10, 0.00, -0.10, 0.20, 0.60),
)  # fmt: skip


def hills(u: np.ndarray, v: np.ndarray, forms: tuple[tuple[float, ...], ...]) -> np.ndarray:
    """The sum of smooth hills, the same on both halves of the face."""
    total = np.zeros(u.shape)
    for height, across, down, breadth, length in forms:
        total += height * np.exp(-(((np.abs(u) - across) / breadth) ** 2) - ((v - down) / length) ** 2)
    return total


def depth(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """How far the head comes towards us at each point of the face, in face units."""
    skull = 1.15 * np.sqrt(np.clip(1 - (u / 1.7) ** 2 - ((v + 0.1) / 2.2) ** 2, 0, 1))
    bridge = 0.34 * np.exp(-((u / (0.30 + 0.06 * v)) ** 2)) * smoothstep(-1.0, -0.3, v) * smoothstep(0.95, 0.5, v)
    lip = 0.14 * np.exp(-(((v - mouth_line(u)) / 0.06) ** 2)) * smoothstep(0.80, 0.66, np.abs(u))
    furrow = 0.05 * np.exp(-((u / 0.06) ** 2)) * (smoothstep(-0.7, -1.2, v) + smoothstep(0.70, 0.78, v))
    return skull + bridge + hills(u, v, FORMS) - lip - furrow


def mouth_line(u: np.ndarray) -> np.ndarray:
    """How far down the lips meet: two arcs that hang from the furrow below the nose."""
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


def face_radius(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Distance from the middle of the face: 1 on the border of the short fur."""
    jaw = 0.26 * smoothstep(0.7, 1.5, v) * smoothstep(2.4, 1.6, v)
    return np.hypot(u / (1.16 - jaw), (v + 0.02) / np.where(v < 0, 1.42, 1.70))


def growth_angle(rng: np.random.Generator, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The direction in which hair grows: the given ones blended by nearness, waving more and more in the mane."""
    flow = np.zeros((2, *u.shape))
    for place_u, place_v, du, dv in GROWTH:
        for side in (-1, 1):
            near = 1 / (((u - side * place_u) ** 2 + (v - place_v) ** 2) ** 1.5 + 0.02)
            flow += near * np.array([side * du, dv])[:, None, None] / np.hypot(du, dv)
    wave = fractal_noise(rng, u.shape, 240, 3) * 0.30 * smoothstep(0.9, 1.6, face_radius(u, v))
    return np.arctan2(flow[1], flow[0]) + wave


def light_on(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Soft light from the upper left on the modelled head, 0 to 1, darker in its hollows."""
    height = ndimage.gaussian_filter(depth(u, v), 1.5)
    dy, dx = np.gradient(height * UNIT)
    normal = np.stack([-dx, -dy, np.ones_like(dx)], -1) / np.sqrt(1 + dx**2 + dy**2)[..., None]
    hollow = ndimage.gaussian_filter(height, 14) - height
    return np.clip(0.22 + 0.76 * np.clip(normal @ LIGHT, 0, 1) - 1.5 * hollow, 0, 1)


def coat(rng: np.random.Generator, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """How pale the fur itself is at each point of the face, 0 (black) to 1 (cream)."""
    pale = 0.58 + 0.04 * fractal_noise(rng, u.shape, 60, 4) + hills(u, v, MARKINGS)
    pale += 0.2 * smoothstep(-0.2, 0.4, u) * hills(u, v, ((1.0, 0.36, 0.92, 0.32, 0.25),))  # the lip in shade
    lip = np.exp(-(((v - mouth_line(u) - 0.02) / 0.05) ** 2)) * smoothstep(0.80, 0.66, np.abs(u))
    furrow = np.exp(-((u / 0.03) ** 2)) * smoothstep(0.70, 0.76, v) * smoothstep(1.08, 1.03, v)
    return pale - 0.55 * lip - 0.45 * furrow
