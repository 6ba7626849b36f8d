"""DataFlash bytes to topics and a receipt.

Format reference: AP_Logger's ``LogStructure.h``. Known gaps: FILE contents are handed out as
logged, in pieces; the multipliers of FMTU are stated with a topic, not applied.
"""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from flyoff.decoders._kernels import ZEROS
from flyoff.decoders.dataflash import _kernels as kernels
from flyoff.decoders.dataflash.boots import find_boots
from flyoff.decoders.dataflash.describe import (
    clock_of,
    info_of,
    logger_notes,
    messages_of,
    params_of,
    unread,
)
from flyoff.decoders.dataflash.layout import HEAD, SDLOG2_TIME, TAIL, first_fmt
from flyoff.decoders.dataflash.tables import Topics, tables
from flyoff.decoders.dataflash.walk import Index, index
from flyoff.decoders.rawlog import DeferredLog, Message, ParameterChange, RawLog
from flyoff.decoders.receipt import Gap, Receipt, Status
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from flyoff.units import ByteArray

SDLOG2 = "PX4 before 2016 wrote it (sdlog2); its topics are read, sorties are not judged"

#: A FMT record has to come this early; no transfer puts more than that before a log.
SEARCH = 16 << 20


def decode(source: Source) -> RawLog:
    """Index a whole DataFlash log.

    Raises
    ------
    DecodeError
        If no FMT record stands in the first ``SEARCH`` bytes.
    """
    data = source.data
    if first_fmt(source.head()) < 0 and first_fmt(source.head(SEARCH)) < 0:
        raise DecodeError(source.path, 0, _refusal(source.head(16), data.size))
    found = index(data)
    topics, notes = tables(data, found)
    contents = _Contents(found, data, topics, [*found.notes, *notes])
    later = ("receipt", "params", "parameter_changes", "messages", "info", "boots")
    readers = {name: partial(getattr, contents, name) for name in later}
    return DeferredLog(readers, format="dataflash", source=source, topics=topics)


@dataclass(eq=False)
class _Contents:
    """What the small topics say of the log, each read when it is first asked for."""

    found: Index
    data: ByteArray
    topics: Topics
    notes: list[str]

    @cached_property
    def _params(self) -> tuple[dict[str, float], list[ParameterChange]]:
        return params_of(self.topics)

    @property
    def params(self) -> dict[str, float]:
        return self._params[0]

    @property
    def parameter_changes(self) -> list[ParameterChange]:
        return self._params[1]

    @cached_property
    def messages(self) -> list[Message]:
        return messages_of(self.topics)

    @cached_property
    def boots(self) -> tuple[tuple[int, int], ...]:
        return find_boots(self.data, self.topics)

    @property
    def info(self) -> dict[str, str]:
        said = info_of(self.topics, self.messages)
        return {**said, "logger": "sdlog2"} if self._is_sdlog2 else said

    @property
    def _is_sdlog2(self) -> bool:
        return any((d.name, d.format) == SDLOG2_TIME for d in self.found.definitions)

    @property
    def receipt(self) -> Receipt:
        notes = [*self.notes, *unread(self.topics), *logger_notes(self.topics)]
        if self._is_sdlog2:
            notes.append(f"a px4log: {SDLOG2}")
        clock = clock_of(self.topics, self.boots)
        return _receipt(self.found, self.data.size, len(self.boots), clock, notes)


def _refusal(head: bytes, size: int) -> str:
    if not head:
        return "not a DataFlash log: the file is empty, expected a3 95 80 …"
    begin = head.hex(" ")
    if head[:2] == HEAD:
        return f"not a DataFlash log: begins with {begin} but holds no FMT record (a3 95 80 …)"
    return f"not a DataFlash log: {size} bytes begin with {begin}, expected a3 95 80 …"


def _receipt(found: Index, size: int, boots: int, clock: str, notes: list[str]) -> Receipt:
    gaps = tuple(
        Gap(int(at), int(length), _reason(int(why), int(kind), int(at), int(length), size))
        for at, length, why, kind in found.gaps
    )
    return Receipt(
        bytes=size,
        decoded_bytes=size - found.skipped,
        skipped_bytes=found.skipped,
        status=_status(found, size),
        gaps=gaps,
        gaps_omitted=found.omitted,
        resyncs=found.resyncs,
        unknown_ids={str(k): int(found.unknown[k]) for k in np.flatnonzero(found.unknown)},
        messages=found.messages,
        boots=boots,
        clock=clock,
        notes=tuple(notes),
    )


def _reason(why: int, kind: int, at: int, length: int, size: int) -> str:
    if why == ZEROS:
        return "zero run"
    if why == kernels.UNKNOWN:
        return f"unknown type {kind}"
    if why == kernels.CUT:
        return f"file ends inside a record of type {kind}"
    if why == kernels.TAIL:
        return "rest of the last flash page" if length <= TAIL else "garbage to the end of the file"
    return "garbage"


def _status(found: Index, size: int) -> Status:
    """Blank or left-over bytes behind the last record are how loggers end; a cut record is not."""
    status = Status.COMPLETE
    for at, length, why, _ in found.gaps:
        last = at + length == size
        if last and (why == ZEROS or (why == kernels.TAIL and length <= TAIL)):
            continue
        if last and why == kernels.CUT:
            status = Status.TRUNCATED if status is Status.COMPLETE else status
            continue
        status = Status.MALFORMED
    return Status.MALFORMED if found.omitted else status
