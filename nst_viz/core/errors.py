"""The one exception that a user's mistake or a run's mishap ends in: its message is a sentence fit to be shown as it is."""


class NstVizError(ValueError):
    """Says what was given, what is allowed and what to do; the command line prints it without a traceback."""


class DivergedError(NstVizError):
    """The loss became NaN or infinite; the last good frame is kept."""
