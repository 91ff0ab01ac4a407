"""From a path that a person named to a file that appears there whole, or not at all."""

import errno
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from nst_viz.core.errors import NstVizError

LONGEST_NAME = 255
"""bytes of a file's name in all usual file systems"""


def check_suffix(path: Path, allowed: Sequence[str]) -> str:
    """The path's suffix in lower case. Raises NstVizError where it is none of those allowed (`.gif`, …)."""
    suffix = path.suffix.lower()
    if suffix not in allowed:
        raise NstVizError(f"{path} ends in {suffix or 'no suffix'}: give a name that ends in {' or '.join(allowed)}")
    return suffix


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, which takes its place when the block ends well and is removed when it does not.

    The folder is made where it is missing. Raises NstVizError where the path cannot be written.
    """
    temporary = path.with_name(f".{secrets.token_hex(6)}.part{path.suffix}")
    try:
        if path.is_dir():
            raise NstVizError(f"{path} is a directory: give a file's name")
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch()  # now, not after a minute of encoding
        if len(os.fsencode(path.name)) > LONGEST_NAME:
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        reason = error.strerror or (str(error).strip().splitlines() or ["disk error"])[-1]
        raise NstVizError(f"{path} cannot be written ({reason}): make room, or give another path") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
