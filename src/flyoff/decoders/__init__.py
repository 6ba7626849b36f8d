"""Bytes to recordings; one folder a format.

Adding a format is a folder with a module-level ``DECODER``, one line in ``BUILTIN`` and a scenario
in ``tests/scenarios``. Third parties add one through the entry point group ``flyoff.decoders``.
"""

from typing import Protocol

from flyoff.decoders.rawlog import Message, RawLog, Topic
from flyoff.decoders.receipt import Gap, Receipt, Status
from flyoff.decoders.source import Source
from flyoff.model.recording import Recording

__all__ = ["Decoder", "Gap", "Message", "RawLog", "Receipt", "Source", "Status", "Topic"]

#: Module paths of the built-in decoders, in the order in which they are asked. Names, not modules:
#: importing one loads its kernels, and ``flyoff --help`` must not.
BUILTIN = (
    "flyoff.decoders.ulog",
    "flyoff.decoders.dataflash",
    "flyoff.decoders.tlog",
    "flyoff.decoders.dataflash_text",
    "flyoff.decoders.blackbox",
    "flyoff.decoders.csv",
)


class Decoder(Protocol):
    """What a format has to provide.

    ``decode`` raises DecodeError only where the header does not describe a readable log; damage
    after it becomes gaps of the receipt.
    """

    name: str

    def sniff(self, head: bytes) -> bool:
        """Whether the first bytes look like this format."""
        ...

    def decode(self, source: Source) -> RawLog:
        """Index the whole file: bytes to topics and a receipt."""
        ...

    def normalise(self, raw: RawLog) -> list[Recording]:
        """Topics to catalogue channels, a recording for each boot."""
        ...
