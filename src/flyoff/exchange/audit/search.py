"""Look for secrets in bytes.

A hit may be chance: among a hundred million bytes some numbers lie where the launch is. So each
form also says how many hits bytes without any secret would give, from how often each coordinate
turns up alone; a form counts as a leak where chance does not explain it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from flyoff.exchange.audit import encodings
from flyoff.exchange.audit.encodings import Form, Place
from flyoff.exchange.audit.secrets import CELL_DEG, Secrets
from flyoff.units import ByteArray, FloatArray, IntArray

#: Both coordinates of a place stand within so many bytes [byte].
NEAR: Final = 64
#: So improbable must as many hits be by chance for a form to be called a leak.
CHANCE: Final = 1e-3
#: Places so far away measure how often chance gives a place [deg], [m].
_ELSEWHERE_DEG: Final = 0.5
_ELSEWHERE_M: Final = 50_000.0
#: How near a number has to be to a coordinate, by its size.
_CLOSE: Final = 0.01
#: GNSS and UNIX time are looked for this far around the flight [µs].
_MARGIN_US: Final = 3_600_000_000
#: Other dates so far around it measure chance [µs]: two years.
_AROUND_US: Final = 2 * 365 * 86_400_000_000
#: So many steps of a clock that is written along a file go forward.
_ORDERED: Final = 0.9
_UNIX: Final = (
    ("UNIX microseconds", "8", 1.0),
    ("UNIX milliseconds", "8", 1e3),
    ("UNIX seconds", "4", 1e6),
)
_GPS_EPOCH_S: Final = 315_964_800
_WEEK_S: Final = 604_800
#: Nearer to zero, a coordinate is one of the small numbers of which every log is full [deg].
_SMALL_DEG: Final = 0.05
#: Two numbers that share bytes are one number read twice.
_LEAST_APART: Final = 4
#: Numbers beside one that is looked for tell how often chance gives it.
_BESIDE: Final = (-9, -4, -1, 1, 4, 9)
#: So many numbers of each coordinate are enough to see how many pairs are places.
_SAMPLE: Final = 200


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret that was found.

    Attributes
    ----------
    kind : str
        ``place``, ``name`` or ``time``.
    form : str
        How it was encoded.
    count : int
        How often.
    offset : int
        Of the first [byte].
    chance : float
        Hits that chance would give.
    secret : str
        Which one; for the owner's eyes.
    """

    kind: str
    form: str
    count: int
    offset: int
    chance: float
    secret: str

    @property
    def is_leak(self) -> bool:
        """Whether chance does not explain it."""
        return _tail(self.count, self.chance) < CHANCE


def _tail(count: int, mean: float) -> float:
    """Probability that a Poisson number of this mean reaches the count."""
    if mean <= 0.0 or count > 10 * mean + 20:
        return 0.0
    term = total = math.exp(-mean)
    for k in range(1, count):
        term *= mean / k
        total += term
    return max(0.0, 1.0 - total)


def search(data: ByteArray, secrets: Secrets) -> list[Hit]:
    """Every secret that is found, in every form."""
    text = data.tobytes()
    found = [*_places(data, secrets), *_names(text, secrets), *_numbers(text, secrets)]
    found += _times(data, secrets)
    return sorted(found, key=lambda hit: (hit.kind, hit.offset))


def _places(data: ByteArray, secrets: Secrets) -> Iterator[Hit]:
    if not secrets.places:
        return
    boxes = _boxes(secrets.places)
    for form in encodings.forms():
        hit = _pairs(data, form, boxes, secrets.places)
        if hit is not None:
            yield hit
    earth = [encodings.ecef(place, secrets.height_m) for place in secrets.places]
    for form in encodings.ecef_forms():
        hit = _triples(data, form, earth, secrets.places)
        if hit is not None:
            yield hit
    text = data.tobytes()
    for place in secrets.places:
        yield from _as_text(text, place)


