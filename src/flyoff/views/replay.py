"""Every vehicle of a window at once, on one UTC clock, and how near they came to each other.

All tracks are laid on one grid of instants. Separation is the distance in space between the two
nearest vehicles at each instant, from positions as they were logged; a vehicle that did not log at
an instant takes no part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from flyoff.campaign.folder import Campaign
from flyoff.errors import FlyoffError
from flyoff.lake.query import connect, dicts
from flyoff.lake.store import Store
from flyoff.units import FloatArray, IntArray
from flyoff.views.columns import pack
from flyoff.views.listing import prepare

Facts = dict[str, Any]

#: Vehicles of one replay, and instants of its grid.
MOST_VEHICLES, MOST_INSTANTS = 500, 200_000
#: Beyond this, two samples are no line [s].
_GAP_S = 2.0
_PLACES = ("lat", "lon")
_OTHERS = ("height", "alt_msl", "roll", "pitch", "yaw")

_DAYS = """
SELECT left(start_utc, 10) AS day, count(*) AS sorties, count(DISTINCT vehicle_id) AS vehicles,
       min(start_utc) AS start_utc, max(start_utc) AS last_utc,
       max(coalesce(end_s - start_s, 0)) AS longest_s
FROM counted_sorties
WHERE start_utc IS NOT NULL AND recording_id IN (SELECT DISTINCT recording_id FROM tracks)
GROUP BY day ORDER BY day DESC LIMIT 1000
"""
_WITHOUT = "SELECT count(*) FROM counted_sorties WHERE start_utc IS NULL"
_SORTIES = """
SELECT s.sortie_id, s.recording_id, s.start_s, s.end_s, r.utc_offset_us / 1e6 AS offset_s,
       coalesce(v.outcome, s.outcome) AS outcome, coalesce(v.cause, s.cause) AS cause,
       coalesce(nullif(c.vehicle, ''), s.vehicle_id) AS vehicle,
       coalesce(c.candidate, w.candidate, '') AS candidate
FROM counted_sorties s
JOIN recordings r ON r.recording_id = s.recording_id AND r.utc_offset_us IS NOT NULL
LEFT JOIN carded c ON c.log_sha256 = s.log_sha256
LEFT JOIN _vehicles w ON w.vehicle = s.vehicle_id
LEFT JOIN latest_reviews v ON v.sortie_id = s.sortie_id
WHERE {where} ORDER BY s.start_utc, s.sortie_id LIMIT ?
"""
_TRACKS = f"""
SELECT w.number, t.t_us / 1e6 + w.offset_s AS t, {", ".join(f"t.{c}" for c in _PLACES + _OTHERS)}
FROM tracks t JOIN _wanted w USING (recording_id)
WHERE t.t_us BETWEEN w.a AND w.b ORDER BY w.number, t.t_us
"""


@dataclass(frozen=True, slots=True)
class Window:
    """Which sorties to replay: by instants, or by ids, or both.

    Attributes
    ----------
    start_s, end_s : float or None [UNIX, s]
    ids : sequence of str
    rate_hz : float
    """

    start_s: float | None
    end_s: float | None
    ids: Sequence[str]
    rate_hz: float


def replay_days(store: str) -> Facts:
    """The days that can be replayed, newest first, in plain values."""
    with connect(Store(store)) as db:
        days = db.execute(_DAYS).fetchall()
        without = db.execute(_WITHOUT).fetchone()
    return {
        "days": [
            {
                "day": day,
                "sorties": sorties,
                "vehicles": vehicles,
                "start_utc": start,
                "end_utc": _utc(instant(last) + longest),
            }
            for day, sorties, vehicles, start, last, longest in days
        ],
        "without_utc": int(without[0]) if without else 0,
    }


def replay(store: str, campaign: Campaign, window: Window) -> bytes:
    """Tracks of a window on one clock, as columns.

    Returns
    -------
    bytes
        Of vehicle ``i`` the columns ``t/i`` (UNIX, s), ``lat/i`` …; of the window ``sep/t``,
        ``sep/m`` and the indexes ``sep/a`` and ``sep/b`` of the two nearest.

    Raises
    ------
    FlyoffError
        If the window holds too much.
    """
    with connect(Store(store)) as db:
        prepare(db, campaign)
        sorties = _sorties(db, window)
        rows = _rows(db, sorties) if sorties else {}
    tracks = _cut(rows, len(sorties), window)
    kept = [i for i, track in enumerate(tracks) if track["t"].size]
    columns: dict[str, Any] = {}
    told = []
    for place, i in enumerate(kept):
        track, sortie = _thinned(tracks[i], window.rate_hz), sorties[i]
        columns |= {f"{name}/{place}": track[name] for name in ("t", *_PLACES)}
        columns |= {f"{name}/{place}": track[name].astype(np.float32) for name in _OTHERS}
        told.append(sortie)
    separation = _separation([tracks[i] for i in kept], window.rate_hz)
    columns |= separation
    ends = [(t["start_utc_s"], t["end_utc_s"]) for t in told]
    return pack(
        columns,
        {
            "start_utc_s": min((a for a, _ in ends), default=None),
            "end_utc_s": max((b for _, b in ends), default=None),
            "vehicles": told,
            "closest": _closest(separation),
        },
    )


def instant(text: str) -> float:
    """UNIX seconds of an ISO 8601 instant, UTC where it names no zone.

    Raises
    ------
    FlyoffError
        If it is none.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise FlyoffError(f"{text!r} is no instant; write 2026-05-04T18:00:00Z") from None
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()


