"""Sculpture in signed distances: smoothly blended limbs and ellipsoids, a camera, ray marching, shadow and occlusion.

Points are float32 arrays of shape (3, n), in metres: x to the right, y upwards, z towards the viewer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .tools import smoothstep

CHUNK = 1024  # neighbouring points that are measured together, against only the forms near them
BLOCK = 16  # pixels: the side of the squares that one thick ray rules out or lets through
MARCH_STEPS, SHADOW_STEPS = 70, 24
Vector = tuple[float, float, float]


def unit(vector: Sequence[float] | np.ndarray) -> np.ndarray:
    """The vector, or every column of a (3, n) array, scaled to length 1."""
    vector = np.asarray(vector, np.float32)
    return vector / np.sqrt((vector * vector).sum(0) + 1e-20)


def length(vectors: np.ndarray) -> np.ndarray:
    """The length of every column of a (3, n) array."""
    return np.sqrt(np.einsum("ij,ij->j", vectors, vectors))


@dataclass
class Form:
    """A limb from `start` to `end` whose radius runs smoothly through `radii` (start, middle, end).

    With `axes` (3, 3), which maps it to a ball of radius `radii[0]`, it is an ellipsoid about `start`: see `ellipsoid`.
    `blend` is the width in which the form melts into those before it; a form that carves is taken away from them.
    """

    start: Vector
    end: Vector
    radii: Vector
    blend: float = 0.03
    part: str = "skin"
    axes: np.ndarray | None = None
    carve: bool = False

    def __post_init__(self) -> None:
        self.origin = np.array(self.start, np.float32)[:, None]
        self.spine = np.array(self.end, np.float32) - self.origin[:, 0]
        self.scale = np.float32(1 / max(float(self.spine @ self.spine), 1e-12))
        self.taper = np.float32(self.radii[2] - self.radii[0])
        self.swell = np.float32(16 * self.radii[1] - 8 * (self.radii[0] + self.radii[2]))
        if self.axes is not None:
            self.slope = self.axes.T @ self.axes

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Signed distance (exact to first order near the surface) of points (3, n) to this form."""
        offset = points - self.origin
        if self.axes is None:
            along = np.minimum(np.maximum(self.spine @ offset * self.scale, 0), 1)
            offset -= self.spine[:, None] * along
            square = along * along
            arch = along - square
            radius = self.taper * square * (3 - 2 * along) + self.swell * arch * arch
            return length(offset) - radius - np.float32(self.radii[0])
        size = length(self.axes @ offset)
        return size * (size - np.float32(self.radii[0])) / (length(self.slope @ offset) + np.float32(1e-9))


def turned(pitch: float = 0.0, yaw: float = 0.0, roll: float = 0.0) -> np.ndarray:
    """Rotation by degrees: roll about z (counter-clockwise), then yaw about y, then pitch about x."""
    (cp, cy, cr), (sp, sy, sr) = (f(np.radians([pitch, yaw, roll])) for f in (np.cos, np.sin))
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return (about_x @ about_y @ about_z).astype(np.float32)


def ellipsoid(centre: Vector, size: Vector, turn: np.ndarray | None = None, **options: object) -> Form:
    """An ellipsoid of half axes `size`, turned by a rotation matrix."""
    turn = np.eye(3, dtype=np.float32) if turn is None else turn
    scale = np.float32(min(size))
    axes = np.diag(scale / np.array(size, np.float32)) @ turn.T
    return Form(centre, centre, (scale, scale, scale), axes=axes.astype(np.float32), **options)


def blend_in(total: np.ndarray, form: Form, distance: np.ndarray) -> np.ndarray:
    """The distance to what stood there before (`total`) with `form` melted into it, or carved out of it."""
    if form.carve:
        total = -total
    overlap = np.maximum(np.float32(form.blend) - np.abs(total - distance), 0)
    melted = np.minimum(total, distance) - overlap * overlap * np.float32(0.25 / form.blend)
    return -melted if form.carve else melted


