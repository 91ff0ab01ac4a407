# %% [markdown]
"""# What does the network see?

A network of fixed filters stands between the picture and the loss. What does it look for, and how large a piece of the picture
does it look at?

You will see the filters themselves, drawn, how they answer to stripes that turn, and what they say of a dancer, scale by
scale: fine grain first, then ever larger forms.

Runs for half a minute. The network is `wavelet`, which comes with this package; nothing in it is trained, so every
filter can be explained. Oriented filters at several scales: Portilla & Simoncelli (2000).
"""

# %% [markdown]
# ## A filter is a small picture
#
# Lay a small patch of stripes on each place of a picture, multiply, add up: where the picture has such stripes the sum is
# large. The network's first layer does this with 24 patches of 7 × 7 numbers, *Gabor wavelets*: stripes under a round window.
#
#     ψ(u, v) = exp(−(u² + (s v)²) / 2σ²) · cos ξu        u across the stripes, v along them
#
# Each also comes with a sine in place of the cosine. Here is one by hand; does the network have the same?

# %%
import numpy as np

from nst_viz import load_image, load_network
from nst_viz.core.networks.wavelet.filters import FREQUENCIES, ORIENTATIONS, SIDE, SLENDER, gabor_bank
from nst_viz.course import Lesson
from nst_viz.render.figure import draw_plate, write_picture

SIZE, STEPS = 256, 60
PATCH = 224
CONTENT = "sample:dancing"

lesson = Lesson(2)
network = load_network("wavelet")
bank = gabor_bank(FREQUENCIES, ORIENTATIONS)

y, x = np.mgrid[-3:4, -3:4]
frequency, deviation = FREQUENCIES[0]
by_hand = np.exp(-(x**2 + (SLENDER * y) ** 2) / (2 * deviation**2)) * np.sin(frequency * x)
by_hand /= np.linalg.norm(by_hand)
assert np.allclose(by_hand, bank[..., 1], atol=1e-6)
print(f"the bank holds {bank.shape[-1]} filters of {SIDE} x {SIDE}; the second is the one by hand")

# %%
names = [f"{kind}, {width}" for width in ("fine", "wide") for kind in ("line", "edge")]
ordered = bank.reshape(SIDE, SIDE, len(FREQUENCIES), ORIENTATIONS, 2).transpose(2, 4, 3, 0, 1).reshape(-1, SIDE, SIDE)
labels = [f"{names[i // ORIENTATIONS]}, {180 * (i % ORIENTATIONS) // ORIENTATIONS}°" for i in range(len(ordered))]
drawn = {label: 0.5 + 0.5 * kernel / np.abs(bank).max() for label, kernel in zip(labels, ordered, strict=True)}
write_picture(draw_plate(drawn, columns=ORIENTATIONS, size=150, sharp=True), lesson.path("filters.png"))
lesson.show(
    "filters.png",
    "All filters of the first layer: six directions, a line and an edge each, in two widths. Grey is zero. The angle says "
    "how far it leans to the right from upright.",
)

# %% [markdown]
# ## The layer by hand
#
# Slide each filter over the dancer's light, and keep the positive part (a *ReLU*), so that a bright line and a dark line are
# two different answers. That is all that `block1_conv1` does with light.

# %%
from scipy.ndimage import correlate

dancer = load_image(CONTENT, SIZE).pixels
light = dancer.mean(axis=-1) - 0.5
features = np.asarray(network.model(("block1_conv1",))(dancer[None]))[0]
for channel in (0, 9, 17):
    answer = np.maximum(correlate(light, bank[..., channel], mode="mirror"), 0)
    assert np.allclose(answer, features[..., channel], atol=1e-4)
print("the layer's features:", features.shape, "rows, columns, channels; three channels checked by hand")

# %% [markdown]
# ## To each its own direction
#
# Show the six wide filters stripes that turn slowly, and measure the energy of each one's answers, over all its places and
# phases. **Predict:** while the stripes turn once around, what will six bars do?

# %%
from matplotlib.colors import hsv_to_rgb

from nst_viz.render.figure import draw_picture, figure_pixels, label_axes, new_figure, write_figure, write_frames

LIGHT = 2 * bank.shape[-1]
rows, columns = np.mgrid[:64, :64]


def stripes(angle):
    return 0.5 + 0.4 * np.sin(FREQUENCIES[1][0] * (columns * np.cos(angle) + rows * np.sin(angle)))


def energies(angle):
    picture = np.repeat(stripes(angle)[..., None], 3, axis=2).astype(np.float32)
    answers = np.asarray(network.model(("block1_conv1",))(picture[None]))[0, 8:-8, 8:-8, :LIGHT]
    return (answers**2).mean(axis=(0, 1)).reshape(2, len(FREQUENCIES), ORIENTATIONS, 2).sum(axis=(0, 3))[1]


