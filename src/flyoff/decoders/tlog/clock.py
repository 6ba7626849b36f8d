"""The vehicle's clock behind the ground station's: when a frame was sent, in µs since boot.

Frames that carry ``time_boot_ms`` are witnesses: record time minus boot time is the offset of the
clocks plus the delay of the link, and delays are never negative. So the least of it over some
time is the offset. What carries no time is mapped with it, and can only have been sent between the
witnesses before and behind it, since a link keeps its order.

A ground station's computer that is set while it records (by a network, a receiver or a person)
jumps: from there on the offset is another one, and the stretches are mapped each with its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np

from flyoff.decoders.tlog.payloads import _kernels as kernels
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.units import US_PER_S, FloatArray, IntArray

#: Messages whose ``time_boot_ms`` is the instant of sending, in all firmware.
WITNESSES: Final = (
    "SYSTEM_TIME", "ATTITUDE", "GLOBAL_POSITION_INT", "ATTITUDE_QUATERNION", "LOCAL_POSITION_NED",
    "RC_CHANNELS", "SCALED_PRESSURE",
)  # fmt: skip
#: A clock that goes back by more is another boot; links re-order by less.
REBOOT_US: Final = 5 * US_PER_S
#: Boots that are told apart; a log of more is built, not flown.
MAX_BOOTS: Final = 1000
#: The offset is taken over so long: computers' clocks drift by 3 ms in it at the worst (50 ppm).
WINDOW_US: Final = 60 * US_PER_S
#: A message's own time is believed if it was sent so close to when it came.
NEAR_US: Final = 2 * US_PER_S
_WRAP_US: Final = 1 << 32
#: A clock is set, and no link slower, if the quickest frames before and behind differ by more ...
JUMP_US: Final = 1 * US_PER_S
#: ... over so long on either side, with so many witnesses at least ...
_BESIDE_US: Final = 30 * US_PER_S
_BESIDE: Final = 3
#: ... of which so many may be quicker by a garbage stamp [share].
_QUICKEST: Final = 0.1
#: A hostile log may jump without end; what matters is told by then.
_MOST_JUMPS: Final = 1000


@dataclass(frozen=True, slots=True, eq=False)
class BootClock:
    """One boot's clock, and how the ground station's maps to it.

    Attributes
    ----------
    first, last : int [byte]
        The boot's part of the file.
    at : int64, shape (n,)
        File offsets of the witnesses, ascending.
    boot_us : int64, shape (n,) [µs since boot]
        Their times, never decreasing.
    record_us, lead_us : int64, shape (n,)
        When they were recorded, and the ground station's clock minus the vehicle's there; empty
        where frames are stored without stamps.
    delay_s : float [s]
        How much later than the quickest frames the bulk of them came (95 %).
    jumps : tuple of int
        Rows of the witnesses from which on the ground station's clock was another.
    strange : float
        Share of the witnesses that say a time long gone, as another vehicle of the same ids would.
    """

    first: int
    last: int
    at: IntArray
    boot_us: IntArray
    record_us: IntArray
    lead_us: IntArray
    delay_s: float
    jumps: tuple[int, ...] = ()
    strange: float = 0.0

    def sent(self, offsets: IntArray, record_us: IntArray | None) -> IntArray:
        """When frames were sent [µs since boot], by their place and when they were recorded."""
        place = np.searchsorted(self.at, offsets, side="right")
        before = self.boot_us[np.maximum(place - 1, 0)]
        after = self.boot_us[np.minimum(place, self.at.size - 1)]
        if record_us is None or not self.lead_us.size:
            between = np.interp(offsets, self.at, self.boot_us)
            return np.rint(between).astype(np.int64)
        sent: IntArray = record_us - self._lead(offsets, record_us)
        # before the first and behind the last witness, both clocks ran alike
        early = np.minimum(before - np.maximum(self.record_us[0] - record_us, 0), before)
        late = after + np.maximum(record_us - self.record_us[-1], 0) + NEAR_US
        low = np.where(place > 0, before, early)
        high = np.where(place < self.at.size, after, late)
        bounded: IntArray = np.clip(sent, low, high)
        return bounded

    def _lead(self, offsets: IntArray, record_us: IntArray) -> IntArray:
        """The ground station's clock minus the vehicle's, by place and stamp of frames [µs]."""
        lead = np.empty(offsets.size)
        parts = self._parts()
        edges = np.searchsorted(offsets, [self.at[part.start] for part in parts[1:]])
        for part, rows in zip(parts, _slices(edges.tolist(), offsets.size), strict=True):
            order = np.argsort(self.record_us[part], kind="stable")
            known = self.record_us[part][order], self.lead_us[part][order]
            lead[rows] = np.interp(record_us[rows], *known)
        whole: IntArray = np.rint(lead).astype(np.int64)
        return whole

    def _parts(self) -> list[slice]:
        return _slices(self.jumps, self.at.size)

    @property
    def offsets_us(self) -> list[int]:
        """The ground station's clock minus the vehicle's, for each stretch between jumps [µs].

        Empty without stamps.
        """
        if not self.lead_us.size:
            return []
        return [int(np.median(self.lead_us[part])) for part in self._parts()]

    @property
    def sizes(self) -> list[int]:
        """How many witnesses each stretch has."""
        return [part.stop - part.start for part in self._parts()]

    @property
    def steps_s(self) -> list[float]:
        """By how much the ground station's clock was set, time and again [s]."""
        return [(after - before) / 1e6 for before, after in pairwise(self.offsets_us)]


