"""tlog: MAVLink telemetry as ground stations record it, a time stamp before each frame.

Mission Planner's variant with stamps in text, and a bare MAVLink stream, are read as well.
"""

from typing import TYPE_CHECKING

from flyoff.decoders.tlog.framing import FORMS, is_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flyoff.decoders.rawlog import RawLog
    from flyoff.decoders.source import Source
    from flyoff.model.recording import Recording

__all__ = ["DECODER", "Tlog"]


class Tlog:
    """The decoder; kernels and the MAVLink definitions are loaded by the first ``decode``."""

    name = "tlog"

    def sniff(self, head: bytes) -> bool:
        """Whether stamped frames follow one another from the start, or a little behind it."""
        return any(is_chain(head, form) for form in FORMS)

    def decode(self, source: "Source") -> "RawLog":
        """Index the whole file: bytes to topics and a receipt."""
        from flyoff.decoders.tlog.decode import decode

        return decode(source)

    def normalise(self, raw: "RawLog") -> "list[Recording]":
        """Topics to catalogue channels, a recording for each boot of each vehicle."""
        from flyoff.decoders.tlog.normalise import normalise

        return normalise(raw)

    def recordings(self, raw: "RawLog") -> "Iterator[Recording]":
        """Make the same one by one."""
        from flyoff.decoders.tlog.normalise import recordings

        return recordings(raw)


DECODER = Tlog()