def _boxes(places: Sequence[Place]) -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes to look for, ascending."""
    return np.sort([p[0] for p in places]), np.sort([p[1] for p in places])


def _near(values: FloatArray, wanted: FloatArray, reach: FloatArray) -> npt.NDArray[np.bool_]:
    """Whether each value lies within reach of one of the wanted, which ascend."""
    at = np.clip(np.searchsorted(wanted, values), 1, wanted.size) - 1
    near: npt.NDArray[np.bool_] = np.abs(values - wanted[at]) <= reach[at]
    at = np.minimum(at + 1, wanted.size - 1)
    return near | (np.abs(values - wanted[at]) <= reach[at])


def _candidates(
    data: ByteArray, form: Form, low: float, high: float
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Offsets and values [deg or m] of numbers between two bounds."""
    lowest, highest = sorted((low * form.scale, high * form.scale))
    for shift, values in encodings.views(data, form.dtype):
        with np.errstate(invalid="ignore"):
            inside = np.flatnonzero((values >= lowest) & (values <= highest))
        if inside.size:
            offsets = inside.astype(np.int64) * form.dtype.itemsize + shift
            yield offsets, values[inside].astype(np.float64) / form.scale


def _of(
    data: ByteArray, form: Form, wanted: FloatArray, most: float
) -> tuple[IntArray, FloatArray]:
    """Offsets, ascending, and values of numbers near to one of those wanted."""
    at, found = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    reach = _reach(wanted, most)
    for offsets, values in _candidates(data, form, wanted[0] - most, wanted[-1] + most):
        good = _near(values, wanted, reach)
        at.append(offsets[good])
        found.append(values[good])
    offsets = np.concatenate(at)
    order = np.argsort(offsets, kind="stable")
    return offsets[order], np.concatenate(found)[order]


def _reach(wanted: FloatArray, most: float) -> FloatArray:
    """Small numbers are everywhere: a coordinate near zero is only recognised more closely."""
    return np.clip(_CLOSE * np.abs(wanted), most / 20.0, most)


def _elsewhere(data: ByteArray, form: Form, wanted: FloatArray, reach: float, away: float) -> float:
    """How many numbers chance puts near to a coordinate, from places where nobody was.

    A tenth is added: that none was seen there does not say that there never is one.
    """
    counts = [
        _of(data, form, np.sort(wanted + sign * step * away), reach)[0].size
        for sign in (-1.0, 1.0)
        for step in (1.0, 1.7)
    ]
    return sum(counts) / len(counts) + 0.1


def _pairs(
    data: ByteArray, form: Form, boxes: tuple[FloatArray, FloatArray], places: Sequence[Place]
) -> Hit | None:
    reach = CELL_DEG / 2
    # zero is written for everything that is absent
    wanted = [np.array([v for v in box if abs(v) > reach]) for box in boxes]
    if not wanted[0].size or not wanted[1].size:
        return None
    lat_at, lat = _of(data, form, wanted[0], reach)
    lon_at, lon = _of(data, form, wanted[1], reach)
    known = np.array(places)
    found = _joint((lat_at, lat), (lon_at, lon), known)
    if found is None:
        return None
    count, offset, place = found
    alone = [
        # how often a small number is met cannot be seen from large ones: all of them are chance
        at.size + 0.1
        if np.abs(one).min() < _SMALL_DEG
        else _elsewhere(data, form, one, reach, _ELSEWHERE_DEG)
        for at, one in ((lat_at, wanted[0]), (lon_at, wanted[1]))
    ]
    of_places = _share_of_places(lat, lon, known)
    together = alone[0] * -math.expm1(-alone[1] * of_places * 2.0 * NEAR / data.size)
    return Hit("place", form.name, count, offset, together, _told(places[place]))


