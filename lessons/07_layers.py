# %% [markdown]
"""# Which layer does what, when?

The loss is a sum of ten terms, and each pulls at every pixel. Who pulls where, who early and who late, and what is missed
when one falls silent?

You will see the gradient of each term as a map beside the growing picture, and transfers in which one voice after the other
falls silent, or one is too loud.

Runs for a minute or two. Gatys, Ecker & Bethge (2015), equations 5 to 7; w_l are the weights of the layers.
"""

# %% [markdown]
# ## The gradient is a sum
#
# The loss is a sum, so its gradient is the sum of the terms' own gradients: each term says for each pixel where it would like
# it to go, and the picture follows the sum. Check both sums on a picture a few steps from noise.

# %%
import numpy as np

from nst_viz import RecordingPolicy, TransferConfig, load_pictures, prepare
from nst_viz.course import Lesson

SIZE, STEPS, EVERY = 192, 100, 5
GRID_STEPS = 50

lesson = Lesson(7)
config = TransferConfig(
    network="wavelet", content="sample:dancing", style="sample:swirls", weighting="balanced", size=SIZE, steps=STEPS
)
transfer = prepare(config, load_pictures(config))
iterates = transfer.iterates(gradients_every=1)
third = [next(iterates) for _ in range(4)][-1]
of_terms = np.sum(list(third.gradients.values()), axis=0)
whole = third.state["gradient"]
print(f"loss {third.state['loss']:.6f}, contributions added up {sum(t.raw * t.weight for t in third.losses.terms):.6f}")
print(f"gradient {np.linalg.norm(whole):.6f}, difference to the sum of the terms' {np.linalg.norm(whole - of_terms):.1e}")
assert np.isclose(third.losses.total(), third.state["loss"], rtol=1e-6)
assert np.linalg.norm(whole - of_terms) < 1e-4 * np.linalg.norm(whole)

# %% [markdown]
# ## Who adds to the loss
#
# Record the run with each term's gradient at every fifth step. First the loss itself: the terms' shares of it, stacked,
# over the steps.

# %%
from nst_viz.recording.grid import record_all
from nst_viz.render.figure import draw_curves, draw_plate, label_axes, new_figure, write_figure, write_frames
from nst_viz.render.panels import Terms, draw_shares

policy = RecordingPolicy(gradients_every=EVERY)
run = record_all({"transfer": config}, lesson.runs, policy, lesson.bar("with gradients"))[0]
history = run.losses()
shares = Terms.of(history, run.looks())
figure, (ax,) = new_figure(9, 4.2)
draw_shares(ax, shares)
for place, at in ((0.01, 0), (1.01, -1)):  # at the first step within the areas, at the last beside them
    height = np.cumsum(shares.shares()[at]) - shares.shares()[at] / 2
    for y, share, look in zip(height, shares.shares()[at], shares.looks, strict=True):
        if share > 0.018:
            paper = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1}
            ax.text(place, y, look.label, transform=ax.transAxes, va="center", fontsize=9, bbox=paper)
label_axes(ax, "What the loss is made of", "step (early ones wider)", "")
write_figure(figure, lesson.path("shares.png"))
assert np.allclose(shares.contribution.sum(axis=1), history.total())
lesson.show(
    "shares.png",
    "Colours are blocks (4.2: block 4, second layer); hatched is content. What is easily pleased leaves the stage.",
)

# %% [markdown]
# ## Who pulls where
#
# Here are the lengths of the gradients as maps: bright where a term pulls hard. **Predict:** where will the content terms
# pull, and where the finest style term?

# %%
from nst_viz.render.gradients import write_gradient_sheet

write_gradient_sheet(run, lesson.path("maps.jpg"))
lesson.show(
    "maps.jpg",
    "One log scale for all. At first style pulls everywhere, the deeper its block the larger its patches; content along the "
    "dancer. At the end 3.2 and 4.2 pull along the dancer too, where the content does.",
)

# %%
GROUPS = {
    "content": "content",
    "style, block 1": "style.block1",
    "style, block 2": "style.block2",
    "style, block 3": "style.block3",
    "style, block 4": "style.block4",
}


