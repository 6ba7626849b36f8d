"""What the lake stores of one log; the pipeline fills it in."""

from dataclasses import dataclass, field

from flyoff.model.recording import LogReference, Recording
from flyoff.model.sortie import Sortie
from flyoff.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class RecordingEntry:
    """One boot: the recording's facts, its sorties, and where it flew.

    Attributes
    ----------
    recording : Recording
        Its channels are not looked at.
    channels : int
    sorties : tuple of Sortie
    track_us : int64, shape (n,) [µs on the log's own clock]
    track : mapping of column of the table ``tracks`` to float64, shape (n,)
    """

    recording: Recording
    channels: int
    sorties: tuple[Sortie, ...]
    track_us: IntArray | None = None
    track: dict[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class LogEntry:
    """One log: what its receipt says and what was made of it.

    Attributes
    ----------
    log : LogReference
    decoded_bytes, skipped_bytes : int
    status : str
    receipt : mapping
        The receipt in plain values, kept as JSON.
    recordings : tuple of RecordingEntry
    plan_sha256, plan_path : str or None
    warnings : tuple of str
    rules_version : str
    """

    log: LogReference
    decoded_bytes: int
    skipped_bytes: int
    status: str
    receipt: dict[str, object]
    recordings: tuple[RecordingEntry, ...]
    plan_sha256: str | None = None
    plan_path: str | None = None
    warnings: tuple[str, ...] = ()
    rules_version: str = ""

    @property
    def track_rows(self) -> int:
        """How many rows of the table ``tracks`` this log makes."""
        return sum(r.track_us.size for r in self.recordings if r.track_us is not None)
