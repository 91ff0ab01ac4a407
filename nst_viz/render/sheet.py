"""From a run to one picture for print or a page: a contact sheet of its steps, or what went in beside what came out."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.render import choose
from nst_viz.render.caption import loss_text, printable, subtitle, targets, title
from nst_viz.render.encoders import Picture
from nst_viz.render.target import check_suffix, replacing
from nst_viz.render.theme import INK, PAPER, QUIET, font_path

SUFFIXES = (".png", ".jpg", ".jpeg")
COLUMNS, CELLS = 4, 12
SMALLEST, LARGEST = 200, 320
"""pixels that the longer side of a step's picture has at least and at most"""
NARROWEST = 190
"""pixels that a step's caption needs"""
MARGIN, GAP = 36, 20
TITLE, TEXT, LINE = 30, 16, 26
"""pixels: a title's and a caption's letters, and a caption's line"""


@dataclass
class Page:
    """A sheet of paper on which pictures are put at their own pixels, and lines of text."""

    width: int
    height: int
    image: Image.Image = field(init=False)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (self.width, self.height), PAPER)

    def put(self, picture: Picture, left: int, top: int) -> None:
        self.image.paste(Image.fromarray(picture), (left, top))

    def write(self, text: str, left: int, top: int, width: int, size: int = TEXT, colour: str = INK) -> None:
        """A line of text, smaller where it would be wider than `width`, cut short where it still would."""
        text = printable(text)
        while font(size).getlength(text) > width and size > 11:
            size -= 1
        while font(size).getlength(text) > width and len(text) > 1:
            text = text[:-2] + "…"
        ImageDraw.Draw(self.image).text((left, top), text, fill=colour, font=font(size), anchor="la")


@lru_cache(maxsize=64)
def font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_path(), size)


def write_sheet(run: Run, path: str | Path, *, frames: int = CELLS) -> Path:
    """Write the pictures aimed at and about twelve steps with their losses, as `.png` or `.jpg`.

    Raises NstVizError for another suffix, a target that cannot be written, or a run without a picture yet.
    """
    path = Path(path)
    check_suffix(path, SUFFIXES)
    return save(draw_sheet(run, frames), path)


def draw_sheet(run: Run, frames: int = CELLS) -> Image.Image:
    """The contact sheet: at the left content and style, then the steps in rows of four."""
    steps = choose.frames(run, frames)
    losses = run.losses()
    total = dict(zip(losses.steps.tolist(), losses.total().tolist(), strict=True))
    width, height = cell_size(run.frame(steps[0]))
    pitch = max(width, NARROWEST) + GAP
    columns = min(COLUMNS, len(steps))
    rows = -(-len(steps) // columns)
    inputs, aims = run.inputs(), targets(run)
    top = MARGIN + TITLE + LINE + GAP + 6
    body = max(rows * (height + LINE + GAP), len(aims) * (max_height(inputs, aims, width) + LINE + GAP)) - GAP
    left = MARGIN + pitch + GAP
    page = Page(left + columns * pitch - GAP + MARGIN, top + body + MARGIN)
    page.write(title(run), MARGIN, MARGIN - 6, page.width - 2 * MARGIN, TITLE)
    page.write(subtitle(run), MARGIN, MARGIN + TITLE + 6, page.width - 2 * MARGIN, colour=QUIET)
    below = top
    for kind in aims:
        picture = scaled(inputs[kind], width, 10 * width)
        page.put(picture, MARGIN, below)
        page.write(f"{kind}: {run.manifest['inputs'][kind]['name']}", MARGIN, below + picture.shape[0] + 6, pitch - GAP)
        below += picture.shape[0] + LINE + GAP
    for index, step in enumerate(steps):
        x, y = left + index % columns * pitch, top + index // columns * (height + LINE + GAP)
        page.put(scaled(run.frame(step), width, height), x, y)
        page.write(f"step {step}", x, y + height + 6, pitch - GAP)
        if step in total:
            text = f"loss {loss_text(total[step])}"
            shift = pitch - GAP - round(font(TEXT).getlength(text))
            page.write(text, x + shift, y + height + 6, pitch - GAP, colour=QUIET)
    return page.image


def write_triptych(run: Run, path: str | Path) -> Path:
    """Write content, style and result side by side as `.png` or `.jpg`; in the other modes the picture aimed at and the result.

    Raises NstVizError for another suffix, a target that cannot be written, or a run without a picture yet.
    """
    path = Path(path)
    check_suffix(path, SUFFIXES)
    return save(draw_triptych(run), path)


def draw_triptych(run: Run) -> Image.Image:
    """Pictures of one height in a row, each with a small caption."""
    steps = run.frame_steps()
    if not steps:
        raise NstVizError(f"{run.folder} has no picture yet: wait for its first step")
    inputs, names = run.inputs(), run.manifest["inputs"]
    parts = [(inputs[kind], f"{kind}: {names[kind]['name']}") for kind in targets(run)]
    parts.append((run.frame(steps[-1]), f"step {steps[-1]} of {run.config.steps}"))
    height = max(SMALLEST, parts[-1][0].shape[0])
    pictures = [scaled(picture, 10 * height, height) for picture, _ in parts]
    page = Page(sum(picture.shape[1] + GAP for picture in pictures) - GAP + 2 * GAP, height + LINE + 2 * GAP)
    left = GAP
    for picture, (_, text) in zip(pictures, parts, strict=True):
        page.put(picture, left, GAP)
        page.write(text, left, GAP + height + 8, picture.shape[1])
        left += picture.shape[1] + GAP
    return page.image


def cell_size(picture: Picture) -> tuple[int, int]:
    """Width and height at which a step is shown: its own pixels, unless they are very few or very many."""
    height, width = picture.shape[:2]
    longer = min(max(max(height, width), SMALLEST), LARGEST) / max(height, width)
    return max(1, round(width * longer)), max(1, round(height * longer))


def max_height(inputs: dict[str, Picture], kinds: tuple[str, ...], width: int) -> int:
    return max(len(scaled(inputs[kind], width, 10 * width)) for kind in kinds)


def scaled(picture: Picture, width: int, height: int) -> Picture:
    """The picture as large as it can be in width × height pixels."""
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    if size == (picture.shape[1], picture.shape[0]):
        return picture
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS))


def save(image: Image.Image, path: Path) -> Path:
    with replacing(path) as temporary:
        if path.suffix.lower() == ".png":
            image.save(temporary, "PNG")
        else:
            image.save(temporary, "JPEG", quality=93, subsampling=0)
    return path
