"""A step of VGG19, forward and gradient: ours, the way of Keras's published example, and PyTorch's, taking turns."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.measure import interleaved, matrix_product_gigaflops
from benchmarks.report import Report
from nst_viz.core.backend import has_bfloat16, keras, ops, tf
from nst_viz.core.image import Pixels, load_image, noise_image
from nst_viz.core.losses import content_loss, gram_matrix, style_loss
from nst_viz.core.networks.vgg import vgg_network
from nst_viz.core.objective import Objective
from nst_viz.core.terms import Term, TermKey

SHAPES = ((256, 256), (400, 533))
TURNS = 7
STYLE = tuple(f"block{block}_conv1" for block in range(1, 6))
CONTENT = "block5_conv2"
UNIT = (1.0,) * (len(STYLE) + 1)
Step = Callable[[], Pixels]


class Pictures(NamedTuple):
    """What every way is given, each (height, width, 3) in [0, 1]."""

    content: Pixels
    style: Pixels
    image: Pixels


def our_objective(loaded: Any, pictures: Pictures, weights: Sequence[float], precision: str = "full") -> Objective:
    """One picture through the network, targets computed once; weights of the style terms, then of the content."""
    network = vgg_network(loaded, "max", precision)
    model = network.model((*STYLE, CONTENT))
    styles, content = model(pictures.style[None])[:-1], model(pictures.content[None])[-1]
    terms = [
        Term(TermKey("style", layer), gram_matrix(features[0]), weight)
        for layer, features, weight in zip(STYLE, styles, weights[:-1], strict=True)
    ]
    return Objective(network, (*terms, Term(TermKey("content", CONTENT), content, weights[-1])))


def balanced_weights(pictures: Pictures) -> list[float]:
    """With these each term's gradient has the length 1, so that none hides an error in another's."""
    gradients = our_objective(fresh_vgg19(), pictures, UNIT).term_gradients(pictures.image)
    return [1 / float(np.linalg.norm(gradient)) for gradient in gradients.values()]


def ours(loaded: Any, pictures: Pictures, weights: Sequence[float], precision: str = "full") -> Step:
    """A step of the package's own."""
    objective = our_objective(loaded, pictures, weights, precision)
    return lambda: objective.evaluate(pictures.image).gradient


def errors_of_fast_precision(report: Report) -> None:
    """How far bfloat16 is from float32 on two of the sample pictures, halfway from noise to the content."""
    content, style = (load_image(f"sample:{name}", 256).pixels for name in ("dancing", "picasso"))
    image = 0.5 * content + 0.5 * noise_image(*content.shape[:2], 0)
    pictures = Pictures(content, style, image)
    full, fast = (our_objective(fresh_vgg19(), pictures, UNIT, precision) for precision in ("full", "fast"))
    raw, other = full.evaluate(image).raw, fast.evaluate(image).raw
    report.figure("precision fast: largest error of a term's loss", 100 * float(np.abs(other / raw - 1).max()), "%")
    gradients, others = full.term_gradients(image), fast.term_gradients(image)
    for name in (f"style.{STYLE[0]}", f"style.{STYLE[-1]}", f"content.{CONTENT}"):
        error = np.linalg.norm(others[name] - gradients[name]) / np.linalg.norm(gradients[name])
        report.figure(f"precision fast: error of the gradient of {name}", 100 * float(error), "%")


