"""A campaign against runs and inputs: kills at random instants, inputs that nobody should give, disks that are full.

`python -m benchmarks campaign --kills 100 --inputs 1000` takes about an hour on two cores; with `--kills 10 --inputs 100`
a few minutes. It prints a table and writes nothing into the repository.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.failures import Failures

PARTS = ("kills", "inputs", "disk")


def main(arguments: Sequence[str] = ()) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks campaign", description=__doc__)
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="in each of a plain, a coarse and a gradient run")
    parser.add_argument("--inputs", type=int, default=1000, metavar="N", help="of all kinds together")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is drawn at random")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args(arguments)
    failures, rows = Failures(), []
    for part in asked.parts:
        for name, attempt in attempts(part, asked, failures).items():
            print(f"{name} ...", flush=True)
            started = time.monotonic()
            with tempfile.TemporaryDirectory(prefix="campaign-") as folder:
                counts = attempt(Path(folder))
            how = ", ".join(f"{count} {what}" for what, count in counts.items())
            rows.append(f"| {name} | {how} | {time.monotonic() - started:.0f} s |")
    print("\n| what | how many | time |", "|---|---|---|", *rows, sep="\n")
    print(f"\nFailures (seed {asked.seed}): {sum(map(len, failures.found.values()))}")
    if failures.found:
        print("| in | times | what | how to meet it again |", "|---|---|---|---|", *failures.table(), sep="\n")


def attempts(part: str, asked: argparse.Namespace, failures: Failures) -> Mapping[str, Callable[[Path], Mapping[str, int]]]:
    """What a part tries, by name: each is given an empty folder, and answers how often it tried what."""
    if part == "kills":
        from benchmarks.kills import CASES, Killing

        draw = {case: random.Random(f"{case} {asked.seed}") for case in CASES}
        return {
            f"kills, {case}": lambda folder, case=case: Killing(case, folder, draw[case], failures).run(asked.kills)
            for case in CASES
        }
    if part == "inputs":
        from benchmarks.bad_inputs import Inputs

        return {"bad inputs": lambda folder: Inputs(inner(folder), failures, asked.seed).run(asked.inputs)}
    from benchmarks.full_disk import FullDisk

    return {"full disk": lambda folder: FullDisk(folder, failures).run()}


def inner(folder: Path) -> Path:
    """A folder in it, so that what is written beside it is seen."""
    (folder / "in").mkdir()
    return folder / "in"
