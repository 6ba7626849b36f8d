"""The scores as one JSON document: the same bytes for the same input, valid against its schema."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from typing import Any, Final

import numpy as np

import flyoff
from flyoff.errors import StatsError
from flyoff.pipeline.trial import counts, sets
from flyoff.pipeline.trial.clock import Clock
from flyoff.pipeline.trial.curves import chance_curve, covariates
from flyoff.pipeline.trial.evidence import Evidence, Pass
from flyoff.pipeline.trial.plain import plain, shown, told
from flyoff.pipeline.trial.scoring import Scored, Unscored
from flyoff.pipeline.trial.sensors import SensorData
from flyoff.pipeline.trial.setup import Defeat
from flyoff.pipeline.trial.truths import quality
from flyoff.stats.comparison import mcnemar_exact
from flyoff.stats.consistency import nees_bounds
from flyoff.stats.proportions import clopper_pearson
from flyoff.trials.following import Verdict
from flyoff.trials.rules import Period

FORMAT: Final = "flyoff-trial-scores/1"
#: By how much the gate is changed, to see what hangs on it.
GATES: Final = (0.5, 1.0, 1.5)


def schema() -> dict[str, Any]:
    """The JSON Schema of the document, as it is shipped."""
    text = files("flyoff.pipeline.trial").joinpath("scores.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def document_json(document: Mapping[str, Any]) -> bytes:
    """The document as it is written."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def document(scored: Scored) -> dict[str, Any]:
    """All scores of a trial."""
    setup, evidences = scored.setup, scored.evidences
    whole = {
        "format": FORMAT,
        "flyoff": flyoff.__version__,
        "trial": {
            "name": setup.name,
            "scenario": setup.scenario,
            "date": _date(setup.start_s),
            "level": setup.level,
        },
        "policy": _policy(scored),
        "runs": [_period(p) for p in setup.runs],
        "target_free": [_period(p) for p in setup.target_free],
        "target_free_hours": sum(p.hours for p in setup.target_free),
        "truths": [quality(t) for t in scored.truths],
        "traffic": len(scored.traffic),
        "sensors": [_sensor(one, scored) for one in scored.sensors],
        "comparisons": _comparisons(evidences),
        "defeats": _defeats(setup.defeats, setup.level),
        "requirements": [
            {
                "id": j.requirement.id,
                "measure": j.requirement.measure,
                "sensor": j.sensor,
                "direction": j.requirement.direction,
                "limit": j.requirement.limit,
                "confidence": j.requirement.confidence,
                "verdict": str(j.verdict),
                "because": j.because,
                "estimate": None if j.estimate is None else shown(j.estimate),
            }
            for j in scored.judged
        ],
        "warnings": [str(p) for p in scored.problems],
    }
    found: dict[str, Any] = plain(whole)
    return found


def _policy(scored: Scored) -> dict[str, Any]:
    rules = scored.setup.rules
    return {
        "gate_m": rules.gate.metres,
        "gate_mahalanobis": rules.gate.mahalanobis,
        "declaration_reports": rules.declaration.reports,
        "declaration_within_s": rules.declaration.within_s,
        "hysteresis": rules.hysteresis,
        "traffic_gate_m": rules.traffic_gate_m,
        "cutoff_m": rules.cutoff_m,
        "order": rules.order,
        "line_m": rules.line_m,
        "radius_m": rules.volume.radius_m,
        "corners": [list(c) for c in rules.volume.corners],
        "floor_m": rules.volume.floor_m,
        "ceiling_m": rules.volume.ceiling_m,
    }


def _sensor(one: Evidence | Unscored, scored: Scored) -> dict[str, Any]:
    data = one.data
    head = {
        "sensor": data.setup.name,
        "about": data.setup.about,
        "files": _files(data),
        "reports": len(data.reports),
        "left_out": dict(data.dropped),
        "notes": list(data.notes),
        "suspected": list(scored.suspected[data.setup.name]),
        "clock": _clock(one.clock),
    }
    if isinstance(one, Unscored):
        return {**head, "scored": False, "because": one.because, "scores": None}
    return {**head, "scored": True, "because": "", "scores": scores(one, scored.setup.level)}