@dataclass(frozen=True, eq=False)
class Witnesses:
    """What the frames with a time of their own tell of one flight controller's boots.

    Attributes
    ----------
    at, boot_us : int64, shape (n,)
        As in `BootClock`, of all boots, the times as they were sent.
    cuts : sequence of int
        Rows with which another boot begins.
    telling : sequence of TlogTopic
        Whose frames these are.
    rows : int64, shape (n,)
        Of the frames of these topics, one topic behind the other.
    stamped : sequence of TlogTopic
        All that the flight controller sent; empty where frames are stored without stamps.
    """

    at: IntArray
    boot_us: IntArray
    cuts: Sequence[int]
    telling: Sequence[TlogTopic]
    rows: IntArray
    stamped: Sequence[TlogTopic]

    @property
    def boots(self) -> int:
        """How many boots there are."""
        return len(self.cuts) + 1

    @cached_property
    def record_us(self) -> IntArray:
        """When they were recorded [µs since 1970]; 0 of a topic without stamps."""
        none = np.int64(0)
        parts = [t.recorded() if t.time_field else np.full(len(t), none) for t in self.telling]
        return np.concatenate(parts)[self.rows]

    def edges(self, size: int) -> list[int]:
        """Where each boot begins in a file of so many bytes, and where the last one ends."""
        found = (_edge(self.stamped, self.at, self.boot_us, self.record_us, i) for i in self.cuts)
        return [0, *found, size]


def witnesses_of(topics: Iterable[TlogTopic]) -> Witnesses | None:
    """The witnesses among all that one flight controller sent; None if there is none."""
    every = list(topics)
    telling = [t for t in every if t.name in WITNESSES and "time_boot_ms" in t.fields and len(t)]
    if not telling:
        return None
    at = np.concatenate([t.offsets for t in telling])
    boot_us = np.concatenate([t.column("time_boot_ms") for t in telling]).astype(np.int64) * 1000
    rows = np.argsort(at, kind="stable")
    rows = rows[boot_us[rows] > 0]
    if not rows.size:
        return None
    boot_us = boot_us[rows]
    has_stamps = any(t.time_field for t in every)
    stamped = every if has_stamps else ()
    return Witnesses(at[rows], boot_us, _reboots(boot_us), telling, rows, stamped)


def boot_clocks(topics: Iterable[TlogTopic], size: int) -> list[BootClock]:
    """A clock for each boot of one flight controller, in file order; empty if it tells none.

    Parameters
    ----------
    topics : of TlogTopic
        All that the flight controller sent.
    size : int [byte]
        Of the file.
    """
    seen = witnesses_of(topics)
    if seen is None:
        return []
    edges, rows = seen.edges(size), [0, *seen.cuts, seen.at.size]
    return [
        _clock(edges[i], edges[i + 1], seen.at[a:b], seen.boot_us[a:b], seen.record_us[a:b],
               bool(seen.stamped))
        for i, (a, b) in enumerate(pairwise(rows))
    ]  # fmt: skip


