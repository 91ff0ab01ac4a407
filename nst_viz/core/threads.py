"""With how many threads TensorFlow computes: a part of what makes a run, for sums come out otherwise with another number.

The number is independent of the cores that are there: four threads on one core compute the same as on eight, only later.
"""

import os
import sys
from contextlib import suppress

from nst_viz.core.config import THREADS
from nst_viz.core.errors import NstVizError
from nst_viz.core.machine import allowed_cores


def begin_with_usual_threads() -> None:
    """Set TensorFlow to the usual number, where nobody has set another and it has not begun."""
    import tensorflow as tf

    with suppress(RuntimeError):  # it has begun, and stays with what it has
        if not tf.config.threading.get_intra_op_parallelism_threads():
            tf.config.threading.set_intra_op_parallelism_threads(THREADS)


def threads_here() -> int:
    """The threads with which this process computes, or will."""
    if "tensorflow" not in sys.modules:
        return THREADS
    import tensorflow as tf

    # Where nobody set a number TensorFlow takes this one.
    own = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return tf.config.threading.get_intra_op_parallelism_threads() or (int(own) if own.isdigit() else 0) or allowed_cores()


def compute_with(threads: int | None) -> None:
    """Compute with so many threads; as this process does anyway where None.

    Raises NstVizError where TensorFlow has begun in this process with another number, which it cannot change.
    """
    if threads is None or threads == threads_here():
        return
    from nst_viz.core.backend import tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
    except RuntimeError:
        raise NstVizError(
            f"this run is computed with {threads} threads, but this process has begun to compute with {threads_here()}, which "
            "TensorFlow cannot change: use nst-viz on the command line for it, or begin with it in a new Python process"
        ) from None