def scores(e: Evidence, level: float) -> dict[str, Any]:
    """All scores of one sensor."""
    verdicts = Counter(Verdict(v).name.lower() for v in e.following.verdict.tolist())
    return {
        "scan_s": e.following.scans.length_s,
        "reports": {v.name.lower(): verdicts[v.name.lower()] for v in Verdict},
        "ambiguous_scans": int((e.following.ambiguous & e.following.opportunity).sum()),
        "opportunities": int(e.opportunities.detected.size),
        "detection": _detection(e, level),
        "first_detection": _first(e, level),
        "false_tracks": _false(e, level),
        "continuity": {
            "swaps_per_hour": told(lambda: counts.swaps(e, level)),
            "breaks_per_hour": told(lambda: counts.breaks(e, level)),
            "longest_share": told(lambda: counts.longest_share(e, level)),
        },
        "error": _error(e, level),
        "latency_s": {
            f"p{100 * p:.0f}": told(partial(counts.latency, e, p, level)) for p in (0.5, 0.95)
        },
        "classification": _classification(e, level),
        "picture": _picture(e),
        "alert_before_line": told(lambda: counts.alerts(e, level)),
        "passes": [_pass(p) for p in e.passes],
        "gate_sensitivity": [_at_gate(e, scale, level) for scale in GATES],
    }


def _detection(e: Evidence, level: float) -> dict[str, Any]:
    return {
        "passes": told(lambda: counts.passes(e, level)),
        "r50_m": told(lambda: counts.range_of(e, 0.5, level)),
        "r90_m": told(lambda: counts.range_of(e, 0.9, level)),
        "curve": told(lambda: chance_curve(e, level)),
        "by": covariates(e, level),
    }


def _first(e: Evidence, level: float) -> dict[str, Any]:
    ranges = [p.first_range_m for p in e.passes if p.is_detected]

    def curve() -> dict[str, Any]:
        found = counts.first_detection(e, level)
        return {
            "time_s": found.table.times.tolist(),
            "not_yet": found.survival.tolist(),
            "low": found.low.tolist(),
            "high": found.high.tolist(),
        }

    return {
        "median_s": told(lambda: counts.time_to_detect(e, level)),
        "p90_s": told(lambda: counts.time_to_detect(e, level, 0.9)),
        "missed": sum(not p.is_detected for p in e.passes),
        "curve": told(curve),
        "range_m": ranges,
        "median_range_m": told(lambda: counts.range_at_first(e, level)),
    }


def _false(e: Evidence, level: float) -> dict[str, Any]:
    starts = counts.false_starts(e, e.free)
    places = e.reports.position[starts]
    sectors = []
    for sector in e.rules.sectors:
        inside = int(sector.holds(places).sum()) if starts.size else 0
        rate = told(partial(counts.rate_of, inside, e.free, level))
        sectors.append({"sector": sector.name, "tracks": inside, "per_hour": rate})
    return {
        "per_hour": told(lambda: counts.false_tracks(e, level)),
        "reports_per_hour": told(partial(counts.false_reports, e, level)),
        "counted": "tracks" if e.has_tracks else "reports",
        "sectors": sectors,
        "places": [[float(p[0]), float(p[1])] for p in places if p[0] == p[0]],
        "in_runs": int(counts.false_starts(e, e.runs).size),
    }


def _error(e: Evidence, level: float) -> dict[str, Any]:
    return {
        "reports": int(e.errors.distance_m.size),
        "bias_east_m": told(lambda: counts.bias(e, "east", level)),
        "bias_north_m": told(lambda: counts.bias(e, "north", level)),
        "bias_up_m": told(lambda: counts.bias(e, "up", level)),
        "r50_m": told(lambda: counts.error_radius(e, 0.5, level)),
        "r95_m": told(lambda: counts.error_radius(e, 0.95, level)),
        "nees": told(lambda: _nees(e)),
    }


def _nees(e: Evidence) -> dict[str, Any]:
    known = e.errors.nees[np.isfinite(e.errors.nees)]
    if not known.size:
        raise StatsError("the sensor claims no spread")
    bounds = nees_bounds(int(known.size), 2, level=0.95)
    return {
        "mean": float(known.mean()),
        "consistent_low": bounds.low,
        "consistent_high": bounds.high,
        "reports": int(known.size),
    }


def _classification(e: Evidence, level: float) -> dict[str, Any]:
    def table() -> dict[str, Any]:
        names, rows, found = counts.confusion_of(e.passes)
        return {
            "classes": names,
            "table": rows,
            "accuracy": found.accuracy,
            "kappa": found.kappa,
            "mcc": found.mcc,
        }

    return {"recall": told(lambda: counts.recall(e, level)), "confusion": told(table)}


