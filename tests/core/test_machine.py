"""Cores and memory as a container limits them, read from made-up control groups of both versions."""

from pathlib import Path

import psutil
import pytest

from nst_viz.core import machine

GIGABYTE = 2**30


@pytest.fixture(autouse=True)
def sixteen_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "allowed_cores", lambda: 16)


def made_up(root: Path, groups: str, **files: str) -> Path:
    """A root with what /proc/self/cgroup says, and files within /sys/fs/cgroup (`__` for `/`)."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(groups)
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n")
    return root


def test_without_control_groups_all_is_there(tmp_path: Path) -> None:
    assert machine.cores(tmp_path) == 16
    assert machine.memory(tmp_path) == psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("quota", "cores"), [("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1), ("max 100000", 16)]
)
def test_a_quota_of_version_2(tmp_path: Path, quota: str, cores: int) -> None:
    assert machine.cores(made_up(tmp_path, "0::/\n", cpu_dot_max=quota)) == cores


def test_the_narrowest_limit_on_the_way_up_holds_in_version_2(tmp_path: Path) -> None:
    files = {
        "jobs__memory_dot_max": str(3 * GIGABYTE),
        "jobs__one__memory_dot_max": "max",
        "memory_dot_max": str(5 * GIGABYTE),
        "jobs__cpu_dot_max": "300000 100000",
        "jobs__one__cpu_dot_max": "800000 100000",
        "other__memory_dot_max": "1",
    }
    root = made_up(tmp_path, "0::/jobs/one\n", **files)
    assert machine.memory(root) == min(3 * GIGABYTE, psutil.virtual_memory().total)
    assert machine.cores(root) == 3


@pytest.mark.parametrize("path", ["/docker/0123abcd", "/", "/../.."])
def test_limits_of_version_1_also_where_the_path_is_that_outside_of_the_container(tmp_path: Path, path: str) -> None:
    files = {
        "memory__memory_dot_limit_in_bytes": str(2 * GIGABYTE),
        "cpu,cpuacct__cpu_dot_cfs_quota_us": "400000",
        "cpu,cpuacct__cpu_dot_cfs_period_us": "100000",
    }
    root = made_up(tmp_path, f"11:cpu,cpuacct:{path}\n7:memory:{path}\n3:cpuset:{path}\n0::{path}\n", **files)
    assert machine.memory(root) == min(2 * GIGABYTE, psutil.virtual_memory().total)
    assert machine.cores(root) == 4


def test_no_limit_in_version_1(tmp_path: Path) -> None:
    files = {"memory__memory_dot_limit_in_bytes": "9223372036854771712", "cpu__cpu_dot_cfs_quota_us": "-1"}
    root = made_up(tmp_path, "4:memory:/a\n1:cpu:/a\n", **files, cpu__cpu_dot_cfs_period_us="100000")
    assert machine.memory(root) == psutil.virtual_memory().total
    assert machine.cores(root) == 16


@pytest.mark.parametrize("groups", ["", "nonsense", "0::", ":::\n", "\x00"])
def test_what_cannot_be_read_limits_nothing(tmp_path: Path, groups: str) -> None:
    root = made_up(tmp_path, groups, cpu_dot_max="many", memory_dot_max="")
    assert machine.cores(root) == 16
    assert machine.memory(root) == psutil.virtual_memory().total


def test_here() -> None:
    assert machine.cores() >= 1
    assert machine.memory() > 1e8
