"""nst_viz: watch a neural network paint. This page is the contents; each name is imported when first used."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nst_viz import recording

if TYPE_CHECKING:
    from nst_viz.core.config import RecordingPolicy, TransferConfig
    from nst_viz.core.errors import NstVizError
    from nst_viz.core.image import load_image, load_pictures
    from nst_viz.core.networks import load_network
    from nst_viz.core.objective import LossTerms, Objective, build_objective
    from nst_viz.core.optimise import Iterate, optimise
    from nst_viz.core.transfer import Transfer, prepare
    from nst_viz.recording.recorder import create_run, record
    from nst_viz.recording.run import Run
    from nst_viz.recording.session import record_transfer, resume_transfer
    from nst_viz.render.movie import write_movie
    from nst_viz.seed import main

# In the order in which data flows: what is asked, pictures, network, objective, steps, recording, rendering.
_HOME = {
    "main": "seed",
    "TransferConfig": "core.config",
    "RecordingPolicy": "core.config",
    "NstVizError": "core.errors",
    "load_image": "core.image",
    "load_pictures": "core.image",
    "load_network": "core.networks",
    "build_objective": "core.objective",
    "Objective": "core.objective",
    "LossTerms": "core.objective",
    "prepare": "core.transfer",
    "Transfer": "core.transfer",
    "optimise": "core.optimise",
    "Iterate": "core.optimise",
    "create_run": "recording.recorder",
    "record": "recording.recorder",
    "record_transfer": "recording.session",
    "resume_transfer": "recording.session",
    "Run": "recording.run",
    "write_movie": "render.movie",
}

__all__ = [
    "Iterate",
    "LossTerms",
    "NstVizError",
    "Objective",
    "RecordingPolicy",
    "Run",
    "Transfer",
    "TransferConfig",
    "build_objective",
    "create_run",
    "load_image",
    "load_network",
    "load_pictures",
    "main",
    "optimise",
    "prepare",
    "record",
    "record_transfer",
    "resume_transfer",
    "write_movie",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module nst_viz has no attribute {name!r}: it has {', '.join(_HOME)}")
    return getattr(import_module(f"nst_viz.{_HOME[name]}"), name)


def _run_as_html(run: "Run") -> str:
    from nst_viz.render.notebook import run_html

    return run_html(run)


recording.run_as_html = _run_as_html
