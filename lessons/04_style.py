# %% [markdown]
"""# What is style?

The content loss asks what is where. Style should not: a painting's hand is in every corner of it. What can be measured that
forgets where things are?

You will see Gram matrices, a painting whose parts are shuffled until nothing is in its place, and six painters told apart by a
table of numbers.

Runs for a quarter of a minute. Gatys, Ecker & Bethge (2015), equations 3 and 4.
"""

# %% [markdown]
# ## Which channels are active together?
#
# F has a row for each position and a column for each channel (lesson 2 drew the channels). The *Gram matrix* multiplies each
# two channels, position by position, and averages over the M positions:
#
#     G_ij = 1/M Σ_k F_ki F_kj
#
# A large G_ij says: where there is i, there is often j. *Where* that was is gone. By hand, then by the package:

# %%
import numpy as np

from nst_viz import load_image, load_network
from nst_viz.core.losses import gram_matrix, style_loss
from nst_viz.course import Lesson

SIZE, STEPS = 192, 80
GROWN = "sample:mosaic"

lesson = Lesson(4)
network = load_network("wavelet")
picasso = load_image("sample:picasso", SIZE).pixels


def features(picture, layer="block2_conv1"):
    return np.asarray(network.model((layer,))(picture[None]))[0]


F = features(picasso)
flat = F.reshape(-1, F.shape[-1]).astype(np.float64)
by_hand = flat.T @ flat / len(flat)
G = np.asarray(gram_matrix(F))
print(f"features {F.shape} -> Gram matrix {G.shape}")
print(f"largest difference by hand and by the package: {np.abs(by_hand - G).max():.1e}")
assert np.allclose(by_hand, G, rtol=1e-4, atol=1e-7)

# %% [markdown]
# And the style loss of a layer with N channels compares two of them, G of the picture and A of the painting. With both
# divided by M already, the paper's 1/(4 N² M²) Σ (G − A)² is
#
#     L_style = 1/(4 N²) Σ (G − A)²

# %%
swirls = load_image("sample:swirls", SIZE).pixels
A = np.asarray(gram_matrix(features(swirls)))
N = G.shape[0]
by_hand = np.sum((G.astype(np.float64) - A) ** 2) / (4 * N**2)
print(f"style loss of picasso against swirls: by hand {by_hand:.6g}, by the package {float(style_loss(G, A)):.6g}")
assert np.isclose(by_hand, float(style_loss(G, A)), rtol=1e-4)

# %%
from nst_viz.render.figure import draw_picture, new_figure, write_figure

names = ("picasso", "swirls", "ink", "mosaic")
kinds = {"edges of light": 24, "edges of colour": 102}  # the middle of channels 0 to 47 and 54 to 149
FLAT = 51  # and of those between them, which answer to flat colour
figure, axes = new_figure(11, 6.4, columns=4, rows=2)
for column, name in enumerate(names):
    painting = load_image(f"sample:{name}", SIZE).pixels
    gram = np.asarray(gram_matrix(features(painting)))
    draw_picture(axes[column], painting, name, interpolation="antialiased")
    axes[4 + column].imshow(np.log10(np.maximum(gram / gram.max(), 1e-3)), cmap="magma")
    axes[4 + column].set_xticks(list(kinds.values()), list(kinds))
    axes[4 + column].set_yticks([])
    axes[4 + column].text(FLAT, -4, "flat colour", ha="center")
axes[4].set_yticks(list(kinds.values()), list(kinds), rotation=90, va="center")
write_figure(figure, lesson.path("grams.jpg"))
lesson.show(
    "grams.jpg",
    f"Four paintings and their Gram matrices, {N} × {N} (log scale, bright: often active together). Ink has hardly any "
    "edges of colour; in swirls flat colour goes with everything; in the mosaic all goes with all.",
)

# %% [markdown]
# ## Shuffle the positions
#
# Deal the rows of F, the positions, like cards. The content loss will say that everything is different.
# **Predict:** what will the style loss say?

# %%
order = np.random.default_rng(0).permutation(len(flat))
shuffled = flat[order]
content_change = 0.5 * np.sum((shuffled - flat) ** 2) / (0.5 * np.sum(flat**2))
gram_change = np.abs(shuffled.T @ shuffled / len(flat) - flat.T @ flat / len(flat)).max() / G.max()
print(f"content loss: {content_change:.2f} of what a blank picture has; largest change of the Gram matrix: {gram_change:.1e}")
assert content_change > 0.3
assert gram_change < 1e-12

