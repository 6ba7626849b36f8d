"""DataFlash: the binary logs that ArduPilot writes on board (``.BIN``).

Its text form (``.log``, a line a record) is another format and refused here.
"""

from typing import TYPE_CHECKING

from flyoff.decoders.dataflash.layout import FMT_SIZE, HEAD, first_fmt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flyoff.decoders.rawlog import RawLog
    from flyoff.decoders.source import Source
    from flyoff.model.recording import Recording

__all__ = ["DECODER", "DataFlash"]


class DataFlash:
    """The decoder; kernels are loaded by the first ``decode``."""

    name = "dataflash"

    def sniff(self, head: bytes) -> bool:
        """Whether a FMT record stands among the first bytes, or a frame header opens them."""
        if first_fmt(head) >= 0:
            return True
        return head[:2] == HEAD and 0 < len(head) < FMT_SIZE

    def decode(self, source: "Source") -> "RawLog":
        """Index the whole file: bytes to topics and a receipt."""
        from flyoff.decoders.dataflash.decode import decode

        return decode(source)

    def normalise(self, raw: "RawLog") -> "list[Recording]":
        """Topics to catalogue channels, a recording for each boot."""
        from flyoff.decoders.dataflash.normalise import normalise

        return normalise(raw)

    def recordings(self, raw: "RawLog") -> "Iterator[Recording]":
        """Make the same one by one."""
        from flyoff.decoders.dataflash.normalise import recordings

        return recordings(raw)


DECODER = DataFlash()
