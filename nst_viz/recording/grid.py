"""From one config and one or two knobs to a grid of recorded runs: in parallel, those already recorded skipped."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture, load_pictures
from nst_viz.core.register import description_of
from nst_viz.recording.jobs import Job
from nst_viz.recording.processes import record_in_processes
from nst_viz.recording.run import Run
from nst_viz.results import run_name

Advance = Callable[[int, int], None]
"""told how many steps are done, and how many there are in all"""


def unwatched(done: int, steps: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True)
class Knob:
    """A field of the config and the values that it takes along one side of a grid."""

    field: str
    values: Mapping[str, Any]
    """label -> value"""

    def __post_init__(self) -> None:
        if self.field not in TransferConfig.model_fields:
            raise NstVizError(f"{self.field!r} is no knob: choose from {', '.join(TransferConfig.model_fields)}")
        if not self.values:
            raise NstVizError(f"knob {self.field} has no values: give one or more")

    @classmethod
    def of(cls, field: str, *values: Any) -> "Knob":
        """Each value is its own label."""
        return cls(field, {str(value): value for value in values})

    @classmethod
    def parse(cls, text: str, network: str = "distilled") -> "Knob":
        """`alpha=0.1,1,10`; values that have commas themselves are separated by semicolons.

        Layers are labelled as `network` has them. Raises NstVizError.
        """
        field, equals, values = text.partition("=")
        parts = [part.strip() for part in values.split(";" if ";" in values else ",") if part.strip()]
        if not equals or not parts:
            raise NstVizError(f"{text!r} is no knob: write NAME=VALUE,VALUE or NAME=VALUE;VALUE where a value has commas")
        twice = [part for part in parts if parts.count(part) > 1]
        if twice:
            raise NstVizError(f"knob {field.strip()} has the value {twice[0]} {parts.count(twice[0])} times: give each once")
        field = field.strip().replace("-", "_")
        labels = [short(field, part, network) for part in parts]
        return cls(field, dict(zip(labels if len(set(labels)) == len(parts) else parts, parts, strict=True)))


def short(field: str, value: str, network: str) -> str:
    """A value as it labels a row or a column: `block1_conv1,block2_conv1` -> `1.1 2.1`, `img/style/wave.jpg` -> `wave`."""
    if field.endswith("_layers"):
        known = description_of(network)
        labels = {layer.name: layer.label for layer in known.layers} if known else {}
        names = [part.partition("=") for part in value.split(",")]
        return " ".join(labels.get(name.strip(), name.strip()) + equals + weight for name, equals, weight in names)
    return run_name(value) if field in ("content", "style", "init") else value


@dataclass(frozen=True)
class Grid:
    """Recorded runs: one for each value of `columns`, in one row for each value of `rows`."""

    columns: Knob
    rows: Knob | None
    runs: tuple[tuple[Run, ...], ...]

    def all_runs(self) -> list[Run]:
        """Row by row."""
        return [run for row in self.runs for run in row]


def record_grid(
    base: TransferConfig,
    columns: Knob,
    rows: Knob | None = None,
    *,
    folder: str | Path,
    policy: RecordingPolicy | None = None,
    advance: Advance = unwatched,
    processes: int | None = None,
    scheduler: str | None = None,
) -> Grid:
    """Record `base` with each value of the knob, or with each pair of values of two, into folders within `folder`.

    `processes` and `scheduler`, and what is raised, are those of `record_all`.
    """
    if rows is not None and rows.field == columns.field:
        raise NstVizError(f"rows and columns are both {rows.field}: give two different knobs")
    configs = {
        cell_name(columns, column, rows, row): base.replace(
            **({rows.field: rows.values[row]} if rows else {}), **{columns.field: columns.values[column]}
        )
        for row, column in product(rows.values if rows else [""], columns.values)
    }
    runs = record_all(configs, folder, policy, advance, processes, scheduler)
    width = len(columns.values)
    return Grid(columns, rows, tuple(tuple(runs[start : start + width]) for start in range(0, len(runs), width)))


def cell_name(columns: Knob, column: str, rows: Knob | None, row: str) -> str:
    """`style_layers=blocks 1-2 alpha=0.1`"""
    return " ".join([*([f"{rows.field}={row}"] if rows else []), f"{columns.field}={column}"])


def record_all(
    configs: Mapping[str, TransferConfig],
    folder: str | Path,
    policy: RecordingPolicy | None = None,
    advance: Advance = unwatched,
    processes: int | None = None,
    scheduler: str | None = None,
) -> list[Run]:
    """Record each config into a folder of its own within `folder`; those that are there already are left as they are.

    A run's folder is named after the config's name and a hash of all that decides what is recorded, so a changed setting or
    picture is recorded anew beside the old one; a run that was cut off goes on. Runs are shared among `processes` (as many
    as there are cores, when None), or among the workers of a Dask scheduler at the address `scheduler`. Raises NstVizError
    for what cannot be used before anything is recorded, and for a run that failed after all others are done.
    """
    policy = policy or RecordingPolicy()
    jobs = plan(configs, Path(folder), policy)
    done = {job.folder: job.recorded_steps() for job in jobs}
    missing = [job for job in jobs if done[job.folder] < job.config.steps]
    steps = sum(job.config.steps for job in jobs)
    advance(sum(done.values()), steps)

    def tell(job: Job, step: int) -> None:
        done[job.folder] = step
        advance(sum(done.values()), steps)

    if scheduler is not None:
        from nst_viz.recording.cluster import record_on_cluster

        failures = record_on_cluster(missing, scheduler, tell)
    else:
        failures = record_in_processes(missing, processes, tell)
    if failures:
        job, reason = next(iter(failures.items()))
        raise NstVizError(f"{len(failures)} of {len(jobs)} runs failed, the first of them {job.name}: {reason}")
    return [Run.open(job.folder) for job in jobs]


def plan(configs: Mapping[str, TransferConfig], folder: Path, policy: RecordingPolicy) -> list[Job]:
    """One job for each config. Raises NstVizError for a picture that cannot be used."""
    known: dict[tuple[Any, ...], dict[str, Picture]] = {}
    jobs = []
    for name, config in configs.items():
        wanted = (config.mode, config.content, config.style, config.init, config.size)
        if wanted not in known:
            known[wanted] = load_pictures(config)
        pictures = known[wanted]
        slug = re.sub(r"[^\w.=-]+", "-", name)[:80].strip("-")
        jobs.append(Job(name, folder / f"{slug}-{identity(config, policy, pictures)}", config, policy, pictures))
    return jobs


def identity(config: TransferConfig, policy: RecordingPolicy, pictures: Mapping[str, Picture]) -> str:
    """Eight hexadecimal digits that change with the config, the policy, a picture's bytes or the package's version."""
    about: Sequence[Any] = (
        config.model_dump(mode="json", exclude_defaults=True),  # a knob that is new in the config changes nothing
        policy.model_dump(mode="json", exclude_defaults=True),
        {kind: picture.sha256 for kind, picture in pictures.items()},
        version("nst_viz"),
    )
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()[:8]
