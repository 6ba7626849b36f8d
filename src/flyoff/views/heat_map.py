"""The fleet as a map of findings by vehicle, with what is usual and what differs from it."""

from typing import Any

from flyoff.campaign.folder import Campaign
from flyoff.campaign.report import plain
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.views.fleet import Baseline, Different, fleet, type_name
from flyoff.views.listing import prepare
from flyoff.views.one_sortie import measure_title

Facts = dict[str, Any]

#: Rows of the map, the vehicles with most sorties; and sorties that differ, the furthest first.
MOST_VEHICLES, MOST_DIFFERENT = 300, 500

_VEHICLES = f"""
SELECT coalesce(nullif(c.vehicle, ''), s.vehicle_id) AS vehicle,
       any_value(coalesce(c.candidate, v.candidate, '')) AS candidate,
       any_value(s.vehicle_kind) AS kind, any_value(coalesce(r.frame, '')) AS frame,
       any_value(coalesce(s.autopilot, '')) AS autopilot, count(*) AS sorties
FROM counted_sorties s
LEFT JOIN carded c USING (log_sha256)
LEFT JOIN _vehicles v ON v.vehicle = s.vehicle_id
LEFT JOIN recordings r USING (recording_id)
GROUP BY 1 ORDER BY sorties DESC, vehicle LIMIT {MOST_VEHICLES}
"""
_CELLS = """
SELECT coalesce(nullif(c.vehicle, ''), s.vehicle_id) AS vehicle, f.kind,
       count(DISTINCT s.sortie_id) AS sorties,
       count(DISTINCT s.sortie_id) FILTER (f.severity = 'critical') AS critical
FROM findings f JOIN counted_sorties s USING (sortie_id)
LEFT JOIN carded c ON c.log_sha256 = s.log_sha256
WHERE f.severity <> 'info'
GROUP BY ALL ORDER BY ALL
"""


def fleet_facts(store: str, campaign: Campaign, least: int, beyond: float) -> Facts:
    """The fleet in plain values.

    Parameters
    ----------
    store : str
    campaign : Campaign
    least : int
        Fewer sorties of a type give no baseline.
    beyond : float [spreads]
    """
    with connect(Store(store)) as db:
        prepare(db, campaign)
        vehicles = db.execute(_VEHICLES).fetchall()
        cells = db.execute(_CELLS).fetchall()
    named = {row[0] for row in vehicles}
    shown = [c for c in cells if c[0] in named]
    found = fleet(store, least=least, beyond=beyond)
    totals: dict[str, int] = {}
    for _, kind, sorties, _ in shown:
        totals[kind] = totals.get(kind, 0) + sorties
    return {
        "vehicles": [
            {"vehicle": vehicle, "candidate": candidate, "sorties": sorties,
             "type": type_name(kind, frame, autopilot)}
            for vehicle, candidate, kind, frame, autopilot, sorties in vehicles
        ],
        "kinds": sorted(totals, key=lambda k: (-totals[k], k)),
        "cells": [dict(zip(("vehicle", "kind", "sorties", "critical"), c, strict=True))
                  for c in shown],
        "baselines": [_baseline(b, True) for b in found.baselines]
        + [_baseline(b, False) for b in found.too_few],
        "different": [_different(d) for d in found.different[:MOST_DIFFERENT]],
        "frequencies": [
            {"type": f.type, "kind": f.kind, "share": plain(f.share)} for f in found.frequencies
        ],
        "least": least,
        "beyond": beyond,
    }  # fmt: skip


def _different(own: Different) -> Facts:
    kept = ("sortie_id", "start_utc", "outcome", "cause", "value", "spreads")
    return {name: getattr(own, name) for name in kept} | {
        "log_name": own.path.replace("\\", "/").rpartition("/")[2],
        "vehicle": own.vehicle_id,
        "measure": own.baseline.measure,
        "title": measure_title(own.baseline.measure),
        "unit": own.baseline.unit or "",
        "type": own.baseline.type,
        "usual": own.baseline.usual,
    }


def _baseline(own: Baseline, has_enough: bool) -> Facts:
    return {
        "type": own.type,
        "measure": own.measure,
        "title": measure_title(own.measure),
        "unit": own.unit or "",
        "n": own.n,
        "vehicles": own.vehicles,
        "usual": own.usual,
        "spread": own.spread,
        "has_enough": has_enough,
    }
