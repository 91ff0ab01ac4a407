"""TensorFlow and Keras, imported once and without their start-up chatter: `from nst_viz.core.backend import ops, tf`.

What the libraries write to standard error while they load is held back, known noise (information, warnings about GPUs that
are not there) is dropped, and everything else is passed on.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

NOISE = re.compile(
    r"^(WARNING: All log messages before absl|[IW]\d{4} |\d{4}-\d\d-\d\d .*: [IW] |To enable the following instructions|"
    r"E\d{4} .*(cuInit|cuda|cuDNN|cuBLAS|cuFFT)|\s*$)",
    re.IGNORECASE,
)


@contextmanager
def without_noise() -> Iterator[None]:
    """Hold back what is written to the process's standard error, then pass on the lines that are not noise."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            lines = held.read().decode(errors="replace").splitlines()
            for line in lines:
                if not NOISE.match(line):
                    print(line, file=sys.stderr)


os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with without_noise():
    import keras
    import tensorflow as tf
    from keras import ops

    tf.config.list_physical_devices()  # looks for GPUs now, while its complaints are held back
    tf.config.experimental.enable_op_determinism()

__all__ = ["keras", "ops", "tf"]
