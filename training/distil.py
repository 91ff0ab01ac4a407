"""Teach a small network to see as VGG19 does: how the weights of `--network distilled` were made.

    python training/distil.py --teacher vgg19_weights.h5     # or without --teacher: Keras's VGG19, 80 MB to download

The paper's network is large because it was made to name a thousand kinds of things. Style transfer uses only what its
first layers see: edges, colours, strokes, small patterns. A network of a thirtieth of the weights can say nearly the
same, if it is shown what to say (Hinton, Vinyals & Dean 2015 call that distillation; Wang et al. 2020 did it for style
transfer). The student here never sees a label. It sees a picture, the teacher's features of the same picture, and
learns to give features from which the teacher's can be read off.

Five ideas, in the order of the code:

1. *Units.* Each of the teacher's channels is measured in its own deviation over many pictures. Without that a few loud
   channels are all that is learned, and textures that need the quiet ones come out poor.
2. *A good start.* The student begins with some of the teacher's own channels: those from which the others can be
   predicted best (QR with pivoting). What was left out is made up for by least squares, as in channel pruning
   (He, Zhang & Sun 2017).
3. *Reading off.* A 1 × 1 convolution and a ReLU, learned along, turn the student's channels into the teacher's. They are
   needed only here and thrown away afterwards.
4. *The loss.* For each layer: the relative squared distance of the features (content), and that of their Gram matrices
   (style). Both are what style transfer compares later.
5. *Time.* The teacher takes two thirds of a step, so its answers are kept for a while and used about three times.

It ends with weights in float16, scaled so that each of the student's channels has the deviation 1 over the pictures,
and a table of the errors. Ctrl-C keeps everything; the same command goes on.
"""

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from pictures import Pixels, crop, training_pictures
from scipy.linalg import qr

from nst_viz.core.networks.distilled import CHANNELS, CONVOLUTIONS

Array = NDArray[np.float32]
Kernels = dict[str, tuple[Array, Array]]
"""layer -> kernel (3, 3, channels in, channels out) and bias (channels out,)"""

LAYERS = tuple(f"block{block}_conv{conv}" for block, count in enumerate(CONVOLUTIONS, 1) for conv in range(1, count + 1))
TAUGHT = ("block1_conv1", "block2_conv1", "block3_conv1", "block3_conv3")
"""layers whose features are compared with the teacher's"""
MEAN_BGR = (103.939, 116.779, 123.68)
"""of ImageNet's pixels, which VGG19 expects to be subtracted (Simonyan & Zisserman 2015)"""
SIDE, BATCH = 112, 8
"""pixels of a crop's side; crops in a step"""
BANK, REUSE = 32, 3
"""batches whose teacher features are kept; steps for each new one"""
RATE, GRAM_SHARE, LONGEST_GRADIENT = 2e-3, 0.5, 1.0
EVERY = 100
"""steps from one line of the log to the next"""
SAVED_EVERY = 500


def teacher_kernels(path: Path | None) -> Kernels:
    """VGG19's first three blocks, from Keras or from a file: a Keras weights file, or an .npz with LAYER/kernel, LAYER/bias."""
    if path is not None and path.suffix == ".npz":
        arrays = np.load(path)
        return {layer: (arrays[f"{layer}/kernel"], arrays[f"{layer}/bias"]) for layer in LAYERS}
    from nst_viz.core.networks.vgg import load

    model = load(path)
    return {layer: tuple(model.get_layer(layer).get_weights()) for layer in LAYERS}


def features(pixels: tf.Tensor, kernels: Mapping[str, Sequence[tf.Tensor]], wanted: Sequence[str]) -> dict[str, tf.Tensor]:
    """The features of each wanted layer after its ReLU, average pooling between blocks. Pixels: (n, h, w, 3) in [0, 1]."""
    x = pixels[..., ::-1] * 255.0 - tf.constant(MEAN_BGR)
    found = {}
    for layer in LAYERS:
        if layer.endswith("conv1") and layer != LAYERS[0]:
            x = tf.nn.avg_pool2d(x, 2, 2, "VALID")
        kernel, bias = kernels[layer]
        x = tf.nn.relu(tf.nn.conv2d(x, kernel, 1, "SAME") + bias)
        if layer in wanted:
            found[layer] = x
        if layer == wanted[-1]:
            return found
    return found


