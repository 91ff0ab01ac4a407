"""A step of VGG19, forward and gradient: ours, the way of Keras's published example, and PyTorch's, taking turns."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.measure import interleaved, matrix_product_gigaflops
from benchmarks.report import Report
from nst_viz.core.backend import keras, ops, tf
from nst_viz.core.image import Pixels, noise_image
from nst_viz.core.losses import content_loss, gram_matrix, style_loss
from nst_viz.core.networks.vgg import vgg_network
from nst_viz.core.objective import Objective
from nst_viz.core.terms import Term, TermKey

SHAPES = ((256, 256), (400, 533))
TURNS = 7
STYLE = tuple(f"block{block}_conv1" for block in range(1, 6))
CONTENT = "block5_conv2"
STYLE_WEIGHT = 0.2
Step = Callable[[], Pixels]


class Pictures(NamedTuple):
    """What every way is given, each (height, width, 3) in [0, 1]."""

    content: Pixels
    style: Pixels
    image: Pixels


def ours(loaded: Any, pictures: Pictures, precision: str = "full") -> Step:
    """One picture through the network, targets computed once."""
    network = vgg_network(loaded, pooling="max", precision=precision)
    model = network.model((*STYLE, CONTENT))
    styles, content = model(pictures.style[None])[:-1], model(pictures.content[None])[-1]
    terms = [
        Term(TermKey("style", layer), gram_matrix(features[0]), STYLE_WEIGHT)
        for layer, features in zip(STYLE, styles, strict=True)
    ]
    objective = Objective(network, (*terms, Term(TermKey("content", CONTENT), content, 1.0)))
    return lambda: objective.evaluate(pictures.image).gradient


def keras_example(loaded: Any, pictures: Pictures) -> Step:
    """As at keras.io: content, style and picture as a batch through all layers at each step, Gram matrices channels first."""
    layers = loaded.layers[1:]
    extractor = keras.Model(loaded.inputs, dict(zip([layer.name for layer in layers], [layer.output for layer in layers])))

    def gram(features: Any) -> Any:
        flat = ops.reshape(ops.transpose(features, (2, 0, 1)), (features.shape[-1], -1))
        return ops.matmul(flat, ops.transpose(flat)) / flat.shape[1]

    @tf.function  # type: ignore[untyped-decorator]
    def gradient(*pixels: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(pixels[-1])
            batch = tf.concat([keras.applications.vgg19.preprocess_input(255 * each[None]) for each in pixels], axis=0)
            features = extractor(batch)
            loss = content_loss(features[CONTENT][2], features[CONTENT][0])
            for layer in STYLE:
                loss += STYLE_WEIGHT * style_loss(gram(features[layer][2]), gram(features[layer][1]))
        return tape.gradient(loss, pixels[-1])

    given = [tf.constant(pixels) for pixels in pictures]
    return lambda: gradient(*given).numpy()


@contextmanager
def pytorch(loaded: Any, pictures: Pictures) -> Iterator[Step]:
    """The same in PyTorch, channels last, as many threads: in a process of its own, which does a step when told to."""
    with tempfile.TemporaryDirectory() as folder:
        weights = {f"{number:02d}": array for number, array in enumerate(loaded.get_weights())}
        np.savez(Path(folder) / "weights.npz", **weights)
        np.savez(Path(folder) / "pictures.npz", **pictures._asdict())
        command = [sys.executable, "-m", "benchmarks.vgg_in_pytorch", folder, str(os.cpu_count())]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
            assert process.stdin
            assert process.stdout

            def step() -> Pixels:
                process.stdin.write(b"\n")  # type: ignore[union-attr]
                shape = pictures.image.shape
                done = process.stdout.read(4 * int(np.prod(shape)))  # type: ignore[union-attr]
                return np.frombuffer(done, np.float32).reshape(shape)

            yield step
            process.stdin.close()


def compare(report: Report, loaded: Any, pictures: Pictures) -> None:
    """Time all ways on these pictures, and say how far their gradients are from ours."""
    height, width = pictures.image.shape[:2]
    variants = {"ours": ours(loaded, pictures), "Keras's example": keras_example(loaded, pictures)}
    ways = pytorch(loaded, pictures)
    with ways as step:
        variants["PyTorch, channels last"] = step
        times = interleaved(variants, TURNS, warm_up=2)
        gradient = variants["ours"]()
        for name, way in variants.items():
            error = np.linalg.norm(way() - gradient) / np.linalg.norm(gradient)
            ratio = times["ours"].median / times[name].median
            note = "" if name == "ours" else f"ours takes {ratio:.2f} of it; gradient differs by {error:.1e}"
            report.timing(f"{height} × {width}, {name}", times[name], note=note)
