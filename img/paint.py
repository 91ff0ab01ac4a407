"""Paint the sample pictures: `python img/paint.py` repaints all of them, `python img/paint.py swirls` only the ones named.

Each painter is a module in `img/painters/` with one function `paint(seed)` that returns float32 RGB in [0, 1] of shape
(height, width, 3), the same pixels at each call. This script turns them into JPEG files of at most 250 kB.
"""

import argparse
import importlib
import io
import time
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
SEED = 1907
MAX_BYTES = 250_000
PICTURES = {
    "content": ("dancing", "harbour", "portrait", "lion"),
    "style": ("picasso", "swirls", "wave", "mosaic", "ink", "stained_glass"),
}


def jpeg_bytes(picture: np.ndarray, max_bytes: int = MAX_BYTES) -> bytes:
    """The picture as a JPEG of the best quality that fits into `max_bytes`."""
    image = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5))
    for quality in range(95, 30, -3):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True)
        if buffer.tell() <= max_bytes:
            return buffer.getvalue()
    raise ValueError(f"the picture does not fit into {max_bytes} bytes at any quality worth having")


def main() -> None:
    known = {name: folder for folder, names in PICTURES.items() for name in names}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(known)}; all when none is given")
    names = parser.parse_args().names or list(known)
    if unknown := [name for name in names if name not in known]:
        parser.error(f"no picture is called {', '.join(unknown)}; there are {', '.join(known)}")
    for name in names:
        start = time.perf_counter()
        picture = importlib.import_module(f"painters.{name}").paint(SEED)
        target = HERE / known[name] / f"{name}.jpg"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(jpeg_bytes(picture))
        print(
            f"{target.relative_to(HERE.parent)}  {picture.shape[1]} x {picture.shape[0]}  {time.perf_counter() - start:.1f} s"
        )


if __name__ == "__main__":
    main()
