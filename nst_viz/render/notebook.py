"""From a run to the HTML that a notebook shows of it: a small animation and one line."""

import base64
import html
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.render import choose
from nst_viz.render.animation import write_animation
from nst_viz.render.caption import loss_text, title
from nst_viz.render.encoders import Picture

FRAMES, SIDE, LIMIT = 40, 320, 1_000_000
"""pictures and pixels of the longer side at most; bytes, which base64 makes a third more"""


def run_html(run: Run) -> str:
    """A fragment of HTML; a run without a picture, or with a damaged one, is shown by its line and the reason."""
    try:
        line, picture = caption(run), animation(run)
    except NstVizError as error:
        line, picture = f"{run.name} · {error}", ""
    return f'<figure style="margin:0">{picture}<figcaption>{html.escape(line)}</figcaption></figure>'


def caption(run: Run) -> str:
    """`dancing in the style of picasso · step 100 of 100 · loss 0.395`, and the status where it is not finished."""
    losses = run.losses()
    parts = [title(run)]
    if len(losses.steps):
        parts += [f"step {losses.steps[-1]} of {run.config.steps}", f"loss {loss_text(losses.total()[-1])}"]
    return " · ".join(parts + [run.status] * (run.status != "finished"))


def animation(run: Run) -> str:
    """An `img` element that holds its animated WebP."""
    steps = run.frame_steps()
    with TemporaryDirectory() as folder:
        written = write_animation(
            lambda count: choose.frames(run, count, steps),
            lambda step: small(run.frame(step)),
            Path(folder) / "run.webp",
            frames=FRAMES,
            limit=LIMIT,
        )
        data = base64.b64encode(written.path.read_bytes()).decode()
    return f'<img alt="{html.escape(title(run))}" src="data:image/webp;base64,{data}">'


def small(picture: Picture) -> Picture:
    """The picture, its longer side SIDE pixels at most."""
    image = Image.fromarray(picture)
    image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    return np.asarray(image)
