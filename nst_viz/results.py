"""Where results go: `results/` under the current folder, named after the pictures."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nst_viz.core.errors import NstVizError, showable

RESULTS = Path("results")
LONGEST_NAME = 100
"""bytes of a picture's name in that of its run; a file's name can have 255"""
NOT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\ufffd]")
"""ends of lines and the like, and what stands for bytes that are no text: a name is to be printed, and to be shown"""


def run_name(*sources: str | Path) -> str:
    """`img/content/dancing.jpg`, `sample:picasso` -> `dancing_picasso`; very long names are cut."""
    stems = [showable(Path(str(source).removeprefix("sample:")).stem) for source in sources]
    short = [stem.encode()[:LONGEST_NAME].decode(errors="ignore") for stem in stems]
    return NOT_IN_NAMES.sub("_", "_".join(short))


@contextmanager
def free_folder(name: str) -> Iterator[Path]:
    """results/NAME, or results/NAME-2, -3 … where that is taken. It is taken from now on, and free again if it stays empty.

    Raises NstVizError where it cannot be written.
    """
    folder, number = RESULTS / name, 2
    while not take(folder):
        folder, number = RESULTS / f"{name}-{number}", number + 1
    try:
        yield folder
    finally:
        with suppress(OSError):  # a run is in it
            folder.rmdir()


def take(folder: Path) -> bool:
    """Whether the folder was not there, and is now."""
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        return False
    except OSError as error:
        raise NstVizError(f"{folder} cannot be written ({error.strerror}): go to a folder in which you may write") from None
    return True
