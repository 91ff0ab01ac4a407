# %% [markdown]
"""# Noise, start, pooling.

Three small choices that every program makes for you: how to keep pixels from speckling, what to start from, and how a network
makes its maps smaller. What does each do?

You will see nine transfers, three starts against three strengths of smoothing, and two networks that differ only in their
pooling.

Runs for about a minute. Total variation: Chollet (2021), *Deep Learning with Python*; pooling: Gatys et al. (2015).
"""

# %% [markdown]
# ## Total variation
#
# A third term of the loss adds up the differences of neighbouring pixels, so that speckles cost something:
#
#     TV = Σ ((Δx)² + (Δy)²)^1.25
#
# By hand, then by the package.

# %%
import numpy as np

from nst_viz import TransferConfig, load_pictures, prepare
from nst_viz.course import Lesson

SIZE, STEPS = 160, 80

lesson = Lesson(9)
base = TransferConfig(network="wavelet", content="sample:lion", style="sample:stained_glass", size=SIZE, steps=STEPS, tv=1e-5)
transfer = prepare(base, load_pictures(base))
x = transfer.canvas.astype(np.float64)
across, down = np.zeros_like(x), np.zeros_like(x)
across[:, :-1], down[:-1] = np.diff(x, axis=1), np.diff(x, axis=0)
by_hand = np.sum((across**2 + down**2) ** 1.25)
by_package = next(iter(transfer.iterates())).losses["tv"].raw
print(f"total variation of the noise: by hand {by_hand:.2f}, by the package {by_package:.2f}")
assert np.isclose(by_hand, by_package, rtol=1e-4)

# %% [markdown]
# ## Three starts, three strengths
#
# **Predict:** from which start will you still recognise the start at the end? And what does too much smoothing do to the leads
# between the panes?

# %%
from nst_viz.recording.grid import Knob, record_grid
from nst_viz.render.grid import write_grid_movie, write_grid_sheet

rows = Knob("init", {f"from {start}": start for start in ("noise", "content", "style")})
columns = Knob("tv", {"no smoothing": 0.0, "some": 1e-5, "much": 3e-4})
grid = record_grid(base, columns, rows, folder=lesson.runs, advance=lesson.bar("nine transfers"))
write_grid_movie(
    grid, lesson.path("starts.gif"), "What to start from × how much to smooth", width=640, frames=16, limit=1_600_000
)
lesson.show("starts.gif", "The same goal from three starts, with three strengths of smoothing.")

# %%
write_grid_sheet(grid, lesson.path("starts.jpg"), "What to start from × how much to smooth", width=1000)
lesson.show(
    "starts.jpg",
    "The results, larger. Some smoothing breaks the long leads into a net, with much a blurred weave is left. Last row: red by "
    "the eye on the left, where the flower was, and yellow above, where the sun was.",
)

# %% [markdown]
# ## Smoothing in numbers
#
# Speckle is energy at high frequencies, changes from one pixel to the next; so is a thin dark lead. Here is the share of a
# picture's energy above half of the highest frequency:


# %%
def high_share(picture):
    grey = picture.mean(axis=-1) - picture.mean()
    power = np.abs(np.fft.fft2(grey)) ** 2
    frequency = np.hypot(np.fft.fftfreq(grey.shape[0])[:, None], np.fft.fftfreq(grey.shape[1])[None])
    return power[frequency > 0.25].sum() / power.sum()


def last(run):
    return run.frame(run.frame_steps()[-1]) / 255


high = np.array([[high_share(last(run)) for run in row] for row in grid.runs])
painting = high_share(load_pictures(base)["style"].pixels)
for label, row in zip(rows.values, high, strict=True):
    print(f"{label:13s}", ", ".join(f"{name} {value:.2%}" for name, value in zip(columns.values, row, strict=True)))
cut = 1 - high[:, 1:] / high[:, :1]
print(f"the painting itself {painting:.2%}")
for name, row in zip(("some", "much"), cut.T, strict=True):
    print(f"{name} smoothing takes {row.min():.0%} to {row.max():.0%} of the high-frequency energy")
assert (np.diff(high, axis=1) < 0).all()
assert (cut[:, 0] > 0.05).all()
assert (cut[:, 1] > 0.8).all()

# %%
from nst_viz.render.figure import label_axes, new_figure, write_figure

figure, (ax,) = new_figure(8, 4)
for offset, (label, shade) in enumerate(zip(columns.values, ("#1d2129", "#6b7280", "#c3c8d0"), strict=True)):
    ax.bar(np.arange(3) + 0.27 * (offset - 1), 100 * high[:, offset], 0.25, color=shade, label=label)
