"""What everybody knows, held against a redacted log: it must not tell how the flight was moved.

A 0 that stands for "none", a receiver's height without a fix, an airport where a jammer puts it,
a clock that nobody set: an attacker looks for where such a number has come to. Here the original
says which rows those are, so that none is missed.
"""

import math
import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import numpy as np

from flyoff.decoders.rawlog import RawLog, Topic
from flyoff.exchange.audit.contents import places
from flyoff.exchange.audit.inference import Inference
from flyoff.exchange.redaction.moves import in_rows
from flyoff.exchange.redaction.reach import ISLAND_M, Reach
from flyoff.exchange.redaction.release import Launch, launch_of
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.model.frames import distance_m
from flyoff.model.recording import Recording
from flyoff.units import FloatArray

#: Kinds of directions and heights, and how many of their unit a radian or a metre is.
_DIRECTIONS: Final = {
    **dict.fromkeys(("heading", "bearing"), 180.0 / math.pi),
    **dict.fromkeys(("heading_cd", "bearing_cd"), 18_000.0 / math.pi),
    **dict.fromkeys(("heading_rad", "bearing_rad"), 1.0),
}
_HEIGHTS: Final = {"height": 1.0, "height_mm": 1000.0}
#: Heights that are said without one being known [m]: none, and of a receiver without a fix.
_SAID_M: Final = (0.0, -17.0)
_NEAR_M: Final = 1.0
_NEAR_RAD: Final = 0.0125  # of fields in whole degrees
_LEAST_ROWS: Final = 3
#: A launch so near to the sea is not told apart from it [m].
_AT_SEA_M: Final = 10.0
_NEAR_WAY_M: Final = 2_000.0
_DAY_US: Final = 86_400e6
_DIRECTED: Final = re.compile(r"azim|(?:^|_)elevation|(?:^|_)prn|(?:^|_)svid|satellite_id", re.I)
_SUN: Final = re.compile(r"(?:^|_)(?:sun|solar|lux|light)(?:_|$)|illumin", re.I)
Pair = tuple[Topic, Topic, Contents]


def ask_known(
    original: tuple[RawLog, Sequence[Recording]], redacted: tuple[RawLog, Sequence[Recording]]
) -> list[Inference]:
    """Ask each question."""
    pairs = list(_pairs(original[0], redacted[0]))
    true, left = launch_of(original[1]), launch_of(redacted[1])
    return [
        _turn(pairs),
        _height(pairs, true),
        _geoid(redacted[0]),
        _far_places(original[0], redacted[0], true, left),
        _dates(pairs, true, left),
        _named(redacted[0], "satellites", _DIRECTED, "directions or numbers of satellites"),
        _named(redacted[0], "sun", _SUN, "light or the sun's direction"),
    ]


def _pairs(original: RawLog, redacted: RawLog) -> Iterator[Pair]:
    if original.format != redacted.format:
        return
    known = table(original.format)
    for key, topic in original.topics.items():
        other = redacted.topics.get(key)
        contents = known.get(topic.name)
        if other is not None and contents is not None and len(topic) and len(other):
            yield topic, other, contents


def _columns(
    pairs: Sequence[Pair], units: dict[str, float]
) -> Iterator[tuple[str, FloatArray, FloatArray]]:
    """Name, what stood there and what stands there now, of each field of some kinds."""
    for old, new, contents in pairs:
        for kind, unit in units.items():
            for name in contents.single.get(kind, ()):
                if old.has(name) and new.has(name):
                    before, after = (t.column(name).astype(np.float64) / unit for t in (old, new))
                    yield f"{new.name}.{name}", before, after


def _turn(pairs: Sequence[Pair]) -> Inference:
    """One angle in the place of many zeros is the turn."""
    told = []
    for name, before, after in _columns(pairs, _DIRECTIONS):
        none = in_rows(before == 0.0)
        if before.size != after.size or not none.any() or none.all():
            continue
        turn = float(np.median(_wrapped(before - after)[~none]))
        with np.errstate(invalid="ignore"):
            turned = (after[none] != 0.0) & (np.abs(_wrapped(after[none] + turn)) < _NEAR_RAD)
        if turned.sum() >= _LEAST_ROWS and abs(turn) > _NEAR_RAD:
            told.append((name, -turn))
    says = "no direction of none was turned"
    if told:
        name, angle = told[0]
        says = f"{name} says {math.degrees(angle):.1f}° where it said 0: the turn"
    return Inference("turn", says, float(len(told)), bool(told))


