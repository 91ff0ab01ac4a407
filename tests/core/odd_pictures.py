"""Makes picture files as cameras, scanners and programs leave them: odd EXIF blocks, colour profiles, chunks, directories."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 64, 48


def ramp(width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Red grows to the right, green downwards, blue stays: so each way up is another picture."""
    x, y = np.meshgrid(np.linspace(20, 235, width), np.linspace(20, 235, height))
    return np.stack([x, y, np.full_like(x, 90)], axis=-1).round().astype(np.uint8)


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    return encoded(Image.fromarray(pixels), "JPEG", quality=95, subsampling=0, **options)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, depth: int, colours: int, rows: bytes, *before: bytes, after: bytes = b"") -> bytes:
    """A PNG file from its packed rows (each without its filter byte), with chunks before and after the pixels."""
    length = len(rows) // height
    data = b"".join(b"\0" + rows[row * length : (row + 1) * length] for row in range(height))
    header = png_chunk(b"IHDR", struct.pack(">2I5B", width, height, depth, colours, 0, 0, 0))
    body = png_chunk(b"IDAT", zlib.compress(data))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + body + after + png_chunk(b"IEND", b"")


Entry = tuple[int, int, int, bytes]
"""tag, type, count, value"""


def exif(*entries: Entry, cut: int | None = None, order: str = "<") -> bytes:
    """An EXIF block with one directory; what is longer than four bytes lies behind it."""
    start = 8 + 2 + 12 * len(entries) + 4
    directory, behind = struct.pack(order + "H", len(entries)), b""
    for tag, kind, count, value in entries:
        directory += struct.pack(order + "HHI", tag, kind, count)
        if len(value) > 4:
            directory += struct.pack(order + "I", start + len(behind))
            behind += value
        else:
            directory += value.ljust(4, b"\0")
    mark = b"II*\0" if order == "<" else b"MM\0*"
    block = mark + struct.pack(order + "I", 8) + directory + b"\0\0\0\0" + behind
    return b"Exif\0\0" + block[:cut]


def turned(number: int, order: str = "<") -> Entry:
    return 274, 3, 1, struct.pack(order + "H", number)


ODD_EXIF: dict[str, Callable[[], bytes]] = {
    "resolution of -0 over 0": lambda: exif(turned(6), (282, 10, 1, struct.pack("<2i", -1, 0))),
    "resolution without end": lambda: exif(turned(6), (282, 5, 1, struct.pack("<2I", 1, 0)), (296, 3, 1, b"\2\0")),
    "resolution as text": lambda: exif(turned(6), (282, 2, 9, b"300 dots\0")),
    "text as numbers": lambda: exif(turned(6), (271, 12, 2, struct.pack("<2d", 1.5, float("nan")))),
    "a type that is none": lambda: exif(turned(6), (305, 99, 7, b"\1\0\0\0")),
    "more values than there are bytes": lambda: exif(turned(6), (305, 2, 2**31, b"\xff\xff\xff\x7f")),
    "a directory within that is nowhere": lambda: exif(turned(6), (34665, 4, 1, struct.pack("<I", 2**31))),
    "a directory within that is itself": lambda: exif(turned(6), (34665, 4, 1, struct.pack("<I", 8))),
    "cut within its directory": lambda: exif(turned(6), (305, 2, 40, b"x" * 40), (306, 2, 20, b"y" * 20), cut=30),
    "cut before its values": lambda: exif(turned(6), (305, 2, 40, b"x" * 40), cut=50),
    "big-endian": lambda: exif(turned(6, ">"), order=">"),
}
NO_EXIF = {
    "empty": b"Exif\0\0",
    "rubbish": b"Exif\0\0" + bytes(range(256)),
    "its directory nowhere": b"Exif\0\0II*\0\xff\xff\xff\x7f",
    "a way that is none": exif(turned(9)),
    "a way as text": exif((274, 2, 2, b"6\0")),
}


def profile(space: bytes, tags: dict[bytes, bytes], kind: bytes = b"mntr", pcs: bytes = b"XYZ ") -> bytes:
    """An ICC profile, version 2."""
    head = 128 + 4 + 12 * len(tags)
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += name + struct.pack(">2I", head + len(body), len(value))
        body += value
    white = struct.pack(">3i", 63190, 65536, 54061)
    header = struct.pack(">I4sI4s4s4s", head + len(body), b"\0" * 4, 0x02200000, kind, space, pcs)
    header += b"\0" * 12 + b"acsp" + b"\0" * 28 + white
    return header.ljust(128, b"\0") + table + body


def xyz(x: float, y: float, z: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in (x, y, z)))


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


D50 = (0.9642, 1.0, 0.8249)
ADOBE = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
"""where Adobe RGB's three colours lie, seen under the profile's light D50"""
SRGB = ((0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141))


def rgb_profile(primaries: tuple[tuple[float, ...], ...] = ADOBE, exponent: float = 2.2) -> bytes:
    tags = {b"wtpt": xyz(*D50)}
    for name, primary in zip("rgb", primaries, strict=True):
        tags |= {f"{name}XYZ".encode(): xyz(*primary), f"{name}TRC".encode(): gamma(exponent)}
    return profile(b"RGB ", tags)


def grey_profile(exponent: float) -> bytes:
    return profile(b"GRAY", {b"wtpt": xyz(*D50), b"kTRC": gamma(exponent)})


def cmyk_profile(lightness: Callable[[tuple[int, ...]], float]) -> bytes:
    """Inks whose every full or missing combination (of 0 and 1) has a lightness of CIELAB and no colour."""
    corners = [(c, m, y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    table = b"mft1\0\0\0\0" + struct.pack(">4B", 4, 3, 2, 0)
    table += struct.pack(">9i", *(65536 if index % 4 == 0 else 0 for index in range(9)))
    table += bytes(range(256)) * 4
    table += b"".join(bytes([round(lightness(corner) * 2.55), 128, 128]) for corner in corners)
    table += bytes(range(256)) * 3
    return profile(b"CMYK", {b"wtpt": xyz(*D50), b"A2B0": table, b"A2B1": table}, kind=b"prtr", pcs=b"Lab ")


def srgb_of(linear: np.ndarray) -> np.ndarray:
    """sRGB levels of 255 of linear light (IEC 61966-2-1)."""
    light = np.clip(linear, 0, 1)
    return 255 * np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def adobe_in_srgb(pixels: np.ndarray) -> np.ndarray:
    """Adobe RGB's levels as sRGB's, by the formulas: out of the one's light, through D50, into the other's."""
    to_srgb = np.linalg.inv(np.array(SRGB).T) @ np.array(ADOBE).T
    return srgb_of((pixels / 255.0) ** 2.2 @ to_srgb.T)


def tiff(pixels: np.ndarray, kind: int, bits: int, *more: Entry, light: int = 1, order: str = "<") -> bytes:
    """A TIFF file of a picture, (height, width) or (height, width, channels), of a kind: 1 unsigned, 2 signed, 3 float."""
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    data = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()

    def short(tag: int, *values: int) -> Entry:
        return tag, 3, len(values), struct.pack(f"{order}{len(values)}H", *values)

    entries = [
        *(short(256, width), short(257, height), short(258, *[bits] * channels), short(259, 1), short(262, light)),
        (273, 4, 1, b"here"),
        *(short(277, channels), short(278, height), (279, 4, 1, struct.pack(order + "I", len(data)))),
        *(short(339, *[kind] * channels), *more),
    ]
    block = exif(*sorted(entries), order=order)[6:]
    return block.replace(b"here", struct.pack(order + "I", len(block)), 1) + data
