"""One flight controller's part of a log, its topics on the vehicle's own clock."""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from flyoff.decoders.rawlog import RawLog, Topic
from flyoff.decoders.tlog.clock import NEAR_US, WITNESSES, BootClock, unwrapped
from flyoff.decoders.tlog.links import Copies, Heard, heard_by, kept
from flyoff.decoders.tlog.systems import Sender
from flyoff.decoders.tlog.topic import TIME, TlogTopic
from flyoff.decoders.tlog.twins import vehicles_of
from flyoff.units import BoolArray, IntArray

#: Reports of the radios at both ends, sent under an id of their own (SiK: system 51 component 68).
RADIO: Final = frozenset({"RADIO_STATUS", "RADIO"})


class ClockedTopic(TlogTopic):
    """A topic whose ``time_us`` is on the vehicle's clock [µs since boot]."""

    def __init__(
        self, topic: TlogTopic, clocks: Sequence[BootClock], heard: Heard | None = None
    ) -> None:
        self.__dict__.update(topic.__dict__)
        self.instance = topic.stream.instance
        self.time_field = TIME
        self._clocks = clocks
        self.heard = heard
        self._has_stamps = bool(topic.time_field)
        self._sent: IntArray | None = None

    def rows(self, chosen: BoolArray | IntArray | slice) -> Self:
        """The same topic with some of its rows, in file order."""
        some = super().rows(chosen)
        some._sent = None if self._sent is None else self._sent[chosen]
        return some

    def time_us(self) -> IntArray:
        """The message's own time where it has one that fits, else when it was sent."""
        if self._sent is None:
            self._sent = self._timed()
        return self._sent

    def _timed(self) -> IntArray:
        record_us = self.recorded() if self._has_stamps else None
        if not self._clocks:
            return record_us if record_us is not None else self.offsets
        sent = np.empty(len(self), dtype=np.int64)
        heard = self.heard
        if heard is None or heard.copies is not Copies.LINKS or record_us is None:
            sent = _sent(self._clocks, self.offsets, record_us)
        else:
            link = self.link()
            for number, clocks in heard.clocks.items():
                rows = link == number
                # a link over which no clock was told: that of the others, late by its delay
                sent[rows] = _sent(clocks or self._clocks, self.offsets[rows], record_us[rows])
        own = self._own_us(sent)
        if own is None:
            return sent
        is_near = np.abs(own - sent) <= NEAR_US
        if self.name in WITNESSES:  # what the clock was made of
            is_near |= own > 0
        return np.where(is_near, own, sent)

    def _own_us(self, sent: IntArray) -> IntArray | None:
        names = self.definition.names
        if "time_boot_ms" in names:
            return self.column("time_boot_ms").astype(np.int64) * 1000
        if "time_usec" in names:
            own = self.column("time_usec")
            # the instant of a fix that is repeated, or of no fix at all, is not that of sending;
            # such rows are too far from it
            is_short = own.dtype.itemsize == 4
            return unwrapped(own.astype(np.int64), sent) if is_short else own.astype(np.int64)
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one vehicle sent, and on what clocks.

    Attributes
    ----------
    raw : RawLog
        Its topics under plain instance numbers.
    clocks : list of BootClock
    own : list of TlogTopic
        Its topics as the log has them.
    twin : (number from 1, how many) of vehicles under the same ids
    """

    raw: RawLog
    clocks: list[BootClock]
    own: list[TlogTopic]
    twin: tuple[int, int] = (1, 1)


def parts_of(raw: RawLog, sender: Sender) -> list[Part]:
    """What was sent under one flight controller's ids, a part for each vehicle.

    Parameters
    ----------
    raw : RawLog
    sender : (system, component)
    """
    own = [t for t in tlog_topics(raw) if (t.stream.system, t.stream.component) == sender]
    radios = [t for t in tlog_topics(raw) if t.name in RADIO and t not in own]
    vehicles = vehicles_of(own)
    return [
        _part(raw, topics, radios, (number, len(vehicles)))
        for number, topics in enumerate(vehicles, 1)
    ]


def _part(
    raw: RawLog, own: list[TlogTopic], radios: list[TlogTopic], twin: tuple[int, int]
) -> Part:
    heard = heard_by(own, len(raw.source))
    clocks = heard.main
    part = copy(raw)
    clocked = [ClockedTopic(t, clocks, heard) for t in (*radios, *own)]
    if heard.copies is not Copies.NONE:
        clocked = [t.rows(kept(t, t.time_us(), heard.copies)) for t in clocked]
    part.topics = {(t.name, t.stream.instance): t for t in clocked}
    return Part(part, clocks, own, twin)


def _sent(clocks: Sequence[BootClock], offsets: IntArray, record_us: IntArray | None) -> IntArray:
    sent = np.empty(offsets.size, dtype=np.int64)
    for clock in clocks:
        a, b = np.searchsorted(offsets, (clock.first, clock.last))
        sent[a:b] = clock.sent(offsets[a:b], None if record_us is None else record_us[a:b])
    return sent


def heard(topic: TlogTopic, clocks: Sequence[BootClock]) -> ClockedTopic:
    """A topic of somebody else (a ground station's commands) on the vehicle's clock."""
    return ClockedTopic(topic, clocks)


def copies_of(part: RawLog) -> tuple[str, ...]:
    """How the vehicle was heard, if by more than one link, for a recording's notes."""
    heard = next((t.heard for t in part.topics.values() if isinstance(t, ClockedTopic)), None)
    if heard is None or heard.copies is Copies.NONE:
        return ()
    if heard.copies is Copies.REPEATED:
        return ("frames stand in the log more than once; copies are left out",)
    numbers = ", ".join(map(str, sorted(heard.clocks)))
    return (f"heard over links {numbers}; what came by more than one counts once",)


def tlog_topics(raw: RawLog) -> list[TlogTopic]:
    """The topics of a log that this decoder made."""
    return [t for t in _all(raw.topics.values()) if isinstance(t, TlogTopic)]


def _all(topics: Iterable[Topic]) -> Iterable[Topic]:
    return topics
