# %% [markdown]
"""# Both at once.

What is where, as in one picture; painted, as in another. How does one loss ask for both, and who decides how much of each?

You will see a style transfer grow from noise, and then sixteen of them at once: which layers speak for the style, against how
much the content counts. It is Figure 3 of the paper, in motion.

Runs for a minute or two. Gatys, Ecker & Bethge (2015), equation 7.
"""

# %% [markdown]
# ## One loss of two
#
#     L = α L_content + β L_style  (+ a trace of smoothing)
#
# But for that trace (lesson 9) only the ratio α/β matters. The package keeps every layer's term under its name: its raw loss,
# its weight (which holds α or β and w_l), and their product, the contribution. Added up by hand they are the loss.

# %%
import numpy as np

from nst_viz import TransferConfig, load_pictures, prepare
from nst_viz.course import Lesson

SIZE, STEPS = 256, 120
GRID_SIZE, GRID_STEPS = 160, 60

lesson = Lesson(6)
config = TransferConfig(network="wavelet", content="sample:dancing", style="sample:swirls", size=SIZE, steps=STEPS)
transfer = prepare(config, load_pictures(config))
evaluation = transfer.objective.evaluate(transfer.canvas)
terms = transfer.objective.loss_terms(evaluation.raw).terms
for term in terms:
    print(f"{term.name:22s} raw {term.raw:10.4g}  x weight {term.weight:10.4g}  = contribution {term.raw * term.weight:.4f}")
by_hand = sum(term.raw * term.weight for term in terms)
print(f"added up {by_hand:.6f}, the loss that is minimised {evaluation.loss:.6f}")
assert np.isclose(by_hand, evaluation.loss, rtol=1e-6)

# %% [markdown]
# **Predict:** the run starts from noise. What will you see first, the dancer or the painter?

# %%
from nst_viz.recording.grid import record_all
from nst_viz.render.player import write_player
from nst_viz.render.sheet import write_triptych

run = record_all({"transfer": config}, lesson.runs, advance=lesson.bar("transfer"))[0]
write_triptych(run, lesson.path("transfer.jpg"))
write_player(run, lesson.path("player.html"), max_frames=12)
lesson.show("player.html", "The transfer, with what each layer adds to the loss at each step.")

# %%
history = run.losses()
content = history.contribution[:, [i for i, name in enumerate(history.terms) if name.startswith("content")]].sum(axis=1)
style = history.contribution[:, [i for i, name in enumerate(history.terms) if name.startswith("style")]].sum(axis=1)
half = [int(np.argmax(curve < 0.5 * curve[0])) for curve in (content, style)]
print(f"half of its loss is gone at step {half[0]} (content) and {half[1]} (style): neither waits for the other")
print(f"left at the end: content {content[-1] / content[0]:.1%}, style {style[-1] / style[0]:.2%}")
assert max(half) < STEPS / 3
assert content[-1] < 0.5 * content[0]
assert style[-1] < 0.05 * style[0]
lesson.show("transfer.jpg", "What went in, and what came out.")

# %% [markdown]
# ## Sixteen transfers
#
# Now turn two knobs. Down: which layers speak for the style, from block 1 alone to blocks 1 to 4. Across: α/β, how much the
# content counts against the style. **Predict:** which corner looks most like the photograph, which like nothing but paint?

# %%
from nst_viz.recording.grid import Knob, record_grid
from nst_viz.render.grid import write_grid_movie, write_grid_sheet

BLOCKS = ["block1_conv1", "block2_conv1,block2_conv2", "block3_conv1,block3_conv2", "block4_conv1,block4_conv2"]
rows = Knob("style_layers", {"block 1" if k == 1 else f"blocks 1–{k}": ",".join(BLOCKS[:k]) for k in range(1, 5)})
columns = Knob("alpha", {f"α/β = {alpha:g}": alpha for alpha in (0.02, 0.2, 2.0, 20.0)})
base = config.replace(size=GRID_SIZE, steps=GRID_STEPS, beta=1.0)
grid = record_grid(base, columns, rows, folder=lesson.runs, advance=lesson.bar("sixteen transfers"))
write_grid_movie(grid, lesson.path("grid.gif"), "Style layers × α/β", width=620, frames=15, limit=2_200_000)
lesson.show(
    "grid.gif",
    "All sixteen at the same step. Downwards, at the left, grain grows into strokes and stars; to the right the dancer "
    "comes through.",
)

# %%
write_grid_sheet(grid, lesson.path("grid.jpg"), "Style layers × α/β", width=1000)
lesson.show(
    "grid.jpg",
    "Top: colour and grain. Bottom left: strokes and stars, nearly all paint. Right: the dancer whole, at the top in a thin "
    "coat of it.",
)

# %% [markdown]
# ## What the eye sees, in numbers
#
# Along a row the style layers stay, and only α/β changes. **Predict:** from right to left, as β/α grows, what becomes of the
# content loss, and of the style loss?


# %%
def left(run, kind):
    history = run.losses()
    loss = history.contribution[:, [name.startswith(kind) for name in history.terms]].sum(axis=1)
    return loss[-1] / loss[0]


contents, styles = (np.array([[left(run, kind) for run in row] for row in grid.runs]) for kind in ("content", "style"))
for label, c, s in zip(rows.values, contents, styles, strict=True):
    print(f"{label:11s} content {c.round(3)}   style {s.round(4)}")
assert (np.diff(contents, axis=1) < 0).all()
assert (np.diff(styles, axis=1) > 0).all()
assert (contents[-1] > contents[0]).all()
assert (styles[-1] > styles[0]).all()

# %%
from nst_viz.render.figure import draw_curves, label_axes, new_figure, write_figure

figure, axes = new_figure(12, 4, columns=2)
colours = {label: transfer.network.layer(f"block{k}_conv1").colour for k, label in enumerate(rows.values, 1)}
alphas = list(columns.values.values())
for ax, values, kind in zip(axes, (contents, styles), ("content", "style"), strict=True):
    ax.set_xscale("log")
    ax.set_yscale("log")
    draw_curves(ax, alphas, dict(zip(rows.values, values, strict=True)), colours)
    ax.set_xticks(alphas, [f"{alpha:g}" for alpha in alphas], minor=False)
    ax.minorticks_off()
    label_axes(ax, f"{kind.capitalize()} loss that is left", "α/β", "as a share of that of the noise")
write_figure(figure, lesson.path("tradeoff.png"))
lesson.show(
    "tradeoff.png",
    "More α: the content loss falls, the style loss rises, in every row. Four blocks are harder to please than one.",
)

# %% [markdown]
# ## What we saw
#
# One sum of two losses makes a picture that owes its places to one and its hand to another. α/β trades one for the other,
# without end; the choice of style layers sets how large the hand's forms are. No pair of values is the right one.
#
# ## Try
#
# - `style="sample:picasso"` in the first cell. (Facets with dark ridges in place of strokes. Now the painter comes first:
#   half of the style loss is gone at step 3, of the content loss at step 11.)
# - `content="sample:portrait"`: a face. Up to which α/β do you know her? (With blocks 1–4 from 0.2 on; at 0.02 her face
#   is lost. Then the lesson stops: at α/β = 20 one row is not yet at rest after 60 steps, which its assertion notices.)
#
# Next, lesson 7: which layer does what, and when?

# %%
lesson.end(globals(), cover=run.frame(run.frame_steps()[-1]))
