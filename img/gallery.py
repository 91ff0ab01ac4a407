"""Every content in every style, and some pairs through every network: `python img/gallery.py` fills `results/gallery/`.

That takes about ten minutes. The runs are recorded into `results/gallery/runs/` (not kept in the repository), so a gallery
that was interrupted goes on. VGG19 takes part in the sheet of the networks where `--weights FILE` names its weights.
"""

import argparse
import shutil
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from nst_viz import Run, TransferConfig, record_transfer, resume_transfer
from nst_viz.core.samples import OWN
from nst_viz.terminal import Terminal

FOLDER = Path(__file__).parents[1] / "results" / "gallery"
SIZE, STEPS = 256, 150
CELL, GAP, LABEL = 256, 10, 26
OTHER_SHEETS = """
## Style from noise: designed against random filters

![Six styles from noise with two networks](styles.jpg)

Above `wavelet`, below `random`, both `nst-viz style sample:NAME --network NETWORK --steps 200` at 256 px from the same noise.

## How wavelet's default of a transfer was chosen

![Four ways to weigh the content](alternatives.jpg)

120 steps at 256 px from noise, style layers and weights as now. The columns are the content's layers and α: block3_conv2
and block4_conv2 by halves with α = 0.6 (the default) and 0.25; the same with a fiftieth of block2_conv2, which sharpens
eyes and beads but takes the facets out of flat places; nine tenths on block4_conv2, which lets faces go.
"""


def recorded(content: str, style: str, progress: Terminal, network: str = "distilled", **more: Any) -> Run:
    """The run of one pair: recorded now, gone on with, or as it is."""
    folder = FOLDER / "runs" / f"{content}_{style}_{network}"
    pictures = {"content": f"sample:{content}", "style": f"sample:{style}"}
    config = TransferConfig(network=network, **pictures, size=SIZE, steps=STEPS, **more)
    progress.say(f"{content} in the style of {style}, through {network}")
    if not folder.exists():
        return record_transfer(config, folder, progress=progress)
    run = Run.open(folder)
    if run.config != config:
        shutil.rmtree(folder)
        return record_transfer(config, folder, progress=progress)
    return run if run.status == "finished" else resume_transfer(folder, progress=progress)


def last_picture(run: Run) -> Image.Image:
    return Image.fromarray(run.frame(run.frame_steps()[-1]))


def fitted(image: Image.Image) -> Image.Image:
    """The picture within a square cell of white paper."""
    image = image.copy()
    image.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    cell = Image.new("RGB", (CELL, CELL), "white")
    cell.paste(image, ((CELL - image.width) // 2, (CELL - image.height) // 2))
    return cell


def sheet(runs: dict[tuple[str, str], Run]) -> Image.Image:
    """Contents in rows, styles in columns, each beside or under its own picture."""
    contents, styles = OWN["content"], OWN["style"]
    width = (CELL + GAP) * (len(styles) + 1) + GAP
    page = Image.new("RGB", (width, (CELL + GAP + LABEL) * (len(contents) + 1)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(17)

    def put(image: Image.Image, row: int, column: int, label: str) -> None:
        x, y = GAP + column * (CELL + GAP), GAP + row * (CELL + GAP + LABEL)
        page.paste(fitted(image), (x, y))
        draw.text((x + CELL // 2, y + CELL + 4), label, fill="#1d2129", font=font, anchor="mt")

    for column, style in enumerate(styles, start=1):
        with Image.open(Path(__file__).parent / "style" / f"{style}.jpg") as picture:
            put(picture, 0, column, style.replace("_", " "))
    for row, content in enumerate(contents, start=1):
        with Image.open(Path(__file__).parent / "content" / f"{content}.jpg") as picture:
            put(picture, row, 0, content)
        for column, style in enumerate(styles, start=1):
            put(last_picture(runs[content, style]), row, column, "")
    return page


def page_text(runs: dict[tuple[str, str], Run]) -> str:
    example = next(iter(runs.values()))
    lines = [
        "# Gallery",
        "",
        "Every content in every style, with the default network and its default settings "
        f"({SIZE} px, {STEPS} steps of {example.config.optimizer}, seed {example.config.seed}). "
        "`python img/gallery.py` makes it again.",
        "",
        "![Every content in every style](gallery.jpg)",
        "",
        "| picture | command | last loss |",
        "|---|---|---|",
    ]
    for (content, style), run in runs.items():
        command = f"nst-viz transfer sample:{content} sample:{style} --size {SIZE} --steps {STEPS}"
        lines.append(f"| [{content} × {style}]({content}_{style}.jpg) | `{command}` | {run.losses().total()[-1]:.4f} |")
    return "\n".join(lines) + "\n" + OTHER_SHEETS


PAIRS = (("dancing", "picasso"), ("harbour", "swirls"), ("lion", "wave"), ("portrait", "stained_glass"))
UP_TO_BLOCK_3 = {"style_layers": "block1_conv1,block2_conv1,block3_conv1", "content_layers": "block3_conv3"}
NETWORKS_TEXT = """
## The same pair through every network

![Four pairs, a network a row](networks.jpg)

{rows}; the defaults of each, {size} px, {steps} steps. What a network looks for decides how it paints: a designed one
gives ridges of its own width, a random one blotches, a learned one strokes as a brush lays them.
"""


def network_sheet(progress: Terminal, weights: Path | None) -> list[str]:
    """Write `networks.jpg`, a row for each network, a column for each of PAIRS; the rows' names."""
    rows: dict[str, dict[str, Any]] = {name: {"network": name} for name in ("distilled", "wavelet", "random")}
    if weights is not None:
        rows["vgg19, layers up to block3_conv3"] = {"network": "vgg19", "weights": weights, **UP_TO_BLOCK_3}
    pages = {name: [last_picture(recorded(*pair, progress, **how)) for pair in PAIRS] for name, how in rows.items()}
    page = Image.new("RGB", (GAP + len(PAIRS) * (CELL + GAP), len(pages) * (CELL + GAP + LABEL)), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(17)
    for row, (name, pictures) in enumerate(pages.items()):
        y = row * (CELL + GAP + LABEL)
        draw.text((GAP, y + 4), name, fill="#1d2129", font=font)
        for column, picture in enumerate(pictures):
            page.paste(fitted(picture), (GAP + column * (CELL + GAP), y + LABEL))
    page.save(FOLDER / "networks.jpg", quality=88)
    return list(pages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, help="VGG19's weights, for the sheet of the networks")
    weights = parser.parse_args().weights
    progress = Terminal()
    pairs = [(content, style) for content in OWN["content"] for style in OWN["style"]]
    runs = {pair: recorded(*pair, progress) for pair in pairs}
    for (content, style), run in runs.items():
        last_picture(run).save(FOLDER / f"{content}_{style}.jpg", quality=88)
    sheet(runs).save(FOLDER / "gallery.jpg", quality=86)
    rows = network_sheet(progress, weights)
    text = NETWORKS_TEXT.format(rows="From above: " + ", ".join(rows), size=SIZE, steps=STEPS)
    (FOLDER / "README.md").write_text(page_text(runs) + text, encoding="utf-8")
    progress.say(f"gallery    {FOLDER / 'README.md'}")


if __name__ == "__main__":
    main()
