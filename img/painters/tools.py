"""What several painters need: smooth random fields, flow fields, mixing and shading of colour planes."""

import numpy as np
from scipy import ndimage


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