def melt(distances: Sequence[np.ndarray], forms: Sequence[Form]) -> np.ndarray:
    """The distance to all the forms together, from that to each."""
    total = np.full(distances[0].shape, 1e3, np.float32)
    for form, distance in zip(forms, distances, strict=True):
        total = blend_in(total, form, distance)
    return total


class Sculpture:
    """Forms melted together in the order given; it is quickest to have those with the widest blends first."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self.forms = list(forms)
        self.reach = 1.25 * np.maximum.accumulate([[form.blend] for form in self.forms[::-1]])[::-1]

    def distance(self, points: np.ndarray) -> np.ndarray:
        """Signed distance of points (3, n); quick where neighbours in the array are neighbours in space."""
        starts = np.arange(0, points.shape[1], CHUNK)
        low, high = (f.reduceat(points, starts, axis=1) for f in (np.minimum, np.maximum))
        centres, spread = (low + high) / 2, np.sqrt(((high - low) ** 2).sum(0)) / 2
        each = np.stack([form.distance(centres) for form in self.forms])
        total = melt(each, self.forms)
        signs = np.array([-1 if form.carve else 1 for form in self.forms], np.float32)[:, None]
        near = each - spread < signs * total + spread + self.reach
        result = np.empty(points.shape[1], np.float32)
        for index, start in enumerate(starts):
            part = points[:, start : start + CHUNK]
            chosen = [form for form, keep in zip(self.forms, near[:, index], strict=True) if keep]
            result[start : start + CHUNK] = melt([form.distance(part) for form in chosen], chosen)
        return result

    def parts(self, points: np.ndarray) -> dict[str, np.ndarray]:
        """For every part the distance of its nearest form."""
        found: dict[str, np.ndarray] = {}
        for form in self.forms:
            if not form.carve:
                away = form.distance(points)
                found[form.part] = np.minimum(found[form.part], away) if form.part in found else away
        return found


def shares(parts: dict[str, np.ndarray], softness: float, on_top: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """How much of each part shows at points on the surface, which sum to 1, from `Sculpture.parts`.

    The nearest part shows, but one `on_top` of the others wherever it comes to the surface at all.
    """
    below = {name: away for name, away in parts.items() if name not in on_top}
    nearest = np.minimum.reduce(list(below.values()))
    shown = {name: np.exp(np.maximum((nearest - away) / softness, -30)) for name, away in below.items()}
    total = sum(shown.values())
    shown = {name: share / total for name, share in shown.items()}
    for top in on_top:
        cover = smoothstep(1.8 * softness, 0.7 * softness, parts[top])
        shown = {name: share * (1 - cover) for name, share in shown.items()} | {top: cover}
    return shown


class Camera:
    """A pinhole at `eye` that looks at `target`; `view` is the height in metres it sees at the target."""

    def __init__(self, eye: Vector, target: Vector, view: float, height: int, width: int) -> None:
        self.eye = np.array(eye, np.float32)
        self.height, self.width = height, width
        self.forward = unit(np.array(target) - self.eye)
        self.right = unit(np.cross(self.forward, (0.0, 1.0, 0.0)))
        self.up = np.cross(self.right, self.forward)
        self.focal = np.linalg.norm(np.array(target) - self.eye) * height / view

    def rays(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Unit directions (3, n) through pixel positions."""
        across, upward = (x - self.width / 2) / self.focal, (self.height / 2 - y) / self.focal
        return unit(self.forward[:, None] + self.right[:, None] * across + self.up[:, None] * upward)

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pixel positions x and y of points (3, n), and their distance from the eye."""
        offset = points - self.eye[:, None]
        deep = self.forward @ offset
        x = self.width / 2 + self.focal * (self.right @ offset) / deep
        y = self.height / 2 - self.focal * (self.up @ offset) / deep
        return x, y, np.sqrt((offset * offset).sum(0))


def march(
    sculpture: Sculpture,
    eye: np.ndarray,
    rays: np.ndarray,
    start: np.ndarray,
    far: float,
    thick: float,
) -> tuple[np.ndarray, np.ndarray]:
    """How far along its ray each comes closest to the sculpture, and how close: the distance per metre from the eye.

    A ray has met the sculpture, and stops, where that is below `thick`.
    """
    nearest, closest = start.astype(np.float32), np.full(len(start), 1e3, np.float32)
    active, here = np.arange(len(start)), nearest.copy()
    for _ in range(MARCH_STEPS):
        away = sculpture.distance(eye[:, None] + rays[:, active] * here)
        closer = away < closest[active] * here
        nearest[active[closer]], closest[active[closer]] = here[closer], (away / here)[closer]
        here = here + away * np.float32(0.9)
        on = (closest[active] > thick) & (here < far)
        active, here = active[on], here[on]
        if not len(active):
            break
    return nearest, closest


def trace(sculpture: Sculpture, camera: Camera, far: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the picture shows the sculpture: flat pixel indices, the points met (3, n), and coverage in [0, 1]."""
    by, bx = (a.ravel() for a in np.mgrid[: camera.height : BLOCK, : camera.width : BLOCK])
    thick = BLOCK * 0.75 / camera.focal
    rays = camera.rays(bx + BLOCK / 2, by + BLOCK / 2)
    near, closest = march(sculpture, camera.eye, rays, np.full(bx.shape, 0.1), far, thick)
    keep = closest < thick
    iy, ix = (a.reshape(-1, 1) for a in np.mgrid[:BLOCK, :BLOCK])
    y, x = (iy + by[keep]).T.ravel(), (ix + bx[keep]).T.ravel()
    inside = (x < camera.width) & (y < camera.height)
    start = np.repeat(near[keep] * (1 - 2 * thick), BLOCK * BLOCK)[inside]
    y, x = y[inside], x[inside]
    rays = camera.rays(x + 0.5, y + 0.5)
    travelled, closest = march(sculpture, camera.eye, rays, start, far, 0.25 / camera.focal)
    coverage = np.clip(1.25 - closest * camera.focal, 0, 1)
    shown = coverage > 0
    return (y * camera.width + x)[shown], (camera.eye[:, None] + rays * travelled)[:, shown], coverage[shown]


