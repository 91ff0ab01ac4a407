"""From a picture file's bytes to those of them that decide how its first picture looks, and which way up it is.

JPEG, PNG and TIFF files carry much beside their pixels: what a camera noted, comments, previews, further pictures. Such
parts are often odd or broken, and Pillow stumbles over them, where a browser shows the picture. So they are taken out first.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""how files begin; the last two are TIFF files of more than 4 GB"""
ORIENTATION, SHORT = 274, 3
LARGEST_PROFILE = 16_000_000
"""bytes of an unpacked colour profile; the largest that printers use have 3 MB"""
TIFF_PIXELS = frozenset(
    {*range(254, 260), 262, 266, 273, *range(277, 280), 284, 292, 293, 317, 320, *range(322, 326), 332, 338, 339, 347}
    | {*range(512, 522), *range(529, 533), 34675}
)
"""tags that decide how a TIFF file's pixels are stored and what they mean"""
SHOWN_CHUNKS = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


@dataclass(frozen=True)
class Essence:
    """A file that holds one picture, as it is stored, and what a viewer does with it."""

    data: bytes
    orientation: int | None = None
    """EXIF's number, 1 to 8, of how to turn the picture; None where the format has its own place for it"""
    profile: bytes | None = None
    """the colour profile, where it is not in `data`"""
    box: tuple[int, int, int, int] | None = None
    """left, top, width and height of the canvas on which the picture lies, where it does not fill it; the rest is clear"""


def essence(data: bytes) -> Essence:
    """What is needed of a file; of a file of another format, or a broken one, all of it."""
    if data.startswith(JPEG):
        return jpeg_essence(data)
    if data.startswith(PNG):
        return png_essence(data)
    if data.startswith(TIFF):
        return tiff_essence(data)
    if data[4:8] == b"ftyp":  # AVIF: it says by itself how it is to be turned, and viewers leave what a camera noted aside
        head, begins, rest = data.partition(b"mdat")
        return Essence(head.replace(b"Exif\0", b"none\0") + begins + rest)
    return Essence(data)


