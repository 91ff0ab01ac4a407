"""TensorFlow and Keras, imported once and without their start-up chatter: `from nst_viz.core.backend import ops, tf`.

What the libraries write to standard error while they load is held back, known noise (information, warnings about GPUs that
are not there) is dropped, and everything else is passed on.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst_viz.core.errors import NstVizError
from nst_viz.core.quiet import without
from nst_viz.core.threads import begin_with_usual_threads

NOISE = re.compile(
    r"^(WARNING: All log messages before absl|[IW]\d{4} |\d{4}-\d\d-\d\d .*: [IW] |To enable the following instructions|"
    r"E\d{4} .*(cuInit|cuda|cuDNN|cuBLAS|cuFFT)|\s*$)",
    re.IGNORECASE,
)


def check_backend() -> None:
    """Raises NstVizError where Keras is set to compute with something else than TensorFlow, or is doing so already."""
    loaded = sys.modules.get("keras")
    name = loaded.config.backend() if loaded else os.environ.get("KERAS_BACKEND") or "tensorflow"
    os.environ["KERAS_BACKEND"] = name
    if name != "tensorflow":
        how = "was loaded with" if loaded else "is set by KERAS_BACKEND to"
        raise NstVizError(f"Keras {how} the backend {name}: nst_viz needs tensorflow, so set KERAS_BACKEND to that before")


check_backend()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
try:
    with without(NOISE):
        import keras
        import tensorflow as tf
        from keras import ops

        tf.config.list_physical_devices()  # looks for GPUs now, while its complaints are held back
        tf.config.experimental.enable_op_determinism()
        begin_with_usual_threads()
        tf.get_logger().setLevel("ERROR")  # it warns of each new picture size, for which a function has to be traced
except Exception as error:  # Keras checks its own file of settings when it is loaded
    settings = Path(os.environ.get("KERAS_HOME") or Path("~/.keras").expanduser()) / "keras.json"
    why = str(error).split("\n")[0] or type(error).__name__
    raise NstVizError(
        f"Keras and TensorFlow cannot be loaded ({why}): see whether {settings} is as Keras writes it, or install both anew"
    ) from None


@contextmanager
def as_networks_are_built() -> Iterator[None]:
    """Within, Keras builds in float32 and with channels last, whatever it is set to for other work of this process."""
    before = keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy()
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_image_data_format(before[1])
        keras.config.set_dtype_policy(before[2])


def has_bfloat16() -> bool:
    """Whether the GPU, or the processor where there is none, multiplies in bfloat16 at least as fast as in float32."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        details = tf.config.experimental.get_device_details(gpus[0])
        return bool(details.get("compute_capability", (0, 0)) >= (8, 0))
    info = Path("/proc/cpuinfo")
    flags = info.read_text().split() if info.exists() else []
    return not {"avx512_bf16", "amx_bf16", "bf16"}.isdisjoint(flags)


__all__ = ["as_networks_are_built", "has_bfloat16", "keras", "ops", "tf"]
