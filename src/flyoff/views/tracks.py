"""Where sorties flew: one track as it is stored, and many drawn small."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from flyoff.lake.borrowed import borrowed
from flyoff.lake.store import Store
from flyoff.units import FloatArray
from flyoff.views.columns import pack

Facts = dict[str, Any]

#: Columns of a track in the order sent; places need all digits, the rest does not.
PLACES = ("lat", "lon")
OTHERS = (
    "alt_msl height velocity_north velocity_east velocity_down roll pitch yaw"
).split()  # fmt: skip
#: Points of a sparkline, and of a thumbnail.
SPARKS, LINE = 48, 64
_M_PER_DEGREE = 111_320.0

_SPAN = """
SELECT s.recording_id, coalesce(s.start_s, 0.0), s.end_s, r.utc_offset_us
FROM sorties s LEFT JOIN recordings r USING (recording_id) WHERE s.sortie_id = ?
"""
_TRACK = f"""
SELECT t_us, {", ".join((*PLACES, *OTHERS))} FROM tracks
WHERE recording_id = ? AND t_us BETWEEN ? AND ? ORDER BY t_us
"""
_MANY = """
WITH asked AS (
  SELECT s.sortie_id, s.recording_id, (coalesce(s.start_s, 0) * 1e6)::BIGINT AS a,
         (coalesce(s.end_s, 1e12) * 1e6)::BIGINT AS b
  FROM sorties s WHERE list_contains(?, s.sortie_id)
)
SELECT a.sortie_id, t.t_us, t.lat, t.lon, t.height
FROM tracks t JOIN asked a USING (recording_id)
WHERE t.t_us BETWEEN a.a AND a.b ORDER BY a.sortie_id, t.t_us
"""


def track_bytes(store: str, sortie_id: str) -> bytes | None:
    """A sortie's track as columns; None if there is no such sortie. Empty columns: no track."""
    with borrowed(Store(store)) as db:
        span = db.execute(_SPAN, [sortie_id]).fetchone()
        if span is None:
            return None
        recording, start_s, end_s, offset_us = span
        last = min(end_s * 1e6, 9e18) if end_s is not None else 9e18
        rows = db.execute(_TRACK, [recording, int(start_s * 1e6), int(last)]).fetchnumpy()
    columns = {name: _plain(rows[name]) for name in ("t_us", *PLACES, *OTHERS)}
    made = {"t_s": columns["t_us"] / 1e6} | {name: columns[name] for name in PLACES}
    small = {name: columns[name].astype(np.float32) for name in OTHERS}
    return pack(made | small, {"utc_offset_s": None if offset_us is None else offset_us / 1e6})


def sketches(store: str, sortie_ids: Sequence[str]) -> list[Facts]:
    """Height over time and the way over ground, drawn small, in the order asked for."""
    with borrowed(Store(store)) as db:
        known = {
            row[0]
            for row in db.execute(
                "SELECT sortie_id FROM sorties WHERE list_contains(?, sortie_id)",
                [list(sortie_ids)],
            ).fetchall()
        }
        rows = db.execute(_MANY, [list(sortie_ids)]).fetchnumpy()
    names = np.asarray(rows["sortie_id"], dtype=np.str_)
    columns = {name: _plain(rows[name]) for name in ("t_us", "lat", "lon", "height")}
    made = []
    for sortie in dict.fromkeys(i for i in sortie_ids if i in known):
        a, b = (int(np.searchsorted(names, sortie, side=side)) for side in ("left", "right"))
        made.append(_sketch(sortie, {name: values[a:b] for name, values in columns.items()}))
    return made


def _sketch(sortie: str, part: dict[str, FloatArray]) -> Facts:
    t = part["t_us"]
    good = np.isfinite(part["lat"]) & np.isfinite(part["lon"])
    lat, lon = part["lat"][good], part["lon"][good]
    if lat.size > LINE:
        at = np.linspace(0, lat.size - 1, LINE).astype(np.int64)
        lat, lon = lat[at], lon[at]
    scale = np.cos(np.radians(lat[0])) if lat.size else 1.0
    return {
        "sortie_id": sortie,
        "height_m": _sparks(t, part["height"]),
        "east_m": _rounded((lon - lon[0]) * _M_PER_DEGREE * scale) if lat.size else [],
        "north_m": _rounded((lat - lat[0]) * _M_PER_DEGREE) if lat.size else [],
    }


def _sparks(t: FloatArray, height: FloatArray) -> list[float | None]:
    """The greatest height in each of a few equal stretches; None where nothing was logged."""
    if t.size < 2 or not np.isfinite(height).any():
        return []
    stretch = np.minimum((t - t[0]) / max(t[-1] - t[0], 1.0) * SPARKS, SPARKS - 1).astype(np.int64)
    top = np.full(SPARKS, -np.inf)
    np.fmax.at(top, stretch, np.where(np.isfinite(height), height, -np.inf))
    return [round(float(h), 1) if np.isfinite(h) else None for h in top]


def _rounded(values: FloatArray) -> list[float]:
    return [round(float(v), 1) for v in values]


def _plain(values: Any) -> FloatArray:
    filled: FloatArray = np.ma.filled(np.ma.asarray(values, dtype=np.float64), np.nan)
    return filled
