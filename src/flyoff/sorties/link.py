"""Which recordings are of one flight: the onboard log, its ground station's, a second stream.

Nobody has to say so. Clocks narrow the search where there are any; the signals themselves decide:
how a vehicle turns, climbs and leans through a flight is a fingerprint, and two recordings of it
agree at one offset of their clocks and at no other. Two vehicles flying one formation agree too,
but not in place; vehicles with different identities are never joined.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.model.frames import to_local
from flyoff.model.recording import UtcClock
from flyoff.units import BoolArray, FloatArray, IntArray

#: Witnesses are sampled at this rate [Hz]; every log carries attitude at least twice a second.
RATE_HZ = 5.0
#: Clocks that say so are believed within three times their uncertainty and this much [s].
CLOCK_SLACK_S = 10.0
#: Likeness (mean correlation of the signals) that joins two recordings.
LIKE = 0.6
#: Without clocks nothing narrows the search: it has to be higher, and stand out from every other
#: offset by this much.
LIKE_UNAIDED, STANDS_OUT = 0.65, 0.25
#: A shorter overlap of moving signals proves nothing [s].
OVERLAP_S = 8.0
#: Medians of the positions further apart than this are two vehicles [m].
APART_M = 15.0
#: Of the shorter recording, by clocks alone, where nothing moved.
COVERED = 0.6
_SIGNALS = ("roll", "pitch", "yaw", "climb", "speed")
#: Below this spread a signal does not move and cannot be compared: rad/s, rad, m/s.
_STILL = {"roll": 0.01, "pitch": 0.01, "yaw": 0.01, "climb": 0.1, "speed": 0.15}


@dataclass(frozen=True, slots=True, eq=False)
class Witness:
    """One recording, as far as linking needs it.

    Attributes
    ----------
    key : str
        What the caller knows it by.
    vehicle_id : str
        ``"unknown"`` where the log names none.
    start_us, end_us : int [µs on its own clock]
    utc : UtcClock or None
    t_us : int64, shape (n,), on whole periods of ``RATE_HZ``, increasing
    columns : mapping of column of the ``tracks`` table to float64, shape (n,)
        ``lat lon velocity_north velocity_east velocity_down roll pitch yaw height``; NaN where
        nothing was logged.
    """

    key: str
    vehicle_id: str
    start_us: int
    end_us: int
    utc: UtcClock | None
    t_us: IntArray
    columns: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class Link:
    """Two recordings of one flight.

    Attributes
    ----------
    first, second : str
        Keys of the witnesses.
    offset_us : int [µs]
        ``t_first = t_second + offset_us``.
    uncertainty_s : float [s]
        Standard uncertainty of the offset.
    likeness : float
        Mean correlation of the signals at that offset; NaN where only the clocks decided.
    by : str
        ``signals`` or ``clocks``.
    """

    first: str
    second: str
    offset_us: int
    uncertainty_s: float
    likeness: float
    by: str


def link(witnesses: Sequence[Witness]) -> list[Link]:
    """Find the pairs of recordings that are of one flight.

    Parameters
    ----------
    witnesses : sequence of Witness

    Returns
    -------
    list of Link, in the order of the witnesses
    """
    grids = [_grid(w) for w in witnesses]
    found = []
    for i, j in _candidates(witnesses):
        joined = _compare(witnesses[i], witnesses[j], grids[i], grids[j])
        if joined is not None:
            found.append(joined)
    return found


def groups(witnesses: Sequence[Witness], links: Sequence[Link]) -> list[list[str]]:
    """Keys of the recordings of each flight, those without a link alone; order kept."""
    home = {w.key: w.key for w in witnesses}

    def root(key: str) -> str:
        while home[key] != key:
            home[key] = home[home[key]]
            key = home[key]
        return key

    for joined in links:
        home[root(joined.second)] = root(joined.first)
    out: dict[str, list[str]] = {}
    for witness in witnesses:
        out.setdefault(root(witness.key), []).append(witness.key)
    return list(out.values())


# candidates ---------------------------------------------------------------------------------------


def _candidates(witnesses: Sequence[Witness]) -> list[tuple[int, int]]:
    """Pairs whose clocks and identities allow it; clocks are sorted, so a season is no N²."""
    timed = sorted(
        (i for i, w in enumerate(witnesses) if w.utc is not None), key=lambda i: _span(witnesses[i])
    )
    pairs: set[tuple[int, int]] = set()
    for at, i in enumerate(timed):
        end = _span(witnesses[i])[1]
        for j in timed[at + 1 :]:
            if _span(witnesses[j])[0] > end:
                break
            pairs.add((min(i, j), max(i, j)))
    untimed = [i for i, w in enumerate(witnesses) if w.utc is None]
    pairs |= {(min(i, j), max(i, j)) for i in untimed for j in range(len(witnesses)) if i != j}
    return sorted(p for p in pairs if _may_be_one(witnesses[p[0]], witnesses[p[1]]))


def _span(witness: Witness) -> tuple[float, float]:
    """UTC span with its slack [µs]."""
    assert witness.utc is not None
    slack = _slack_s(witness.utc) * 1e6
    offset = witness.utc.offset_us
    return witness.start_us + offset - slack, witness.end_us + offset + slack


def _slack_s(utc: UtcClock) -> float:
    return 3.0 * utc.uncertainty_s + CLOCK_SLACK_S


def _may_be_one(a: Witness, b: Witness) -> bool:
    """Identities of one scheme must agree; a log that names none may be anybody's."""
    scheme_a, scheme_b = a.vehicle_id.partition(":")[0], b.vehicle_id.partition(":")[0]
    if "unknown" in (a.vehicle_id, b.vehicle_id) or scheme_a != scheme_b:
        return True
    return a.vehicle_id.partition("-")[0] == b.vehicle_id.partition("-")[0]


