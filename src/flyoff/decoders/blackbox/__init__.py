"""Blackbox, the log of Betaflight, INAV and their relatives (``.bbl``, ``.bfl``, ``.txt``)."""

from collections.abc import Iterator

from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.source import Source
from flyoff.model.recording import Recording

__all__ = ["DECODER"]

#: How each log of a file begins; what follows names the product's author and is not asked for.
_PRODUCT = b"H Product:Blackbox"


class _Blackbox:
    """Imports what needs Numba only when a log is decoded: sniffing is for every start."""

    name = "blackbox"

    def sniff(self, head: bytes) -> bool:
        """Whether a product line stands in the first bytes; a dump may begin with erased flash."""
        return _PRODUCT in head

    def decode(self, source: Source) -> RawLog:
        """Read every log of the file: bytes to topics and a receipt."""
        from flyoff.decoders.blackbox.decode import decode

        return decode(source)

    def normalise(self, raw: RawLog) -> list[Recording]:
        """Topics to catalogue channels, one recording for each log of the file."""
        from flyoff.decoders.blackbox.normalise import normalise

        return normalise(raw)

    def recordings(self, raw: RawLog) -> Iterator[Recording]:
        """Make the same one by one."""
        from flyoff.decoders.blackbox.normalise import recordings

        return recordings(raw)


DECODER = _Blackbox()
