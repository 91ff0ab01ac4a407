"""Which networks there are, by name. A built-in one is a module with a DESCRIPTION and a `load(config)`, and one line here.

Also known by name: any model of keras.applications (`keras:ResNet50V2`), and any model in a file (`mine.keras`). Nothing
here loads TensorFlow.
"""

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from nst_viz.core.errors import NstVizError

if TYPE_CHECKING:
    from nst_viz.core.networks.base import Description

BUILT_IN = {"distilled": "distilled", "wavelet": "wavelet", "vgg19": "vgg", "random": "random"}
"""name -> its module in `networks`, in the order in which they are offered"""
APPLICATION = "keras:"
"""before the name of a model of keras.applications"""
FILE = ".keras"
"""how the name of a file with a model ends"""


def check_name(name: str) -> str:
    """The name, where it can be that of a network. Raises ValueError, with what is allowed, where it cannot."""
    if name in BUILT_IN or name.endswith(FILE) or re.fullmatch(rf"{APPLICATION}[A-Za-z]\w*", name):
        return name
    if name.startswith(APPLICATION):
        raise ValueError(f"{name!r} names no model: write {APPLICATION}NAME with a name of keras.applications")
    names = ", ".join(BUILT_IN)
    raise ValueError(
        f"there is no network {name!r}: choose from {names}, or give {APPLICATION}NAME (of keras.applications) or FILE{FILE}"
    )


def module_of(name: str) -> Any:
    """The module that knows the network: its DESCRIPTION where that is known beforehand, and how to load it."""
    return import_module(f"nst_viz.core.networks.{BUILT_IN.get(name, 'keras_model')}")


@cache
def description_of(name: str) -> "Description | None":
    """What is known of a network before it is loaded; None of a Keras model, whose layers are in the model alone."""
    description: Description | None = getattr(module_of(name), "DESCRIPTION", None) if name in BUILT_IN else None
    return description


def describe(name: str) -> "Description":
    """What there is to say of a network. A Keras model is loaded for that. Raises NstVizError where it cannot be."""
    known = description_of(name)
    if known is not None:
        return known
    from nst_viz.core.networks import load_network

    try:
        return load_network(check_name(name))
    except ValueError as error:
        raise NstVizError(str(error)) from None
