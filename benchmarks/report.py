"""From measurements to a table: each is printed as it is made, and all are kept in results.json and results.md."""

import json
import os
import platform
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.measure import Timing

FOLDER = Path(__file__).parent
RESULTS, TABLE = FOLDER / "results.json", FOLDER / "results.md"
UNITS = {"ms": 1e3, "s": 1.0}


class Report:
    """The measurements of one benchmark, under the sentence that says what it measures."""

    def __init__(self, name: str, sentence: str) -> None:
        self.name, self.sentence = name, sentence
        self.rows: list[dict[str, Any]] = []
        print(f"\n== {name}: {sentence}", flush=True)

    def timing(self, what: str, timing: Timing, unit: str = "ms", note: str = "") -> None:
        """A median with its spread."""
        low, high = (UNITS[unit] * seconds for seconds in (min(timing.seconds), max(timing.seconds)))
        spread = {"low": low, "high": high, "turns": len(timing.seconds)}
        self._add(what, UNITS[unit] * timing.median, unit, note, spread)

    def figure(self, what: str, value: float, unit: str = "", note: str = "") -> None:
        """A number that was measured once, or follows from others."""
        self._add(what, value, unit, note, {})

    def _add(self, what: str, value: float, unit: str, note: str, spread: dict[str, float]) -> None:
        self.rows.append({"what": what, "value": value, "unit": unit, "note": note, **spread})
        print("  " + "  ".join(filter(None, cells(self.rows[-1]))), flush=True)
        self._save()

    def _save(self) -> None:
        """Put these in the place of the benchmark's earlier measurements, and write the table anew."""
        kept = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
        kept[self.name] = {
            "sentence": self.sentence,
            "machine": machine(),
            "measured": date.today().isoformat(),
            "rows": self.rows,
        }
        RESULTS.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
        TABLE.write_text(table(kept), "utf-8")


def cells(row: dict[str, Any]) -> Sequence[str]:
    """A row as text: what, value with unit, spread, note."""
    spread = f"{digits(row['low'])} to {digits(row['high'])}, {row['turns']} turns" if "low" in row else ""
    return row["what"], f"{digits(row['value'])} {row['unit']}".strip(), spread, row["note"]


def digits(value: float) -> str:
    """Three significant digits, never an exponent."""
    return f"{float(f'{value:.3g}'):,.10g}"


def table(kept: dict[str, Any]) -> str:
    """All measurements as Markdown."""
    lines = [
        "# What the benchmarks measured",
        "",
        "Written by `make bench`; the sentences about it are in [README.md](README.md).",
        "",
    ]
    for name, report in kept.items():
        lines += [f"## {name}", "", report["sentence"], "", f"{report['machine']}; {report['measured']}.", ""]
        lines += ["| what | measured (median of the turns) | fastest to slowest | note |", "|---|---|---|---|"]
        lines += ["| " + " | ".join(cells(row)) + " |" for row in report["rows"]] + [""]
    return "\n".join(lines)


def machine() -> str:
    """The processor, its cores and memory, and the versions of what computes."""
    packages = ", ".join(f"{name} {version(name)}" for name in ("tensorflow", "keras", "numpy"))
    return f"{processor()}, {os.cpu_count()} cores, {memory_gigabytes():.0f} GB, Python {platform.python_version()}, {packages}"


def processor() -> str:
    """The processor's own name where the system tells it."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    return names[0] if names else platform.processor() or platform.machine()


def memory_gigabytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