def _reboots(boot_us: IntArray) -> list[int]:
    found = np.empty(MAX_BOOTS, dtype=np.int64)
    count = kernels.reboots(boot_us, REBOOT_US, found)
    return [int(row) for row in found[:count]]


def _edge(
    topics: Sequence[TlogTopic],
    at: IntArray,
    boot_us: IntArray,
    record_us: IntArray,
    row: int,
) -> int:
    """Where a boot's first frame stands: what was recorded after the instant of booting."""
    booted_us = int(record_us[row] - boot_us[row])
    first = int(at[row])
    for topic in topics:
        some = topic.between(int(at[row - 1]) + 1, int(at[row]))
        if len(some):
            late = some.offsets[some.recorded() >= booted_us]
            first = min([first, *late[:1].tolist()])
    return first


def _clock(
    first: int,
    last: int,
    at: IntArray,
    boot_us: IntArray,
    record_us: IntArray,
    has_stamps: bool,
) -> BootClock:
    rising = np.maximum.accumulate(boot_us)
    strange = float(np.mean(boot_us < rising - REBOOT_US))
    none = np.zeros(0, dtype=np.int64)
    if not has_stamps:
        return BootClock(first, last, at, rising, none, none, 0.0, strange=strange)
    lead = record_us - boot_us
    jumps = _jumps(rising, lead)
    parts = _slices(jumps, at.size)
    lead_us = np.concatenate([_lower_envelope(record_us[part], lead[part]) for part in parts])
    delay_s = float(np.percentile(np.abs(lead - lead_us) / 1e6, 95))
    return BootClock(first, last, at, rising, record_us, lead_us, delay_s, tuple(jumps), strange)


def _slices(edges: Sequence[int], size: int) -> list[slice]:
    """The stretches between edges of ``size`` rows."""
    return [slice(a, b) for a, b in pairwise((0, *edges, size))]


def _jumps(boot_us: IntArray, lead_us: IntArray) -> list[int]:
    """Rows from which on the ground station's clock is another than before."""
    found: list[int] = []
    candidates = np.flatnonzero(np.abs(np.diff(lead_us)) > JUMP_US)[:_MOST_JUMPS] + 1
    for row in candidates.tolist():
        first = max(
            found[-1] if found else 0, int(np.searchsorted(boot_us, boot_us[row] - _BESIDE_US))
        )
        last = int(np.searchsorted(boot_us, boot_us[row] + _BESIDE_US, side="right"))
        if min(row - first, last - row) < _BESIDE:
            continue
        before, after = _quickest(lead_us[first:row]), _quickest(lead_us[row:last])
        # the step itself has to be as large: beside a jump, every garbage stamp sees it
        step = int(lead_us[row] - lead_us[row - 1])
        if abs(after - before) > JUMP_US and abs(step - (after - before)) <= JUMP_US:
            found.append(row)
    return found


def _quickest(lead_us: IntArray) -> int:
    return int(np.partition(lead_us, row := int(_QUICKEST * lead_us.size))[row])


def _lower_envelope(record_us: IntArray, lead_us: IntArray) -> IntArray:
    """The least lead around each witness, joined linearly from window to window."""
    # a stamp far from the rest is garbage and must not rule a window
    middle = np.median(lead_us)
    away = np.abs(lead_us - middle)
    good = away <= max(WINDOW_US, 20 * float(np.median(away)))
    window = (record_us - record_us[good][0]) // WINDOW_US
    numbers, place = np.unique(window[good], return_inverse=True)
    least = np.full(numbers.size, np.iinfo(np.int64).max)
    np.minimum.at(least, place, lead_us[good])
    centres: FloatArray = (numbers + 0.5) * WINDOW_US + float(record_us[good][0])
    envelope: IntArray = np.rint(np.interp(record_us, centres, least)).astype(np.int64)
    return envelope


def unwrapped(own_us: IntArray, sent_us: IntArray) -> IntArray:
    """Times [µs] that were sent in 32 bits, which are full after 71.6 minutes."""
    turns = np.rint((sent_us - own_us) / _WRAP_US).astype(np.int64)
    whole: IntArray = own_us + turns * _WRAP_US
    return whole
