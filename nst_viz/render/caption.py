"""From a run to the words about it: what is painted, with what, how far it came."""

import re
from functools import lru_cache
from pathlib import Path

from nst_viz.core.register import FILE
from nst_viz.recording.run import Run


def targets(run: Run) -> tuple[str, ...]:
    """Which pictures the run aims at: content, style, or both."""
    return run.config.kinds


def title(run: Run) -> str:
    """`dancing in the style of picasso`, `the content of chelsea`, `the style of swirls`."""
    names = {kind: shorten(readable(run.manifest["inputs"][kind]["name"]), 36) for kind in targets(run)}
    if len(names) == 2:
        return f"{names['content']} in the style of {names['style']}"
    return "".join(f"the {kind} of {name}" for kind, name in names.items())


def subtitle(run: Run) -> str:
    """The network, the optimiser and the picture's longer side: `wavelet network · L-BFGS · 256 px`."""
    config = run.config
    optimizer = {"lbfgs": "L-BFGS", "adam": "Adam", "sgd": "SGD"}[config.optimizer]
    sizes = " and ".join(map(str, run.coarse_sizes))
    coarse = f", {sizes} px before step {config.coarse_steps}" if sizes else ""
    return f"{network_name(config.network)} network · {optimizer} · {config.size} px{coarse}"


def network_name(name: str) -> str:
    """A network as a caption has it: of a file its own name, without the folder."""
    return shorten(Path(name).name, 30) if name.endswith(FILE) else name


def readable(text: str) -> str:
    """The text with `�` for each byte that is no letter, as in the name of a file from a system with other letters."""
    return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", text)


def shorten(text: str, most: int) -> str:
    """The text in `most` characters at most, cut in the middle, where a file's name differs least."""
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - (most - 1 - head) :]}"


def loss_text(loss: float) -> str:
    """Three digits: `0.0123`, `45.6`, `1,230`, `4.34e6`."""
    if 1000 <= abs(loss) < 100_000:
        return f"{float(f'{loss:.3g}'):,.0f}"
    mantissa, _, power = f"{loss:#.3g}".partition("e")
    return mantissa.rstrip(".") + (f"e{int(power)}" if power else "")


def printable(text: str) -> str:
    """The text with what the pictures' font cannot draw shown as `□`, on one line."""
    drawable = font_characters()
    return "".join(letter if ord(letter) in drawable else "□" for letter in " ".join(text.split()))


@lru_cache(maxsize=1)
def font_characters() -> frozenset[int]:
    from matplotlib.ft2font import FT2Font

    from nst_viz.render.theme import font_path

    return frozenset(FT2Font(font_path()).get_charmap())