def normals(field: Callable[[np.ndarray], np.ndarray], points: np.ndarray, reach: float) -> np.ndarray:
    """Unit normals (3, n) of a distance field, from differences over `reach` to the corners of a tetrahedron."""
    corners = np.array([[1, -1, -1], [-1, -1, 1], [-1, 1, -1], [1, 1, 1]], np.float32) * np.float32(reach)
    return unit(sum(corner[:, None] * field(points + corner[:, None]) for corner in corners))


def occlusion(sculpture: Sculpture, points: np.ndarray, normal: np.ndarray, reach: float) -> np.ndarray:
    """How open the surroundings are above each point: 1 in the free, near 0 in a crease."""
    closed = np.zeros(points.shape[1], np.float32)
    for height in np.linspace(0, reach, 5, dtype=np.float32)[1:]:
        closed += (height - sculpture.distance(points + normal * height)) / (4 * height)
    return np.clip(1 - closed, 0, 1)


def soft_shadow(
    sculpture: Sculpture,
    points: np.ndarray,
    light: np.ndarray,
    softness: float,
    start: float,
    far: float,
) -> np.ndarray:
    """Share of a lamp, in the direction `light` and `softness` wide (per metre of distance), that each point sees."""
    travelled, seen = np.full(points.shape[1], start, np.float32), np.ones(points.shape[1], np.float32)
    active = np.arange(points.shape[1])
    for _ in range(SHADOW_STEPS):
        here = travelled[active]
        away = sculpture.distance(points[:, active] + light[:, None] * here)
        seen[active] = np.minimum(seen[active], 0.5 + away / (2 * softness * here))
        travelled[active] = here + np.clip(away, far / 150, far / 8)
        active = active[(seen[active] > 0) & (travelled[active] < far)]
        if not len(active):
            break
    return smoothstep(0, 1, seen)
