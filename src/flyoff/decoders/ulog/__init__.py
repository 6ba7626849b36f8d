"""ULog, the log of PX4 (``.ulg``)."""

from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.source import Source
from flyoff.model.recording import Recording

__all__ = ["DECODER"]

_HEAD = b"ULog"


class _ULog:
    """Imports what needs Numba only when a log is decoded: sniffing is for every start."""

    name = "ulog"

    def sniff(self, head: bytes) -> bool:
        """Whether the first bytes are a ULog's, an encrypted one included."""
        return head[:4] == _HEAD

    def decode(self, source: Source) -> RawLog:
        """Index the whole file: bytes to topics and a receipt."""
        from flyoff.decoders.ulog.decode import decode

        return decode(source)

    def normalise(self, raw: RawLog) -> list[Recording]:
        """Topics to catalogue channels, one recording."""
        from flyoff.decoders.ulog.normalise import normalise

        return normalise(raw)


DECODER = _ULog()
