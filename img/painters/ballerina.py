"""A ballet dancer in arabesque for the sculptor: her body as melted forms, her tutu as layers of points of tulle."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .face import Head
from .sculpt import Form, Sculpture, Vector, ellipsoid, normals, turned
from .tools import smoothstep

WAIST = np.array((0.025, 1.185, 0.083), np.float32)
TILT = turned(roll=-17)  # of the pelvis, and the tutu with it
HEAD = Head((0.148, 1.772, 0.092), turned(roll=13) @ turned(yaw=68), 1.0)
GAZE = (-0.1, 0.0, 1.0)
ANKLES = (
    ((0.0, 0.225, 0.02), (0.032, 0.665, 0.02)),
    ((-0.845, 1.475, 0.18), (-0.445, 1.29, 0.20)),
)  # and the knee above each
LAYERS = 8
ROWS, COLUMNS = 240, 2600  # points from the waist to the hem, and around
COARSE = (slice(None), slice(None, None, 12), slice(None, None, 20))
SATIN, TIGHTS, SHOE, HAIR = {"part": "satin"}, {"part": "tights"}, {"part": "shoe"}, {"part": "hair"}


def between(start: Vector, end: Vector, share: float, shift: Vector = (0, 0, 0), size: float = 1) -> Vector:
    """The point at `share` of the way, moved by `size` along `shift`."""
    return tuple(np.array(start) * (1 - share) + np.array(end) * share + np.array(shift) * size)


def torso() -> list[Form]:
    """Trunk, shoulders, neck and collarbone."""
    return [
        ellipsoid((0.045, 1.275, 0.085), (0.074, 0.12, 0.098), turned(roll=-12), blend=0.10, **SATIN),
        ellipsoid((0.083, 1.410, 0.085), (0.082, 0.13, 0.122), turned(roll=-2), blend=0.09, **SATIN),
        ellipsoid((0.138, 1.412, 0.130), (0.034, 0.046, 0.042), turned(roll=20), blend=0.055, **SATIN),
        ellipsoid((0.138, 1.412, 0.040), (0.034, 0.046, 0.042), turned(roll=20), blend=0.055, **SATIN),
        Form((0.06, 1.522, 0.01), (0.06, 1.532, 0.165), (0.050, 0.056, 0.050), blend=0.07),
        ellipsoid((-0.02, 1.12, 0.08), (0.112, 0.10, 0.145), turned(roll=-18), blend=0.05, **SATIN),
        Form((0.068, 1.52, 0.088), (0.112, 1.72, 0.088), (0.050, 0.037, 0.036), blend=0.05),
        Form((0.118, 1.520, 0.10), (0.100, 1.715, 0.120), (0.007, 0.009, 0.008), blend=0.035),
        Form((0.112, 1.525, 0.10), (0.085, 1.560, 0.205), (0.010, 0.009, 0.012), blend=0.03),
    ]


def leg(hip: Vector, knee: Vector, ankle: Vector, toe: Vector, calf: Vector, instep: Vector) -> list[Form]:
    """A leg in tights with a pointed shoe; the calf and the arch of the foot bulge the ways given."""
    arch, calf_top = between(ankle, toe, 0.42, instep, 0.015), between(knee, ankle, 0.05, calf, 0.006)
    return [
        Form(hip, knee, (0.098, 0.082, 0.039), blend=0.06, **TIGHTS),
        Form(knee, ankle, (0.037, 0.043, 0.026), blend=0.05, **TIGHTS),
        Form(calf_top, between(knee, ankle, 0.66, calf, 0.004), (0.022, 0.046, 0.018), blend=0.05, **TIGHTS),
        Form(ankle, arch, (0.025, 0.030, 0.029), blend=0.03, **SHOE),
        Form(arch, toe, (0.029, 0.028, 0.016), blend=0.03, **SHOE),
        ellipsoid(between(ankle, toe, 0.12, instep, -0.014), (0.025, 0.025, 0.025), blend=0.05, **SHOE),
    ]


def arm(shoulder: Vector, elbow: Vector, wrist: Vector, tip: Vector) -> list[Form]:
    """An arm with a softly opened hand that reaches to `tip`."""
    palm = between(wrist, tip, 0.42)
    forms = [
        Form(shoulder, elbow, (0.045, 0.042, 0.027), blend=0.03),
        Form(elbow, wrist, (0.027, 0.034, 0.017), blend=0.03),
        Form(wrist, palm, (0.015, 0.024, 0.019), blend=0.03),
        Form(between(wrist, tip, 0.2), between(wrist, tip, 0.60, (0, -0.020, 0.010)), (0.012, 0.010, 0.005), blend=0.015),
    ]
    for lift, side, reach in ((0.005, 0.014, 0.90), (0, 0.005, 1), (-0.005, -0.004, 0.96), (-0.011, -0.012, 0.84)):
        root = between(palm, tip, 0, (0, lift, side))
        middle = between(palm, tip, 0.5 * reach, (0, 1.5 * lift + 0.0075, side))
        end = between(palm, tip, reach, (0, 2 * lift, side))
        forms += [
            Form(root, middle, (0.010, 0.009, 0.0075), blend=0.01),
            Form(middle, end, (0.0075, 0.0065, 0.0045), blend=0.01),
        ]
    return forms


def coiffure() -> list[Form]:
    """Hair drawn back into a bun, with a few small flowers in it."""
    forms = [
        HEAD.lump(0, 0.040, -0.017, (0.078, 0.084, 0.096), turned(pitch=-16), blend=0.006, **HAIR),
        HEAD.ridge((0.066, 0.040, 0.030), (0.066, -0.010, -0.035), (0.010, 0.016, 0.018), blend=0.02, **HAIR),
        HEAD.ridge((-0.066, 0.040, 0.030), (-0.066, -0.010, -0.035), (0.010, 0.016, 0.018), blend=0.02, **HAIR),
        HEAD.lump(0, 0.068, -0.122, (0.050, 0.046, 0.040), turned(pitch=30), blend=0.012, **HAIR),
    ]
    for side in (-1, 1):
        forms.append(
            HEAD.lump(side * 0.074, -0.012, -0.004, (0.007, 0.026, 0.015), turned(pitch=-12, yaw=side * 20), blend=0.006)
        )
        forms.append(HEAD.lump(side * 0.082, -0.008, -0.001, (0.006, 0.014, 0.008), turned(pitch=-12), blend=0.006, carve=True))
    for angle in np.radians((-20, 8, 36, 64, 92)):
        across, high = 0.074 * np.cos(angle), 0.050 + 0.072 * np.sin(angle)
        forms.append(HEAD.lump(across, high, -0.086, (0.014, 0.014, 0.012), blend=0.003, part="flower"))
    return forms


def figure() -> Sculpture:
    """The dancer on the tip of her left foot, facing right."""
    (left_ankle, left_knee), (right_ankle, right_knee) = ANKLES
    return Sculpture(
        [
            *torso(),
            *leg((0.0, 1.10, 0.02), left_knee, left_ankle, (0.02, 0.012, 0.02), (-1, 0, 0), (1, 0, 0)),
            *leg((-0.04, 1.12, 0.15), right_knee, right_ankle, (-1.035, 1.60, 0.165), (0.4, -0.9, 0), (0.5, 0.85, 0)),
            *arm((0.075, 1.528, -0.040), (0.34, 1.605, -0.10), (0.565, 1.735, -0.075), (0.755, 1.785, -0.065)),
            *arm((0.045, 1.528, 0.205), (-0.19, 1.63, 0.33), (-0.385, 1.79, 0.34), (-0.565, 1.845, 0.33)),
            *HEAD.skull(),
            *HEAD.nose_and_mouth(),
            *HEAD.eyes(),
            *coiffure(),
        ]
    )


@dataclass
class Tulle:
    """A layer of the tutu: points (3, rows, columns); the area, normal and opacity of each, its way to the hem."""

    points: np.ndarray
    area: np.ndarray
    normal: np.ndarray
    opacity: np.ndarray
    out: np.ndarray
    low: float  # 0 for the topmost layer, 1 for the lowest


def tulle(rng: np.random.Generator, body: Sculpture, layer: int) -> Tulle:
    """A layer of the tutu, pushed off the body."""
    low = layer / (LAYERS - 1)
    out = np.linspace(0, 1, ROWS, dtype=np.float32)[:, None]
    points = push_out(np.tensordot(TILT, frill(rng, out, layer), 1) + WAIST[:, None, None], body)
    along, across = np.gradient(points, axis=(1, 2))
    normal = np.cross(along, across, axis=0)
    area = np.sqrt((normal**2).sum(0))
    threads = ndimage.gaussian_filter1d(rng.standard_normal(COLUMNS), 1.5, mode="wrap")
    threads = np.maximum(1 + 0.36 * threads / threads.std(), 0.1)
    opacity = threads * (1 - 0.35 * out) * (1 + 1.2 * smoothstep(0.975, 0.99, out))
    return Tulle(points, area, normal / (area + 1e-12), opacity.astype(np.float32), np.broadcast_to(out, area.shape), low)


def frill(rng: np.random.Generator, out: np.ndarray, layer: int) -> np.ndarray:
    """The shape of a layer, about the waist's axis: pleated, wavy, drooping, but lifted behind by the raised leg."""
    low = layer / (LAYERS - 1)
    around = np.linspace(0, 2 * np.pi, COLUMNS, dtype=np.float32)
    wave = sum(rng.uniform(0.5, 1) * np.sin(count * around + rng.uniform(0, 6.3)) for count in (2, 3, 5)) / 3
    pleats = np.sin((17 + 2 * layer) * around + 2.2 * wave + rng.uniform(0, 6.3))
    pleats += 0.5 * np.sin((41 + layer) * around + 3 * wave)
    frayed = ndimage.gaussian_filter1d(rng.standard_normal(COLUMNS), 4, mode="wrap")
    hem = 0.45 - 0.035 * low + 0.018 * wave + 0.008 * pleats + 0.004 * frayed
    radius = 0.09 + out * (hem - 0.09)
    lift = np.exp(-(((around - np.pi) / 0.75) ** 2)) * (0.10 - 0.05 * low)
    height = -(0.015 + 0.17 * low) * out**1.5 + (0.016 * pleats + 0.03 * wave) * out**1.3 + lift * out
    return np.stack([radius * np.cos(around), height, radius * np.sin(around)]).astype(np.float32)


def push_out(points: np.ndarray, body: Sculpture, clearance: float = 0.012) -> np.ndarray:
    """The cloth, lifted off the body where it would cut into it."""
    start = points[COARSE].reshape(3, -1)
    freed = start.copy()
    for _ in range(4):
        freed += normals(body.distance, freed, 0.004) * np.maximum(clearance - body.distance(freed), 0)
    return points + refine((freed - start).reshape(points[COARSE].shape))


def refine(coarse: np.ndarray) -> np.ndarray:
    """Values (…, rows, columns) worked out on the `COARSE` grid of a layer, spread over all its points."""
    zoom = (1,) * (coarse.ndim - 2) + (ROWS / coarse.shape[-2], COLUMNS / coarse.shape[-1])
    return ndimage.zoom(coarse, zoom, order=1, grid_mode=True, mode="nearest")