def _sorties(db: duckdb.DuckDBPyConnection, window: Window) -> list[Facts]:
    conditions: list[str] = ["true"]
    values: list[Any] = []
    if window.ids:
        conditions.append("list_contains(?, s.sortie_id)")
        values.append(list(window.ids))
    if window.start_s is not None:
        conditions.append("s.end_s + r.utc_offset_us / 1e6 >= ?")
        values.append(window.start_s)
    if window.end_s is not None:
        conditions.append("s.start_s + r.utc_offset_us / 1e6 <= ?")
        values.append(window.end_s)
    query = _SORTIES.format(where=" AND ".join(conditions))
    found = dicts(db.execute(query, [*values, MOST_VEHICLES + 1]))
    if len(found) > MOST_VEHICLES:
        raise FlyoffError(f"more than {MOST_VEHICLES} sorties in this window; take a shorter one")
    return [_told(row) for row in found]


def _told(row: Facts) -> Facts:
    kept = ("sortie_id", "recording_id", "vehicle", "candidate", "outcome", "cause", "offset_s")
    return {k: row[k] for k in kept} | {
        "start_utc_s": row["start_s"] + row["offset_s"],
        "end_utc_s": row["end_s"] + row["offset_s"],
    }


def _rows(db: duckdb.DuckDBPyConnection, sorties: list[Facts]) -> dict[str, FloatArray]:
    offsets = [s["offset_s"] for s in sorties]
    edges = [
        [round((s[key] - o) * 1e6) for s, o in zip(sorties, offsets, strict=True)]
        for key in ("start_utc_s", "end_utc_s")
    ]
    wanted = pa.table(
        {
            "number": pa.array(range(len(sorties)), pa.int64()),
            "recording_id": pa.array([s.pop("recording_id") for s in sorties], pa.string()),
            "offset_s": pa.array([s.pop("offset_s") for s in sorties], pa.float64()),
            "a": pa.array(edges[0], pa.int64()),
            "b": pa.array(edges[1], pa.int64()),
        }
    )
    db.register("_wanted", wanted)
    found = db.execute(_TRACKS).fetchnumpy()
    return {
        name: np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
        for name, values in found.items()
    }


