# %% [markdown]
"""# What is there to optimise?

A painter moves a brush. What does a style transfer move, and how does it know in which direction?

You will see noise, a picture as numbers, and one gradient step on pixels under a microscope. Then many steps, one after
the other, until a dancer stands where there was noise.

Runs for a quarter of a minute. The method is that of Gatys, Ecker & Bethge (2015), *A Neural Algorithm of Artistic Style*:
start from noise, and change the pixels, not the network.
"""

# %% [markdown]
# ## A picture is a list of numbers
#
# Three numbers a pixel, red, green and blue, each from 0 to 1. That is all. Two pictures of one size differ only in those
# numbers, so one can be turned into the other by changing them little by little.
#
# Before you read on: how many numbers are there to choose in a picture of this size?

# %%
import numpy as np

from nst_viz import TransferConfig, load_pictures, prepare
from nst_viz.course import Lesson
from nst_viz.render.figure import draw_curves, draw_plate, label_axes, new_figure, write_figure, write_frames, write_picture

SIZE, STEPS, RATE = 192, 150, 0.02
WINDOW = 24

lesson = Lesson(1)
config = TransferConfig(
    network="wavelet",
    mode="content",
    content="sample:dancing",
    content_layers="block1_conv1",
    tv=0.0,
    size=SIZE,
    steps=STEPS,
    optimizer="sgd",
    lr=RATE,
)
transfer = prepare(config, load_pictures(config))
dancer, noise = load_pictures(config)["content"].pixels, transfer.canvas
print(f"{dancer.shape[0]} rows x {dancer.shape[1]} columns x 3 colours = {dancer.size:,} numbers")

# %% [markdown]
# Here is the start, noise, and the dancer, and of each a window of 24 × 24 pixels around the dancer's head, enlarged
# so much that each pixel is a square.

# %%
top, left = round(0.06 * SIZE), round(0.5 * SIZE)
window = np.s_[top : top + WINDOW, left : left + WINDOW]
plates = {
    "the start: noise": noise,
    "the dancer": dancer,
    f"noise, {WINDOW} × {WINDOW} pixels": noise[window],
    f"her head, {WINDOW} × {WINDOW} pixels": dancer[window],
}
write_picture(draw_plate(plates, columns=4, size=260, sharp=True), lesson.path("numbers.jpg"))
print("the first pixel of her window, red green blue:", dancer[window][0, 0].round(2))
lesson.show(
    "numbers.jpg", "The start and a target, whole and under the microscope. What has to change is each square's colour."
)

# %% [markdown]
# ## One number that says how wrong the picture is
#
# A *loss* takes a whole picture and gives one number: small when the picture is as we want it. The simplest compares pixels,
#
#     L(x) = ½ Σ (x − p)²
#
# and its gradient, the change of L for a change of each pixel, is `x − p`. Check it by hand: nudge one pixel a little
# and see how much L changes.


# %%
def pixel_loss(x):
    return 0.5 * np.sum((x.astype(np.float64) - dancer) ** 2)


nudge = np.zeros_like(noise, np.float64)
nudge[top, left, 0] = 1e-3
by_nudging = (pixel_loss(noise + nudge) - pixel_loss(noise - nudge)) / 2e-3
by_formula = noise[top, left, 0] - dancer[top, left, 0]
print(f"by nudging {by_nudging:.4f}, by the formula {by_formula:.4f}")
assert np.isclose(by_nudging, by_formula, atol=1e-4)

# %% [markdown]
# ## A network in between
#
# In a style transfer the loss does not compare pixels: it compares what a *network* sees in the two pictures (lesson 2 looks
# at what that is). The formula of its gradient is long, but nobody writes it down: a program finds it by the chain rule.
# The loss here is that of a network's first layer, `½ Σ (F − P)²`. Nudge a pixel again. Will the program agree?

# %%
objective = transfer.objective
loss, gradient, _ = objective.evaluate(noise)
row, column = np.unravel_index(np.abs(gradient[..., 1]).argmax(), gradient.shape[:2])
nudge = np.zeros_like(noise)
nudge[row, column, 1] = 0.01
by_nudging = (objective.evaluate(noise + nudge).loss - objective.evaluate(noise - nudge).loss) / 0.02
print(f"pixel ({row}, {column}), green: by nudging {by_nudging:.4g}, by the program {gradient[row, column, 1]:.4g}")
assert np.isclose(by_nudging, gradient[row, column, 1], rtol=0.02)

# %% [markdown]
# ## How far does the gradient's word hold?
#
# Go a step of size η against the gradient g. To first order the loss falls by
#
#     L(x) − L(x − η g)  ≈  η Σ g²
#
# **Predict:** is the true fall larger or smaller than that, for a large step?

