"""What lies in a store, as the model has it: plans as they were received, sorties as judged."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flyoff.errors import FlyoffError
from flyoff.lake.store import Store
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.mission import Mission
from flyoff.model.sortie import Cause, CauseLink, NotAssessed, Outcome, Phase, Sortie
from flyoff.pipeline.kept import kept_source
from flyoff.pipeline.steps import load_plan


def stored_plan(store: str, sha256: str | None) -> Mission | None:
    """The planned mission that a log was judged with; None if there was none, or none readable."""
    if not sha256:
        return None
    try:
        return load_plan(kept_source(Store(store), sha256, sha256))
    except FlyoffError:
        return None  # ingest has told so, and the log's warnings say it


def stored_sorties(
    sorties: Sequence[Mapping[str, Any]],
    findings: Sequence[Mapping[str, Any]],
    measures: Sequence[Mapping[str, Any]],
    *,
    paths: Mapping[str, str],
) -> dict[str, list[Sortie]]:
    """Sorties of some recordings, made again of the rows of the tables.

    Parameters
    ----------
    sorties, findings, measures : rows of these tables
    paths : mapping of recording to the path of its log
    """
    found: dict[str, list[Finding]] = {}
    for row in findings:
        found.setdefault(row["sortie_id"], []).append(_finding(row))
    measured: dict[str, dict[str, float | None]] = {}
    for row in measures:
        measured.setdefault(row["sortie_id"], {})[row["measure"]] = row["value"]
    made: dict[str, list[Sortie]] = {}
    for row in sorted(sorties, key=lambda r: (r["recording_id"], r["start_s"] or 0.0)):
        own, recording = row["sortie_id"], row["recording_id"]
        sortie = _sortie(row, paths[recording])
        sortie = replace(
            sortie,
            findings=tuple(sorted(found.get(own, ()), key=lambda f: f.onset_s)),
            measures=measured.get(own, {}),
        )
        made.setdefault(recording, []).append(sortie)
    return made


def _sortie(row: Mapping[str, Any], path: str) -> Sortie:
    unknown = json.loads(row["not_assessed"] or "{}")
    return Sortie(
        id=row["sortie_id"],
        start_s=row["start_s"] or 0.0,
        end_s=row["end_s"] or 0.0,
        start_utc=row["start_utc"],
        airborne_s=row["airborne_s"],
        outcome=Outcome(row["outcome"]),
        confidence=row["confidence"] or 0.0,
        evidence=_evidence(row["evidence"]),
        cause=_cause(row),
        not_assessed=tuple(NotAssessed(Kind(k), why) for k, why in unknown.items()),
        phases=tuple(Phase(**p) for p in json.loads(row["phases"] or "[]")),
        sources=(path,),
    )


def _cause(row: Mapping[str, Any]) -> Cause | None:
    if not row["cause"]:
        return None
    chain = tuple(
        CauseLink(k["t_s"], k["says"], Kind(k["kind"]) if k["kind"] else None)
        for k in json.loads(row["cause_chain"] or "[]")
    )
    sure, onset_s = row["cause_confidence"] or 0.0, row["cause_onset_s"] or 0.0
    return Cause(Kind(row["cause"]), onset_s, sure, row["cause_class"] or "vehicle", chain)


def _finding(row: Mapping[str, Any]) -> Finding:
    return Finding(
        Kind(row["kind"]),
        row["onset_s"] or 0.0,
        row["end_s"] or 0.0,
        Severity(row["severity"]),
        _evidence(row["evidence"]),
        row["confidence"] or 0.0,
        json.loads(row["thresholds"] or "{}"),
        row["detail"] or "",
    )


def _evidence(text: str | None) -> tuple[Evidence, ...]:
    return tuple(Evidence(**e) for e in json.loads(text or "[]"))
