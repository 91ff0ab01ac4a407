"""From a network's name to the network: built-in ones, the paper's, any Keras model. `register` knows their names."""

from functools import lru_cache
from typing import Any

from nst_viz.core.errors import NstVizError
from nst_viz.core.networks.base import Choice, Description, ModeDefaults, Network
from nst_viz.core.register import check_name, describe, module_of

__all__ = ["Choice", "Description", "ModeDefaults", "Network", "describe", "load_network"]


def load_network(name: str, **how: Any) -> Network:
    """The network of this name, loaded once in a process.

    `how`: what else a config says about its network (weights, pooling, precision, preprocess; see `Choice`). Raises
    NstVizError for a name that there is not, and where the weights cannot be had.
    """
    try:
        choice = Choice(check_name(name), **how)
    except ValueError as error:
        raise NstVizError(str(error)) from None
    file = choice.weights or choice.name
    return _load(choice, changed(file))


def changed(file: Any) -> int:
    """When a file was changed last, so that another one under the same name is loaded anew; 0 where it is no file."""
    from pathlib import Path

    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=4)
def _load(choice: Choice, changed: int) -> Network:
    from nst_viz.core.backend import as_networks_are_built

    with as_networks_are_built():
        network: Network = module_of(choice.name).load(choice)
        return network