def keras_example(loaded: Any, pictures: Pictures, weights: Sequence[float]) -> Step:
    """As at keras.io: content, style and picture as a batch through all layers at each step, Gram matrices channels first."""
    layers = loaded.layers[1:]
    extractor = keras.Model(loaded.inputs, {layer.name: layer.output for layer in layers})

    def gram(features: Any) -> Any:
        flat = ops.reshape(ops.transpose(features, (2, 0, 1)), (features.shape[-1], -1))
        return ops.matmul(flat, ops.transpose(flat)) / flat.shape[1]

    @tf.function  # type: ignore[untyped-decorator]
    def gradient(*pixels: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(pixels[-1])
            batch = tf.concat([keras.applications.vgg19.preprocess_input(255 * each[None]) for each in pixels], axis=0)
            features = extractor(batch)
            loss = weights[-1] * content_loss(features[CONTENT][2], features[CONTENT][0])
            for layer, weight in zip(STYLE, weights[:-1], strict=True):
                loss += weight * style_loss(gram(features[layer][2]), gram(features[layer][1]))
        return tape.gradient(loss, pixels[-1])

    given = [tf.constant(pixels) for pixels in pictures]
    return lambda: gradient(*given).numpy()


@contextmanager
def pytorch(loaded: Any, pictures: Pictures, weights: Sequence[float]) -> Iterator[Step | None]:
    """The same in PyTorch, channels last, as many threads: in a process of its own, which does a step when told to.

    None where PyTorch is not installed.
    """
    if importlib.util.find_spec("torch") is None:
        print("  PyTorch is not installed, so it is left out")
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        arrays = {f"{number:02d}": array for number, array in enumerate(loaded.get_weights())}
        np.savez(Path(folder) / "weights.npz", **arrays)
        np.save(Path(folder) / "terms.npy", weights)
        np.savez(Path(folder) / "pictures.npz", **pictures._asdict())
        command = [sys.executable, "-m", "benchmarks.vgg_in_pytorch", folder, str(os.cpu_count())]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
            told, answers = process.stdin, process.stdout
            assert told
            assert answers

            def step() -> Pixels:
                told.write(b"\n")
                answers.readline()
                return np.load(Path(folder) / "gradient.npy")  # a millisecond, against hundreds

            yield step
            told.close()


def compare(report: Report, pictures: Pictures) -> None:
    """Time all ways on these pictures, and say how far their gradients are from ours."""
    weights = balanced_weights(pictures)
    variants = {
        "ours": ours(fresh_vgg19(), pictures, weights),
        "as Keras's example is published": keras_example(fresh_vgg19(), pictures, weights),
    }
    if has_bfloat16():
        variants["ours, precision fast"] = ours(fresh_vgg19(), pictures, weights, "fast")
    with pytorch(fresh_vgg19(), pictures, weights) as step:
        if step:
            variants["PyTorch, channels last"] = step
        times = interleaved(variants, TURNS, warm_up=2)
        gradients = {name: way() for name, way in variants.items()}
    reference = gradients["ours"]
    size = "{} × {}".format(*pictures.image.shape[:2])
    for name, gradient in gradients.items():
        error = np.linalg.norm(gradient - reference) / np.linalg.norm(reference)
        ratio = times["ours"].median / times[name].median
        note = "" if name == "ours" else f"ours takes {ratio:.2f} of its time; gradients differ by {error:.1e}"
        report.timing(f"{size}, {name}", times[name], note=note)
    flops = step_gigaflops(*pictures.image.shape[:2]) / times["ours"].median
    report.figure(f"{size}, ours: arithmetic", flops, "GFLOP/s", "the convolutions' own, forward and backward")


def fresh_vgg19() -> Any:
    """VGG19 with the same random weights each time."""
    keras.utils.set_random_seed(0)
    return keras.applications.VGG19(include_top=False, weights=None)


def step_gigaflops(height: int, width: int) -> float:
    """Multiplications and additions of the convolutions up to the content layer, forward and backward to the pixels."""
    total, inputs = 0.0, 3
    for block, (channels, count) in enumerate(((64, 2), (128, 2), (256, 4), (512, 4), (512, 2))):
        for _ in range(count):
            total += 2 * 2 * 9 * inputs * channels * (height >> block) * (width >> block)
            inputs = channels
    return total / 1e9


def main() -> None:
    report = Report("vgg", "One step of VGG19 (random weights): the losses, and their gradient with respect to the picture.")
    report.figure("matrix product, float32", matrix_product_gigaflops(), "GFLOP/s", "the fastest of several sizes")
    for height, width in SHAPES:
        compare(report, Pictures(*(noise_image(height, width, seed) for seed in range(3))))
    if has_bfloat16():
        errors_of_fast_precision(report)
