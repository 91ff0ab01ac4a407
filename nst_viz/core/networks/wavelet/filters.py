"""The embedded network: pixels in, responses of oriented wavelets at five scales out. Nothing in it is trained.

Textures are told apart by how often edges, lines and colours of each direction and size occur together. So this network
looks for just those:

1. Colours become one axis of light and two of colour (yellow-blue, green-magenta), as the eye's nerve sorts them.
2. A pyramid halves the picture four times by a smooth low-pass (Burt & Adelson 1983): scale k shows forms 2^(k-1) times as
   large, to the same small filters.
3. `block<k>_conv1` filters scale k with Gabor wavelets, small patches of stripes of each direction, and keeps the positive
   and the negative part of each answer apart (a ReLU at four phases: bright line, dark line, edge, opposite edge). The
   smooth colour itself is there too. Matching which of these occur, and how often, is texture synthesis by Heeger & Bergen
   (1995); matching which occur *together* is Portilla & Simoncelli (2000), and that rectified phases carry what phases
   have to say is Zhang & Mallat (2021). Ustyuzhaninov et al. (2017) saw that filters need not be trained for this.
4. `block<k>_conv2` looks at the envelopes of the scale before, the strength of each direction whatever its phase, and
   filters those with wavelets again: where do strokes of this direction begin, end, lie side by side? This is the second
   layer of the scattering network of Bruna & Mallat (2013). It makes strokes long and swirls coherent.

Every kernel has zero mean, so a flat picture excites nothing but the channels of smooth colour.
"""

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nst_viz.core.backend import keras, ops

Kernel = NDArray[np.float32]

SCALES = 5

COLOUR_AXES = np.array([[1 / 3, 1 / 3, 1 / 3], [0.5, 0.0, -0.5], [-0.25, 0.5, -0.25]])
"""rows: light, yellow-blue, green-magenta, each from RGB"""
COLOUR_GAIN = 1.5
"""colour is fainter than light in pictures, so it is turned up"""
BINOMIAL = np.array([1.0, 3.0, 3.0, 1.0]) / 8
"""the low-pass of the pyramid, one axis"""

SIDE = 7
"""pixels of a kernel's side"""
FREQUENCIES = ((2.2, 1.3), (1.5, 1.7))
"""(radians a pixel, deviation of the window in pixels) of the first layer's wavelets: two to an octave"""
ORIENTATIONS = 6
COLOUR_ORIENTATIONS = 6
COLOUR_FROM_SCALE = 2
"""fine detail is a matter of light; coloured stripes count from this scale on"""
SECOND_FREQUENCIES = ((1.6, 1.5),)
SECOND_ORIENTATIONS = 4
SLENDER = 0.7
"""how much longer a window is along its stripes than across: 1 is round, smaller is longer"""


def gabor_bank(frequencies: tuple[tuple[float, float], ...], orientations: int, slender: float = SLENDER) -> Kernel:
    """Oriented wavelets: for each frequency and orientation θ = π i / orientations a cosine and a sine under a window.

    ψ(u, v) = exp(−(u² + (slender·v)²) / 2σ²) · {cos ξu − mean, sin ξu}, u across the stripes and v along them, each of zero
    mean and unit norm. Shape (SIDE, SIDE, channels), the cosine of a pair before its sine.
    """
    half = SIDE // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(float)
    kernels = []
    for frequency, deviation in frequencies:
        for theta in np.pi * np.arange(orientations) / orientations:
            across, along = x * np.cos(theta) + y * np.sin(theta), y * np.cos(theta) - x * np.sin(theta)
            window = np.exp(-(across**2 + (slender * along) ** 2) / (2 * deviation**2))
            even, odd = window * np.cos(frequency * across), window * np.sin(frequency * across)
            even -= window * even.sum() / window.sum()
            kernels += [kernel / np.linalg.norm(kernel) for kernel in (even, odd)]
    return np.stack(kernels, axis=-1).astype(np.float32)


def each_plane(bank: Kernel, planes: int) -> Kernel:
    """The bank as one convolution that filters each of so many planes alone: (SIDE, SIDE, planes, planes × channels)."""
    kernel: Kernel = np.einsum("yxc,pq->yxpqc", bank, np.eye(planes, dtype=np.float32)).reshape(SIDE, SIDE, planes, -1)
    return kernel


