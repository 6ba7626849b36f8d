"""Other sorties whose signals did the same thing: distances between stretches, exact and untrained.

Each channel of each stretch is put at mean 0 and spread 1, so that shape counts and level does not;
a channel that hardly moves is left small instead of having its noise blown up. The distance is the
root of the mean squared difference over samples and channels: 0 is the same movement, about 1.4 an
unrelated one. All stretches of all tracks are compared, by sliding dot products through the Fourier
transform (Mueen's algorithm for similarity search); nothing is left out and nothing is trained.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from flyoff.errors import FlyoffError
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.units import BoolArray, FloatArray, IntArray

#: Signal and the spread below which it counts as at rest (noise, not movement).
SIGNALS: dict[str, float] = {
    "height": 0.5,  # m
    "climb": 0.3,  # m/s
    "speed": 0.5,  # m/s
    "roll": 0.03,  # rad
    "pitch": 0.03,  # rad
    "turn_rate": 0.05,  # rad/s
}
PERIOD_US = 200_000
#: A stretch shorter than this has no shape to compare [samples].
LEAST_SAMPLES = 10
#: Recordings that are compared at once; bounds the memory.
_AT_ONCE = 400
_BEFORE_S, _AFTER_S = 5.0, 10.0

_SORTIES = """
SELECT s.sortie_id, s.recording_id, s.start_s, s.end_s, s.cause_onset_s, s.outcome, s.cause,
       s.vehicle_kind, l.path
