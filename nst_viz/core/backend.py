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
from pathlib import Path

from nst_viz.core.threads import begin_with_usual_threads

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
    begin_with_usual_threads()
    tf.get_logger().setLevel("ERROR")  # it warns of each new picture size, for which a function has to be traced


def has_bfloat16() -> bool:
    """Whether the GPU, or the processor where there is none, multiplies in bfloat16 at least as fast as in float32."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return bool(details.get("compute_capability", (0, 0)) >= (8, 0))
    info = Path("/proc/cpuinfo")
    flags = info.read_text().split() if info.exists() else []
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)


__all__ = ["has_bfloat16", "keras", "ops", "tf"]