# %% [markdown]
# Nothing at all: a sum does not care about the order of its terms. But those were the network's *answers* that we dealt.
# What if we cut up the painting itself and shuffle the pieces? **Predict:** down to which size of the pieces will the Gram
# matrices of the blocks stay as they are?

# %%
LAYERS = tuple(f"block{k}_conv1" for k in range(1, 6))
TILES = (48, 24, 12, 6, 3, 1)


def shuffle(picture, tile, seed=1):
    rows, columns = picture.shape[0] // tile, picture.shape[1] // tile
    pieces = (
        picture[: rows * tile, : columns * tile].reshape(rows, tile, columns, tile, 3).swapaxes(1, 2).reshape(-1, tile, tile, 3)
    )
    dealt = pieces[np.random.default_rng(seed).permutation(len(pieces))].reshape(rows, columns, tile, tile, 3)
    return dealt.swapaxes(1, 2).reshape(rows * tile, columns * tile, 3)


def grams(picture):
    return [np.asarray(gram_matrix(F[0])).astype(np.float64) for F in network.model(LAYERS)(picture[None])]


def distances(some, others):
    return np.array([np.sum((G - A) ** 2) / np.sqrt(np.sum(G**2) * np.sum(A**2)) for G, A in zip(some, others, strict=True)])


square = load_image("sample:mosaic", 192).pixels
pieces = {tile: shuffle(square, tile) for tile in TILES}
change = np.array([distances(grams(picture), grams(square)) for picture in pieces.values()])
print("side of the pieces, change of blocks 1 to 5")
for tile, row in zip(TILES, change, strict=True):
    print(f"{tile:2d} px", "  ".join(f"{value:6.3f}" for value in row))
assert (np.diff(change[TILES.index(24)]) > 0).all()
assert (change[-1] > 10 * change[0]).all()

# %%
from nst_viz.render.figure import draw_curves, figure_pixels, label_axes, write_frames

figure, (ax,) = new_figure(8, 4.2)
ax.set_yscale("log")
curves = {f"block {k}": change[:, k - 1] for k in range(1, 6)}
draw_curves(ax, range(len(TILES)), curves, {f"block {layer[5]}": network.layer(layer).colour for layer in LAYERS})
ax.set_xticks(range(len(TILES)), [str(tile) for tile in TILES])
label_axes(
    ax, "How much shuffling pieces changes the style", "side of the pieces in pixels", "relative change of the Gram matrix"
)
write_figure(figure, lesson.path("pieces.png"))
lesson.show(
    "pieces.png",
    "Large pieces: the picture is gone, fine style is not. Blocks 4 and 5, which see most, mind at once; block 1 hardly.",
)


# %%
def view(tile):
    figure, (left, right) = new_figure(7.6, 3.6, columns=2)
    draw_picture(left, pieces[tile], f"pieces of {tile} px")
    right.bar(range(1, 6), change[TILES.index(tile)], color=[network.layer(layer).colour for layer in LAYERS])
    right.set_yscale("log")
    right.set_ylim(5e-4, 10)
    right.set_yticks([0.001, 0.01, 0.1, 1], ["0.001", "0.01", "0.1", "1"])
    right.minorticks_off()
    label_axes(right, "Which block minds?", "block", "relative change of its Gram matrix")
    return figure_pixels(figure)


write_frames([view(tile) for tile in (12, *TILES)], lesson.path("shuffle.gif"), fps=1, hold=1.5, limit=1_500_000)
lesson.show(
    "shuffle.gif", "What is depicted goes at once. When would you say that the mosaic is gone, and when does each block?"
)

# %% [markdown]
# ## Six painters
#
# If the Gram matrix holds a hand, two pieces of one painting should be closer than pieces of two paintings. Cut six paintings
# into a left and a right half, and compare each half with each other: blocks 1 to 4, averaged.

# %%
PAINTINGS = ("picasso", "swirls", "wave", "mosaic", "ink", "stained_glass")
halves = []
for name in PAINTINGS:
    painting = load_image(f"sample:{name}", 256).pixels
    middle = painting.shape[1] // 2
    halves += [painting[:, :middle], painting[:, -middle:]]
