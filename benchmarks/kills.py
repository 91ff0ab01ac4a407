"""Runs that are killed at random instants, gone on with, and compared bit for bit with the run that was never killed.

`python -m benchmarks.kills CASE` is the process that is killed: it loads TensorFlow, says so, and does what each line asks.
"""

import json
import random
import shutil
import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.failures import Failures
from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.recording import recorder
from nst_viz.recording.run import Run, read_arrays
from nst_viz.recording.session import Silent, record_transfer, resume_transfer

PICTURES = {"content": "sample:dancing", "style": "sample:picasso"}
CASES: dict[str, tuple[TransferConfig, RecordingPolicy]] = {
    "plain": (TransferConfig(**PICTURES, size=48, steps=60), RecordingPolicy()),
    # Two coarse sizes, and sides that do not halve evenly: 178 × 194, 89 × 97, 45 × 49.
    "coarse": (TransferConfig(**PICTURES, size=194, steps=24, coarse_steps=16), RecordingPolicy()),
    "gradients": (TransferConfig(**PICTURES, size=48, steps=40), RecordingPolicy(gradients_every=1)),
}
AHEAD = 2
"""processes that load TensorFlow while another is killed"""
COLD = 0.1
"""share of the kills that hit a process as it starts"""
AGAIN = 0.3
"""share of the killed runs that are gone on with by a process that is killed too"""
AROUND = 3
"""steps before the first and after the last, as it were, in which a kill may fall"""
TIMES = ("started", "seconds")
"""what of a manifest tells the time"""


class Told(Silent):
    """Says each step on standard output."""

    def track(self, iterates: "Iterable[Any]", first: int, steps: int) -> Iterator[Any]:
        for iterate in iterates:
            print("step", iterate.step, flush=True)
            yield iterate


def serve(case: str) -> None:
    """The process that is killed. It writes a checkpoint as often as it can, so that kills hit its writing."""
    from nst_viz.core.image import load_pictures
    from nst_viz.core.transfer import prepare

    recorder.CHECKPOINT_SECONDS, recorder.CHECKPOINT_SHARE = 0.02, 1
    config, policy = CASES[case]
    next(prepare(config, load_pictures(config)).iterates())
    print("ready", flush=True)
    for line in sys.stdin:
        folder = Path(json.loads(line))
        if folder.exists():
            resume_transfer(folder, progress=Told())
        else:
            record_transfer(config, folder, policy, Told())
        print("done", flush=True)


class Victim:
    """Such a process, seen from the one that kills it."""

    def __init__(self, case: str) -> None:
        self.started, self.pace = time.monotonic(), 0.01
        pipe: Any = subprocess.PIPE
        command = [sys.executable, "-m", "benchmarks.kills", case]
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)

    def order(self, folder: Path) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(str(folder)) + "\n")
        self.process.stdin.flush()

    def wait_for(self, *words: str) -> str:
        """Until it says one of the words; the line, or nothing where it has ended."""
        assert self.process.stdout
        before = time.monotonic()
        for line in self.process.stdout:
            self.pace, before = time.monotonic() - before, time.monotonic()
            if line.strip() in words:
                return line.strip()
        return ""

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe
            with suppress(OSError):
                pipe.close()