def _cut(rows: dict[str, FloatArray], count: int, window: Window) -> list[dict[str, FloatArray]]:
    """Each sortie's own rows, within the window."""
    made = []
    for number in range(count):
        a = int(np.searchsorted(rows["number"], number, side="left"))
        b = int(np.searchsorted(rows["number"], number, side="right"))
        own = {name: values[a:b] for name, values in rows.items() if name != "number"}
        inside = np.isfinite(own["lat"]) & np.isfinite(own["lon"])
        if window.start_s is not None:
            inside &= own["t"] >= window.start_s
        if window.end_s is not None:
            inside &= own["t"] <= window.end_s
        made.append({name: values[inside] for name, values in own.items()})
    return made


def _thinned(track: dict[str, FloatArray], rate_hz: float) -> dict[str, FloatArray]:
    """At most so many rows a second: the first of each tick, and the last."""
    ticks = np.floor(track["t"] * rate_hz)
    keep = np.concatenate(([True], np.diff(ticks) > 0))
    keep[-1] = True
    return {name: values[keep] for name, values in track.items()}


def _separation(tracks: list[dict[str, FloatArray]], rate_hz: float) -> dict[str, Any]:
    """The two nearest vehicles at every instant of a common grid; NaN where fewer than two fly."""
    if len(tracks) < 2:
        none = np.zeros(0, dtype=np.int32)
        return {"sep/t": np.zeros(0), "sep/m": np.zeros(0, np.float32), "sep/a": none,
                "sep/b": none}  # fmt: skip
    grid = _shared(tracks, rate_hz)
    places = np.stack([_placed(t, grid) for t in tracks])  # (vehicle, instant, axis)
    nearest, pairs = np.full(grid.size, np.inf), np.full((2, grid.size), -1, dtype=np.int32)
    for i in range(len(tracks) - 1):
        apart = np.sqrt(((places[i + 1 :] - places[i]) ** 2).sum(axis=2))
        apart[np.isnan(apart)] = np.inf
        other = apart.argmin(axis=0)
        least = np.take_along_axis(apart, other[None], axis=0)[0]
        closer = least < nearest
        nearest[closer] = least[closer]
        pairs[0, closer], pairs[1, closer] = i, other[closer] + i + 1
    nearest[np.isinf(nearest)] = np.nan
    return {"sep/t": grid, "sep/m": nearest.astype(np.float32), "sep/a": pairs[0],
            "sep/b": pairs[1]}  # fmt: skip


def _shared(tracks: list[dict[str, FloatArray]], rate_hz: float) -> FloatArray:
    """Instants at which two vehicles or more were logged: the days between flights are left out."""
    ticks = np.concatenate([np.unique(np.floor(t["t"] * rate_hz)) for t in tracks])
    found, count = np.unique(ticks, return_counts=True)
    both: FloatArray = found[count > 1][:MOST_INSTANTS] / rate_hz
    return both


def _placed(track: dict[str, FloatArray], grid: FloatArray) -> FloatArray:
    """Earth-fixed place [m] at each instant; NaN outside the track and in its gaps."""
    from pymap3d import geodetic2ecef

    # heights above the launch point of different launches do not compare: the sea's level does
    up = track["alt_msl"] if np.isfinite(track["alt_msl"]).all() else track["height"]
    columns = geodetic2ecef(track["lat"], track["lon"], np.nan_to_num(up))
    t = track["t"]
    after: IntArray = np.searchsorted(t, grid).clip(1, max(t.size - 1, 1))
    inside = (grid >= t[0]) & (grid <= t[-1])
    if t.size > 1:
        inside &= (t[after] - t[after - 1]) <= _GAP_S
    made = np.stack([np.interp(grid, t, np.asarray(c)) for c in columns], axis=1)
    made[~inside] = np.nan
    return made


def _closest(separation: dict[str, Any]) -> Facts | None:
    apart = separation["sep/m"]
    if not apart.size or not np.isfinite(apart).any():
        return None
    at = int(np.nanargmin(apart))
    return {
        "t_utc_s": float(separation["sep/t"][at]),
        "m": float(apart[at]),
        "a": int(separation["sep/a"][at]),
        "b": int(separation["sep/b"][at]),
    }


def _utc(unix_s: float) -> str:
    at = datetime.fromtimestamp(unix_s, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
