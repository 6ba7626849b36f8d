"""Every error that Flyoff raises on purpose.

A message says where, what was found, what was expected and what to do; lower case, no full stop.
Damage inside a log is never an exception: it becomes a gap in the receipt. What raises is misuse of
the API and input that cannot be read at all.
"""


class FlyoffError(Exception):
    """Base of all errors that a user can meet; the command line prints it without a trace."""


class DecodeError(FlyoffError):
    """The bytes do not begin a readable log.

    Parameters
    ----------
    path : str
        The file, or the name given to bytes in memory.
    offset : int [byte]
        Where reading stopped.
    problem : str
        What was found and what was expected.
    """

    def __init__(self, path: str, offset: int, problem: str) -> None:
        super().__init__(path, offset, problem)  # args mirror the signature, for pickle
        self.path, self.offset, self.problem = path, offset, problem

    def __str__(self) -> str:
        return f"{self.path} @ {self.offset:#x}: {self.problem}"


class SourceError(FlyoffError):
    """A file cannot be opened or is no regular file."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class PlanError(FlyoffError):
    """A mission file is malformed.

    Parameters
    ----------
    path : str
    line : int
        Line number from 1; 0 where the format has no lines.
    problem : str
    """

    def __init__(self, path: str, line: int, problem: str) -> None:
        super().__init__(path, line, problem)
        self.path, self.line, self.problem = path, line, problem

    def __str__(self) -> str:
        at = f":{self.line}" if self.line else ""
        return f"{self.path}{at}: {self.problem}"


class ModelError(FlyoffError, ValueError):
    """Values that contradict each other were put into the model."""


class UnknownChannel(FlyoffError, KeyError):
    """A recording does not carry the channel asked for."""

    def __init__(self, name: str, hint: str = "") -> None:
        super().__init__(name, hint)
        self.name, self.hint = name, hint

    def __str__(self) -> str:
        return f"this recording has no channel {self.name!r}{self.hint}"


class StatsError(FlyoffError, ValueError):
    """Impossible input to a statistic."""


class StoreError(FlyoffError):
    """A store cannot be read or written, or is of another version."""

    def __init__(self, store: str, problem: str) -> None:
        super().__init__(store, problem)
        self.store, self.problem = store, problem

    def __str__(self) -> str:
        return f"store {self.store}: {self.problem}"


class CampaignError(FlyoffError):
    """A campaign folder contradicts itself."""


class TrialError(FlyoffError, ValueError):
    """Impossible input to a score of a counter-drone trial, or a report that cannot be read."""


class ExchangeError(FlyoffError):
    """Evidence whose signature, form or key cannot be accepted; nothing of it may be used."""


class ReportError(FlyoffError):
    """A report cannot be made: an unknown language, a template that breaks, a file in the way."""


def reason_of(error: Exception) -> str:
    """Why something failed, as a message of ours ends: the system's number and path left out.

    Examples
    --------
    >>> reason_of(PermissionError(13, "Permission denied", "a.BIN")), reason_of(ValueError("odd"))
    ('permission denied', 'odd')
    """
    said = error.strerror if isinstance(error, OSError) else None
    return said.lower() if said else str(error)