ax.axhline(100 * painting, color="#1d2129", linewidth=1.2, linestyle="--", label="the painting")
ax.set_xticks(range(3), list(rows.values))
ax.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
label_axes(ax, "Speckle and thin lines", "", "high-frequency energy, % of all")
write_figure(figure, lesson.path("speckle.png"))
lesson.show("speckle.png", "Smoothing takes high frequencies away, whatever the start, soon more than the painting can spare.")

# %% [markdown]
# ## Does the start matter?
#
# The loss has many low places. Measure how far the results of the three starts are from one another, and how low each came.

# %%
from skimage.transform import resize

pictures = {kind: picture.pixels for kind, picture in load_pictures(base).items()}
finals = {label: last(row[1]) for label, row in zip(rows.values, grid.runs, strict=True)}
losses = {label: float(row[1].losses().total()[-1]) for label, row in zip(rows.values, grid.runs, strict=True)}


def alike(picture, other):
    """Correlation of the large forms of two pictures."""
    forms = [resize(p, (12, 12, 3), anti_aliasing=True) for p in (picture, other)]
    return float(np.corrcoef(*[(form - form.mean(axis=(0, 1))).ravel() for form in forms])[0, 1])


for label, final in finals.items():
    print(f"{label:13s} loss {losses[label]:.4f}, large forms like the painting's {alike(final, pictures['style']):+.2f}")
assert alike(finals["from style"], pictures["style"]) > alike(finals["from noise"], pictures["style"]) + 0.05
assert max(losses.values()) < 2 * min(losses.values())
apart = [float(np.abs(finals[a] - finals["from noise"]).mean()) for a in ("from content", "from style")]
print("mean difference of a pixel from the result that came from noise:", [round(value, 3) for value in apart])
assert min(apart) > 0.02

# %% [markdown]
# ## Average or maximum?
#
# VGG-like networks make their maps smaller by *pooling*: of each 2 × 2 answers they keep the average, or the largest. The
# paper found that the average looks better. `wavelet` has no pooling, so the network here is `random`, VGG-shaped with random
# weights (lesson 10 asks what it is good for). The four answers, by hand:

# %%
answers = np.array([[0.0, 0.2], [0.9, 0.1]])
print(f"of the answers {answers.ravel().tolist()} average pooling keeps {answers.mean():.2f}, max pooling {answers.max():.2f}")
pooled = base.replace(mode="style", content=None, style="sample:swirls", network="random", tv=1e-6)
pools = record_grid(
    pooled, Knob("pooling", {"average": "avg", "maximum": "max"}), folder=lesson.runs, advance=lesson.bar("two poolings")
)
write_grid_sheet(pools, lesson.path("pooling.jpg"), "Pooling in a random network", width=900)
lesson.show(
    "pooling.jpg",
    "By a random network. Average: blurred, with faint dashes for strokes. Maximum: blotches with speckle (lesson 10).",
)

# %% [markdown]
# The gradient goes back the way that the answers came. **Predict:** of the answers that went into average pooling, how many are
# told where to go, and of those that went into max pooling?

# %%
from nst_viz.core.backend import ops, tf

answers = tf.constant(np.random.default_rng(0).random((1, 32, 32, 8), np.float32))
told = {}
for name, pool in (("average", ops.average_pool), ("maximum", ops.max_pool)):
    with tf.GradientTape() as tape:
        tape.watch(answers)
        pooled = tf.reduce_sum(pool(answers, 2) ** 2)
    told[name] = float((tape.gradient(pooled, answers).numpy() != 0).mean())
    print(f"{name}: {told[name]:.0%} of the answers have a gradient")
assert (told["average"], told["maximum"]) == (1.0, 0.25)
speckle = {}
for name, run in zip(told, pools.all_runs(), strict=True):
    total, speckle[name] = run.losses().total(), high_share(last(run))
    print(f"{name}: style loss {total[0]:.2f} → {total[-1]:.4f}, high-frequency energy {speckle[name]:.1%}")
assert speckle["average"] < speckle["maximum"]

# %% [markdown]
# ## What we saw
#
# Total variation takes high frequencies: speckle, and thin lines as well. Each start leads to another picture, about as good
# by the loss; only the painting leaves a trace of its own that one can see. Average pooling tells each answer where to go,
# maximum pooling one in four.
#
# ## Try
#
# - `"some": 1e-5` → `"some": 1e-6`: the package's own choice. (11 to 12 % is left in place of 7, and the leads stay whole.)
# - `style="sample:ink"` in `base`: a painting of mist. (Now some smoothing helps: without it there is speckle on his face, 5
#   to 7 % where the painting has 4.8; with it 3 % is left.)
#
# Next, lesson 10: does it matter what the network looks for?

# %%
from nst_viz.render.player import write_player

write_player(grid.runs[1][1], lesson.path("player.html"), max_frames=16)
lesson.show("player.html", "From the content picture, with some smoothing.")
lesson.end(globals(), cover=last(grid.runs[0][0]).astype(np.float32))
