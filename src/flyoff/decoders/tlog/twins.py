"""Several vehicles that send under the same ids in one log: told apart by their clocks and counts.

Nothing in a frame names a vehicle but its ids. Two that share them still differ in what they say:
each has a clock of its own, so that record time minus boot time is one number for the one and
another for the other, turn and turn about throughout the log (a restart or a clock that is set
changes it once); and each counts its frames for itself, so that a frame without a time fits
between the counts of its own vehicle's frames before and behind it.

Known limits: vehicles that booted within ``REBOOT_US`` of each other have about one clock, and stay
one; a frame that fits both counts goes to the nearer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from flyoff.decoders.tlog.clock import REBOOT_US, Witnesses, witnesses_of
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.units import US_PER_S, BoolArray, FloatArray, IntArray

#: A second vehicle is there all the time, not for a straggler's moment: its share of the witnesses
_LEAST: Final = 0.05
#: … and so many changes from one clock to the other and back.
_TURNS: Final = 20
#: No link is so late that it would pass for another clock.
_LATEST_US: Final = 30 * US_PER_S
#: … nearer clocks are of two vehicles if their positions of about one instant lie so far apart [m].
_APART_M: Final = 200.0
_TOGETHER_US: Final = 2 * US_PER_S
#: A message that is no witness may tell an instant somewhat before it was sent.
_LOOSE_US: Final = REBOOT_US // 2
_M_PER_UNIT: Final = 0.011_132  # of 1e-7 degree of latitude
#: Clocks that are told apart; of more vehicles than this, no frame of a field says so.
_MOST: Final = 16
_COUNTS: Final = 256


@dataclass(slots=True, eq=False)
class _Clock:
    """Witnesses whose record time minus boot time is about the same."""

    low_us: int
    high_us: int
    rows: IntArray


@dataclass(slots=True, eq=False)
class _Vehicle:
    """Clocks of one vehicle, one after the other: a restart gives it a new one."""

    clocks: list[_Clock] = field(default_factory=list)

    @property
    def last(self) -> int:
        return int(self.clocks[-1].rows[-1])


def vehicles_of(topics: Sequence[TlogTopic]) -> list[list[TlogTopic]]:
    """The frames of one sender by vehicle; all in one list where one clock explains them.

    Parameters
    ----------
    topics : of TlogTopic
        All that the sender sent.
    """
    whole = [list(topics)]
    if not topics or not topics[0].time_field:
        return whole
    seen = witnesses_of(topics)
    # a ground station's clock may be set time and again: the vehicle's goes on
    if seen is None or np.count_nonzero(np.diff(seen.boot_us) < -REBOOT_US) < _TURNS // 2:
        return whole
    found = _vehicles(_clocks(seen.record_us - seen.boot_us))
    if len(found) < 2 or not _are_apart(found, seen):
        return whole
    return _split(topics, seen.at, found)


def _lead(topic: TlogTopic) -> IntArray:
    """Record time minus boot time of each row [µs]."""
    return topic.recorded() - topic.column("time_boot_ms").astype(np.int64) * 1000


def _clocks(lead_us: IntArray) -> list[_Clock]:
    """Groups of leads with nothing between them, those that hold enough; in file order."""
    order = np.argsort(lead_us, kind="stable")
    edges = np.flatnonzero(np.diff(lead_us[order]) > REBOOT_US) + 1
    groups = np.split(order, edges[: 1 << 16])
    least = max(_LEAST * lead_us.size, _TURNS)
    large = sorted((g for g in groups if g.size >= least), key=lambda g: -g.size)[:_MOST]
    clocks = [
        _Clock(int(lead_us[g[0]]), int(lead_us[g[-1]]), np.sort(g).astype(np.int64)) for g in large
    ]
    return sorted(clocks, key=lambda c: int(c.rows[0]))


def _vehicles(clocks: list[_Clock]) -> list[_Vehicle]:
    """Clocks that are heard turn and turn about are of different vehicles."""
    found: list[_Vehicle] = []
    for clock in clocks:
        free = [v for v in found if not any(_alternate(c, clock) for c in v.clocks)]
        if free:
            max(free, key=lambda v: v.last).clocks.append(clock)
        else:
            found.append(_Vehicle([clock]))
    return found


def _alternate(one: _Clock, other: _Clock) -> bool:
    rows = np.concatenate([one.rows, other.rows])
    whose = np.repeat([0, 1], [one.rows.size, other.rows.size])
    return int(np.count_nonzero(np.diff(whose[np.argsort(rows, kind="stable")]))) >= _TURNS


def _are_apart(found: list[_Vehicle], seen: Witnesses) -> bool:
    """Whether clocks or places say that these cannot be one vehicle, heard early and late."""
    clocks = sorted((c for v in found for c in v.clocks), key=lambda c: c.low_us)
    if any(b.low_us - a.high_us > _LATEST_US for a in clocks for b in clocks):
        return True
    places = [t for t in seen.telling if t.name == "GLOBAL_POSITION_INT"]
    if not places:
        return False
    columns = places[0].gather(("lat", "lon", "time_boot_ms"))
    lead, recorded = _lead(places[0]), places[0].recorded()
    xy = np.stack([columns["lat"], columns["lon"]]).astype(np.float64) * _M_PER_UNIT
    xy[1] *= np.cos(np.radians(float(np.median(columns["lat"])) / 1e7))
    of = [
        np.logical_or.reduce([(lead >= c.low_us) & (lead <= c.high_us) for c in v.clocks])
        for v in found[:2]
    ]
    return _far(xy, recorded, of[0], of[1])


def _far(xy: FloatArray, recorded: IntArray, one: BoolArray, other: BoolArray) -> bool:
    """Whether two vehicles' positions of about one instant lie far apart in the middle."""
    a, b = np.flatnonzero(one), np.flatnonzero(other)
    if min(a.size, b.size) < _TURNS:
        return False
    order = b[np.argsort(recorded[b], kind="stable")]
    near = np.clip(np.searchsorted(recorded[order], recorded[a]), 0, order.size - 1)
    together = np.abs(recorded[order][near] - recorded[a]) < _TOGETHER_US
    if together.sum() < _TURNS:
        return False
    apart = np.hypot(*(xy[:, a] - xy[:, order[near]])[:, together])
    return bool(np.median(apart) > _APART_M)