class Reflected(keras.layers.Layer):  # type: ignore[misc]
    """Planes with their borders mirrored outwards by so many pixels: (1, h, w, planes) -> (1, h + …, w + …, planes).

    Where a side is too short to mirror at once (a coarse scale of a small picture) it is mirrored again and again. A side of
    one pixel has nothing to mirror: it is repeated.
    """

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.before, self.after = before, after

    def call(self, planes: Any) -> Any:
        left = dict.fromkeys((1, 2), (self.before, self.after))
        for axis in left:
            if planes.shape[axis] == 1:
                planes, left[axis] = ops.repeat(planes, 1 + self.before + self.after, axis=axis), (0, 0)
        while any(map(any, left.values())):
            now = {axis: tuple(min(n, (planes.shape[axis] or 2**20) - 1) for n in left[axis]) for axis in left}
            planes = ops.pad(planes, [[0, 0], now[1], now[2], [0, 0]], mode="reflect")
            left = {axis: (left[axis][0] - now[axis][0], left[axis][1] - now[axis][1]) for axis in left}
        return planes


def filtered(planes: Any, bank: Kernel) -> Any:
    """Each plane through each kernel of the bank, borders reflected: (1, h, w, planes) -> (1, h, w, planes × channels)."""
    padded = Reflected(SIDE // 2, SIDE // 2)(planes)
    return ops.conv(padded, each_plane(bank, planes.shape[-1]), padding="valid")


def halved(planes: Any) -> Any:
    """Each plane low-passed by the binomial and taken at every second pixel, borders reflected."""
    kernel = np.outer(BINOMIAL, BINOMIAL).astype(np.float32)[:, :, None, None].repeat(planes.shape[-1], axis=2)
    # One pixel before and two after serve even and odd sides alike: ceil(side / 2) pixels come out.
    padded = Reflected(1, 2)(planes)
    return ops.depthwise_conv(padded, kernel, strides=2, padding="valid")


def both_signs(responses: Any) -> Any:
    """The positive and the negative part of each channel, side by side."""
    return ops.concatenate([ops.relu(responses), ops.relu(-responses)], axis=-1)


def envelopes(responses: Any, orientations: int) -> Any:
    """How strong each orientation is, whatever its phase: |cosine| + |sine|, frequencies added up. (1, h, w, orientations)"""
    frequencies = responses.shape[-1] // (2 * orientations)
    members = np.tile(np.eye(orientations, dtype=np.float32).repeat(2, axis=0), (frequencies, 1))
    return ops.matmul(ops.abs(responses), members)


def opponent(pixels: Any) -> Any:
    """One plane of light around 0 and two of colour, from RGB in [0, 1]: (1, h, w, 3)."""
    axes = COLOUR_AXES * [[1.0], [COLOUR_GAIN], [COLOUR_GAIN]]
    return ops.matmul(pixels - 0.5, axes.T.astype(np.float32))


def weights_hash() -> str:
    """SHA-256 of the kernels."""
    kernels = (gabor_bank(FREQUENCIES, ORIENTATIONS), gabor_bank(SECOND_FREQUENCIES, SECOND_ORIENTATIONS), COLOUR_AXES)
    return hashlib.sha256(b"".join(kernel.tobytes() for kernel in kernels)).hexdigest()


def build(layers: tuple[str, ...]) -> Any:
    """The Keras model for these layers, no deeper than they need."""
    light_bank = gabor_bank(FREQUENCIES, ORIENTATIONS)
    colour_bank = gabor_bank(FREQUENCIES, COLOUR_ORIENTATIONS)
    second_bank = gabor_bank(SECOND_FREQUENCIES, SECOND_ORIENTATIONS)
    pixels = keras.Input((None, None, 3), batch_size=1)
    planes, before = opponent(pixels), None
    features: dict[str, Any] = {}
    for scale in range(1, 1 + SCALES):
        if features.keys() >= set(layers):
            break
        if scale > 1:
            planes = halved(planes)
        responses = filtered(planes[..., :1], light_bank)
        light = both_signs(responses)
        first = [light, both_signs(planes)]
        if scale >= COLOUR_FROM_SCALE:
            first.append(both_signs(filtered(planes[..., 1:], colour_bank)))
        features[f"block{scale}_conv1"] = ops.concatenate(first, axis=-1)
        if before is not None:
            second = filtered(before, second_bank)
            features[f"block{scale}_conv2"] = ops.concatenate([both_signs(second), before, light], axis=-1)
        before = halved(envelopes(responses, ORIENTATIONS))
    return keras.Model(pixels, [features[layer] for layer in layers])