@dataclass
class Killing:
    """All kills of one case: `whole` is the run that is never killed."""

    case: str
    folder: Path
    random: random.Random
    failures: Failures
    counts: Counter[str] = field(default_factory=Counter)
    victims: deque[Victim] = field(default_factory=deque)
    startup: float = 5.0
    """seconds from a process's start until it has loaded TensorFlow"""

    def run(self, kills: int) -> Counter[str]:
        config, policy = CASES[self.case]
        self.whole = record_transfer(config, self.folder / "whole", policy)
        number = 0
        try:
            while self.counts["kills"] < kills:
                number += 1
                self.one_run(self.folder / f"{self.case}-{number}")
        finally:
            for victim in self.victims:
                victim.kill()
        return self.counts

    def one_run(self, folder: Path) -> None:
        """A run that is killed once or more often, gone on with to its end, and compared."""
        how = []
        while True:
            how.append(self.kill_once(folder))
            self.counts["kills"] += 1
            try:
                self.look(folder)
            except Exception as error:
                self.failures.add("kills", f"what a kill left cannot be read: {error!r}", f"{self.case} {how}")
                return
            if not (folder / "checkpoint").exists() or self.random.random() > AGAIN:
                break
        try:
            different = self.finish(folder)
        except Exception as error:
            self.failures.add("kills", f"cannot be gone on with: {error!r}".replace(str(folder), "RUN"), f"{self.case} {how}")
            return
        for what in different:
            self.failures.add("kills", f"not the same as without the kill: {what}", f"{self.case} {how}")
        if not different:
            shutil.rmtree(folder, ignore_errors=True)

    def kill_once(self, folder: Path) -> str:
        """Record into the folder, or go on there, and kill the process at some instant of its life; which one, in words."""
        if self.random.random() < COLD:
            share = self.random.random()
            victim = Victim(self.case)
            victim.order(folder)
            time.sleep(share * self.startup)
            victim.kill()
            return f"{share:.2f} of its start"
        while len(self.victims) <= AHEAD:
            self.victims.append(Victim(self.case))
        victim = self.victims.popleft()
        victim.wait_for("ready")
        steps = CASES[self.case][0].steps
        first = self.last_step(folder) + 1
        at = self.random.uniform(first - AROUND, steps + AROUND)
        victim.order(folder)
        step = min(max(int(at), first), steps)
        if at >= first:
            victim.wait_for(f"step {step}", "done")
        time.sleep(self.random.random() * min(victim.pace, 0.5) * (AROUND if not first <= at <= steps else 1))
        victim.kill()
        return f"about step {at:.2f}"

    def last_step(self, folder: Path) -> int:
        """The step of the checkpoint; -1 where there is none."""
        try:
            return Run.open(folder).checkpoint()[0]
        except NstVizError:
            return -1

    def look(self, folder: Path) -> None:
        """Read all that a kill left. Raises what reading raises; before there is a run there is nothing to read."""
        if not (folder / "run.json").exists():
            self.counts["before the run was made"] += 1
            return
        run = Run.open(folder)
        if run.status not in ("stopped", "finished"):
            raise NstVizError(f"its status is {run.status}")
        run.losses()
        run.inputs()
        for step in run.frame_steps():
            run.frame(step)
        for step in run.gradient_steps():
            run.gradient_maps(step)
        if (folder / "checkpoint").exists():
            run.checkpoint()

    def finish(self, folder: Path) -> list[str]:
        """Go on to the end, or record anew what was killed before its first checkpoint; what differs from the whole run."""
        config, policy = CASES[self.case]
        if not (folder / "checkpoint").exists():
            self.counts["before the first checkpoint, recorded anew"] += 1
            shutil.rmtree(folder, ignore_errors=True)
            return differences(record_transfer(config, folder, policy), self.whole)
        run = Run.open(folder)
        if run.status == "finished":
            self.counts["finished already"] += 1
            return differences(run, self.whole)
        self.counts["gone on with"] += 1
        return differences(resume_transfer(folder), self.whole)


def differences(run: Run, whole: Run) -> list[str]:
    """What is not the same bit for bit in two runs, but for the times in their manifests."""
    names = {
        str(path.relative_to(each.folder)) for each in (run, whole) for path in each.folder.glob("*/*.*") if path.is_file()
    }
    names = {name for name in names if not Path(name).name.startswith(".")} | {"losses.csv"}
    parts = {Path(name).parts[0] for name in names if not same_bytes(run.folder / name, whole.folder / name)}
    ours, theirs = (read_arrays(each.folder / "checkpoint") for each in (run, whole))
    if ours.keys() != theirs.keys() or not all(np.array_equal(ours[name], theirs[name]) for name in ours):
        parts.add("checkpoint")
    ours, theirs = untimed(run.manifest), untimed(whole.manifest)
    parts |= {f"run.json ({name})" for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)}
    return sorted(parts)


def same_bytes(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.read_bytes() == other.read_bytes()


def untimed(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in manifest.items() if name not in TIMES}


if __name__ == "__main__":
    serve(sys.argv[1])
