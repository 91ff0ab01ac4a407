"""The number of threads: set before TensorFlow begins, the same whatever the cores, and refused where it is too late."""

import subprocess
import sys
from pathlib import Path

import pytest

from nst_viz.core import threads
from nst_viz.core.config import THREADS, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording.run import Run
from nst_viz.recording.session import record_transfer, resume_transfer

HOW_MANY = """
import sys
{before}
from nst_viz.core.threads import compute_with, threads_here
compute_with({asked})
from nst_viz.core.backend import tf
tf.constant(1.0) + 1
print(threads_here(), tf.config.threading.get_intra_op_parallelism_threads())
"""


@pytest.mark.parametrize(
    ("before", "asked", "said"),
    [
        ("", 3, "3 3"),
        ("import tensorflow as tf; tf.config.threading.set_intra_op_parallelism_threads(2)", None, "2 2"),
        ("import os; os.environ['TF_NUM_INTRAOP_THREADS'] = '5'; import tensorflow as tf; tf.constant(1.0) + 1", None, "5 0"),
    ],
)
def test_threads_of_a_process(before: str, asked: int | None, said: str) -> None:
    code = HOW_MANY.format(before=before, asked=asked)
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout.strip() == said, result.stderr


def test_a_run_says_with_how_many_threads_it_was_computed(recorded: Run) -> None:
    assert recorded.manifest["threads"] == threads.threads_here() == THREADS


def test_another_number_than_that_of_the_process_is_refused(config: TransferConfig, recorded: Run, tmp_path: Path) -> None:
    """TensorFlow has begun in this one, for the recorded run."""
    with pytest.raises(NstVizError, match=r"this run is computed with 3 threads, but this process has begun .* with 4, which"):
        record_transfer(config.replace(threads=3), tmp_path / "three")
    assert not (tmp_path / "three").exists()
    text = (recorded.folder / "run.json").read_text()
    (recorded.folder / "run.json").write_text(text.replace('"threads": 4', '"threads": 3'))
    before = (recorded.folder / "run.json").read_bytes()
    with pytest.raises(NstVizError, match=r"this run is computed with 3 threads"):
        resume_transfer(recorded.folder, steps=9)
    assert (recorded.folder / "run.json").read_bytes() == before
