"""From a run and a layer to what the page Inside shows: asked of the worker once, then drawn as maps and matrices."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import streamlit as st
from matplotlib import colormaps
from numpy.typing import NDArray

from nst_viz.app import state
from nst_viz.app.parts.embed import show_html
from nst_viz.app.parts.look import plain
from nst_viz.app.parts.pictures import source_name
from nst_viz.app.parts.side_by_side import totals
from nst_viz.app.parts.synced import Curve, Timeline, Track, synced_html
from nst_viz.app.work.follow import ask_inspection, submit
from nst_viz.app.work.inspection import GRAM_CHANNELS, Inspection, inspection_name, picture_of, read_inspection
from nst_viz.core.config import RecordingPolicy
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import to_bytes
from nst_viz.core.networks.layers import Layer
from nst_viz.recording.run import Run
from nst_viz.render.gradients import colour_scale
from nst_viz.render.player.pictures import scaled

Picture = NDArray[np.uint8]

STEP = "step"
"""among pictures: the run's last"""
SIDE = 256
"""pixels of a map's longer side"""
STRENGTH, DIFFERENCE = "magma", "RdBu_r"
PUSH = (
    "A push is how hard a term wants to change each pixel (the length of its gradient), on one scale for all. That is not the "
    "term's share of the loss: near the end terms push hard in opposite directions, and nothing moves."
)


def show_features(run: Run, layer: Layer, picture: str) -> None:
    """The strongest channels of a layer for a picture: one of the run's, or a sample or upload at the run's size."""
    steps = run.frame_steps()
    if not steps:
        raise NstVizError(f"{run.name} has no picture yet: wait for its first step, or record it again")
    request = {**about(run, layer), "kind": "features", "picture": picture, "step": steps[-1], "size": run.config.size}
    found = answer(request)
    if found is None:
        return
    st.caption(
        f"The layer has {int(found['count'])} channels, and each looks for something of its own, a direction say. Here are the "
        f"{len(found['channels'])} that find most: bright where they do. The number is the mean answer. A click enlarges one."
    )
    shown = to_bytes(picture_of(request))
    tracks = feature_tracks(found, shown, layer)
    show_html(synced_html(tracks, Timeline([0]), "Feature maps", state.theme_name()), "Feature maps", 640, "maps")


def show_gram(run: Run, layer: Layer) -> None:
    """The Gram matrix over the run's steps, its target, and where each term pushes."""
    found = answer({**about(run, layer), "kind": "gram", "steps": len(run.frame_steps()), "channels": GRAM_CHANNELS})
    if found is None:
        return
    shown, count = len(found["target"]), int(found["count"])
    which = f"the {shown} channels that are strongest in the style, of {count}" if shown < count else f"all {count} channels"
    st.caption(
        "The style of a picture, as this layer sees it: each row and column is a channel, bright where two are often strong "
        f"together, wherever in the picture that is. Shown are {which}. {PUSH if run.gradient_steps() else ''} "
        "A click makes one large."
    )
    tracks, timeline = gram_tracks(found, run, layer)
    page = synced_html(tracks, timeline, "Gram matrix", state.theme_name())
    show_html(page, "Gram matrix", 700 if len(tracks) > 4 else 560, "gram")


def picture_label(picture: str) -> str:
    return {STEP: "the run's last picture"}.get(picture) or (
        f"the run's {picture} picture" if picture in ("content", "style", "init") else source_name(picture)
    )


