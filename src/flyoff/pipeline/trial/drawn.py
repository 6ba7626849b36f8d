"""What is drawn of a sensor: where targets were seen, who followed them when, how late it told."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from flyoff.pipeline.trial import counts
from flyoff.pipeline.trial.evidence import Evidence, Pass
from flyoff.units import FloatArray, IntArray, Seconds

Facts = dict[str, Any]

#: More marks than this are thinned evenly: a map of ink tells nothing.
_MOST = 2500
_BINS = 30
#: The longest latencies are not drawn: one of them would flatten all others.
_DRAWN = 0.995


@dataclass(frozen=True, slots=True)
class Custody:
    """A stretch of a pass that one track followed, or none.

    Attributes
    ----------
    start_s, end_s : float [s since entering the volume]
    owner : int
        The track's number in the sensor's reports; -1 for one without a name, -2 for none.
    nth : int
        Which track of this pass it is, from 0; -1 for none.
    """

    start_s: Seconds
    end_s: Seconds
    owner: int
    nth: int


def scanned(e: Evidence) -> tuple[IntArray, IntArray]:
    """Targets and scans to draw: every one that could be seen, by time, thinned if they are many.

    Returns
    -------
    (truth, scan) : int64, shape (n,)
    """
    truth, scan = np.nonzero(e.following.opportunity)
    order = np.argsort(scan, kind="stable")[:: max(1, truth.size // _MOST)]
    return truth[order], scan[order]


def custody(e: Evidence, p: Pass) -> list[Custody]:
    """Who followed the target of a pass, stretch after stretch."""
    f = e.following
    j = next(k for k, t in enumerate(e.truths) if t.name == p.target)
    run = next(k for k, r in enumerate(e.runs) if r.name == p.run)
    at = np.flatnonzero(f.opportunity[j] & (f.scans.period == run))
    report = f.report[j, at]
    track = np.full(report.size, -2)
    track[report >= 0] = e.reports.track[report[report >= 0]]
    edges = np.flatnonzero(np.append(True, (np.diff(track) != 0) | (np.diff(at) != 1)))
    ends = np.append(edges[1:], at.size) - 1
    nth = {k: n for n, k in enumerate(dict.fromkeys(int(t) for t in track if t != -2))}
    starts = f.scans.start_s - p.start_s
    return [
        Custody(
            max(float(starts[at[a]]), 0.0),
            float(starts[at[b]]) + f.scans.length_s,
            int(track[a]),
            nth.get(int(track[a]), -1),
        )
        for a, b in zip(edges, ends, strict=True)
    ]


def track_name(e: Evidence, owner: int) -> str:
    """A track as its sensor names it, or what there is instead."""
    return e.reports.names[owner] if owner >= 0 else "missed" if owner == -2 else "no track id"


def late(e: Evidence) -> tuple[IntArray, FloatArray, FloatArray] | None:
    """How late reports came: counts, edges of the bins [s], and all of them; None for too few."""
    found = counts.latencies(e)
    if found.size < 2:
        return None
    low, high = float(min(found.min(), 0.0)), float(np.quantile(found, _DRAWN)) * 1.1
    made, edges = np.histogram(found[found <= high], bins=_BINS, range=(low, high))
    return made, edges, found


def drawing(e: Evidence) -> Facts:
    """All of it in plain values; metres are east and north of the site."""
    f = e.following
    truth, scan = scanned(e)
    place, report = f.place[truth, scan], f.report[truth, scan]
    first = float(f.scans.middle_s[0]) if f.scans.middle_s.size else 0.0
    position = np.full((report.size, 2), np.nan)
    position[report >= 0] = e.reports.position[report[report >= 0], :2]
    starts = counts.false_starts(e, e.free)
    return {
        "targets": [t.name for t in e.truths],
        "start_utc_s": first,
        "scan_s": f.scans.length_s,
        "post": [_m(v) for v in e.sensor[:2]],
        "scans": {
            "t_s": [round(float(f.scans.middle_s[k]) - first, 2) for k in scan],
            "target": truth.tolist(),
            "east_m": [_m(v) for v in place[:, 0]],
            "north_m": [_m(v) for v in place[:, 1]],
            "is_seen": (report >= 0).tolist(),
            "reported_east_m": [_m(v) for v in position[:, 0]],
            "reported_north_m": [_m(v) for v in position[:, 1]],
        },
        "false_starts": [[_m(v) for v in e.reports.position[k, :2]] for k in starts],
        "passes": [_followed(e, p, first) for p in e.passes],
        "latency": _latency(e),
    }


def _followed(e: Evidence, p: Pass, first: float) -> Facts:
    return {
        "run": p.run,
        "target": p.target,
        "begins_s": p.start_s - first,
        "length_s": p.end_s - p.start_s,
        "spans": [
            {"start_s": c.start_s, "end_s": c.end_s, "nth": c.nth, "track": track_name(e, c.owner)}
            for c in custody(e, p)
        ],
        "line_s": p.line_s - p.start_s if math.isfinite(p.line_s) else None,
        "alert_s": p.alert_s - p.start_s if math.isfinite(p.alert_s) else None,
    }


def _latency(e: Evidence) -> Facts | None:
    found = late(e)
    if found is None:
        return None
    made, edges, every = found
    p50, p95 = (float(np.quantile(every, q)) for q in (0.5, 0.95))
    return {"counts": made.tolist(), "edges_s": edges.tolist(), "p50_s": p50, "p95_s": p95}


def _m(value: float) -> float | None:
    return round(float(value), 1) if math.isfinite(value) else None