# comparing ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """Signals on an even grid without holes; ``known`` says where they were logged."""

    start_us: int
    values: dict[str, FloatArray]
    known: dict[str, BoolArray]


def _grid(witness: Witness) -> _Grid | None:
    if witness.t_us.size < OVERLAP_S * RATE_HZ:
        return None
    period = round(1e6 / RATE_HZ)
    start = int(witness.t_us[0])
    at = np.round((witness.t_us - start) / period).astype(np.int64)
    if at[-1] > 50 * at.size:  # a stray stamp: the grid would be all holes
        return None
    values, known = {}, {}
    for name in _SIGNALS:
        raw = _signal(witness, name)
        if raw is None:
            continue
        out = np.full(int(at[-1]) + 1, np.nan)
        out[at] = raw
        if name in ("roll", "pitch", "yaw"):  # turning, not standing: free of any mounting angle
            out = np.gradient(_unwrapped(out)) * RATE_HZ
        good = np.isfinite(out)
        if good.sum() > OVERLAP_S * RATE_HZ and float(np.std(out[good])) > _STILL[name]:
            values[name], known[name] = np.where(good, out, 0.0), good
    return _Grid(start, values, known)


def _unwrapped(angle: FloatArray) -> FloatArray:
    good = np.isfinite(angle)
    out = angle.copy()
    out[good] = np.unwrap(angle[good])
    return out


def _signal(witness: Witness, name: str) -> FloatArray | None:
    columns = witness.columns
    if name == "climb":
        down = columns.get("velocity_down")
        return None if down is None else -down
    if name == "speed":
        north, east = columns.get("velocity_north"), columns.get("velocity_east")
        return None if north is None or east is None else np.hypot(north, east)
    return columns.get(name)


def _compare(a: Witness, b: Witness, grid_a: _Grid | None, grid_b: _Grid | None) -> Link | None:
    clocks = _clock_offset(a, b)
    if grid_a is None or grid_b is None:
        return _by_clocks(a, b, clocks)
    shared = sorted(set(grid_a.values) & set(grid_b.values))
    if not shared:
        return _by_clocks(a, b, clocks)
    period = round(1e6 / RATE_HZ)
    lags, likeness = _likeness(grid_a, grid_b, shared)
    offsets = grid_a.start_us - grid_b.start_us + lags * period
    allowed = np.isfinite(likeness)
    if clocks is not None:
        allowed &= np.abs(offsets - clocks[0]) <= clocks[1] * 1e6
    if not allowed.any():
        return None
    best = int(np.argmax(np.where(allowed, likeness, -np.inf)))
    peak = float(likeness[best])
    if peak < (LIKE if clocks is not None else LIKE_UNAIDED):
        return None
    if clocks is None and not _stands_out(lags, likeness, best):
        return None
    shift, uncertainty_s = _refined(likeness, best)
    offset_us = round(float(offsets[best]) + shift * period)
    if _separation(a, b, offset_us) > APART_M:
        return None
    return Link(a.key, b.key, offset_us, uncertainty_s, peak, "signals")


def _clock_offset(a: Witness, b: Witness) -> tuple[int, float] | None:
    """What the clocks say of the offset [µs], and how far it may be out [s]."""
    if a.utc is None or b.utc is None:
        return None
    slack = 3.0 * float(np.hypot(a.utc.uncertainty_s, b.utc.uncertainty_s)) + CLOCK_SLACK_S
    return b.utc.offset_us - a.utc.offset_us, slack


def _by_clocks(a: Witness, b: Witness, clocks: tuple[int, float] | None) -> Link | None:
    """Nothing moved: identity and a shared span of time are all there is."""
    if clocks is None or a.utc is None or b.utc is None:
        return None
    if a.vehicle_id == "unknown" and b.vehicle_id == "unknown":
        return None
    start = max(a.start_us, b.start_us + clocks[0])
    end = min(a.end_us, b.end_us + clocks[0])
    shorter = max(min(a.end_us - a.start_us, b.end_us - b.start_us), 1)
    if (end - start) / shorter < COVERED:
        return None
    uncertainty_s = float(np.hypot(a.utc.uncertainty_s, b.utc.uncertainty_s))
    return Link(a.key, b.key, clocks[0], uncertainty_s, float("nan"), "clocks")