# %%
steps = np.geomspace(1e-4, 0.1, 24)
unit = np.abs(gradient).mean()  # so that η is the mean change of a pixel
foretold = steps / unit * np.sum(gradient.astype(np.float64) ** 2)
true = np.array([loss - objective.evaluate(noise - np.float32(eta / unit) * gradient).loss for eta in steps])
figure, (ax,) = new_figure(8, 4.2)
ax.set_xscale("log")
draw_curves(
    ax,
    steps,
    {"foretold by the gradient": foretold / loss, "true": true / loss},
    {"foretold by the gradient": "#9aa1ad", "true": "#1d2129"},
    (-0.5, 1.5),
)
label_axes(ax, "How much one step gains", "η: mean change of a pixel in the step", "fall of the loss, as a share of it")
write_figure(figure, lesson.path("foretold.png"))
lesson.show(
    "foretold.png", "Small steps gain what the gradient foretells. Larger ones gain less, and very large ones make it worse."
)

# %%
ratio = true / foretold
print(f"true / foretold: {ratio[0]:.3f} for the smallest step, {ratio[12]:.2f} in the middle, {ratio[-1]:.2f} for the largest")
assert abs(ratio[0] - 1) < 0.02
assert ratio[-1] < 0.5

# %% [markdown]
# The true fall is soon smaller: the loss curves upwards. So take a small step, ask for the gradient again, take another.
# That is *gradient descent*. Here is one such step under the microscope. **Predict:** the window is noise, and the loss knows
# the dancer; what will you see of her in the gradient alone?


# %%
def microscope(x, g, eta):
    push = -g[window] / np.quantile(np.abs(g[window]), 0.99)
    return {
        "before": x[window],
        "where the loss pushes": np.clip(0.5 + 0.5 * push, 0, 1),
        "after one step": np.clip(x - eta / unit * g, 0, 1)[window],
        "her head, the goal": dancer[window],
    }


write_picture(draw_plate(microscope(noise, gradient, 0.05), columns=4, size=250, sharp=True), lesson.path("one_step.png"))
lesson.show(
    "one_step.png",
    "Second: grey pixels are left alone, bright ones made brighter, dark ones darker. The flower in her hair is there at once, "
    "the edge of her face only here and there.",
)

# %% [markdown]
# ## Many steps, by hand and by the package
#
# Five lines of NumPy are a whole optimiser. `nst_viz` has the same one, called SGD, and records what it does.

# %%
x, by_hand = noise.copy(), []
for step in range(STEPS):
    by_hand.append(objective.evaluate(x).loss)
    rate = RATE * 0.96 ** (step / 100) / unit
    x = np.clip(x - np.float32(rate) * objective.evaluate(x).gradient, 0, 1)

recorded = list(transfer.iterates())
print(f"loss after {STEPS} steps: by hand {objective.evaluate(x).loss:.6g}, by the package {recorded[-1].losses.total():.6g}")
assert np.allclose(x, recorded[-1].image, atol=1e-3)
assert by_hand[-1] < 0.2 * by_hand[0]

# %%
kept = sorted({0, *np.geomspace(1, STEPS, 17).round().astype(int).tolist()})
views = [
    draw_plate({f"step {k}": recorded[k].image, "her head": recorded[k].image[window]}, columns=2, size=300, sharp=True)
    for k in [kept[-1], *kept]
]
write_frames(views, lesson.path("descent.gif"), limit=1_000_000)
lesson.show(
    "descent.gif", "The whole picture and the window, step by step. Nothing is drawn: each pixel follows its own number."
)

# %%
figure, (ax,) = new_figure(8, 3.8)
ax.set_yscale("log")
losses = np.array([iterate.losses.total() for iterate in recorded]) / loss
draw_curves(ax, range(STEPS + 1), {"loss": losses}, {"loss": "#1d2129"})
label_axes(ax, "The loss on its way down", "step", "loss (1 at the start)")
write_figure(figure, lesson.path("loss.png"))
lesson.show("loss.png", "Quick at first, then ever slower. Lesson 8 asks how to go down faster.")

# %% [markdown]
# ## What we saw
#
# What is optimised is the picture: a list of about a hundred thousand numbers, and nothing else. The gradient says for each of
# them which way to go, and keeps its word for a small step only. Many small steps turn noise into a dancer.
#
# ## Try
#
# - `content="sample:lion"` in the first cell: another target, the same five lines. (After 150 steps the lion stands there
#   too; a larger loss is left, 0.089 against 0.057: there is more hair to draw.)
# - `RATE = 0.2` in place of 0.02: ten times larger steps. (Each step leaps over the valley: the loss ends at 55, having begun
#   at 1.2, and the lesson stops where it asserts that it fell.)
#
# Next, lesson 2: what does the network see?

# %%
from nst_viz.recording.grid import record_all
from nst_viz.render.player import write_player

run = record_all({"descent": config}, lesson.runs, advance=lesson.bar("recording"))[0]
write_player(run, lesson.path("player.html"), max_frames=16)
lesson.show("player.html", "The same run to scrub through: drag the timeline, or press space.")
lesson.end(globals(), cover=np.hstack([noise[:, : noise.shape[1] // 2], recorded[-1].image[:, noise.shape[1] // 2 :]]))
