"""DataFlash as text (``.log``): what old ground stations and consoles made of ArduPilot's logs.

A line a record, fields between commas, described by FMT lines as the binary form is by FMT records.
Topics, fields and units are those of the binary form, so its normalisation serves both.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flyoff.decoders.rawlog import RawLog
    from flyoff.decoders.source import Source
    from flyoff.model.recording import Recording

__all__ = ["DECODER", "DataFlashText"]

#: A FMT line: type and length in numbers, then a name.
_FMT = re.compile(rb"^FMT, ?\d{1,3}, ?\d{1,3}, ?\w{1,4},", re.MULTILINE)


class DataFlashText:
    """The decoder."""

    name = "dataflash_text"

    def sniff(self, head: bytes) -> bool:
        """Whether a FMT line stands among the first ones; a greeting may come before it."""
        return _FMT.search(head) is not None

    def decode(self, source: "Source") -> "RawLog":
        """Index the whole file: lines to topics and a receipt."""
        from flyoff.decoders.dataflash_text.decode import decode

        return decode(source)

    def normalise(self, raw: "RawLog") -> "list[Recording]":
        """Topics to catalogue channels, as those of the binary form."""
        from flyoff.decoders.dataflash.normalise import normalise

        return normalise(raw)


DECODER = DataFlashText()
