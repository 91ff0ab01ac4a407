"""From jobs to recorded runs on a Dask cluster: pictures go out with each job, the run's folder comes back as one archive."""

import io
import os
import re
import shutil
import tarfile
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nst_viz.core.config import RecordingPolicy, TransferConfig
from nst_viz.core.errors import NstVizError
from nst_viz.core.image import Picture
from nst_viz.recording.jobs import Job
from nst_viz.recording.run import is_locked

ADDRESS = r"((tcp|tls|wss?)://)?[^\s/]+:\d+"
CONNECT_SECONDS = 10
one_at_a_time = threading.Lock()
"""held by the run that is computed in this process"""


def record_on_cluster(jobs: Sequence[Job], scheduler: str, tell: Callable[[Job, int], None]) -> dict[Job, str]:
    """Record the jobs on the workers of the scheduler at an address such as tcp://host:8786; the reasons of those that failed.

    A job whose worker dies is given to another; a folder appears here whole and once, when its run is done. Workers need
    nst_viz and no common disk. Raises NstVizError where there is no scheduler or the package is missing.
    """
    if not re.fullmatch(ADDRESS, scheduler):
        raise NstVizError(
            f"{scheduler!r} is no scheduler's address: give one such as tcp://HOST:8786, which `dask scheduler` prints"
        )
    try:
        from distributed import Client, as_completed
    except ImportError:
        raise NstVizError(
            "a scheduler was given, which needs the package distributed: pip install 'nst_viz[cluster]'"
        ) from None
    failures: dict[Job, str] = {}
    try:
        client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NstVizError(f"no Dask scheduler answers at {scheduler} ({error}): start one with `dask scheduler`") from None
    with client:
        futures = {
            client.submit(
                archive_of_run, job.config.model_dump(mode="json"), job.policy.model_dump(mode="json"), job.pictures, pure=False
            ): job
            for job in jobs
        }
        for future in as_completed(list(futures), loop=client.loop):
            job = futures[future]
            try:
                result = future.result()
                if isinstance(result, str):
                    failures[job] = result
                    continue
                unpack(result, job.folder)
            except (
                Exception
            ) as error:  # a worker that died too often, or a folder that cannot be written here, concerns one job
                failures[job] = str(error) or type(error).__name__
                continue
            finally:
                future.release()  # the archive need not stay in the cluster's memory
            tell(job, job.config.steps)
    return failures


def archive_of_run(config: dict[str, Any], policy: dict[str, Any], pictures: dict[str, Picture]) -> bytes | str:
    """Record a run on this worker; its folder as a tar archive, or the reason why there is none.

    A reason goes back as text: an exception that cannot be read on the other side would never arrive. Jobs in the threads
    of one worker take turns, because each computes with several threads itself.
    """
    from nst_viz.recording.session import record_transfer

    with one_at_a_time, tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        try:
            record_transfer(TransferConfig(**config), folder, RecordingPolicy(**policy), pictures=pictures)
        except Exception as error:
            return str(error) or type(error).__name__
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            archive.add(folder, ".")
        return buffer.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """The archive as a folder, which appears whole. A run that was cut off there makes way. Raises NstVizError."""
    if folder.exists() and is_locked(folder):
        raise NstVizError(f"{folder} is being written by another process: wait for it, or stop it")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".") as place:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            archive.extractall(Path(place) / "run", filter="data")
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(Path(place) / "run", folder)
