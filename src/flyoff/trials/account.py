"""The account of every byte of a sensor's file: what was read, what was not, and why.

The counterpart of a log's receipt. Bytes that are whole but say nothing of a target (a frame of
somebody's Wi-Fi, a message of another category) are decoded; they are counted under `passed_over`.
"""

from dataclasses import dataclass, field
from typing import Final

#: An account lists this many gaps at most; the rest are counted in ``gaps_omitted``.
MAX_GAPS_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that were not decoded, and why."""

    offset: int
    bytes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """``decoded_bytes + skipped_bytes == bytes``.

    Attributes
    ----------
    bytes, decoded_bytes, skipped_bytes : int
    status : str
        ``complete``, ``truncated`` (stops inside a message) or ``malformed``.
    messages : int
        Whole messages read, whatever they say.
    gaps : tuple of Gap
    gaps_omitted : int
    passed_over : mapping of what it was to how often
        Whole messages that say nothing of a target.
    """

    bytes: int
    decoded_bytes: int
    skipped_bytes: int
    status: str
    messages: int
    gaps: tuple[Gap, ...] = ()
    gaps_omitted: int = 0
    passed_over: dict[str, int] = field(default_factory=dict)


class Accountant:
    """Collects gaps while a file is read."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.messages = 0
        self.passed_over: dict[str, int] = {}
        self._gaps: list[Gap] = []
        self._skipped = 0
        self._count = 0
        self._is_cut = False

    def gap(self, offset: int, count: int, reason: str, *, is_cut: bool = False) -> None:
        """Note bytes that could not be read; ``is_cut`` if the file ends inside a message."""
        if count <= 0:
            return
        self._skipped += count
        self._is_cut |= is_cut
        self._count += 1
        if len(self._gaps) < MAX_GAPS_LISTED:
            self._gaps.append(Gap(offset, count, reason))

    def passed(self, what: str) -> None:
        """Note a whole message that says nothing of a target."""
        if what in self.passed_over or len(self.passed_over) < MAX_GAPS_LISTED:
            self.passed_over[what] = self.passed_over.get(what, 0) + 1

    def close(self) -> Account:
        """The finished account."""
        status = "complete"
        if self._count:
            status = "truncated" if self._is_cut and self._count == 1 else "malformed"
        return Account(
            self.size,
            self.size - self._skipped,
            self._skipped,
            status,
            self.messages,
            tuple(self._gaps),
            self._count - len(self._gaps),
            dict(sorted(self.passed_over.items())),
        )
