"""What several painters need: smooth random fields, flow fields, mixing and shading of colour planes."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from scipy.interpolate import CubicSpline


def grid(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Pixel coordinates (x, y), y downwards, both divided by the longer side: arrays of shape (height, width)."""
    y, x = np.mgrid[:height, :width].astype(np.float32) / max(height, width)
    return x, y


def fractal_noise(rng: np.random.Generator, shape: tuple[int, int], wavelength: float, octaves: int = 4) -> np.ndarray:
    """Smooth noise of zero mean and unit deviation; `wavelength` in pixels is that of its largest forms."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        sigma = wavelength / 2.0 ** (octave + 2)
        layer = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), sigma, mode="reflect")
        total += layer / layer.std() / 2.0**octave
    return (total - total.mean()) / total.std()


def smoothstep(low: float, high: float, value: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, a smooth cubic between."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """`first` where `share` is 0, `second` where it is 1; `share` of shape (height, width), colours (…, 3)."""
    return first + (second - first) * share[..., None]


def colour(hexcode: str) -> np.ndarray:
    """'#rrggbb' as float32 RGB in [0, 1], shape (3,)."""
    return np.array([int(hexcode[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255


def relief(height: np.ndarray, light: tuple[float, float] = (-1.0, -1.0), strength: float = 1.0) -> np.ndarray:
    """Light and shade (around 1) that a paint surface of this height shows under a raking light from `light` (x, y)."""
    dy, dx = np.gradient(height)
    return 1 + strength * (dx * light[0] + dy * light[1])


def grow(angle: np.ndarray, roots: np.ndarray, lengths: np.ndarray, steps: int = 8) -> np.ndarray:
    """Paths from `roots` (n, 2) for `lengths` (n,) pixels along the directions `angle`: (n, steps + 1, 2) as x, y."""
    limit = np.array(angle.shape[::-1]) - 1
    points = [roots.astype(np.float32)]
    for _ in range(steps):
        column, row = np.clip(points[-1], 0, limit).astype(np.intp).T
        turn = angle[row, column]
        points.append(points[-1] + np.stack([np.cos(turn), np.sin(turn)], 1) * (lengths / steps)[:, None])
    return np.stack(points, 1).astype(np.float32)


def normals(paths: np.ndarray) -> np.ndarray:
    """Unit vectors across the paths (n, points, 2), one at each point."""
    along = np.gradient(paths, axis=1)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    return across / (np.linalg.norm(across, axis=-1, keepdims=True) + 1e-6)


def draw_strokes(
    picture: np.ndarray,
    paths: np.ndarray,
    widths: np.ndarray,
    colours: np.ndarray,
    opacity: float = 1.0,
    tip: float = 0.2,
) -> np.ndarray:
    """The picture under tapering strokes, laid in the order given; ends are `tip` times as wide as middles."""
    scale = 2
    fine = np.repeat(np.repeat(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5), scale, 0), scale, 1)
    image = Image.fromarray(fine)
    brush = ImageDraw.Draw(image, "RGBA")
    taper = tip + (1 - tip) * np.sin(np.linspace(0.08, 0.95, paths.shape[1]) * np.pi)
    half = normals(paths) * (widths[:, None] / 2 * taper)[..., None]
    outlines = np.concatenate([paths + half, (paths - half)[:, ::-1]], 1).reshape(len(paths), -1) * scale
    fills = np.concatenate([np.clip(colours, 0, 1), np.full((len(paths), 1), opacity)], 1) * 255 + 0.5
    for outline, fill in zip(outlines.tolist(), fills.astype(int).tolist(), strict=True):
        brush.polygon(outline, fill=tuple(fill))
    return np.asarray(image.reduce(scale), np.float32) / 255


def follow(angle: np.ndarray, centres: np.ndarray, length: np.ndarray, points: int = 17) -> np.ndarray:
    """Paths that run `length` pixels along the direction field `angle` through `centres` (n, 2)."""
    limit = np.array(angle.shape[::-1]) - 1
    path = np.repeat(centres[:, None].astype(np.float32), points, axis=1)
    middle = points // 2
    for sign, steps in ((1, range(middle + 1, points)), (-1, range(middle - 1, -1, -1))):
        for step in steps:
            last = path[:, step - sign]
            column, row = np.clip(last, 0, limit).astype(np.intp).T
            turn = angle[row, column]
            path[:, step] = last + (sign * length / (points - 1))[:, None] * np.stack([np.cos(turn), np.sin(turn)], 1)
    return path


def sweep(paths: np.ndarray, half_width: np.ndarray, spacing: float = 0.7) -> tuple[np.ndarray, ...]:
    """Points `spacing` apart that cover ribbons around `paths` (n, points, 2) of `half_width` (n, points), in pixels.

    Returns x and y of shape (n, m, k), along (0 to 1, shape (m, 1)) and across (-1 to 1, shape (k,)); order them by
    stroke and let later strokes cover earlier ones by plain assignment.
    """
    steps = np.diff(paths, axis=1)
    samples = 2 + int(np.hypot(steps[..., 0], steps[..., 1]).sum(1).max() / spacing)
    across = np.linspace(-1, 1, 2 + int(2 * half_width.max() / spacing), dtype=np.float32)
    place = np.linspace(0, paths.shape[1] - 1, samples, dtype=np.float32)
    before = np.minimum(place.astype(np.intp), paths.shape[1] - 2)
    share = (place - before)[:, None]
    middle = paths[:, before] * (1 - share) + paths[:, before + 1] * share
    tangent = np.gradient(middle, axis=1)
    tangent /= np.maximum(np.hypot(tangent[..., :1], tangent[..., 1:]), 1e-6)
    reach = (half_width[:, before] * (1 - share[:, 0]) + half_width[:, before + 1] * share[:, 0])[..., None] * across
    x = middle[..., :1] - tangent[..., 1:] * reach
    y = middle[..., 1:] + tangent[..., :1] * reach
    return x, y, place[:, None] / place[-1], across


def lay_strokes(
    rng: np.random.Generator,
    picture: np.ndarray,
    height: np.ndarray,
    paths: np.ndarray,
    half_width: np.ndarray,
    tints: np.ndarray,
    dryness: float = 0.2,
    clip: np.ndarray | None = None,
) -> None:
    """Brush strokes over `picture` and the paint's `height`, in place, later ones over earlier ones.

    Each stroke carries two half-mixed paints, `tints` (n, 2, 3), in streaks along its path; `dryness` (0 to 1) is how
    much the bristles skip towards its end. Where `clip`, a map of labels, is given, a stroke stays within the label
    under its middle.
    """
    rows, columns = height.shape
    streaks = ndimage.gaussian_filter(rng.standard_normal((512, 1024)).astype(np.float32), (0.8, 24), mode="wrap")
    streaks /= streaks.std()
    for first in range(0, len(paths), 250):
        part = slice(first, first + 250)
        x, y, along, across = sweep(paths[part], np.broadcast_to(half_width[part], paths[part].shape[:2]))
        count, samples, bristles = x.shape
        shift = rng.integers(0, (512, 1024), (count, 2))[..., None, None]
        streak = streaks[(shift[:, 0] + np.arange(bristles)) % 512, (shift[:, 1] + np.arange(samples)[:, None]) % 1024]
        run_out = dryness * (2.2 * along**2 + 0.25) + 0.12 * across**4
        column, row = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp)
        ends = np.minimum(along, 1 - along) * samples / bristles * 2
        laid = (streak * 0.3 + 0.75 > run_out) & (ends + 0.35 * streak * (ends < 0.6) > 1 - np.sqrt(1.02 - across**2))
        laid &= (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
        place = (row * columns + column)[laid]
        if clip is not None:
            centre = np.clip(paths[part, paths.shape[1] // 2], 0, (columns - 1, rows - 1)).astype(np.intp)
            label = np.broadcast_to(clip[centre[:, 1], centre[:, 0]][:, None, None], x.shape)[laid]
            laid[laid] = inside = clip.ravel()[place] == label
            place = place[inside]
        owner = np.broadcast_to(np.arange(count)[:, None, None], x.shape)[laid]
        blend = smoothstep(-1.6, 1.6, streak[laid])[:, None]
        pair = tints[part][owner]
        picture.reshape(-1, 3)[place] = pair[:, 0] * (1 - blend) + pair[:, 1] * blend
        profile = np.sqrt(1.05 - across**2) * (0.7 + 0.3 * along) + 0.25 * smoothstep(0.6, 0.9, np.abs(across))
        ridge = np.broadcast_to(profile, x.shape)[laid] + 0.12 * streak[laid]
        height.ravel()[place] = 0.5 * height.ravel()[place] + 0.5 * ridge


def shrink(picture: np.ndarray, factor: int = 2) -> np.ndarray:
    """The picture at one `factor`-th of its size, each pixel the mean of the ones it stands for."""
    rows, columns, channels = picture.shape
    parts = picture.reshape(rows // factor, factor, columns // factor, factor, channels)
    return parts.mean((1, 3), dtype=np.float32)


def ramp(stops: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Colours along the evenly spaced `stops` (n, 3), first where `value` is 0, last where it is 1: (…, 3)."""
    place = np.clip(value, 0, 1) * (len(stops) - 1)
    before = np.minimum(place.astype(np.intp), len(stops) - 2)
    return mix(stops[before], stops[before + 1], (place - before).astype(np.float32))


