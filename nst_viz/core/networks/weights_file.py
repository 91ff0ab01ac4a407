"""Files of weights: where VGG19's are looked for, and whether what was read can be used. Loads no TensorFlow."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from nst_viz.core.errors import NstVizError

WEIGHTS_FILE = "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5"
WEIGHTS_MEGABYTES = 80


def cache_folder() -> Path:
    """Where Keras keeps the weights that it has downloaded."""
    return Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()) / "models"


def cached_weights() -> Path:
    """Where Keras keeps VGG19's weights, whether they are there or not."""
    return cache_folder() / WEIGHTS_FILE


def check_finite(model: Any, source: object) -> Any:
    """The model itself. Raises NstVizError where one of its weights is no number: the file is damaged."""
    if not all(np.isfinite(array).all() for array in model.get_weights()):
        raise NstVizError(f"{source} is damaged (it holds values that are no numbers): give an undamaged file")
    return model