of_halves = [grams(half) for half in halves]
table = np.array([[distances(some, others)[:4].mean() for others in of_halves] for some in of_halves])
pair = np.arange(len(halves)) ^ 1
own = table[np.arange(len(halves)), pair]
others = np.array([np.delete(row, (i, pair[i])) for i, row in enumerate(table)])
for i, name in enumerate(PAINTINGS):
    print(f"{name:14s} the other half {own[2 * i]:.2f}, other paintings {others[2 * i : 2 * i + 2].mean():.2f} on average")
nearest = np.where(np.eye(len(halves), dtype=bool), np.inf, table).argmin(axis=1)
found = nearest == pair
print(
    f"nearest of all is the own other half for {found.sum()} of {len(halves)} halves; not for",
    *[f"the {('left', 'right')[i % 2]} half of {PAINTINGS[i // 2]}" for i in np.flatnonzero(~found)],
)
assert (own < others.mean(axis=1)).all()
assert found.mean() > 0.8

# %%
figure, (ax,) = new_figure(9, 6.4)
ax.imshow(np.sqrt(table), cmap="magma_r", vmin=0, vmax=1)
for i, half in enumerate(halves):
    side = min(half.shape[:2])
    square_piece = half[(half.shape[0] - side) // 2 :][:side, :side]
    ax.imshow(square_piece, extent=(-1.6, -0.6, i + 0.47, i - 0.47))
    ax.imshow(square_piece, extent=(i - 0.47, i + 0.47, -0.6, -1.6))
ax.set(xlim=(-1.7, 11.5), ylim=(11.5, -1.7), xticks=[], yticks=range(12))
ax.set_yticklabels([f"{name.replace('_', ' ')}, {side}" for name in PAINTINGS for side in ("left", "right")])
ax.spines[:].set_visible(False)
figure.colorbar(ax.images[0], label="distance of the Gram matrices (root)", shrink=0.8)
label_axes(ax, "Who is like whom?", "", "")
write_figure(figure, lesson.path("painters.png"))
lesson.show("painters.png", "Bright: alike. The squares of two by two along the diagonal are the paintings' own halves.")

# %% [markdown]
# One half does not keep to it. Why this one? The left half of ink is dense with rocks and pines, as picasso is with facets, the
# right one mostly mist. A Gram matrix holds what is *frequent*, and these two halves are not painted alike.
#
# ## From Gram matrix to picture
#
# Lesson 5 turns the question round: start from noise and change pixels until the Gram matrices are those of a painting. A
# first look:

# %%
from nst_viz import TransferConfig
from nst_viz.recording.grid import record_all
from nst_viz.render.player import write_player

config = TransferConfig(network="wavelet", mode="style", style=GROWN, size=SIZE, steps=STEPS)
run = record_all({"mosaic": config}, lesson.runs, advance=lesson.bar("recording"))[0]
grown = run.frame(run.frame_steps()[-1]) / np.float32(255)
before, after = (
    distances(grams(picture), grams(load_image(GROWN, SIZE).pixels)) for picture in (run.frame(0) / np.float32(255), grown)
)
print("distance of the Gram matrices of blocks 1 to 4, noise:", before[:4].round(2), "grown:", after[:4].round(3))
assert (after[:4] < 0.1 * before[:4]).all()
write_player(run, lesson.path("player.html"), max_frames=12)
lesson.show("player.html", "No tile is copied: noise becomes a mosaic because its Gram matrices become a mosaic's.")

# %% [markdown]
# ## What we saw
#
# The Gram matrix says what occurs together and forgets where. Answers can be shuffled without any change, large pieces of the
# painting with little. It knows two halves of a painting as kin, where the painter kept to one hand.
#
# ## Try
#
# - `GROWN = "sample:stained_glass"`: will panes close, when nobody says where they are? (Most do, in the right colours; here
#   and there a lead ends in the middle of the glass.)
# - `[:4].mean()` → `[:1].mean()`: does block 1 alone know the painters? (Nearly: 10 of 12. A half of wave is lost as well: by
#   its finest lines alone it is not far from others.)
#
# Next, lesson 5: style from noise.

# %%
lesson.end(globals(), cover=pieces[24])
