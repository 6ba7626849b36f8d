"""The account of every byte of a log."""

from dataclasses import dataclass, field
from enum import StrEnum

#: A receipt lists this many gaps at most; the rest are counted in ``gaps_omitted``.
MAX_GAPS_LISTED = 1000


class Status(StrEnum):
    """``truncated`` stops inside a record; ``malformed`` has bytes that no record explains."""

    COMPLETE = "complete"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that were not decoded, and why."""

    offset: int
    bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Dropout:
    """A drop-out that the logger itself reported.

    Attributes
    ----------
    t_us : int [µs]
        Last trustworthy time before it.
    duration_us : int [µs]
        As reported; a 16-bit count of milliseconds wraps at 65.5 s in ULog.
    """

    t_us: int
    duration_us: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """The account of every byte of a log: ``decoded_bytes + skipped_bytes == bytes``.

    Attributes
    ----------
    bytes, decoded_bytes, skipped_bytes : int
    status : Status
    gaps : tuple of Gap, ordered by offset, at most ``MAX_GAPS_LISTED``
    gaps_omitted : int
        Further gaps, counted in ``skipped_bytes`` too.
    resyncs : int
        How often reading had to look for the next whole record.
    unknown_ids : mapping of message id or name to how often it was met without a description
    dropouts : tuple of Dropout
    messages : int
        Whole records decoded.
    boots : int
        Boots found in the log.
    clock : str
        Where UTC comes from and how sure it is; empty if the log has none.
    notes : tuple of str
    """

    bytes: int
    decoded_bytes: int
    skipped_bytes: int
    status: Status
    gaps: tuple[Gap, ...] = ()
    gaps_omitted: int = 0
    resyncs: int = 0
    unknown_ids: dict[str, int] = field(default_factory=dict)
    dropouts: tuple[Dropout, ...] = ()
    messages: int = 0
    boots: int = 1
    clock: str = ""
    notes: tuple[str, ...] = ()
