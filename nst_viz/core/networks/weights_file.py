"""Where VGG19's weights are looked for: light, so that the command line can tell without loading a network."""

import os
from pathlib import Path

WEIGHTS_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
WEIGHTS_MEGABYTES = 80


def cached_weights() -> Path:
    """Where Keras keeps the downloaded weights, whether they are there or not."""
    home = os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()
    return Path(home) / "models" / WEIGHTS_FILE
