# %% [markdown]
"""# Three ways down.

All that was said so far was *what* to minimise. How one walks down is another choice. Does it matter?

You will see SGD, Adam and L-BFGS paint from the same noise, in step, and their losses over steps and over seconds.

Runs for half a minute. L-BFGS: Nocedal & Wright (2006), algorithm 7.4. Adam: Kingma & Ba (2015).
"""

# %% [markdown]
# ## Three rules for the next step
#
# g is the gradient, x the picture.
#
#     SGD      x ← x − η g        as in lesson 1
#     Adam     x ← x − η m / √v   m, v: running means of g and of g²
#     L-BFGS   x ← x − t H g      H: curvature guessed from the last steps, t found by a search
#
# Here is Adam by hand, three steps, against the package's.

# %%
import time

import numpy as np

from nst_viz import RecordingPolicy, TransferConfig, create_run, load_pictures, prepare, record
from nst_viz.course import Lesson

SIZE, STEPS = 192, 100

lesson = Lesson(8)
base = TransferConfig(network="wavelet", content="sample:harbour", style="sample:swirls", size=SIZE, steps=STEPS)
transfer = prepare(base.replace(optimizer="adam"), load_pictures(base))
x, m, v = transfer.canvas.astype(np.float64), 0.0, 0.0
for t in range(1, 4):
    g = transfer.objective.evaluate(x.astype(np.float32)).gradient
    m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    x = np.clip(x - 0.02 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8), 0, 1)
stream = transfer.iterates()
third = [next(stream) for _ in range(4)][-1].image
print(f"largest difference after three steps: {np.abs(x - third).max():.1e}")
assert np.mean(np.abs(x - third)) < 1e-4

# %% [markdown]
# ## The same noise, three times
#
# Each is recorded alone, so that the clock is fair, and with the clock's time of each step. **Predict:** who is first after ten
# steps? And at equal *time*? (L-BFGS may ask for the gradient several times in one step.)

# %%
NAMES = {"sgd": "SGD", "adam": "Adam", "lbfgs": "L-BFGS"}
COLOURS = {"SGD": "#949ba8", "Adam": "#5b6270", "L-BFGS": "#1d2129"}
runs, seconds = {}, {}


def timed(iterates, times, bar):
    started, paused = time.perf_counter(), 0.0
    for iterate in iterates:
        times.append(time.perf_counter() - started - paused)
        bar(iterate.step, STEPS)
        yield iterate  # while it is recorded the clock stands still
        paused = time.perf_counter() - started - times[-1]


for optimizer, name in NAMES.items():
    config = base.replace(optimizer=optimizer)
    folder, pictures = lesson.fresh(optimizer), load_pictures(config)
    transfer = prepare(config, pictures)
    transfer.objective.evaluate(transfer.canvas)  # compiled before the clock starts
    seconds[name] = []
    run = create_run(folder, config, RecordingPolicy(), pictures, transfer.about())
    runs[name] = record(timed(transfer.iterates(), seconds[name], lesson.bar(name)), run)

# %%
from nst_viz.recording.grid import Grid, Knob
from nst_viz.render.grid import write_grid_movie, write_grid_sheet
from nst_viz.render.player import write_player

grid = Grid(Knob("optimizer", {name: key for key, name in NAMES.items()}), None, (tuple(runs.values()),))
write_grid_movie(grid, lesson.path("three.gif"), "Three ways down", frames=20, limit=1_300_000)
lesson.show("three.gif", "The same noise, the same loss, the same number of steps.")

# %%
write_grid_sheet(grid, lesson.path("three.jpg"), "Three ways down")
lesson.show(
    "three.jpg",
    "After the last step. L-BFGS has the dark hull and a sky of strokes without speckle; the other two are still on their way.",
)

# %% [markdown]
# ## Over steps, and over seconds

# %%
from nst_viz.render.figure import draw_curves, label_axes, new_figure, write_figure

losses = {name: run.losses().total() for name, run in runs.items()}
end = min(times[-1] for times in seconds.values())
clock = np.linspace(0, end, 60)
at = {name: np.interp(clock, seconds[name], np.log(losses[name])) for name in runs}
figure, axes = new_figure(12, 4.2, columns=2)
for ax, x, curves, words in (
    (axes[0], range(STEPS + 1), losses, "steps"),
    (axes[1], clock, {name: np.exp(curve) for name, curve in at.items()}, "seconds"),
):
    ax.set_yscale("log")
    draw_curves(ax, x, curves, COLOURS)
    label_axes(ax, f"The loss over {words}", words, "loss")
write_figure(figure, lesson.path("losses.png"))
lesson.show("losses.png", "Left by steps, right by the clock.")

# %%
each = {name: 1000 * times[-1] / STEPS for name, times in seconds.items()}
for share in (0.25, 0.5, 1.0):
    values = {name: float(np.exp(np.interp(share * end, clock, curve))) for name, curve in at.items()}
    order = sorted(values, key=values.get)
    print(f"after {share * end:5.1f} s:", ", ".join(f"{name} {values[name]:.4f}" for name in order))
print("milliseconds a step:", {name: round(value) for name, value in each.items()})
assert values["L-BFGS"] < 0.9 * min(values["Adam"], values["SGD"])
assert losses["L-BFGS"][-1] < losses["Adam"][-1] < losses["SGD"][-1]
assert losses["SGD"][10] < losses["Adam"][10]

# %% [markdown]
# ## What we saw
#
# All three go down the same hill, and the picture shows how far they came. After the first half second L-BFGS is lowest. Step
# by step Adam, which gives every pixel the same pace at first, starts behind SGD and ends ahead of it. A guess of the
# curvature is worth its price, which is small here: see the milliseconds a step.
#
# ## Try
#
# - `SIZE, STEPS = 192, 200`: does Adam catch up? (No: it ends at 0.15 and SGD at 0.18, where L-BFGS was before step 50.)
# - `base.replace(optimizer=optimizer, lr=None if optimizer == "lbfgs" else 0.005)`: steps a quarter as long for the other
#   two. (Both end at 0.50: with either, a rate has to be found first, while L-BFGS finds its own.)
#
# Next, lesson 9: noise, start and pooling.

# %%
write_player(runs["Adam"], lesson.path("player.html"), max_frames=16)
lesson.show("player.html", "Adam's run to scrub through.")
final = {name: run.frame(run.frame_steps()[-1]) for name, run in runs.items()}
third = final["SGD"].shape[1] // 3
lesson.end(
    globals(), cover=np.hstack([final["SGD"][:, :third], final["Adam"][:, third : 2 * third], final["L-BFGS"][:, 2 * third :]])
)
