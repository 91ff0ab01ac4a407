"""From a stream of Iterates to a run's folder, and from the folder back to data."""

from collections.abc import Callable
from typing import Any

run_as_html: Callable[[Any], str] = repr
"""How a notebook shows a run. Recording knows nothing of rendering, so the contents page `nst_viz` sets it."""
