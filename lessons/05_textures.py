# %% [markdown]
"""# Style from noise.

Start from noise and ask for nothing but the Gram matrices of a painting. What grows, and what does each deeper layer add to it?

You will see five textures grow side by side, from block 1 alone to all five blocks: the style reconstructions of the
paper's Figure 1.

Runs for forty seconds. Gatys, Ecker & Bethge (2015), equations 4 and 5; textures before it: Portilla & Simoncelli (2000).
"""

# %% [markdown]
# ## Only the style
#
#     L = Σ_l w_l · 1/(4 N_l²) Σ (G_l − A_l)²
#
# G are the Gram matrices of the picture that we change, A those of the painting, w_l the weights of the layers. Nothing says
# where anything should be. Here the package's loss of noise, and the same number by hand.

# %%
import numpy as np

from nst_viz import TransferConfig, load_pictures, prepare
from nst_viz.course import Lesson

SIZE, STEPS = 224, 100

lesson = Lesson(5)
LAYERS = [f"block{k}_conv1" for k in range(1, 6)]
base = TransferConfig(
    network="wavelet", mode="style", style="sample:swirls", style_layers=",".join(LAYERS), size=SIZE, steps=STEPS
)
transfer = prepare(base, load_pictures(base))
painting = load_pictures(base)["style"].pixels


def gram(picture, layer):
    F = np.asarray(transfer.network.model((layer,))(picture[None]))[0].astype(np.float64)
    flat = F.reshape(-1, F.shape[-1])
    return flat.T @ flat / len(flat)


def style_loss(picture, layer):
    G, A = gram(picture, layer), gram(painting, layer)
    return np.sum((G - A) ** 2) / (4 * len(G) ** 2)


first = next(iter(transfer.iterates())).losses
for layer in LAYERS:
    by_hand, term = style_loss(transfer.canvas, layer), first[f"style.{layer}"]
    print(f"{layer}: by hand {by_hand:.4g}, by the package {term.raw:.4g}, weight {term.weight:.3g}")
    assert np.isclose(by_hand, term.raw, rtol=1e-3)

# %% [markdown]
# The weights make each layer's term 1 for a picture that excites nothing (0.3 in block 4), so that no layer drowns the others.
# With them the sum, and a trace of smoothing (lesson 9), is what is minimised.
#
# ## Block by block
#
# Five runs from the same noise: block 1 alone, blocks 1 and 2, and so on to all five, with both layers of each block.
# **Predict:** what will block 1 alone have of the painting? From which block on are there stars?

# %%
from nst_viz.recording.grid import Knob, record_grid
from nst_viz.render.grid import write_grid_movie, write_grid_sheet

BLOCKS = ["block1_conv1", *(f"block{k}_conv1,block{k}_conv2" for k in range(2, 6))]
knob = Knob("style_layers", {"block 1" if k == 1 else f"blocks 1–{k}": ",".join(BLOCKS[:k]) for k in range(1, 6)})
grid = record_grid(base, knob, folder=lesson.runs, advance=lesson.bar("five textures"))
write_grid_movie(grid, lesson.path("textures.gif"), "Style from noise, block by block", frames=20, limit=1_900_000)
lesson.show(
    "textures.gif",
    "Block 1 has the colours and the finest grain. Block 2 brings strokes, and few large lights in "
    "place of many small ones. With further blocks they become rounder.",
)

# %%
from skimage.measure import label as areas_of


def lights(picture):
    """The areas in which yellow is ahead of blue, in pixels."""
    areas = np.bincount(areas_of(picture[..., 0] > picture[..., 2] + 0.2).ravel())[1:]
    return areas[areas > picture.size / 6000]  # smaller ones are specks


results = [run.frame(run.frame_steps()[-1]) / np.float32(255) for run in grid.all_runs()]
for name, areas in zip(knob.values, map(lights, results), strict=True):
    print(f"{name:12s} {len(areas):2d} lights of {areas.mean():.0f} pixels on average")
assert len(lights(results[0])) > len(lights(results[-1]))
assert lights(results[0]).mean() < lights(results[-1]).mean()
write_grid_sheet(grid, lesson.path("textures.jpg"), "Style from noise, block by block")
lesson.show(
    "textures.jpg",
    "The results, larger. No star is copied: nobody said where anything should be, and they rise where they like.",
)

# %% [markdown]
# ## What does each block add?
#
# Measure each result with the first layer of all five blocks, also those that it was not asked about: its loss as a share of
# that of the noise. **Predict:** does a picture that satisfies blocks 1 and 2 satisfy block 5 as well?

