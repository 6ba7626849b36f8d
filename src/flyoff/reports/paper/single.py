"""A sortie's detail from its log alone, where no store holds it."""

from os.path import basename

import numpy as np

from flyoff.model.flight import Flight
from flyoff.model.mission import Mission
from flyoff.model.sortie import Sortie
from flyoff.pipeline.explain import ExplainedLog
from flyoff.pipeline.log_facts import wind
from flyoff.pipeline.steps import load_plan
from flyoff.pipeline.taking import rules_version
from flyoff.pipeline.track import track_of
from flyoff.reports.paper.incident import Incident
from flyoff.views.sortie import FlownPath, Measured, SortieDetail, StoredFinding


def incidents(log: ExplainedLog) -> list[Incident]:
    """Every sortie of a log, as the sheets need it."""
    plan = load_plan(log.plan) if log.plan else None
    return [_incident(log, flight, sortie, plan) for flight, sortie in log.sorties]


def _incident(log: ExplainedLog, flight: Flight, sortie: Sortie, plan: Mission | None) -> Incident:
    detail = SortieDetail(
        row=_row(log, flight, sortie),
        evidence=sortie.evidence,
        chain=sortie.cause.chain if sortie.cause else (),
        findings=tuple(
            StoredFinding(
                str(f.kind), f.onset_s, f.end_s, str(f.severity), f.confidence, f.detail, f.evidence
            )
            for f in sorted(sortie.findings, key=lambda f: (f.onset_s, f.kind))
        ),
        not_assessed={str(n.kind): n.reason for n in sortie.not_assessed},
        phases=sortie.phases,
        measures={k: Measured(k, v, _UNITS.get(k, "")) for k, v in sortie.measures.items()},
        track=_track(flight, sortie),
    )
    blows = wind(flight.recording, sortie.start_s, sortie.end_s)
    return Incident(detail, plan, blows)


#: Units of the measures that a sheet shows.
_UNITS = {
    "airborne_s": "s",
    "distance_m": "m",
    "max_height_m": "m",
    "max_speed_ms": "m/s",
    "touchdown_descent_ms": "m/s",
    "landing_error_m": "m",
}


def _row(log: ExplainedLog, flight: Flight, sortie: Sortie) -> dict[str, object]:
    vehicle, cause, receipt = flight.recording.vehicle, sortie.cause, log.receipt
    return {
        "sortie_id": sortie.id,
        "candidate": "",
        "vehicle": vehicle.id,
        "card": "",
        "vehicle_kind": str(vehicle.kind),
        "autopilot": vehicle.autopilot,
        "firmware": vehicle.firmware,
        "is_simulated": vehicle.is_simulated,
        "outcome": str(sortie.outcome),
        "confidence": sortie.confidence,
        "cause": str(cause.kind) if cause else None,
        "cause_class": cause.origin if cause else None,
        "cause_onset_s": cause.onset_s if cause else None,
        "cause_confidence": cause.confidence if cause else None,
        "start_utc": sortie.start_utc,
        "start_s": sortie.start_s,
        "end_s": sortie.end_s,
        "airborne_s": sortie.airborne_s,
        "rules_version": rules_version(),
        "log_name": basename(log.log.path),
        "path": log.log.path,
        "format": log.log.format,
        "bytes": log.log.bytes,
        "decoded_bytes": receipt.decoded_bytes,
        "skipped_bytes": receipt.skipped_bytes,
        "status": str(receipt.status),
        "log_sha256": log.log.sha256,
    }


def _track(flight: Flight, sortie: Sortie) -> FlownPath:
    made = track_of(flight.recording)
    if made is None:
        return FlownPath(np.zeros(0), {name: np.zeros(0) for name in _COLUMNS})
    t_s = made.t_us / 1e6
    inside = (t_s >= sortie.start_s) & (t_s <= sortie.end_s + 2.0)
    return FlownPath(t_s[inside], {name: made.columns[name][inside] for name in _COLUMNS})


_COLUMNS = "lat lon height velocity_north velocity_east velocity_down roll pitch yaw".split()