def offer_gradients(name: str, run: Run) -> None:
    st.info("Where each layer pushes was not recorded with this run.")
    if st.button("Record it again with gradient maps", icon=":material/gradient:"):
        policy = RecordingPolicy(gradients_every=max(1, run.config.steps // 15))
        state.set_batch(submit(state.library(), [("with maps", run.config)], policy))
        state.go("explore")


def about(run: Run, layer: Layer) -> dict[str, Any]:
    return {"network": run.config.network, "layer": layer.name, "folder": str(run.folder), "began": run.manifest["started"]}


def answer(request: Mapping[str, Any]) -> Inspection | None:
    """What the worker found; None while it looks, or where it failed, and the page says so."""
    found = read_inspection(state.places(), request)
    if found is None:
        name = inspection_name(request)
        asked = state.queue().find(name, ("inspect",))
        if asked is not None and asked[1] == "failed":
            st.error(plain(state.places().without_paths(state.queue().reason(asked[0]))))
            st.button(
                "Try again", icon=":material/refresh:", key=f"again-{name}", on_click=state.queue().forget, args=asked[:1]
            )
            return None
        ask_inspection(state.library(), name, request)
        wait_for(dict(request))
    return found


@st.fragment(run_every=0.4)
def wait_for(request: dict[str, Any]) -> None:
    st.info("The worker looks into the network …", icon=":material/hourglass_top:")
    found = state.queue().find(inspection_name(request), ("inspect",))
    if found is None or found[1] == "failed":
        st.rerun()


def feature_tracks(found: Inspection, picture: Picture, layer: Layer) -> list[Track]:
    """The picture, then the strongest channels' maps, all of one step."""
    tracks = [Track("the picture", [scaled(picture, SIDE)], [0])]
    for number, shown, strength in zip(found["channels"], found["maps"], found["strength"], strict=True):
        grey = np.repeat(enlarged(shown)[..., None], 3, axis=-1)
        about = f"{strength:.2g}"
        tracks.append(Track(f"channel {number}", [grey], [0], layer.colour, about=about, pixelated=True))
    return tracks


def gram_tracks(found: Inspection, run: Run, layer: Layer) -> tuple[list[Track], Timeline]:
    """The run's picture, its Gram matrix, the target and what is between them, then each term's push, on one timeline."""
    steps = [int(step) for step in found["steps"]]
    kept = set(run.frame_steps())
    pictures = [scaled(run.frame(step), SIDE) for step in steps if step in kept]
    high = float(np.quantile(found["target"], 0.999)) or 1.0
    apart = float(np.abs(found["grams"] - found["target"]).max()) or 1.0
    each, colour = range(len(steps)), layer.colour
    tracks = [
        Track("the picture", pictures, each),
        Track("its Gram matrix", [gram_picture(gram, high) for gram in found["grams"]], each, colour, pixelated=True),
        Track("the target", [gram_picture(found["target"], high)], [0] * len(steps), colour, pixelated=True),
        Track(
            "the difference",
            [difference_picture(gram - found["target"], apart) for gram in found["grams"]],
            each,
            colour,
            about="red: too often together, blue: too seldom",
            pixelated=True,
        ),
    ]
    distance = np.square(found["grams"] - found["target"]).sum(axis=(1, 2))
    curves = [Curve("loss", totals(run, steps)), Curve("squared distance of these Gram matrices", distance.tolist())]
    return [*tracks, *gradient_tracks(run, steps)], Timeline(steps, curves)


def gradient_tracks(run: Run, steps: Sequence[int]) -> list[Track]:
    """For each term where in the picture it pushes, on one scale for all; none where that was not recorded."""
    recorded = run.gradient_steps()
    if not recorded:
        return []
    shown = [recorded[max(int(np.searchsorted(recorded, step, "right")) - 1, 0)] for step in steps]
    different = sorted(set(shown))
    maps = {step: run.gradient_maps(step) for step in different}
    scale = colour_scale(maps)
    at = [different.index(step) for step in shown]
    tracks = []
    for look in (each for each in run.looks() if each.name in maps[different[0]]):
        pictures = [scaled(coloured(np.asarray(scale(maps[step][look.name])), STRENGTH), SIDE) for step in different]
        tracks.append(Track(f"push of {look.label}", pictures, at, look.colour, look.hatched))
    return tracks


def gram_picture(gram: NDArray[np.floating], high: float) -> Picture:
    """Bright where two channels are often strong together; the square root, so that the weak are seen too."""
    return enlarged(coloured(np.sqrt(np.clip(gram / high, 0, 1)), STRENGTH))


def difference_picture(difference: NDArray[np.floating], most: float) -> Picture:
    """Red where the picture has too much of a pair, blue where too little; by the square root, too."""
    return enlarged(coloured(0.5 + 0.5 * np.sign(difference) * np.sqrt(np.abs(difference) / most), DIFFERENCE))


def coloured(values: NDArray[np.floating], colours: str) -> Picture:
    """Values from 0 to 1 as colours, (height, width) -> (height, width, 3)."""
    return (np.asarray(colormaps[colours](values))[..., :3] * 255 + 0.5).astype(np.uint8)


def enlarged(picture: Picture) -> Picture:
    """The picture with its pixels as squares, about SIDE large, so that encoding does not blur them."""
    times = max(1, round(SIDE / max(picture.shape[:2])))
    return picture.repeat(times, axis=0).repeat(times, axis=1)
