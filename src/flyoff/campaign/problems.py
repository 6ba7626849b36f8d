"""What is wrong with a campaign folder: where, what, and what was probably meant."""

import csv
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from flyoff.errors import reason_of

Gravity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One inconsistency.

    Attributes
    ----------
    file : str
        Name of the file in the folder.
    line : int
        From 1; 0 where it concerns the whole file.
    text : str
    gravity : {"error", "warning"}
        An error keeps the campaign from being evaluated.
    """

    file: str
    line: int
    text: str
    gravity: Gravity = "error"

    def __str__(self) -> str:
        at = f":{self.line}" if self.line else ""
        return f"{self.file}{at}: {self.text}"


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those that keep a campaign from being evaluated."""
    return [p for p in problems if p.gravity == "error"]


def meant(word: str, known: Sequence[str]) -> str:
    """Name the nearest of the known words, as the end of a message.

    Examples
    --------
    >>> meant("at_lest", ["at_least", "at_most"])
    "; did you mean 'at_least'?"
    >>> meant("colour", ["at_least", "at_most"])
    '; expected one of at_least, at_most'
    """
    if not known:
        return "; there is none"
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"; did you mean {near[0]!r}?"
    return f"; expected one of {', '.join(known)}"


def unread(error: OSError | ValueError | csv.Error) -> str:
    r"""Why a file could not be read, in plain words.

    Examples
    --------
    >>> unread(IsADirectoryError(21, "Is a directory", "campaign.toml"))
    'is a folder; expected a file'
    >>> unread(UnicodeDecodeError("utf-8", b"one\ntwo\xff", 7, 8, "invalid start byte"))
    'line 2: byte 0xff is not UTF-8; save the file as UTF-8'
    """
    if isinstance(error, IsADirectoryError):
        return "is a folder; expected a file"
    if isinstance(error, OSError):
        return reason_of(error)
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        return f"line {line}: byte {byte:#04x} is not UTF-8; save the file as UTF-8"
    text = str(error)
    return text[:1].lower() + text[1:]