def _split(
    topics: Sequence[TlogTopic], at: IntArray, found: list[_Vehicle]
) -> list[list[TlogTopic]]:
    """Every frame to the vehicle whose clock it tells, else to the one whose count it continues."""
    owners = [_by_clock(t, at, found) for t in topics]
    offsets = np.concatenate([t.offsets for t in topics])
    counts = np.concatenate([t.sequence() for t in topics])
    owner = np.concatenate(owners)
    order = np.argsort(offsets, kind="stable")
    owner[order] = _by_count(counts[order], owner[order], len(found))
    edges = np.cumsum([len(t) for t in topics])[:-1]
    split = np.split(owner, edges)
    return [
        [
            t.rows(own == number)
            for t, own in zip(topics, split, strict=True)
            if (own == number).any()
        ]
        for number in range(len(found))
    ]


def _by_clock(topic: TlogTopic, at: IntArray, found: list[_Vehicle]) -> IntArray:
    """Whose clock each row tells; -1 where it tells none of them."""
    owner = np.full(len(topic), -1, dtype=np.int64)
    if "time_boot_ms" in topic.definition.names:
        lead = _lead(topic)
    elif "time_usec" in topic.definition.names and topic.column("time_usec").dtype.itemsize == 8:
        lead = topic.recorded() - topic.column("time_usec").astype(np.int64)
    else:
        return owner
    offsets = topic.offsets
    for number, vehicle in enumerate(found):
        for clock in vehicle.clocks:
            fits = (lead >= clock.low_us - _LOOSE_US) & (lead <= clock.high_us + _LOOSE_US)
            # a vehicle's clock counts from its first witness to its last, and some way beyond
            fits &= offsets >= (0 if clock is vehicle.clocks[0] else at[clock.rows[0]])
            owner[fits & (owner < 0)] = number
    return owner


def _by_count(counts: IntArray, owner: IntArray, vehicles: int) -> IntArray:
    """Owners of all frames of a sender, in file order, from those that are known."""
    open_rows = np.flatnonzero(owner < 0)
    best = np.full(open_rows.size, 2 * _COUNTS, dtype=np.int64)
    out = owner.copy()
    for number in range(vehicles):
        known = np.flatnonzero(owner == number)
        place = np.searchsorted(known, open_rows)
        before = known[np.maximum(place - 1, 0)]
        after = known[np.minimum(place, known.size - 1)]
        since = (counts[open_rows] - counts[before]) % _COUNTS
        until = (counts[after] - counts[open_rows]) % _COUNTS
        room = (counts[after] - counts[before]) % _COUNTS
        fits = (since > 0) & (until > 0) & (since + until == room)
        # before the first known frame and behind the last, one side alone can speak
        fits = np.where(place == 0, until > 0, np.where(place == known.size, since > 0, fits))
        near = np.minimum(np.where(place == 0, until, since), until)
        cost = np.where(fits, near, near + _COUNTS)
        out[open_rows[cost < best]] = number
        best = np.minimum(best, cost)
    return out