angles = np.pi * np.arange(36) / 36
turned = np.array([energies(angle) for angle in angles])
turned /= turned.max()

# %%
COLOURS = [hsv_to_rgb((i / ORIENTATIONS, 0.75, 0.9)) for i in range(ORIENTATIONS)]
filters = [f"{180 * i // ORIENTATIONS}°" for i in range(ORIENTATIONS)]


def view(index):
    figure, (left, right) = new_figure(7.6, 3.2, columns=2, width_ratios=(1, 1.6))
    draw_picture(left, stripes(angles[index]), f"stripes at {round(np.degrees(angles[index]))}°", cmap="gray", vmin=0, vmax=1)
    right.bar(filters, turned[index], color=COLOURS)
    right.set_ylim(0, 1.05)
    label_axes(right, "Who answers?", "filter", "energy of its answer")
    return figure_pixels(figure)


write_frames([view(index % 36) for index in range(6, 44, 2)], lesson.path("turning.gif"), fps=4, hold=0.5, limit=1_000_000)
lesson.show("turning.gif", "One bar after the other: between two filters' directions both answer, and less. 0° is upright.")

# %% [markdown]
# So the six answers say in which direction a stripe runs, also between the six. As curves over the direction, and as a
# table of the six filters' own directions:

# %%
figure, (ax,) = new_figure(8.4, 3.8)
for filter_name, colour, curve in zip(filters, COLOURS, turned.T, strict=True):
    ax.plot(range(0, 181, 5), [*curve, curve[0]], color=colour, linewidth=2.4)
    ax.text(5 * int(curve.argmax()), curve.max() + 0.04, f"filter {filter_name}", ha="center", fontsize=10)
ax.set_xticks(range(0, 181, 30), [f"{angle}°" for angle in range(0, 181, 30)])
ax.set_ylim(0, 1.15)
label_axes(ax, "To each its own direction", "direction of the stripes", "energy of the answer")
write_figure(figure, lesson.path("directions.png"))
lesson.show("directions.png", "Each filter's answer over the direction shown; the same colours stand for directions below.")

table = turned[::6].T
print(table.round(2))
assert (table.argmax(axis=1) == np.arange(ORIENTATIONS)).all()
assert (table.argmax(axis=0) == np.arange(ORIENTATIONS)).all()

# %% [markdown]
# ## The dancer, scale by scale
#
# Blocks 2 to 5 ask the same questions of the picture made half as large, and half again. Here a colour says which
# direction answers most, as above, and its brightness how strongly. The last two panels are a key: rings have every
# direction once. What remains of her in block 5?

# %%
LAYERS = tuple(f"block{k}_conv1" for k in range(1, 6))


def coloured(answers):
    wavelets = answers[..., :LIGHT].reshape(*answers.shape[:2], 2, len(FREQUENCIES), ORIENTATIONS, 2)
    strength = wavelets.sum(axis=(2, 3, 5))
    brightness = np.clip(strength.max(axis=-1) / np.quantile(strength.max(axis=-1), 0.98), 0, 1)
    return hsv_to_rgb(np.stack([strength.argmax(axis=-1) / ORIENTATIONS, 0.75 * np.ones_like(brightness), brightness], axis=-1))