def _picture(e: Evidence) -> dict[str, Any]:
    def scored() -> dict[str, Any]:
        p = sets.picture(e)
        return {
            "ospa_m": float(p.ospa.mean()),
            "gospa_m": float(p.gospa.mean()),
            "gospa_localisation": float(p.localisation.mean()),
            "gospa_missed": float(p.missed.mean()),
            "gospa_false": float(p.false.mean()),
            "siap": asdict(p.siap),
            "identity": {
                "completeness": p.identity.completeness,
                "correctness": p.identity.correctness,
                "ambiguity": p.identity.ambiguity,
            },
            "clear_mot": asdict(p.mot),
            "series": _thinned(p),
        }

    found: dict[str, Any] = told(scored)
    return found


def _thinned(p: sets.Picture) -> dict[str, Any]:
    """At most 300 means over equal stretches of scans."""
    edges = np.unique(np.linspace(0, p.time_s.size, 301).astype(np.int64))
    width = np.diff(edges)

    def mean(values: Any) -> list[float]:
        return [float(v) for v in np.add.reduceat(values, edges[:-1]) / width]

    return {"time_s": mean(p.time_s), "ospa_m": mean(p.ospa), "gospa_m": mean(p.gospa)}


def _pass(p: Pass) -> dict[str, Any]:
    return {**asdict(p), "detected_share": p.detected / p.opportunities}


def _at_gate(e: Evidence, scale: float, level: float) -> dict[str, Any]:
    at = e if scale == 1.0 else e.regated(scale)
    return {
        "scale": scale,
        "gate_m": at.rules.gate.metres * scale,
        "detected_scans": int(at.opportunities.detected.sum()),
        "passes": told(lambda: counts.passes(at, level)),
        "r50_m": told(lambda: counts.range_of(at, 0.5, level)),
        "false_tracks_per_hour": told(lambda: counts.false_tracks(at, level)),
        "swaps_per_hour": told(lambda: counts.swaps(at, level)),
        "error_r95_m": told(lambda: counts.error_radius(at, 0.95, level)),
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {
        "status": clock.status,
        "offset_s": None if clock.offset is None else shown(clock.offset),
        "drift_s_per_h": None if clock.drift is None else shown(clock.drift),
        "reports": clock.matched,
        "because": clock.because,
    }


def _files(data: SensorData) -> list[dict[str, Any]]:
    return [
        {"file": name, "format": reading.format, "account": asdict(reading.account)}
        for name, reading in data.readings
    ]


def _comparisons(evidences: Sequence[Evidence]) -> list[dict[str, Any]]:
    """Each two sensors over the passes that both had, paired."""
    found = []
    for i, a in enumerate(evidences):
        for b in evidences[i + 1 :]:
            one, two = ({(p.run, p.target): p.is_detected for p in s.passes} for s in (a, b))
            both = [(one[key], two[key]) for key in one if key in two]
            only = [sum(x and not y for x, y in both), sum(y and not x for x, y in both)]
            found.append(
                {
                    "first": a.data.setup.name,
                    "second": b.data.setup.name,
                    "passes": len(both),
                    "only_first": only[0],
                    "only_second": only[1],
                    "p_value": mcnemar_exact(*only) if sum(only) else 1.0,
                    "method": "McNemar, exact",
                }
            )
    return found


def _defeats(defeats: Sequence[Defeat], level: float) -> list[dict[str, Any]]:
    """Outcomes of the attempts, as the cards tell them."""
    found = []
    for effector in sorted({d.effector for d in defeats}):
        results = [d.result for d in defeats if d.effector == effector]
        good, open_ = results.count("effective"), results.count("undetermined")
        known = len(results) - open_
        found.append(
            {
                "effector": effector,
                "attempts": len(results),
                "effective": good,
                "undetermined": open_,
                "share": told(partial(clopper_pearson, good, known, level=level)),
                "worst": good / len(results),
                "best": (good + open_) / len(results),
            }
        )
    return found


def _period(period: Period) -> dict[str, Any]:
    return {
        "name": period.name,
        "start": _utc(period.start_s),
        "end": _utc(period.end_s),
        "targets": list(period.targets),
        "scenario": period.scenario,
    }


def _utc(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds")


def _date(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).date().isoformat()