def directory(data: bytes) -> tuple[str, list[bytes]]:
    """Byte order and entries of the first directory of a TIFF file or an EXIF block, as far as the data go.

    An entry has 12 bytes (20 in a file of more than 4 GB): tag, type, count, value or where the value is.
    """
    order = {b"II": "<", b"MM": ">"}.get(data[:2], "")
    large = data[2:4] in (b"+\0", b"\0+")
    if not order or not (large or data[2:4] in (b"*\0", b"\0*")):
        return "", []
    try:
        (start,) = struct.unpack_from(order + ("Q" if large else "I"), data, 8 if large else 4)
        (count,) = struct.unpack_from(order + ("Q" if large else "H"), data, start)
    except (struct.error, OverflowError):
        return order, []
    start, length = start + (8 if large else 2), 20 if large else 12
    count = min(count, (len(data) - start) // length)
    return order, [data[start + length * index : start + length * (index + 1)] for index in range(count)]


def number(entries: list[bytes], order: str, tag: int, default: int) -> int:
    """The value of a tag that holds one 16-bit number."""
    for entry in entries:
        if struct.unpack_from(order + "HH", entry) == (tag, SHORT):
            count, value = struct.unpack_from(order + ("QH" if len(entry) == 20 else "IH"), entry, 4)
            return int(value) if count == 1 else default
    return default


def orientation(exif: bytes) -> int:
    """EXIF's number of how a picture is to be turned. 1, as it is, where the block is broken or does not say."""
    order, entries = directory(exif.removeprefix(b"Exif\0\0"))
    return number(entries, order, ORIENTATION, 1)


def jpeg_essence(data: bytes) -> Essence:
    """Without what a camera noted (but for which way up), comments, previews and the other pictures of a phone's portrait."""
    kept, at, turn = [data[:2]], 2, 0
    while data[at : at + 1] == b"\xff" and at + 4 <= len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker == 0xDA or 0xD0 <= marker <= 0xD9 or marker == 0x01:
            break
        segment = data[at : at + 2 + length]
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            turn = turn or orientation(segment[4:])
        if not (0xE1 <= marker <= 0xED or marker == 0xFE) or segment[4:16] == b"ICC_PROFILE\0":
            kept.append(segment)
        at += 2 + length
    return Essence(b"".join([*kept, data[at:]]), turn or 1)


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Each whole chunk of a PNG file: its kind, what it holds, and all of it with length and checksum; what is left at last."""
    at = len(PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if at + 12 + length > len(data):
            break
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length], data[at : at + 12 + length]
        at += 12 + length
    yield b"", b"", data[at:]


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")


def png_essence(data: bytes) -> Essence:
    """Without texts and times; transparency in the values that Pillow gives the pixels, the profile unpacked.

    An animation may begin with another picture than the one that viewers without animations show: then with that.
    """
    still: list[bytes] = []
    frame: list[bytes] = []
    places: list[bytes] = []
    turn, profile, header, order = 1, None, b"", []
    for kind, body, whole in chunks(data):
        order.append(kind)
        if kind == b"IHDR":
            header = body
        elif kind == b"eXIf":
            turn = orientation(body)
        elif kind == b"iCCP":
            profile = unpacked(body.partition(b"\0")[2][1:])
        elif kind == b"fcTL":
            places.append(body)
        elif kind == b"fdAT" and len(places) == 1:
            frame.append(chunk(b"IDAT", body[4:]))
        if kind == b"tRNS" and len(header) == 13:
            whole = chunk(kind, transparency(body, header[8], header[9]))
        if kind in SHOWN_CHUNKS or kind == b"tRNS" or not kind:
            still.append(whole)
    if not frame or order.index(b"fcTL") < order.index(b"IDAT") or len(places[0]) < 26 or len(header) != 13:
        return Essence(PNG + b"".join(still), turn, profile)
    width, height, left, top = struct.unpack_from(">4I", places[0], 4)
    first = chunk(b"IHDR", struct.pack(">2I", width, height) + header[8:])
    before = still[1 : [part[4:8] for part in still].index(b"IDAT")]  # palette and transparency
    box = (left, top, *struct.unpack_from(">2I", header))
    return Essence(PNG + first + b"".join([*before, *frame, chunk(b"IEND", b"")]), turn, profile, box)


def unpacked(packed: bytes) -> bytes | None:
    """A colour profile; None where it is broken or too large."""
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed, LARGEST_PROFILE)
    except zlib.error:
        return None
    return profile if unpacking.eof else None


def transparency(body: bytes, depth: int, colours: int) -> bytes:
    """The transparent grey or colour as 8 bits, into which Pillow brings the pixels; a grey of 16 bits stays as it is."""
    if colours not in (0, 2) or depth == 8 or (colours == 0 and depth == 16):
        return body
    values = struct.unpack(f">{len(body) // 2}H", body[: len(body) // 2 * 2])
    as_8_bits = [value >> 8 if depth == 16 else value * 255 // (2**depth - 1) & 255 for value in values]
    return struct.pack(f">{len(as_8_bits)}H", *as_8_bits)


def tiff_essence(data: bytes) -> Essence:
    """The same file with a new directory at its end: of the first picture, and only what its pixels need."""
    order, entries = directory(data)
    kept = [entry for entry in entries if struct.unpack_from(order + "H", entry)[0] in TIFF_PIXELS]
    if not kept:
        return Essence(data)
    turn = number(entries, order, ORIENTATION, 1)
    large = len(kept[0]) == 20
    start = len(data) + len(data) % 2
    counted, pointer = ("Q", "Q") if large else ("H", "I")
    head = data[:8] + struct.pack(order + "Q", start) if large else data[:4] + struct.pack(order + "I", start)
    new = struct.pack(order + counted, len(kept)) + b"".join(kept) + struct.pack(order + pointer, 0)
    return Essence(head + data[len(head) :] + b"\0" * (len(data) % 2) + new, turn)
