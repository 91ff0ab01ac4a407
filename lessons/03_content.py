# %% [markdown]
"""# What is content?

Two pictures have the same content, says the paper, when a layer of the network answers the same to both. How much of a picture
does each layer hold?

You will see the dancer grow from noise five times at once, each time from one layer alone: the content reconstructions of
the paper's Figure 1, as an animation.

Runs for forty seconds. Gatys, Ecker & Bethge (2015), equation 1.
"""

# %% [markdown]
# ## The loss
#
# F are the features of the picture that we change, P those of the dancer, both of one layer: a number for each position and
# channel. Then
#
#     L_content = ½ Σ (F − P)²
#
# Here it is by hand, in NumPy, for noise against the dancer. The package should give the same number.

# %%
import numpy as np

from nst_viz import TransferConfig, load_pictures, prepare
from nst_viz.course import Lesson

SIZE, STEPS = 256, 80

lesson = Lesson(3)
base = TransferConfig(
    network="wavelet", mode="content", content="sample:dancing", content_layers="block3_conv1", size=SIZE, steps=STEPS
)
transfer = prepare(base, load_pictures(base))
dancer = load_pictures(base)["content"].pixels


def features(picture, layer="block3_conv1"):
    return np.asarray(transfer.network.model((layer,))(picture[None]))[0]


F, P = features(transfer.canvas), features(dancer)
by_hand = 0.5 * np.sum((F.astype(np.float64) - P) ** 2)
by_package = next(iter(transfer.iterates())).losses["content.block3_conv1"].raw
print(f"F and P have the shape {F.shape}: loss by hand {by_hand:.6g}, by the package {by_package:.6g}")
assert np.isclose(by_hand, by_package, rtol=1e-4)

# %% [markdown]
# ## Five layers, five dancers
#
# Now start from the same noise five times and change pixels until one layer, and only that one, answers as it does to the
# dancer. (A little smoothing, `tv`, keeps pixels from speckling, and makes smooth what a layer leaves open; lesson 9.)
# **Predict:** in which of the five will you still see her eye? Her pose? Nothing?

# %%
from nst_viz.recording.grid import Knob, record_grid
from nst_viz.render.grid import write_grid_movie, write_grid_sheet

LAYERS = [f"block{k}_conv1" for k in range(1, 6)]
knob = Knob("content_layers", {f"block {layer[5]}": layer for layer in LAYERS})
grid = record_grid(base, knob, folder=lesson.runs, advance=lesson.bar("five layers"))
write_grid_movie(grid, lesson.path("layers.gif"), "One picture from one layer each", frames=20, limit=1_500_000)
lesson.show(
    "layers.gif",
    "The same noise, the same steps; only the layer differs. Deep layers find the masses first, and stay with them.",
)

# %%
results = [run.frame(run.frame_steps()[-1]) for run in grid.all_runs()]
write_grid_sheet(grid, lesson.path("layers.jpg"), "One picture from one layer each")
lesson.show("layers.jpg", "The results, larger.")

# %% [markdown]
# Look closer, at her head. Block 1 has her eye, block 3 a profile without one, block 5 no more than light and dark.

# %%
from nst_viz.render.figure import draw_plate, write_picture

side, top, left = SIZE // 4, round(0.05 * SIZE), round(0.45 * SIZE)
head = np.s_[top : top + side, left : left + side]
heads = {"the dancer": dancer[head]} | {label: result[head] for label, result in zip(knob.values, results, strict=True)}
write_picture(draw_plate(heads, columns=6, size=200), lesson.path("heads.jpg"))
lesson.show("heads.jpg", "Her head in the five results.")

# %% [markdown]
# ## Did the optimiser fail at the deep layers?
#
# It might be that block 5 is just harder, and more steps would bring her eye back. So look at each run's own loss, as a share
# of what it was at the start. **Predict:** which run is farthest from its goal?

# %%
from nst_viz.render.figure import draw_curves, label_axes, new_figure, write_figure

own = []
for layer, run in zip(LAYERS, grid.all_runs(), strict=True):
    history = run.losses()
    raw = history.raw[:, history.terms.index(f"content.{layer}")]
    own.append(np.pad(raw / raw[0], (0, STEPS + 1 - len(raw)), mode="edge"))
figure, (ax,) = new_figure(8, 4.2)
ax.set_yscale("log")
curves = dict(zip(knob.values, own, strict=True))
colours = [transfer.network.layer(layer).colour for layer in LAYERS]
draw_curves(ax, range(STEPS + 1), curves, dict(zip(curves, colours, strict=True)))
label_axes(ax, "Each run's own content loss", "step", "share of its loss at the start")
write_figure(figure, lesson.path("losses.png"))
print("left of the loss:", {label: f"{curve[-1]:.1e}" for label, curve in curves.items()})
assert all(curve[-1] < 0.01 for curve in own)
lesson.show(
    "losses.png",
    "Every run reaches its goal: about a thousandth of its loss is left, or less. More steps would not bring block 5 an eye.",
)

# %% [markdown]
# They all got there. So measure what is lost: how similar is each result to the dancer, pixel by pixel? SSIM compares small
# windows, 1 means equal (Wang et al. 2004).

# %%
from skimage.metrics import structural_similarity

similar = [structural_similarity(dancer, result / np.float32(255), channel_axis=-1, data_range=1.0) for result in results]
figure, (ax,) = new_figure(7, 3.6)
ax.bar(list(knob.values), similar, color=colours, width=0.6)
for place, value in enumerate(similar):
    ax.text(place, value + 0.02, f"{value:.2f}", ha="center", fontsize=11)
ax.set_ylim(0, 1.08)
label_axes(ax, "What each layer holds of the picture", "", "SSIM to the dancer")
write_figure(figure, lesson.path("detail.png"))
print("SSIM:", {label: round(float(value), 3) for label, value in zip(knob.values, similar, strict=True)})
assert (np.diff(similar) < 0).all()
lesson.show("detail.png", "Similarity to the dancer falls from block to block, although each layer's own loss is near zero.")

# %% [markdown]
# ## What we saw
#
# A layer answers the same to many pictures, and the deeper it is, the more freely they differ. Shallow layers hold pixels; deep
# ones hold what is where, and leave open how it is painted. That freedom is where a style can come in.
#
# ## Try
#
# - `tv=0.0` in `base`: without smoothing. What stays of the noise where a deep layer does not look? (Much of it: from block 2
#   on she stands in a sandstorm, SSIM 0.32 in place of 0.91, and each layer's own loss is lower than before.)
# - `content="sample:portrait"`: at which block do you no longer recognise her? (Beads become a ribbon at block 4, SSIM 0.71;
#   at block 5 there is a woman in blue, and it could be anybody.)
#
# Next, lesson 4: what is style?

# %%
from nst_viz.render.player import write_player

write_player(grid.runs[0][3], lesson.path("player.html"), max_frames=16)
lesson.show("player.html", "The run of block 4 to scrub through: masses first.")
lesson.end(globals(), cover=results[3])
