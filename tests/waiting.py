"""Waiting for what another process does: for the condition, never for a time that is too short on a busy machine."""

import subprocess
import time
from collections.abc import Callable

PATIENCE = 600.0
"""seconds after which something hangs for certain, however busy the machine is"""


def wait_until(true: Callable[[], object], what: str, process: "subprocess.Popen[str] | None" = None) -> None:
    """Return once `true()` holds. Fails where the process that should bring it about has ended, or hangs."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert process is None or process.poll() is None, f"the process ended before there was {what}"
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.02)