def grams(x: tf.Tensor) -> tf.Tensor:
    """The Gram matrix of each picture's features, (n, channels, channels)."""
    flat = tf.reshape(x, (tf.shape(x)[0], -1, x.shape[-1]))
    return tf.matmul(flat, flat, transpose_a=True) / tf.cast(tf.shape(flat)[1], tf.float32)


def batch(pictures: Sequence[Pixels], seed: int, number: int) -> tf.Tensor:
    """The crops of the batch of this number, always the same ones."""
    rng = np.random.default_rng([seed, number])
    return tf.constant(np.stack([crop(rng, list(pictures), SIDE) for _ in range(BATCH)]))


def samples(pictures: Sequence[Pixels], kernels: Kernels, seed: int, batches: int = 12) -> dict[str, Array]:
    """For each layer what its channels say at 20,000 places or so: (places, channels)."""
    rng, found = np.random.default_rng(seed), {layer: [] for layer in LAYERS}
    for number in range(batches):
        for layer, x in features(batch(pictures, seed + 1, number), kernels, LAYERS).items():
            flat = x.numpy().reshape(-1, x.shape[-1])
            found[layer].append(flat[rng.choice(len(flat), 20_000 // batches)])
    return {layer: np.concatenate(parts) for layer, parts in found.items()}


def first_student(teacher: Kernels, seen: Mapping[str, Array]) -> Kernels:
    """The start: for each layer the teacher's most telling channels, fed with a prediction of all channels below.

    A kernel K over the teacher's channels c becomes Σ_c K[…, c, :] M[s, c] over the student's channels s, where M predicts
    c from s by least squares; what the prediction cannot know goes into the bias as its mean.
    """
    student: Kernels = {}
    predicted, rest = np.eye(3, dtype=np.float32), np.zeros(3, np.float32)
    for layer in LAYERS:
        kernel, bias = teacher[layer]
        x = seen[layer] / (seen[layer].std(axis=0) + 1e-3 * seen[layer].std())
        _, _, order = qr(x - x.mean(axis=0), mode="economic", pivoting=True)
        kept = np.sort(order[: CHANNELS[int(layer[len("block")]) - 1]])
        inner = np.einsum("yxco,sc->yxso", kernel[..., kept], predicted)
        shift = np.einsum("yxco,c->o", kernel[..., kept], rest)
        student[layer] = inner.astype(np.float32), (bias[kept] + shift).astype(np.float32)
        with_one = np.hstack([seen[layer][:, kept], np.ones((len(x), 1), np.float32)])
        solved = np.linalg.lstsq(with_one, seen[layer], rcond=1e-5)[0]
        predicted, rest = solved[:-1], solved[-1]
    return student


class Lesson:
    """Student, reading-off maps and optimiser on their way; a value that can be saved and gone on with."""

    def __init__(self, teacher: Kernels, pictures: Sequence[Pixels], seed: int) -> None:
        self.pictures, self.seed, self.step = pictures, seed, 0
        self.teacher = {layer: tuple(map(tf.constant, both)) for layer, both in teacher.items()}
        seen = samples(pictures, teacher, seed)
        self.unit = {layer: tf.constant(1 / (seen[layer].std(axis=0) + 0.02 * seen[layer].std())) for layer in TAUGHT}
        self.student = {layer: tuple(map(tf.Variable, both)) for layer, both in first_student(teacher, seen).items()}
        self.maps = {layer: self.first_map(layer, seen[layer]) for layer in TAUGHT}
        self.variables = [v for both in (*self.student.values(), *self.maps.values()) for v in both]
        self.moments = [[tf.Variable(tf.zeros_like(v)) for v in self.variables] for _ in range(2)]
        self.bank: dict[int, tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor]]] = {}

    def first_map(self, layer: str, seen: Array) -> tuple[tf.Variable, tf.Variable]:
        """The 1 × 1 map that reads the teacher's channels off the student's, by least squares on one batch."""
        pixels = batch(self.pictures, self.seed + 1, 0)
        target = features(pixels, self.teacher, (layer,))[layer] * self.unit[layer]
        own = features(pixels, self.student, (layer,))[layer]
        flat, aim = (x.numpy().reshape(-1, x.shape[-1])[::3] for x in (own, target))
        with_one = np.hstack([flat, np.ones((len(flat), 1), np.float32)])
        solved = np.linalg.lstsq(with_one, aim, rcond=1e-4)[0].astype(np.float32)
        return tf.Variable(solved[None, None, :-1]), tf.Variable(solved[-1])

    def taught(self, number: int) -> tuple[tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """A batch, the teacher's features of it in units of their deviation, and their Gram matrices; kept for a while."""
        if number not in self.bank:
            pixels = batch(self.pictures, self.seed, number)
            self.bank[number] = (pixels, *self.ask_teacher(pixels))
            for old in [known for known in self.bank if known <= number - BANK]:
                del self.bank[old]
        return self.bank[number]

    @tf.function
    def ask_teacher(self, pixels: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        found = features(pixels, self.teacher, TAUGHT)
        scaled = [found[layer] * self.unit[layer] for layer in TAUGHT]
        return scaled, [grams(x) for x in scaled]

    @tf.function
    def learn(self, pixels: tf.Tensor, targets: Sequence[tf.Tensor], aims: Sequence[tf.Tensor], rate: tf.Tensor, n: tf.Tensor):
        """One step of Adam (Kingma & Ba 2015); the relative squared errors of features and of Gram matrices, (2, layers)."""
        with tf.GradientTape() as tape:
            own = features(pixels, self.student, TAUGHT)
            apart, apart_in_style = [], []
            for layer, target, aim in zip(TAUGHT, targets, aims, strict=True):
                kernel, bias = self.maps[layer]
                read = tf.nn.relu(tf.nn.conv2d(own[layer], kernel, 1, "SAME") + bias)
                spread = tf.reduce_mean(tf.math.reduce_variance(target, (0, 1, 2)))
                apart.append(tf.reduce_mean(tf.square(read - target)) / spread)
                distance = tf.reduce_sum(tf.square(grams(read) - aim), (1, 2)) / tf.reduce_sum(tf.square(aim), (1, 2))
                apart_in_style.append(tf.reduce_mean(distance))
            loss = tf.add_n(apart) + GRAM_SHARE * tf.add_n(apart_in_style)
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, self.variables), LONGEST_GRADIENT)
        for variable, gradient, mean, square in zip(self.variables, gradients, *self.moments, strict=True):
            mean.assign(0.9 * mean + 0.1 * gradient)
            square.assign(0.999 * square + 0.001 * tf.square(gradient))
            scale = tf.sqrt(tf.reduce_mean(tf.square(variable)))  # a step is a share of how large the weights are
            move = mean / (1 - tf.pow(0.9, n)) / (tf.sqrt(square / (1 - tf.pow(0.999, n))) + 1e-12)
            variable.assign_sub(rate * tf.maximum(scale, 1e-3) * move)
        return tf.stack([apart, apart_in_style])

    def run(self, steps: int) -> Iterator[tuple[int, Array]]:
        """Learn up to so many steps, slower and slower towards the end; yields each step's number and errors."""
        while self.step < steps:
            newest = self.step // REUSE
            rng = np.random.default_rng([self.seed + 2, self.step])
            number = newest if self.step % REUSE == 0 else max(0, newest - int(rng.integers(BANK)))
            rate = RATE * min(1.0, (self.step + 1) / 200) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * self.step / steps)))
            self.step += 1
            errors = self.learn(*self.taught(number), tf.constant(rate, tf.float32), tf.constant(float(self.step)))
            yield self.step, errors.numpy()

    def save(self, path: Path) -> None:
        """Everything to go on with."""
        arrays = {f"v{i}": v.numpy() for i, v in enumerate([*self.variables, *self.moments[0], *self.moments[1]])}
        temporary = path.with_name(f".{path.name}.part.npz")
        np.savez(temporary, step=self.step, **arrays)
        temporary.replace(path)

    def restore(self, path: Path) -> None:
        """Go on where `save` was."""
        arrays = np.load(path)
        self.step = int(arrays["step"])
        for index, variable in enumerate([*self.variables, *self.moments[0], *self.moments[1]]):
            variable.assign(arrays[f"v{index}"])

    def weights(self) -> dict[str, NDArray[np.float16]]:
        """The student in float16: pixels come in as RGB in [0, 1], each channel's deviation over the pictures is 1.

        `LAYER/usual` is what a channel says on average: the network subtracts it from what it gives out.
        """
        kernels = {layer: (both[0].numpy(), both[1].numpy()) for layer, both in self.student.items()}
        kernel, bias = kernels[LAYERS[0]]
        # What `features` does to pixels before the first layer is linear, so it becomes part of that layer.
        kernels[LAYERS[0]] = kernel[:, :, ::-1] * 255, bias
        offset = np.array(MEAN_BGR, np.float32)[::-1] / 255
        seen = samples(
            self.pictures, {layer: tuple(v.numpy() for v in both) for layer, both in self.student.items()}, self.seed
        )
        arrays: dict[str, NDArray[np.float16]] = {"offset": offset.astype(np.float16)}
        below = np.ones(3, np.float32)
        for layer, (kernel, bias) in kernels.items():
            deviation = np.maximum(seen[layer].std(axis=0), 1e-3 * seen[layer].std())
            arrays[f"{layer}/kernel"] = (kernel * below[:, None] / deviation).astype(np.float16)
            arrays[f"{layer}/bias"] = (bias / deviation).astype(np.float16)
            arrays[f"{layer}/usual"] = (seen[layer].mean(axis=0) / deviation).astype(np.float16)
            below = deviation
        return arrays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--teacher", type=Path, help="VGG19's weights; Keras's own, downloaded, when not given")
    parser.add_argument("--steps", type=int, default=12_000, help="steps of the optimiser [12000]")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("distilled.npz"), help="the weights [distilled.npz]")
    options = parser.parse_args()
    state, log = options.out.with_suffix(".state.npz"), options.out.with_suffix(".csv")
    print("painting and reading the pictures ...", flush=True)
    pictures = training_pictures(options.seed)
    print(f"{len(pictures)} pictures; starting the student from the teacher's channels ...", flush=True)
    lesson = Lesson(teacher_kernels(options.teacher), pictures, options.seed)
    if state.exists():
        lesson.restore(state)
        print(f"going on after step {lesson.step}", flush=True)
    else:
        log.write_text(
            "step,seconds," + ",".join(f"{what}.{layer}" for what in ("features", "gram") for layer in TAUGHT) + "\n"
        )
    began, recent = time.monotonic(), []
    try:
        for step, errors in lesson.run(options.steps):
            recent.append(np.sqrt(errors))
            if step % EVERY == 0:
                row = np.mean(recent, axis=0).ravel()
                recent.clear()
                seconds = time.monotonic() - began
                with log.open("a") as file:
                    file.write(f"{step},{seconds:.0f},{','.join(f'{value:.4f}' for value in row)}\n")
                print(f"step {step} of {options.steps}, {seconds:.0f} s, errors {np.round(row, 3)}", flush=True)
            if step % SAVED_EVERY == 0:
                lesson.save(state)
    except KeyboardInterrupt:
        lesson.save(state)
        print(f"\nstopped after step {lesson.step}; the same command goes on")
        return
    lesson.save(state)
    np.savez(options.out, **lesson.weights())
    print(f"wrote {options.out}, {options.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