FROM sorties s JOIN logs l USING (log_sha256) ORDER BY s.recording_id, s.start_s
"""
_TRACKS = """
WITH wanted AS (SELECT unnest(?) AS recording_id, unnest(?) AS k)
SELECT k, t_us, height, velocity_down, velocity_north, velocity_east, roll, pitch, yaw
FROM tracks JOIN wanted USING (recording_id) ORDER BY k, t_us
"""


@dataclass(frozen=True, slots=True)
class Similar:
    """The stretch of another sortie that is nearest.

    Attributes
    ----------
    sortie_id, path, vehicle_kind, outcome : str
    cause : str or None
    start_s, end_s : float [s on that log's own clock]
    distance : float
        0 the same movement, about 1.4 an unrelated one.
    """

    sortie_id: str
    path: str
    vehicle_kind: str
    outcome: str
    cause: str | None
    start_s: float
    end_s: float
    distance: float


@dataclass(frozen=True, slots=True)
class Likeness:
    """What was asked, and the nearest sorties.

    Attributes
    ----------
    sortie_id : str
    start_s, end_s : float [s on the log's own clock]
        The stretch that was compared.
    signals : tuple of str
        Compared: what the track of the sortie asked about carries.
    compared : int
        Other sorties that were long enough.
    nearest : tuple of Similar, nearest first
    """

    sortie_id: str
    start_s: float
    end_s: float
    signals: tuple[str, ...]
    compared: int
    nearest: tuple[Similar, ...]


@dataclass(frozen=True, slots=True)
class _Sortie:
    sortie_id: str
    recording_id: str
    start_s: float
    end_s: float
    cause_onset_s: float | None
    outcome: str
    cause: str | None
    vehicle_kind: str
    path: str


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """A recording on an even grid: row k is the instant ``(first + k) * PERIOD_US``."""

    first: int
    rows: FloatArray  # (n, len(SIGNALS)); NaN where nothing was logged


def similar(
    store: str, sortie: str, span: tuple[float, float] | None = None, *, limit: int = 10
) -> Likeness:
    """Find the sorties in which the same thing happened.

    Parameters
    ----------
    store : str
    sortie : str
        Its id, or the beginning of it.
    span : (start, end) [s on the log's own clock] or None
        By default around the onset of the cause; without a cause the whole sortie.
    limit : int

    Raises
    ------
    FlyoffError
        If there is no such sortie, or its track has no shape in that stretch.
    """
    with connect(Store(store)) as db:
        sorties = [_Sortie(*row) for row in db.execute(_SORTIES).fetchall()]
        own = _named(sorties, sortie)
        start_s, end_s = span if span is not None else _default_span(own)
        track = _tracks(db, [own.recording_id]).get(own.recording_id)
        query, used = _query(track, start_s, end_s, own.sortie_id)
        found: list[Similar] = []
        others = [s for s in sorties if s.sortie_id != own.sortie_id]
        for members, tracks in _chunks(db, others):
            found += _nearest(query, used, members, tracks)
    found.sort(key=lambda s: (s.distance, s.sortie_id))
    names = tuple(name for name, is_used in zip(SIGNALS, used, strict=True) if is_used)
    return Likeness(own.sortie_id, start_s, end_s, names, len(found), tuple(found[:limit]))


def _named(sorties: Sequence[_Sortie], name: str) -> _Sortie:
    found = [s for s in sorties if s.sortie_id == name] or [
        s for s in sorties if s.sortie_id.startswith(name)
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise FlyoffError(f"no sortie {name!r} in the store; flyoff sorties lists them")
    raise FlyoffError(f"{len(found)} sorties begin with {name!r}; give more of the id")


def _default_span(own: _Sortie) -> tuple[float, float]:
    if own.cause_onset_s is None:
        return own.start_s, own.end_s
    start_s = max(own.start_s, own.cause_onset_s - _BEFORE_S)
    return start_s, min(own.end_s, own.cause_onset_s + _AFTER_S)


def _query(
    track: _Track | None, start_s: float, end_s: float, name: str
) -> tuple[FloatArray, list[bool]]:
    """The stretch asked about, (m, signals used), and which signals it carries."""
    if track is None:
        raise FlyoffError(f"sortie {name}: the store has no track of it")
    a = max(0, round(start_s * 1e6 / PERIOD_US) - track.first)
    b = max(0, round(end_s * 1e6 / PERIOD_US) - track.first)
    rows = track.rows[a:b]
    used = [bool(np.isfinite(column).all()) for column in rows.T]
    if rows.shape[0] < LEAST_SAMPLES or not any(used):
        raise FlyoffError(
            f"sortie {name}: from {start_s:g} s to {end_s:g} s its track has "
            f"{rows.shape[0]} samples without a gap, expected {LEAST_SAMPLES} or more"
        )
    floors = np.array(list(SIGNALS.values()))[used]
    moves = rows[:, used].std(axis=0) > floors
    if not moves.any():
        raise FlyoffError(f"sortie {name}: nothing moves from {start_s:g} s to {end_s:g} s")
    return np.ascontiguousarray(rows[:, used]), used


def _chunks(
    db: duckdb.DuckDBPyConnection, sorties: Sequence[_Sortie]
) -> Iterator[tuple[list[_Sortie], dict[str, _Track]]]:
    """Sorties with the tracks of their recordings, so many at once as the memory shall hold."""
    names = list(dict.fromkeys(s.recording_id for s in sorties))
    by_recording: dict[str, list[_Sortie]] = {}
    for sortie in sorties:
        by_recording.setdefault(sortie.recording_id, []).append(sortie)
    for begin in range(0, len(names), _AT_ONCE):
        tracks = _tracks(db, names[begin : begin + _AT_ONCE])
        if tracks:
            yield [s for name in tracks for s in by_recording[name]], tracks


def _tracks(db: duckdb.DuckDBPyConnection, recordings: Sequence[str]) -> dict[str, _Track]:
    """Tracks of recordings on even grids; those without one, or with a damaged clock, left out."""
    columns = db.execute(_TRACKS, [list(recordings), list(range(len(recordings)))]).fetchnumpy()
    data = {
        name: np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
        for name, values in columns.items()
        if name not in ("k", "t_us")
    }
    k: IntArray = np.asarray(columns["k"], dtype=np.int64)
    t_us: IntArray = np.asarray(columns["t_us"], dtype=np.int64)
    found = {}
    for number, name in enumerate(recordings):
        a, b = int(np.searchsorted(k, number)), int(np.searchsorted(k, number, side="right"))
        track = _on_grid(t_us[a:b], {n: v[a:b] for n, v in data.items()})
        if track is not None:
            found[name] = track
    return found


def _on_grid(t_us: IntArray, data: dict[str, FloatArray]) -> _Track | None:
    if t_us.size < LEAST_SAMPLES:
        return None
    ticks = t_us // PERIOD_US
    first = int(ticks[0])
    at = ticks - first
    if at[-1] > 50 * t_us.size:  # a damaged clock: an even grid over it would be mostly empty
        return None
    rows = np.full((int(at[-1]) + 1, len(SIGNALS)), np.nan)
    rows[at] = np.column_stack(_signals(data))
    return _Track(first, rows)


def _signals(data: dict[str, FloatArray]) -> list[FloatArray]:
    yaw = data["yaw"]
    turned = np.diff(yaw, prepend=yaw[:1])
    turned = (turned + np.pi) % (2.0 * np.pi) - np.pi
    return [
        data["height"],
        -data["velocity_down"],
        np.hypot(data["velocity_north"], data["velocity_east"]),
        data["roll"],
        data["pitch"],
        turned * (1e6 / PERIOD_US),
    ]


def _nearest(
    query: FloatArray, used: list[bool], members: Sequence[_Sortie], tracks: dict[str, _Track]
) -> list[Similar]:
    """The nearest stretch of each sortie that is long enough."""
    m = query.shape[0]
    blank = np.full((1, query.shape[1]), np.nan)  # no stretch may span two recordings
    parts: list[FloatArray] = []
    begins: dict[str, int] = {}
    size = 0
    for name, track in tracks.items():
        begins[name] = size
        parts += [track.rows[:, used], blank]
        size += track.rows.shape[0] + 1
    far = distances(query, np.vstack(parts), np.array(list(SIGNALS.values()))[used])
    out = []
    for sortie in members:
        track, begin = tracks[sortie.recording_id], begins[sortie.recording_id]
        a = max(0, round(sortie.start_s * 1e6 / PERIOD_US) - track.first)
        b = min(track.rows.shape[0], round(sortie.end_s * 1e6 / PERIOD_US) - track.first) - m + 1
        part = far[begin + a : begin + b] if b > a else far[:0]
        if not part.size or not np.isfinite(part).any():
            continue
        at = int(np.argmin(part))
        start_s = (track.first + a + at) * PERIOD_US / 1e6
        out.append(
            Similar(
                sortie.sortie_id,
                sortie.path,
                sortie.vehicle_kind,
                sortie.outcome,
                sortie.cause,
                start_s,
                start_s + m * PERIOD_US / 1e6,
                float(part[at]),
            )
        )
    return out


def distances(query: FloatArray, series: FloatArray, floors: FloatArray) -> FloatArray:
    """Distance of the query from every stretch of the series of its length.

    Parameters
    ----------
    query : float64, shape (m, c)
    series : float64, shape (n, c)
        NaN where nothing was logged.
    floors : float64, shape (c,)
        Least spread that a channel is divided by.

    Returns
    -------
    float64, shape (n - m + 1,)
        Infinite for a stretch with a NaN in it; empty if the series is shorter than the query.
    """
    from scipy.signal import oaconvolve

    m, n = query.shape[0], series.shape[0]
    if n < m:
        return np.empty(0)
    absent: BoolArray = np.asarray(~np.isfinite(series).all(axis=1), dtype=bool)
    total = np.zeros(n - m + 1)
    for channel, floor in enumerate(floors):
        # large levels cost digits in the sums; shape does not depend on them
        level = float(series[~absent, channel].mean()) if not absent.all() else 0.0
        t: FloatArray = np.where(absent, 0.0, series[:, channel] - level)
        q = query[:, channel] - query[:, channel].mean()
        squared: FloatArray = t * t
        sums, squares = _sliding(t, m), _sliding(squared, m)
        variance = np.maximum(squares / m - (sums / m) ** 2, 0.0)
        own, other = max(float(q.std()), floor), np.maximum(np.sqrt(variance), floor)
        product = oaconvolve(t, q[::-1], mode="valid")  # q has mean 0: the mean of t drops out
        total += float(q.var()) / own**2 + variance / other**2 - 2.0 * product / (m * own * other)
    holes = _sliding(absent.astype(np.float64), m) > 0.5
    far: FloatArray = np.sqrt(np.maximum(total, 0.0) / query.shape[1])
    far[holes] = np.inf
    return far


def _sliding(values: FloatArray, m: int) -> FloatArray:
    """Sums over every window of m values."""
    summed = np.concatenate(([0.0], np.cumsum(values)))
    found: FloatArray = summed[m:] - summed[:-m]
    return found
