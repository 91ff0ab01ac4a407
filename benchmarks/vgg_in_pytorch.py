"""The PyTorch way of a VGG19 step, for `benchmarks.vgg`: pictures and weights in, a gradient for each line that it is sent."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

STYLE = [0, 2, 4, 8, 12]
"""the first convolution of each block, in the order of the 14 that are used"""
LAST = 13
POOLED_AFTER = (1, 3, 7, 11)
MEAN = (103.939, 116.779, 123.68)
"""of ImageNet's blue, green and red"""


def as_batch(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(pixels.transpose(2, 0, 1)[None].copy()).contiguous(memory_format=torch.channels_last)


def features(image: torch.Tensor, convolutions: list[Any]) -> list[torch.Tensor]:
    """What comes out of each of the 14 convolutions, after the ReLU."""
    x = image.flip(1) * 255 - torch.tensor(MEAN).view(1, 3, 1, 1)
    found = []
    for number, (kernel, bias) in enumerate(convolutions):
        x = functional.relu(functional.conv2d(x, kernel, bias, padding=1))
        found.append(x)
        if number in POOLED_AFTER:
            x = functional.max_pool2d(x, 2)
    return found


def gram(layer: torch.Tensor) -> torch.Tensor:
    flat = layer[0].permute(1, 2, 0).reshape(-1, layer.shape[1])
    return flat.T @ flat / flat.shape[0]


def main(folder: Path, threads: int) -> None:
    torch.set_num_threads(threads)
    arrays = [array for _, array in sorted(np.load(folder / "weights.npz").items())]
    convolutions = [
        (
            torch.from_numpy(arrays[2 * i].transpose(3, 2, 0, 1).copy()).contiguous(memory_format=torch.channels_last),
            torch.from_numpy(arrays[2 * i + 1]),
        )
        for i in range(LAST + 1)
    ]
    given = {name: as_batch(pixels) for name, pixels in np.load(folder / "pictures.npz").items()}
    weights = np.load(folder / "terms.npy").tolist()
    with torch.no_grad():
        style = features(given["style"], convolutions)
        grams = [gram(style[number]) for number in STYLE]
        target = features(given["content"], convolutions)[LAST]
    image = given["image"].requires_grad_()
    for _ in sys.stdin:
        found = features(image, convolutions)
        loss = weights[-1] * 0.5 * ((found[LAST] - target) ** 2).sum()
        for number, wanted, weight in zip(STYLE, grams, weights[:-1], strict=True):
            loss = loss + weight * ((gram(found[number]) - wanted) ** 2).sum() / (4 * wanted.shape[0] ** 2)
        (gradient,) = torch.autograd.grad(loss, image)
        np.save(folder / "gradient.npy", gradient[0].permute(1, 2, 0).contiguous().numpy())
        print(flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