maps = [coloured(np.asarray(answers)[0]) for answers in network.model(LAYERS)(dancer[None])]
rings = (np.hypot(*np.mgrid[-64:64, -64:64]) % 8 < 4)[..., None] * np.ones(3, np.float32)
plates = {"the dancer": dancer} | {f"block {k}: {m.shape[1]} × {m.shape[0]}": m for k, m in enumerate(maps, 1)}
plates |= {"key: rings …": rings, "… and their colours": coloured(np.asarray(network.model(LAYERS[:1])(rings[None]))[0])}
write_picture(draw_plate(plates, columns=4, size=250, sharp=True), lesson.path("maps.png"))
assert [m.shape[0] for m in maps] == [-(-dancer.shape[0] // 2**k) for k in range(5)]
lesson.show("maps.png", "From the outline of each limb in block 1 to one mass of leg and skirt on a stub of a leg in block 5.")

# %% [markdown]
# ## How large a piece does it look at?
#
# Take one position in the middle of each layer and ask which pixels can change its answer: those where the gradient is not
# zero. **Predict** the side of that patch for block 1, and for block 5.

# %%
from nst_viz.core.backend import tf

sides = {}
noise = tf.constant(np.random.default_rng(0).random((1, PATCH, PATCH, 3), np.float32))
for layer in LAYERS:
    with tf.GradientTape() as tape:
        tape.watch(noise)
        answers = network.model((layer,))(noise)
        middle = tf.reduce_sum(answers[0, answers.shape[1] // 2, answers.shape[2] // 2])
    reached = np.abs(tape.gradient(middle, noise).numpy()[0]).sum(axis=-1).any(axis=0)
    sides[layer] = int(np.flatnonzero(reached).max() - np.flatnonzero(reached).min() + 1)
print({layer: f"{side} px" for layer, side in sides.items()})
assert sides["block1_conv1"] == SIDE
growth = np.diff(np.log2(list(sides.values())))
print("each looks at a patch", (2**growth).round(1), "times as wide as the one before")
assert (growth > 0.9).all()

# %%
middle_row, middle_column = round(0.4 * dancer.shape[0]), round(0.56 * dancer.shape[1])
marked, crops = dancer.copy(), {}
for layer, side in sides.items():
    top, left = max(0, middle_row - side // 2), max(0, middle_column - side // 2)
    crops[f"block {layer[5]}: {side} px"] = dancer[top : top + side, left : left + side]
    colour = np.array([int(network.layer(layer).colour[i : i + 2], 16) for i in (1, 3, 5)], np.float32) / 255
    frame = np.zeros(dancer.shape[:2], bool)
    frame[top : top + side, left : left + side] = True
    frame[top + 2 : top + side - 2, left + 2 : left + side - 2] = False
    marked[frame] = colour
write_picture(draw_plate({"the dancer": marked} | crops, columns=3, size=300), lesson.path("patches.jpg"))
lesson.show(
    "patches.jpg",
    "What one position of each block looks at: from 7 pixels, the edge of her belt, to a third of the picture.",
)

# %% [markdown]
# ## And a network that has learned?
#
# Nobody drew the filters of `distilled`, the other network that comes along. It learned them from VGG19, the network of the
# paper, and VGG19 learned its own from a million photographs of things. Here is its first layer: 3 × 3 pixels, in colour.
# **Predict:** will there be edges among them, as in the designed bank?

# %%
from nst_viz.core.networks.distilled import read_weights

learned = read_weights()["block1_conv1/kernel"]
tiles = {str(i + 1): 0.5 + 0.5 * learned[..., i] / np.abs(learned[..., i]).max() for i in range(learned.shape[-1])}
write_picture(draw_plate(tiles, columns=10, size=90, sharp=True), lesson.path("learned.png"))
plain = (learned.mean(axis=(0, 1)) ** 2).sum(axis=0) / (learned**2).mean(axis=(0, 1)).sum(axis=0)
edges = int((plain < 0.2).sum())
print(f"{edges} of {len(plain)} learned filters hardly answer to a plain colour: they look for a change")
print(f"{int((plain > 0.8).sum())} look for a plain colour, the others for some of both")
assert edges > len(plain) / 3
lesson.show(
    "learned.png", "The learned filters. Edges of several directions, most of them in light and dark, and blobs of colour."
)

# %% [markdown]
# ## Is it enough to see with?
#
# If these answers hold what matters, a picture can be found again from them alone: start from noise and change pixels
# until all five blocks answer as they do to the dancer. Lesson 3 takes this apart.

# %%
from nst_viz import TransferConfig
from nst_viz.recording.grid import record_all
from nst_viz.render.player import write_player

config = TransferConfig(
    network="wavelet", mode="content", content=CONTENT, content_layers=",".join(LAYERS), size=SIZE, steps=STEPS
)
run = record_all({"all five blocks": config}, lesson.runs, advance=lesson.bar("recording"))[0]
found = run.frame(run.frame_steps()[-1]) / 255
at_start, at_end = (np.abs(picture - dancer).mean() for picture in (run.frame(0) / 255, found))
print(f"mean difference of a pixel from the dancer: {at_start:.3f} at the start, {at_end:.3f} at the end")
assert at_end < 0.25 * at_start
write_player(run, lesson.path("player.html"), max_frames=12)
lesson.show("player.html", "The dancer, found again from what the network sees of her.")

# %% [markdown]
# ## What we saw
#
# The network asks the same few questions at every place and at five scales: is there a line or an edge here, in which
# direction, how strong? Shallow blocks look at a few pixels, the deepest at a third of it, in ever coarser maps.
#
# ## Try
#
# - `CONTENT = "sample:lion"`: which directions does fur have? (All. Hair stands out like rays, where the key has rings, so
#   each colour is a quarter turn from its place in the key: red, upright, above the face, and blue-green at its sides.)
# - `0.75 * np.ones_like(brightness)` → `np.zeros_like(brightness)`: the strength alone. (A drawing in white chalk: she is
#   known by her outline, but her two arms look alike.)
#
# Next, lesson 3: what is content?

# %%
lesson.end(globals(), cover=maps[1])