def _joint(
    lats: tuple[IntArray, FloatArray], lons: tuple[IntArray, FloatArray], known: FloatArray
) -> tuple[int, int, int] | None:
    """How many different latitudes stand beside their longitude, where first, and which place."""
    (lat_at, lat), (lon_at, lon) = lats, lons
    first = np.searchsorted(lon_at, lat_at - NEAR)
    last = np.searchsorted(lon_at, lat_at + NEAR, side="right")
    seen: set[tuple[float, float]] = set()
    offset, place = -1, 0
    for i in np.flatnonzero(last > first).tolist():
        for j in range(int(first[i]), int(last[i])):
            apart = np.abs(known - (lat[i], lon[j])).max(axis=1)
            if abs(lat_at[i] - lon_at[j]) < _LEAST_APART or apart.min() > CELL_DEG / 2:
                continue
            seen.add((lat[i], lon[j]))
            if offset < 0:
                offset, place = int(lat_at[i]), int(apart.argmin())
            break
    return (len(seen), offset, place) if seen else None


def _share_of_places(lat: FloatArray, lon: FloatArray, known: FloatArray) -> float:
    """How many of the pairs that these numbers can make are one of the places."""
    some = [part[:: max(1, part.size // _SAMPLE)] for part in (lat, lon)]
    near = [
        np.abs(part[:, np.newaxis] - known[:, axis]) <= CELL_DEG / 2
        for axis, part in enumerate(some)
    ]
    together = near[0].astype(np.float32) @ near[1].astype(np.float32).T
    return float(np.mean(together > 0))


def _triples(
    data: ByteArray,
    form: Form,
    earth: Sequence[tuple[float, float, float]],
    places: Sequence[Place],
) -> Hit | None:
    reach = 300.0
    at = [_of(data, form, np.sort([p[axis] for p in earth]), reach)[0] for axis in range(3)]
    if not all(one.size for one in at):
        return None
    near = [
        np.searchsorted(one, at[0] + NEAR, side="right") > np.searchsorted(one, at[0] - NEAR)
        for one in at[1:]
    ]
    hits = np.flatnonzero(near[0] & near[1])
    if not hits.size:
        return None
    alone = [
        _elsewhere(data, form, np.sort([p[axis] for p in earth]), reach, _ELSEWHERE_M)
        for axis in range(3)
    ]
    chance = alone[0] * math.prod(-math.expm1(-n * 2.0 * NEAR / data.size) for n in alone[1:])
    return Hit("place", form.name, hits.size, int(at[0][hits[0]]), chance, _told(places[0]))


def _as_text(text: bytes, place: Place) -> Iterator[Hit]:
    lat, lon = encodings.decimals(place)
    at = text.find(lat)
    while at >= 0:
        if lon in text[max(0, at - NEAR) : at + NEAR]:
            yield Hit("place", "decimal text", text.count(lat), at, 0.0, _told(place))
            break
        at = text.find(lat, at + 1)
    code = encodings.geohash(place).encode()
    at = text.find(code)
    if at >= 0:
        # six letters of 32 among all bytes: chance needs a long file
        chance = len(text) / 256.0 ** len(code)
        yield Hit("place", "geohash", text.count(code), at, chance, _told(place))


def _names(text: bytes, secrets: Secrets) -> Iterator[Hit]:
    for name in secrets.names:
        for form, wanted in encodings.texts(name):
            at = text.find(wanted)
            if at >= 0:
                # a number whose bytes are letters is met in a text, where letters are few
                kinds = 12.0 if form.startswith("bytes") and wanted.isascii() else 256.0
                chance = len(text) / kinds ** min(len(wanted), 64)
                yield Hit("name", form, text.count(wanted), at, chance, name)


def _numbers(text: bytes, secrets: Secrets) -> Iterator[Hit]:
    for number in secrets.numbers:
        for form, wanted in encodings.numbers(number):
            at = text.find(wanted) if len(wanted) > 3 else -1
            if at >= 0:
                chance = _by_chance(text, number, form, wanted)
                yield Hit("name", f"number, {form}", text.count(wanted), at, chance, str(number))


def _by_chance(text: bytes, number: int, form: str, wanted: bytes) -> float:
    """How often a number is met that nobody meant: as often as those beside it."""
    near = [dict(encodings.numbers(number + step)).get(form) for step in _BESIDE]
    counts = [text.count(other) for other in near if other is not None and other != wanted]
    # zeros are everywhere, and so tell nothing
    blind = len(text) / 256.0 ** sum(byte != 0 for byte in wanted)
    return blind + (sum(counts) / len(counts) if counts else 0.0)


def _times(data: ByteArray, secrets: Secrets) -> Iterator[Hit]:
    if not secrets.start_us:
        return
    low, high = secrets.start_us - _MARGIN_US, secrets.end_us + _MARGIN_US
    for name, width, unit in _UNIX:
        for order, word in (("<", "little"), (">", "big")):
            dtype: np.dtype[Any] = np.dtype(f"{order}u{width}")
            found = _stamps(data, dtype, (low / unit, high / unit), _AROUND_US / unit)
            if found.offsets.size and not found.wanders:
                # numbers that look like other dates measure how often chance gives a date
                chance = found.around * (high - low) / (2.0 * _AROUND_US)
                chance += data.size * (high - low) / unit / 256.0 ** int(width)
                form, count = f"{name}, {word}-endian", found.distinct
                yield Hit("time", form, count, int(found.offsets[0]), chance, "date of the flight")
    yield from _week(data, secrets)


@dataclass(frozen=True, slots=True)
class _Stamps:
    """Numbers that are dates of the flight: where, which, and how many are other dates."""

    offsets: IntArray
    values: FloatArray
    around: int

    @property
    def distinct(self) -> int:
        """Different numbers: one that is repeated with a record is no more evidence than once."""
        return int(np.unique(self.values).size)

    @property
    def wanders(self) -> bool:
        """Whether they jump about along the file, as bytes of other fields do and no clock does."""
        steps = np.diff(self.values)
        return self.distinct > 2 and float(np.mean(steps >= 0)) < _ORDERED


def _stamps(
    data: ByteArray, dtype: np.dtype[Any], span: tuple[float, float], wide: float
) -> _Stamps:
    at, found, around = [np.empty(0, dtype=np.int64)], [np.empty(0)], 0
    low, high = span
    for shift, values in encodings.views(data, dtype):
        inside = np.flatnonzero((values >= low) & (values <= high))
        near = (values >= max(low - wide, 0.0)) & (values <= high + wide)
        around += int(np.count_nonzero(near)) - inside.size
        at.append(inside.astype(np.int64) * dtype.itemsize + shift)
        found.append(values[inside].astype(np.float64))
    offsets = np.concatenate(at)
    order = np.argsort(offsets, kind="stable")
    return _Stamps(offsets[order], np.concatenate(found)[order], around)


def _week(data: ByteArray, secrets: Secrets) -> Iterator[Hit]:
    """GPS week and, near to it, the milliseconds of the week."""
    gps_s = secrets.start_us / 1e6 - _GPS_EPOCH_S + 18
    week, tow_ms = int(gps_s // _WEEK_S), gps_s % _WEEK_S * 1e3
    length_ms = (secrets.end_us - secrets.start_us) / 1e3
    low, high = max(tow_ms - 60_000, 0), tow_ms + length_ms + 60_000
    at = np.concatenate(
        [np.flatnonzero(v == week) * 2 + s for s, v in encodings.views(data, np.dtype("<u2"))]
        or [np.empty(0, dtype=np.int64)]
    )
    ms = [
        np.flatnonzero((v >= low) & (v <= high)) * 4 + s
        for s, v in encodings.views(data, np.dtype("<u4"))
    ]
    stamps = np.sort(np.concatenate(ms)) if ms else np.empty(0, dtype=np.int64)
    if not at.size or not stamps.size:
        return
    near = 16
    hits = np.searchsorted(stamps, at + near, side="right") > np.searchsorted(stamps, at - near)
    count = int(hits.sum())
    chance = max(at.size - count, 0) * max(stamps.size - count, 0) * 2 * near / data.size
    if count:
        yield Hit(
            "time",
            "GPS week and time of week",
            count,
            int(at[hits].min()),
            chance,
            "date of the flight",
        )


def _told(place: Place) -> str:
    return f"{place[0]:.4f}, {place[1]:.4f}"