def wide_noise(rng: np.random.Generator, shape: tuple[int, int], wavelength: float, octaves: int = 4) -> np.ndarray:
    """Like `fractal_noise`, but quick for wavelengths of hundreds of pixels; both sides must be multiples of 8."""
    small = fractal_noise(rng, (shape[0] // 8, shape[1] // 8), wavelength / 8, octaves)
    return ndimage.zoom(small, 8, order=1)


def smooth_curve(points: Sequence[tuple[float, float]], count: int, closed: bool = False) -> np.ndarray:
    """`count` points, of shape (count, 2), along a smooth curve through the given ones; `closed` returns to the first."""
    knots = np.array([*points, points[0]] if closed else points, float)
    curve = CubicSpline(np.arange(len(knots)), knots, bc_type="periodic" if closed else "not-a-knot")
    return curve(np.linspace(0, len(knots) - 1, count))


def edge_angle(picture: np.ndarray, sigma: float) -> np.ndarray:
    """Direction in which the picture changes least around each pixel, as brushes do; level where it is flat."""
    dy, dx = np.gradient(ndimage.gaussian_filter(picture.mean(-1), 1))
    xx, yy, xy = (ndimage.gaussian_filter(product, sigma) for product in (dx * dx, dy * dy + 2e-5, dx * dy))
    return 0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2


def repaint(rng: np.random.Generator, picture: np.ndarray) -> np.ndarray:
    """The picture in oil strokes that follow its forms: broad ones first, finer ones where those have lost detail."""
    canvas = ndimage.gaussian_filter(picture, (6, 6, 0))
    for width, length, count in ((11, 46, 5000), (5, 22, 16000), (2.4, 10, 42000), (1.3, 6, 42000)):
        centres = rng.uniform((0, 0), picture.shape[1::-1], (count, 2))
        column, row = centres.astype(np.intp).T
        blurred = ndimage.gaussian_filter(picture, (width / 5, width / 5, 0))
        lost = ndimage.gaussian_filter(np.abs(blurred - canvas).max(-1), width / 3)[row, column]
        chosen = lost > rng.uniform(0, 0.045, count)
        centres, column, row, number = centres[chosen], column[chosen], row[chosen], np.count_nonzero(chosen)
        paths = follow(edge_angle(picture, width * 0.6), centres, length * rng.uniform(0.5, 1.3, number), 7)
        tints = blurred[row, column] * rng.normal(1, 0.045, (number, 1)) + rng.normal(0, 0.012, (number, 3))
        canvas = draw_strokes(canvas, paths, width * rng.uniform(0.6, 1.2, number), tints, 0.88, tip=0.45)
    return canvas


def sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The field's values at the pixels nearest to the points (n, 2), given as x, y."""
    column, row = np.clip(points, 0, np.array(field.shape[1::-1]) - 1).astype(np.intp).T
    return field[row, column]
