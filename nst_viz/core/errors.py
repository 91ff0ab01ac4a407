"""The one exception that a user's mistake or a run's mishap ends in: its message is a sentence fit to be shown as it is."""

import re


def showable(text: str) -> str:
    """The text with bytes of a file's name that are no UTF-8 as �: only so can it be printed, and written to a page."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


class NstVizError(ValueError):
    """Says what was given, what is allowed and what to do; the command line prints it without a traceback."""

    def __str__(self) -> str:
        return showable(super().__str__())


class DivergedError(NstVizError):
    """The loss became NaN or infinite; the last good frame is kept."""
