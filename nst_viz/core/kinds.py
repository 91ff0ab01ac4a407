"""Which kinds of picture files are read, and what other files call themselves, so that a refusal can name them."""

import re
import struct

from PIL import features

from nst_viz.core.containers import TIFF, directory, number

READ = [
    "AVIF",
    "BMP",
    "DIB",
    "GIF",
    "ICNS",
    "ICO",
    "JPEG",
    "JPEG2000",
    "PCX",
    "PNG",
    "PPM",
    "QOI",
    "SGI",
    "TGA",
    "TIFF",
    "WEBP",
]
"""Pillow's names of the kinds that are read"""
COMMON = "JPEG, PNG, WebP, AVIF, GIF, TIFF, BMP or JPEG 2000"
"""those that people have, for messages"""

BEGINNINGS = {
    "PDF": rb"%PDF|.{1,1000}%PDF-1",
    "EPS or PostScript": rb"%!PS|\xc5\xd0\xd3\xc6",
    "a Photoshop file (PSD)": rb"8BPS",
    "a Gimp file (XCF)": rb"gimp xcf",
    "OpenEXR": rb"v/1\x01",
    "Radiance HDR": rb"#\?RADIANCE|#\?RGBE",
    "JPEG XL": rb"\xff\x0a|\0\0\0\x0cJXL ",
    "JPEG XR": rb"II\xbc",
    "HEIC": rb"....ftyp(hei[cxms]|hev[cxms]|mif[12]|msf1)",
    "a camera's RAW file": rb"....ftypcrx|FUJIFILMCCD-RAW|FOVb|II(RO|RS|U\0)|MMOR|II..\0\0HEAPCCDR|\0MRM",
    "a video": rb"....(ftyp|moov|mdat|wide)|\x1aE\xdf\xa3|RIFF....AVI |OggS|\0\0\x01[\xb3\xba]",
    "a Windows metafile (WMF or EMF)": rb"\xd7\xcd\xc6\x9a|\x01\0\0\0.{36} EMF",
    "DjVu": rb"AT&TFORM",
    "SVG": rb"\s*(<\?xml.*?)?(<!--.*?-->\s*)?(<!DOCTYPE svg.*?>\s*)?<svg[\s>]",
    "a web page (HTML)": rb"\s*(<!--.*?-->\s*)?<(!doctype html|html)",
    "a ZIP archive, or a document that is one": rb"PK\x03\x04",
    "a gzip archive, perhaps an SVGZ drawing": rb"\x1f\x8b",
}
"""kind -> how its files begin; what a more special line tells comes before a more general one"""
LOOKED_AT = 4000
"""bytes of a file's beginning"""

OURS = (
    rb"\xff\xd8\xff|\x89PNG|GIF8[79]a|RIFF....WEBP|....ftyp|BM|\0\0[\1\2]\0|\0\0\0\x0cjP  |\xff\x4f\xff\x51|P[1-7]\s|qoif|icns"
)
"""how files of the kinds that are read begin"""

SUBFILE, PHOTOMETRIC, SUBDIRECTORIES, DNG = 254, 262, 330, 50706
COLOUR_FILTER, LINEAR_RAW = 32803, 34892


def other_kind(data: bytes) -> str:
    """What a file is that is not read: "HEIC", "SVG"; empty for a kind that is read, or that nobody knows."""
    beginning = data[:LOOKED_AT].removeprefix(b"\xef\xbb\xbf")
    if beginning[4:8] == b"ftyp" and re.search(rb"avi[fs]", beginning[: int.from_bytes(beginning[:4], "big")]):
        return "" if features.check("avif") else "AVIF"
    if data.startswith(TIFF) and is_raw(data):
        return "a camera's RAW file"
    for kind, pattern in BEGINNINGS.items():
        if re.match(pattern, beginning, re.DOTALL | re.IGNORECASE):
            return kind
    return ""


def begins_well(data: bytes) -> bool:
    """Whether a file begins as one that is read does; where it cannot be read all the same, it is damaged."""
    return re.match(OURS, data, re.DOTALL) is not None


def is_raw(data: bytes) -> bool:
    """Whether a TIFF file holds what a camera's sensor saw (DNG, NEF, ARW, CR2); its first picture is then a small preview."""
    order, entries = directory(data)
    tags = {struct.unpack_from(order + "H", entry)[0] for entry in entries}
    preview = SUBDIRECTORIES in tags and any(
        struct.unpack_from(order + "H", entry)[0] == SUBFILE and entry[8] | entry[11] == 1 for entry in entries
    )
    sensor = number(entries, order, PHOTOMETRIC, 0) in (COLOUR_FILTER, LINEAR_RAW)
    return data[8:10] == b"CR" or DNG in tags or sensor or preview
