"""CSV: what AirData, DJI converters and Litchi write, and any other with a mapping beside it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flyoff.decoders.rawlog import RawLog
    from flyoff.decoders.source import Source
    from flyoff.model.recording import Recording

__all__ = ["DECODER", "Csv"]


class Csv:
    """The decoder. Whether the columns mean anything, ``check`` says: it needs the mapping."""

    name = "csv"

    def sniff(self, head: bytes) -> bool:
        """Whether the first lines are a header and rows of as many cells."""
        from flyoff.decoders.csv.header import find_header

        return find_header(head) is not None

    def check(self, source: "Source") -> None:
        """Raise DecodeError where no mapping says what the columns are."""
        from flyoff.decoders.csv.decode import describe

        describe(source)

    def decode(self, source: "Source") -> "RawLog":
        """Index the whole file."""
        from flyoff.decoders.csv.decode import decode

        return decode(source)

    def normalise(self, raw: "RawLog") -> "list[Recording]":
        """Columns to catalogue channels, as the mapping says."""
        from flyoff.decoders.csv.normalise import normalise

        return normalise(raw)


DECODER = Csv()