# %%
noise_losses = np.array([style_loss(transfer.canvas, layer) for layer in LAYERS])
table = np.array([[style_loss(result, layer) for layer in LAYERS] for result in results]) / noise_losses
print("rows: blocks asked for; columns: style loss of block 1 … 5, as a share of that of noise")
for label, row in zip(knob.values, table, strict=True):
    print(f"{label:12s}", "  ".join(f"{value:8.5f}" for value in row))
for k in range(1, 5):
    assert table[k, k] < 0.5 * table[k - 1, k], f"block {k + 1} falls to less than half when it joins in"
    assert (table[k, k + 1 :] < table[k - 1, k + 1 :]).all(), f"and so does each that is deeper than block {k + 1}, if less"

# %%
from nst_viz.render.figure import draw_curves, label_axes, new_figure, write_figure

figure, (ax,) = new_figure(8, 4.4)
ax.set_yscale("log")
curves = {f"loss of block {k}": table[:, k - 1] for k in range(1, 6)}
draw_curves(ax, range(5), curves, {f"loss of block {layer[5]}": transfer.network.layer(layer).colour for layer in LAYERS})
ax.set_xticks(range(5), list(knob.values))
label_axes(ax, "What each added block brings", "blocks that were asked for", "style loss, as a share of that of noise")
write_figure(figure, lesson.path("table.png"))
lesson.show(
    "table.png",
    "Block 2 brings the first great fall, for itself and for block 3; blocks 4 and 5 fall most when they are asked for "
    "themselves. Block 1 alone is worse than noise for blocks 2 and 3. With all five the others rise again: the same steps "
    "have more to please.",
)

# %% [markdown]
# ## The same through a network that has learned
#
# `wavelet` was designed. `distilled` has learned, from the paper's VGG19, what to look for. Its Gram matrices grow the same
# painting; its blocks 4 and 5 are block 3 once more, on the picture at a half and at a quarter of its size. **Predict:** at
# which block will its strokes come?

# %%
LEARNED = ["block1_conv1", "block2_conv1", *(f"block{k}_conv1,block{k}_conv3" for k in range(3, 6))]
learned_knob = Knob("style_layers", {label: ",".join(LEARNED[:k]) for k, label in enumerate(knob.values, 1)})
learned_base = base.replace(network="distilled")
learned = record_grid(learned_base, learned_knob, folder=lesson.runs, advance=lesson.bar("five learned textures"))
write_grid_movie(learned, lesson.path("learned.gif"), "Through a learned network", frames=14, limit=1_100_000)
lesson.show("learned.gif", "Through learned features. Block 1 has the colours and grain; with block 2 there are strokes.")

# %%
learned_results = [run.frame(run.frame_steps()[-1]) / np.float32(255) for run in learned.all_runs()]
network = prepare(learned_base.replace(style_layers=",".join(LEARNED)), load_pictures(base)).network


def learned_loss(picture, layer):
    G, A = (np.asarray(network.model((layer,))(each[None]))[0].astype(np.float64) for each in (picture, painting))
    G, A = (np.einsum("yxi,yxj->ij", F, F) / (F.shape[0] * F.shape[1]) for F in (G, A))
    return np.sum((G - A) ** 2) / (4 * len(G) ** 2)


learned_noise = np.array([learned_loss(transfer.canvas, layer) for layer in LAYERS])
learned_table = np.array([[learned_loss(result, layer) for layer in LAYERS] for result in learned_results]) / learned_noise
for label, row in zip(knob.values, learned_table, strict=True):
    print(f"{label:12s}", "  ".join(f"{value:8.5f}" for value in row))
for k in range(1, 5):
    assert learned_table[k, k] < 0.5 * learned_table[k - 1, k], f"block {k + 1} falls to less than half when it joins in"
write_grid_sheet(learned, lesson.path("learned.jpg"), "Through a learned network")
lesson.show(
    "learned.jpg", "The results, larger. The strokes are longer than the designed network's, and bend with one another."
)

# %% [markdown]
# ## What we saw
#
# Gram matrices of a few layers are enough to grow a painter's texture out of noise. Fine layers bring grain and colour, the
# next ones larger forms. Each brings those still deeper nearer, for large forms consist of finer ones; yet each falls to less
# than half once more when its own block asks.
#
# ## Try
#
# - `style="sample:stained_glass"`: at which block do the panes close? (Small ones at block 1 already. With all five,
#   panes of one colour gather, red here and blue there, but no flower opens.)
# - `style="sample:mosaic"`: will there be a peacock? (No: tiles at block 1, rows and arcs of tiles from block 2 on, but a
#   bird is no texture.)
#
# Next, lesson 6: content and style at once.

# %%
from nst_viz.render.player import write_player

write_player(grid.runs[0][-1], lesson.path("player.html"), max_frames=12)
lesson.show("player.html", "All five blocks, to scrub through: the bars say which block still asks for something.")
lesson.end(globals(), cover=results[-1])