def _wrapped(angle: FloatArray) -> FloatArray:
    return np.asarray(np.mod(angle + math.pi, 2 * math.pi) - math.pi, dtype=np.float64)


def _height(pairs: Sequence[Pair], true: Launch) -> Inference:
    what = "height of the launch"
    if not abs(true.height_m) > _AT_SEA_M:  # not known, or the sea's
        return Inference(what, "not known, or that of the sea", 0.0, False)
    told = 0
    for _, before, after in _columns(pairs, _HEIGHTS):
        for said in _SAID_M:
            if before.size != after.size:
                continue
            near = np.abs(before - said) <= _NEAR_M
            moved = np.abs(after - (before - true.height_m)) <= _NEAR_M
            beside = (np.abs(before - said) > _NEAR_M) & (np.abs(before - said) < 5 * _NEAR_M)
            # where heights beside it were flown, it was flown, too
            told += 0 if beside.sum() > near.sum() else int((near & moved).sum())
    says = "no height of none was made relative" if not told else f"{told} heights of none tell it"
    return Inference(what, says, float(told), told > 0)


def _geoid(redacted: RawLog) -> Inference:
    for topic in redacted.topics.values():
        above = [n for n in topic.fields if "ellipsoid" in n.lower()]
        seas = [n for n in topic.fields if n.lower() in ("alt", "altitude_msl_m", "altitude")]
        for name, sea in ((a, s) for a in above for s in seas):
            apart = topic.column(name).astype(np.float64) - topic.column(sea).astype(np.float64)
            apart = apart[np.isfinite(apart) & (topic.column(name) != 0)]
            if apart.size and np.median(np.abs(apart)) > 0.0:
                number = float(np.median(apart))
                says = f"{topic.name}.{name} less {sea} is {number:g}: the geoid of the place"
                return Inference("geoid", says, number, True)
    return Inference("geoid", "no height above the ellipsoid beside one above the sea", 0.0, False)


def _far_places(original: RawLog, redacted: RawLog, true: Launch, left: Launch) -> Inference:
    """Places beyond any way: what is as far from the launch as it truly was is known to others."""
    what = "far places"
    if true.place is None or left.place is None:
        return Inference(what, "no launch to be far from", 0.0, False)
    truly, now = _ways(original, true.place), _ways(redacted, left.place)
    told = sum(any(abs(a - b) < _NEAR_WAY_M for b in now) for a in truly)
    says = f"{len(truly)} places to which no way leads from the launch, {told} as far as they were"
    return Inference(what, says, float(told), told > 0)


def _ways(raw: RawLog, launch: tuple[float, float]) -> list[float]:
    """How far from the launch each place is to which no way leads [m]."""
    found: set[int] = set()
    reach = Reach(launch, partial(places, raw))
    for lat, lon in places(raw):
        with np.errstate(invalid="ignore"):
            good = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)
            good &= np.maximum(np.abs(lat - launch[0]), np.abs(lon - launch[1])) > 0.3
        good &= (lat != 0.0) | (lon != 0.0)
        if good.any():
            good &= ~reach.holds(lat, lon)
        cells = np.unique(np.rint(np.stack([lat[good], lon[good]], axis=1) * 100.0), axis=0)
        for cell in cells[:200].tolist():
            way = distance_m(launch, (cell[0] / 100.0, cell[1] / 100.0))
            if way > ISLAND_M:
                found.add(round(way))
    return sorted(found)


def _dates(pairs: Sequence[Pair], true: Launch, left: Launch) -> Inference:
    """A date far from the flight's, shifted as the flight was."""
    what = "shift of dates"
    if not (true.unix_us and left.unix_us) or true.unix_us == left.unix_us:
        return Inference(what, "no date, or none shifted", 0.0, False)
    shift, told = left.unix_us - true.unix_us, 0
    for _, before, after in _columns(pairs, {"unix_us": 1.0, "unix_s": 1e-6}):
        far = before[(before > 3e14) & (np.abs(before - true.unix_us) > 500 * _DAY_US)]
        told += sum(bool((np.abs(after - x - shift) < _DAY_US).any()) for x in np.unique(far)[:50])
    says = "no date of another time was shifted" if not told else f"{told} dates tell the shift"
    return Inference(what, says, float(told), told > 0)


def _named(raw: RawLog, what: str, names: re.Pattern[str], of: str) -> Inference:
    found = [f"{t.name}.{f}" for t in raw.topics.values() for f in t.fields if names.search(f)]
    says = f"no field with {of}" if not found else f"{len(found)} fields with {of}: {found[0]}"
    return Inference(what, says, float(len(found)), bool(found))
