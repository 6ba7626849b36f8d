"""Topics to recordings (work in progress)."""

from flyoff.decoders.rawlog import RawLog
from flyoff.model.recording import Recording


def normalise(raw: RawLog) -> list[Recording]:
    """Recordings of a tlog."""
    return []
