"""From the fields of the config to the options of the command line: names, kinds, help and defaults are read, not repeated."""

import types
from typing import Any, Literal, Union, get_args, get_origin

import click
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nst_viz.core.config import RecordingPolicy, TransferConfig

ARGUMENTS = ("mode", "content", "style")
"""fields that a command sets by its own name and arguments"""
NETWORKS_OWN = ("alpha", "beta", "tv", "content_layers", "style_layers", "init")
"""fields that each network has its own default for"""


def option_kind(annotation: Any) -> Any:
    """The click type of a field: a choice, an integer, a number, or text."""
    origin = get_origin(annotation)
    if origin is Literal:
        return click.Choice(list(get_args(annotation)))
    if origin in (Union, types.UnionType):
        return option_kind(next(part for part in get_args(annotation) if part is not type(None)))
    if hasattr(annotation, "__metadata__"):
        return option_kind(annotation.__origin__)
    return annotation if annotation in (int, float) else str


def limits(field: FieldInfo) -> str:
    """The least and the greatest value, where the field has both."""
    bounds = {kind: getattr(limit, kind) for limit in field.metadata for kind in ("ge", "le") if hasattr(limit, kind)}
    return f", {bounds['ge']} to {bounds['le']}" if len(bounds) == 2 else ""


def option(name: str, field: FieldInfo) -> click.Option:
    default = "" if field.default is None else f"  [default: {field.default}]"
    if name in NETWORKS_OWN:
        default = "  [default: the network's own, see `nst-viz networks NAME`]"
    kind = option_kind(field.annotation)
    metavar = {int: "N", float: "X", str: "PATH" if name == "weights" else "TEXT"}.get(kind)
    return click.Option(
        ["--" + name.replace("_", "-")],
        type=kind,
        default=None,
        metavar=metavar,
        help=f"{field.description}{limits(field)}{default}",
    )


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {name: field for name, field in model.model_fields.items() if name not in ARGUMENTS}


def with_options(command: click.Command) -> click.Command:
    """The command with one option for each field of the config and of the recording policy."""
    for model in (TransferConfig, RecordingPolicy):
        command.params += [option(name, field) for name, field in fields(model).items()]
    return command


def read_options(options: dict[str, Any], **fixed: Any) -> tuple[TransferConfig, RecordingPolicy]:
    """The config and the policy that the options given describe. Raises NstVizError for a value out of range."""
    given = {name: value for name, value in options.items() if value is not None}

    def part(model: type[BaseModel]) -> dict[str, Any]:
        return {name: given[name] for name in fields(model) if name in given}

    return TransferConfig(**part(TransferConfig), **fixed), RecordingPolicy(**part(RecordingPolicy))
