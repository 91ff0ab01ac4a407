"""From a run to its player's page: the run's data, the pictures, the style and the script, each in its place."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np

from nst_viz.core.look import Look
from nst_viz.recording.run import LossHistory, Run
from nst_viz.render import choose, theme
from nst_viz.render.caption import subtitle, title
from nst_viz.render.player.pictures import Picture, budget, data_url, encode_all, scaled, webp_base64
from nst_viz.render.target import check_suffix, replacing

Theme = Literal["auto", "light", "dark"]

CURVE_POINTS = 300
"""steps of the losses' curves at most, besides those whose picture is shown"""
INPUT_SIDE = 320
"""pixels of the longer side of the content and style pictures"""
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'"
"""what a browser lets the page do: no request at all, and no script but the player's own"""


def write_player(run: Run, path: str | Path, max_frames: int = 300) -> Path:
    """Write the run's player as one HTML file and return its path.

    Raises NstVizError where the run has no picture yet, or where the path is no .html file or cannot be written.
    """
    path = Path(path)
    check_suffix(path, (".html", ".htm"))
    page = player_html(run, max_frames)
    with replacing(path) as temporary:
        temporary.write_text(page, "utf-8", newline="\n")  # the script's hash counts its line ends
    return path


def player_html(run: Run, max_frames: int = 300, theme_name: Theme = "auto") -> str:
    """The run's player as one page, which asks for nothing outside itself.

    At most `max_frames` pictures, chosen by how much changed. `theme_name` "auto" follows the reader's system; the page's
    address can ask for `?theme=dark` too. Raises NstVizError where the run has no picture yet, or where fewer than
    two are asked for.
    """
    steps = choose.frames(run, max_frames)
    first = shown(run, steps[0])
    frames = encode_all(lambda step: shown(run, step), steps, budget(first.shape))
    height, width = first.shape[:2]
    script, style = template("plot.js") + template("player.js"), template("player.css")
    script_hash = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return fill(
        template("player.html"),
        {
            "THEME": theme_name,
            "POLICY": POLICY.format(hash=script_hash),
            "TITLE": html.escape(title(run)),
            "FACTS": html.escape(facts(run)),
            "ASPECT": f"{width / height:.4f}",
            "WIDTH": str(width),
            "HEIGHT": str(height),
            "CAPTION": legend(run.looks()),
            "POSTER": data_url(frames[0]),
            "STYLE": fill(style, {"PAPER": theme.PAPER, "INK": theme.INK, "FAINT": theme.FAINT}),
            "RUN": script_json(run_data(run, steps)),
            "FRAMES": script_json(frames),
            "SCRIPT": script,
        },
    )


def template(name: str) -> str:
    return files("nst_viz.render.player").joinpath(name).read_text("utf-8")


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with each `@NAME@` replaced by its value, in one pass, so that a value is never searched for names."""
    return re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], text)


def script_json(data: Any) -> str:
    """JSON that can lie in a script element: nothing in it can end the element or open a comment."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def shown(run: Run, step: int) -> Picture:
    """The picture at a step as the page shows it. Raises NstVizError where it is missing or damaged."""
    return scaled(run.frame(step))


def facts(run: Run) -> str:
    """What a reader should know of the run besides its name; also why it did not finish."""
    ended = {"finished": "", "running": "still running", "stopped": "stopped early", "failed": "failed"}[run.status]
    reason = str(run.manifest.get("reason") or "")
    return " · ".join(part for part in (subtitle(run), ended, reason) if part)


def legend(looks: Sequence[Look]) -> str:
    """How to read the bars: what is solid, what is hatched."""
    kinds = {look.kind for look in looks}
    marks = "solid: style, hatched: content" if {"content", "style"} <= kinds else ""
    return f"What the loss is made of at this step{' — ' if marks else ''}{marks}"


def run_data(run: Run, steps: list[int]) -> dict[str, Any]:
    """All that the script needs besides the pictures: steps, terms and losses in the order in which they are stacked."""
    losses = run.losses()
    looks = [look for look in run.looks() if look.name in losses.terms]
    order = [losses.terms.index(look.name) for look in looks]
    rows = curve_rows(losses, steps)
    values = np.nan_to_num(losses.contribution[np.ix_(rows, order)], posinf=0, neginf=0)
    return {
        "steps": steps,
        "terms": [term_data(look) for look in looks],
        "curve": {
            "steps": losses.steps[rows].tolist(),
            "values": [[float(f"{value:.4g}") for value in row] for row in values],
        },
        "rows": np.clip(np.searchsorted(losses.steps[rows], steps, "right") - 1, 0, None).tolist(),
        "inputs": [input_data(run, kind, picture) for kind, picture in run.inputs().items()],
    }


def curve_rows(losses: LossHistory, steps: list[int]) -> list[int]:
    """Which rows of the losses are drawn: those of the steps shown, and as many between as a curve needs."""
    count = len(losses.steps)
    if count == 0:
        return []
    spread = {round(float(row)) for row in np.linspace(0, count - 1, min(CURVE_POINTS, count))}
    wanted = set(steps)
    return sorted(spread | {row for row, step in enumerate(losses.steps.tolist()) if step in wanted})


def term_data(look: Look) -> dict[str, Any]:
    return {"label": look.label, "hatched": look.hatched, "colour": look.colour, "about": look.about}


def input_data(run: Run, kind: str, picture: Picture) -> dict[str, str]:
    name = str(run.manifest["inputs"][kind].get("name", ""))
    return {"kind": kind, "name": name, "image": data_url(webp_base64(scaled(picture, INPUT_SIDE), 85))}
