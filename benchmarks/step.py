"""A step of the optimisation: wavelet at several sizes, and VGG19 our way beside the way of Keras's published example."""

import numpy as np

from benchmarks.measure import interleaved
from nst_viz.core.backend import keras, tf
from nst_viz.core.config import TransferConfig
from nst_viz.core.image import load_pictures, noise_image
from nst_viz.core.losses import content_loss, gram_matrix, style_loss
from nst_viz.core.networks.base import Network
from nst_viz.core.networks.vgg import vgg_network
from nst_viz.core.objective import Objective
from nst_viz.core.terms import Term, TermKey
from nst_viz.core.transfer import prepare

TURNS = 9
STYLE = tuple(f"block{block}_conv1" for block in range(1, 6))
CONTENT = "block5_conv2"


def wavelet_step(size: int) -> object:
    config = TransferConfig(content="sample:dancing", style="sample:picasso", size=size)
    transfer = prepare(config, load_pictures(config))
    return lambda: transfer.objective.evaluate(transfer.canvas)


def our_vgg_step(network: Network, content: np.ndarray, style: np.ndarray, image: np.ndarray) -> Objective:
    model = network.model((*STYLE, CONTENT))
    *styles, target = model(style[None])[:-1] + model(content[None])[-1:]
    terms = [Term(TermKey("style", layer), gram_matrix(f[0]), 0.2) for layer, f in zip(STYLE, styles, strict=True)]
    return Objective(network, (*terms, Term(TermKey("content", CONTENT), target, 1.0)))


def keras_example_step(network: Network, content: np.ndarray, style: np.ndarray) -> object:
    """As published at keras.io: content, style and picture through the whole network at each step, losses recomputed."""
    model = network.model(network.layers)

    @tf.function
    def step(image: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(image)
            batch = tf.stack([content, style, image])
            features = dict(zip(network.layers, model(batch), strict=True))
            loss = content_loss(features[CONTENT][2], features[CONTENT][0])
            for layer in STYLE:
                loss += 0.2 * style_loss(gram_matrix(features[layer][2]), gram_matrix(features[layer][1]))
        return tape.gradient(loss, image)

    return lambda image: step(tf.constant(image)).numpy()


def main() -> None:
    steps = {f"wavelet, {size} px": wavelet_step(size) for size in (128, 192, 256, 512)}
    for name, timing in interleaved(steps, 3 * TURNS, warm_up=3).items():  # type: ignore[arg-type]
        print(f"{name:40s} {timing}")
    keras.utils.set_random_seed(0)
    network = vgg_network(keras.applications.VGG19(include_top=False, weights=None), batch=None)
    content, style, image = (noise_image(256, 256, seed) for seed in range(3))
    ours, example = our_vgg_step(network, content, style, image), keras_example_step(network, content, style)
    difference = ours.evaluate(image).gradient - example(image)  # type: ignore[operator]
    times = interleaved({"ours": lambda: ours.evaluate(image), "example": lambda: example(image)}, TURNS)  # type: ignore[operator]
    for name, timing in times.items():
        print(f"{'vgg19, 256 px, ' + name:40s} {timing}")
    error = np.linalg.norm(difference) / np.linalg.norm(ours.evaluate(image).gradient)
    print(
        f"ours takes {times['ours'].median / times['example'].median:.2f} of the example's time; "
        f"gradients differ by {error:.1e}"
    )
