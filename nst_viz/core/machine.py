"""What this process may use of the machine: cores and memory, within the limits of a container (control groups)."""

import math
import os
from contextlib import suppress
from pathlib import Path

import psutil

ROOT = Path("/")
CONTROLLERS = "sys/fs/cgroup"


def cores(root: Path = ROOT) -> int:
    """Cores that this process may keep busy, at least 1; part of one counts as one."""
    quotas = []
    for folder in control_groups("cpu", root):
        quota, period = [*words(folder / "cpu.max"), "max", ""][:2]
        if not quota.isdigit():
            quota, period = "".join(words(folder / "cpu.cfs_quota_us")), "".join(words(folder / "cpu.cfs_period_us"))
        if quota.isdigit() and period.isdigit() and int(period):
            quotas.append(math.ceil(int(quota) / int(period)))
    return max(1, min([allowed_cores(), *quotas]))


def allowed_cores() -> int:
    """Cores on which this process may run (its affinity)."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13 on
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory(root: Path = ROOT) -> int:
    """Bytes of memory that this process may have, with nothing else running."""
    limits = [
        int("".join(text))
        for folder in control_groups("memory", root)
        for name in ("memory.max", "memory.limit_in_bytes")
        if "".join(text := words(folder / name)).isdigit()
    ]
    return min([psutil.virtual_memory().total, *limits])


def control_groups(controller: str, root: Path) -> list[Path]:
    """The folders whose limits hold for this process: of its own control group and of those around it, in both versions."""
    folders: list[Path] = []
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except (OSError, ValueError):
        return folders
    for line in lines:
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and controller not in controllers.split(","):
            continue
        for place in {root / CONTROLLERS / name for name in ((controllers, controller) if controllers else ("", "unified"))}:
            # Within a container the path can be that outside of it, so folders that are not there are passed over.
            inside = place / path.lstrip("/") if ".." not in path else place
            folders += [folder for folder in (inside, *inside.parents) if folder.is_relative_to(place)]
    return folders


def words(path: Path) -> list[str]:
    """What a file of the system says; nothing where there is none."""
    with suppress(OSError, ValueError):
        return path.read_text().split()
    return []
