"""A night sky of thick curved strokes: they follow a flow with whirls, and a raking light shows the paint's height."""

import numpy as np
from scipy import ndimage

from painters.tools import colour, follow, lay_strokes, mix, ramp, relief, shrink, smoothstep, wide_noise

SCALE = 2  # painted at twice the size, so that the strokes' edges come out soft
HEIGHT, WIDTH = 608 * SCALE, 768 * SCALE
NIGHT = np.stack([colour(c) for c in ("#0a1138", "#14205f", "#193a92", "#2063ae", "#3796bb", "#7cc6bf", "#e3e8b8")])
LIGHT = np.stack([colour(c) for c in ("#2f7f9e", "#8dbb8f", "#e2bd48", "#f4a72c", "#f9d766", "#fff3c4")])
EARTH = np.stack([colour(c) for c in ("#070a1e", "#10203c", "#1c3f49", "#3b6248", "#7f8a45", "#c9b65a")])
INFLOW = 0.38  # how much faster the sky runs round a whirl than into it
WHIRLS = np.array(  # x, y, sense of turning, reach, glow of its heart; all in picture widths
    [
        [0.315, 0.330, 1, 0.190, 0.052],
        [0.715, 0.235, -1, 0.150, 0.042],
        [0.560, 0.540, 1, 0.085, 0.026],
        [0.075, 0.120, -1, 0.095, 0.024],
        [0.935, 0.475, 1, 0.095, 0.030],
        [0.480, 0.060, -1, 0.070, 0.016],
        [0.085, 0.560, -1, 0.080, 0.020],
    ]
)
PASSES = ((2400, 130, 16.0), (3000, 88, 10.0), (3000, 50, 5.5))  # strokes, their length and half width


def hill_line(x: np.ndarray) -> np.ndarray:
    """Height of the hills' edge at x, both in picture widths, y downwards."""
    return 0.685 - 0.038 * np.sin(4.2 * x - 2.2) + 0.018 * np.sin(9.5 * x + 1) + 0.005 * np.sin(27 * x)


def flow(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Direction of the strokes, and the light or dark of the spiral arms (-1 to 1)."""
    along, down = np.full_like(x, 0.35), 0.25 * np.sin(5 * x + 2)
    arms = np.zeros_like(x)
    for whirl_x, whirl_y, sense, reach, _ in WHIRLS:
        from_x, from_y = x - whirl_x, y - whirl_y
        away = np.hypot(from_x, from_y) + 1e-4
        pull = 1.6 * np.exp(-((away / reach) ** 2)) + 0.25 * np.exp(-away / reach)
        along += pull * (-sense * from_y - INFLOW * from_x) / away
        down += pull * (sense * from_x - INFLOW * from_y) / away
        phase = sense * np.arctan2(from_y, from_x) + np.log(away / reach) / INFLOW
        arms += np.exp(-((0.8 * away / reach) ** 2)) * np.cos(2 * phase)
    sky = np.arctan2(down, along) + 0.12 * wide_noise(rng, x.shape, 260)
    furrow = np.arctan(np.gradient(hill_line(x[0])) * WIDTH) + 7 * (y - hill_line(x)) * np.sin(8 * x - 1)
    land = y > hill_line(x)
    return np.where(land, furrow + 0.15 * wide_noise(rng, x.shape, 120), sky), np.where(land, 0, arms)


def along_flow(field: np.ndarray, angle: np.ndarray, centres: np.ndarray, length: float) -> np.ndarray:
    """Mean of `field` along the flow through each of the centres, so that neighbours on one stream line agree."""
    path = follow(angle, centres, np.full(len(centres), length, np.float32), 25)
    column, row = np.moveaxis(np.clip(path, 0, (WIDTH - 1, HEIGHT - 1)).astype(np.intp), 2, 0)
    return field[row, column].mean(1)


def colours(rng: np.random.Generator, centres: np.ndarray, stream: np.ndarray) -> np.ndarray:
    """Two paints (n, 2, 3) for the strokes at `centres` (in pixels); `stream` is how light their stream line is."""
    x, y = centres.T / WIDTH
    pair = np.empty((len(x), 2, 3), np.float32)
    edge = hill_line(x)
    touch = rng.normal(0, 0.09, len(x)) + 0.3 * (rng.random(len(x)) < 0.05)
    for side in (0, 1):
        jitter = touch + rng.normal(0, 0.06, len(x))
        tint = ramp(NIGHT, 0.36 + 0.19 * stream + 0.16 * (y / edge) ** 4 + jitter)
        for whirl_x, whirl_y, _, _, glow in WHIRLS:
            distance = np.hypot(x - whirl_x, y - whirl_y) / glow
            warm = ramp(LIGHT, 1.05 - 0.42 * distance + 0.06 * stream + jitter)
            tint = mix(tint, warm, smoothstep(2.3, 1.2, distance + 2 * jitter - 0.55 * stream))
        ground = ramp(EARTH, 0.36 + 0.13 * stream + 0.26 * np.exp(-(y - edge) / 0.025) + 1.6 * jitter)
        pair[:, side] = np.where((y < edge)[:, None], tint, ground)
    return pair


def paint(seed: int) -> np.ndarray:
    """The night sky, laid in three rounds of strokes from broad to fine."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32) / WIDTH
    angle, arms = flow(rng, x, y)
    tone = 1.1 * wide_noise(rng, x.shape, 220, 5) + 1.35 * arms
    land = (y > hill_line(x)).astype(np.intp)
    picture = np.full((HEIGHT, WIDTH, 3), colour("#14204f"), np.float32)
    height = np.zeros((HEIGHT, WIDTH), np.float32)
    for count, length, half_width in PASSES:
        centres = rng.integers((0, 0), (WIDTH, HEIGHT), (count, 2)).astype(np.float32)
        stream = along_flow(tone, angle, centres, 240)
        lengths = length * rng.uniform(0.6, 1.3, count).astype(np.float32)
        paths = follow(angle, centres, lengths)
        widths = half_width * rng.uniform(0.7, 1.2, (count, 1)).astype(np.float32)
        lay_strokes(rng, picture, height, paths, widths, colours(rng, centres, stream), 0.25, land)
    light = relief(ndimage.gaussian_filter(height, 1.1), (-1.0, -1.0), 3.0)
    picture = picture * np.clip(light, 0.4, 1.5)[..., None] + 0.5 * np.clip(light - 1.3, 0, 0.5)[..., None]
    return np.clip(shrink(picture, SCALE), 0, 1)