def _likeness(a: _Grid, b: _Grid, shared: Sequence[str]) -> tuple[IntArray, FloatArray]:
    """Mean correlation of the shared signals at every lag; NaN where they overlap too little.

    Lag k lays sample i of ``b`` on sample i + k of ``a``.
    """
    n, m = a.values[shared[0]].size, b.values[shared[0]].size
    size = 1 << int(np.ceil(np.log2(n + m)))
    lags = np.arange(-(m - 1), n, dtype=np.int64)
    total = np.zeros(lags.size)
    weight = np.zeros(lags.size)
    for name in shared:
        r, overlap = _correlation(
            a.values[name], a.known[name], b.values[name], b.known[name], size
        )
        counted = np.where(np.isfinite(r), np.minimum(overlap, 600.0), 0.0)
        total += np.nan_to_num(r) * counted
        weight += counted
    # a short overlap agrees with anything: what it says is taken back by how short it is
    trust = 1.0 - np.exp(-weight / len(shared) / (RATE_HZ * OVERLAP_S))
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weight > 0, trust * total / weight, np.nan)
    return lags, mean


def _correlation(
    x: FloatArray, x_known: BoolArray, y: FloatArray, y_known: BoolArray, size: int
) -> tuple[FloatArray, FloatArray]:
    """Pearson correlation at every lag over the samples that both know, and how many they are."""
    x = np.where(x_known, x - x[x_known].mean(), 0.0)
    y = np.where(y_known, y - y[y_known].mean(), 0.0)
    known_x, known_y = x_known.astype(np.float64), y_known.astype(np.float64)
    count = _at_lags(known_x, known_y, size)
    with np.errstate(divide="ignore", invalid="ignore"):
        sum_x, sum_y = _at_lags(x, known_y, size), _at_lags(known_x, y, size)
        xx = _at_lags(x * x, known_y, size) - sum_x**2 / count
        yy = _at_lags(known_x, y * y, size) - sum_y**2 / count
        r = (_at_lags(x, y, size) - sum_x * sum_y / count) / np.sqrt(xx * yy)
    enough = (count >= OVERLAP_S * RATE_HZ) & (xx > 1e-9) & (yy > 1e-9)
    return np.where(enough, np.clip(r, -1.0, 1.0), np.nan), count


def _at_lags(x: FloatArray, y: FloatArray, size: int) -> FloatArray:
    """Sum of x[i + k]·y[i] for every lag k from -(m - 1) to n - 1."""
    full = np.fft.irfft(np.fft.rfft(x, size) * np.conj(np.fft.rfft(y, size)), size)
    return np.concatenate([full[size - (y.size - 1) :], full[: x.size]])


def _stands_out(lags: IntArray, likeness: FloatArray, best: int) -> bool:
    elsewhere = np.abs(lags - lags[best]) > 3 * RATE_HZ
    rivals = likeness[elsewhere & np.isfinite(likeness)]
    return not rivals.size or float(likeness[best] - rivals.max()) > STANDS_OUT


def _refined(likeness: FloatArray, best: int) -> tuple[float, float]:
    """Peak between samples by a parabola: shift in samples, uncertainty in seconds."""
    if best in (0, likeness.size - 1):
        return 0.0, 1.0 / RATE_HZ
    left, top, right = likeness[best - 1 : best + 2]
    bend = left - 2 * top + right
    if not np.isfinite(bend) or bend >= 0:
        return 0.0, 1.0 / RATE_HZ
    shift = float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5))
    # where the curve has fallen by the peak's own lack of likeness, the offset is no worse
    width = float(np.sqrt(max(1.0 - top, 0.0) / -bend))
    return shift, float(np.clip(width, 0.1, 5.0)) / RATE_HZ


def _separation(a: Witness, b: Witness, offset_us: int) -> float:
    """Median distance of the two positions at the same instants [m]; 0 if one has none."""
    for name in ("lat", "lon"):
        if name not in a.columns or name not in b.columns:
            return 0.0
    t = b.t_us + offset_us
    inside = (t >= a.t_us[0]) & (t <= a.t_us[-1])
    good = np.isfinite(a.columns["lat"]) & np.isfinite(a.columns["lon"])
    inside &= np.isfinite(b.columns["lat"]) & np.isfinite(b.columns["lon"])
    if inside.sum() < 3 or good.sum() < 3:
        return 0.0
    lat = np.interp(t[inside], a.t_us[good], a.columns["lat"][good])
    lon = np.interp(t[inside], a.t_us[good], a.columns["lon"][good])
    origin = (float(lat[0]), float(lon[0]))
    n1, e1 = to_local(lat, lon, origin)
    n2, e2 = to_local(b.columns["lat"][inside], b.columns["lon"][inside], origin)
    return float(np.median(np.hypot(n1 - n2, e1 - e2)))