def grouped(values):
    return {label: sum(value for name, value in values.items() if name.startswith(prefix)) for label, prefix in GROUPS.items()}


from matplotlib import colormaps

steps = run.gradient_steps()
brightest = np.quantile([grouped(run.gradient_maps(step))[label] for step in steps[1:] for label in GROUPS], 0.995)
frames = []
for step in (steps[2], *steps[:6], *steps[6:-1:6], steps[-1]):
    maps = {
        label: colormaps["magma"](np.sqrt(np.clip(m / brightest, 0, 1)))[..., :3]
        for label, m in grouped(run.gradient_maps(step)).items()
    }
    frames.append(draw_plate({f"step {step}": run.frame(step)} | maps, columns=3, size=190))
write_frames(frames, lesson.path("pulls.gif"), fps=3, limit=2_000_000)
lesson.show(
    "pulls.gif", "The picture (first at step 10, then from the start) and who pulls where, on one scale: brighter is harder."
)

# %% [markdown]
# ## Who pulls when
#
# The length of a term's whole gradient is how hard it pulls at that step. As shares of all: **predict** who leads in the
# first steps, the fine blocks or the coarse ones, and who at the end.

# %%
recorded = ~np.isnan(history.gradient_norm[:, 0])
norms = grouped(dict(zip(history.terms, history.gradient_norm[recorded].T, strict=True)))
total = sum(norms.values())
pull = {label: values / total for label, values in norms.items()}
figure, (ax,) = new_figure(9, 4.2)
colours = {label: transfer.network.layer(f"block{label[-1]}_conv1").colour for label in list(GROUPS)[1:]}
colours["content"] = "#1d2129"
draw_curves(ax, history.steps[recorded], pull, colours)
label_axes(ax, "Who pulls when", "step", "share of the terms' gradient lengths")
write_figure(figure, lesson.path("when.png"))
for label, values in pull.items():
    print(f"{label:15s} first step {values[0]:.0%}, middle {values[len(values) // 2]:.0%}, end {values[-1]:.0%}")
fine, coarse = (pull[f"style, block {a}"] + pull[f"style, block {b}"] for a, b in ((1, 2), (3, 4)))
for label, values in (("fine style", fine), ("coarse style", coarse), ("content", pull["content"])):
    print(f"{label:15s} first two {values[:2].mean():.0%}, last two {values[-2:].mean():.0%}")
assert fine[:2].mean() > 3 * fine[-2:].mean()
assert coarse[-2:].mean() > 1.5 * coarse[:2].mean()
assert pull["content"][-2:].mean() > 1.5 * pull["content"][:2].mean()
lesson.show(
    "when.png",
    "At first block 2 leads, and soon it and block 1 have little to say. Then content and block 3 pull hardest until the end.",
)

# %% [markdown]
# So noise is first of all *grain of the wrong kind*, and that is quickly mended. What takes long is the larger forms, which
# want what the content does not: at the end the two pull hardest and the picture hardly moves, for they pull against each
# other.
#
# ## Voices fall silent, one by one
#
# w_l says how much a layer counts; w_l = 0 switches it off. Switch off one block after the other, once beginning with the
# finest, once with the coarsest. **Predict:** which of the two rows goes blurred, and which loses its stars?

# %%
from nst_viz.recording.grid import Grid, Knob
from nst_viz.render.grid import write_grid_movie

BLOCKS = {1: ("block1_conv1",), **{k: (f"block{k}_conv1", f"block{k}_conv2") for k in (2, 3, 4)}}
USUAL = transfer.network.defaults["style_transfer"].style_layers


def voices(speaking, loud=0):
    weights = {layer: USUAL[layer] * (100 if k == loud else 1) for k in speaking for layer in BLOCKS[k]}
    return ",".join(f"{layer}={weight:g}" for layer, weight in weights.items())


FINEST_FIRST, COARSEST_FIRST = ((1, 2, 3, 4), (2, 3, 4), (3, 4), (4,)), ((1, 2, 3, 4), (1, 2, 3), (1, 2), (1,))
base = config.replace(alpha=0.1, steps=GRID_STEPS)
configs = {f"blocks {blocks}": base.replace(style_layers=voices(blocks)) for blocks in FINEST_FIRST + COARSEST_FIRST}
some = dict(zip(configs, record_all(configs, lesson.runs, advance=lesson.bar("one by one")), strict=True))
grid = Grid(
    Knob("style_layers", dict.fromkeys(("all four", "one off", "two off", "three off"))),
    Knob("style_layers", dict.fromkeys(("finest first", "coarsest first"))),
    tuple(tuple(some[f"blocks {blocks}"] for blocks in row) for row in (FINEST_FIRST, COARSEST_FIRST)),
)
write_grid_movie(grid, lesson.path("silent.gif"), "Style blocks switched off", width=780, frames=14, limit=1_900_000)
lesson.show(
    "silent.gif",
    "Above: with blocks 1 and 2 off the stars stay and the strokes go. Below: with 4 and 3 off grain is left, but no star "
    "gathers.",
)

# %% [markdown]
# The eye may be fooled, so measure: each block's style loss in the first picture that was made without it, as a multiple of
# what it is in the picture that was made with all.

# %%
judge = prepare(base, load_pictures(base)).objective


def part_of_loss(prefix, picture):
    terms = judge.loss_terms(judge.evaluate(picture / np.float32(255)).raw).terms
    return sum(term.contribution for term in terms if term.name.startswith(prefix))


ends = {label: one.frame(one.frame_steps()[-1]) for label, one in some.items()}
usual = ends["blocks (1, 2, 3, 4)"]
for blocks, block in [*zip(FINEST_FIRST[1:], (1, 2, 3), strict=True), *zip(COARSEST_FIRST[1:], (4, 3, 2), strict=True)]:
    times = part_of_loss(f"style.block{block}", ends[f"blocks {blocks}"]) / part_of_loss(f"style.block{block}", usual)
    print(f"heard {blocks!s:11s} the loss of block {block} is {times:5.1f} times as large")
    assert times > 2

# %% [markdown]
# ## One voice loud
#
# Now let one block count a hundred times as much as usual, and all others as before. **Predict:** what becomes of the dancer?

# %%
from nst_viz.render.figure import write_picture

louder = {f"block {k} × 100": base.replace(style_layers=voices(BLOCKS, loud=k)) for k in BLOCKS}
loud = dict(zip(louder, record_all(louder, lesson.runs, advance=lesson.bar("one loud")), strict=True))
ends = {"as usual": usual} | {label: one.frame(one.frame_steps()[-1]) for label, one in loud.items()}
write_picture(draw_plate(ends, columns=5, size=250), lesson.path("loud.jpg"))
for label in louder:
    times = part_of_loss("content", ends[label]) / part_of_loss("content", usual)
    print(f"{label}: {times:.1f} times as much of the content loss is left")
    assert times > 1
lesson.show(
    "loud.jpg",
    "Each loud block pushes the dancer back. Block 1 lays a screen of dots over her, blocks 2 and 3 hardly leave a line, "
    "block 4 leaves lines of arms and leg: they are finer than what it looks at.",
)

# %% [markdown]
# ## What we saw
#
# Loss and gradient are sums, so each term's part can be looked at alone. Fine style layers are loud at the start and soon
# satisfied; coarse ones and the content pull until the end.
#
# ## Try
#
# - `init="content"` in `config`: who has nothing to do at the start? (The content: its gradient is zero, and block 3 of the
#   style does two thirds of the pulling. Then the lesson stops where it asserts that coarse style comes late: without noise
#   there is no wrong grain, and it is first.)
# - `style="sample:mosaic"` in `base`, beside `alpha=0.1`: what are tiles made of? (Of blocks 1 and 2: without them the mosaic
#   is a fog. With block 1 alone there are tiles, but they lie in no rows.)
#
# Next, lesson 8: three ways down.

# %%
from nst_viz.render.player import write_player

write_player(run, lesson.path("player.html"), max_frames=16)
lesson.show("player.html", "The run to scrub through; the bars are the terms' contributions.")
lesson.end(globals(), cover=frames[-1])
