"""One sortie as the page shows it: the verdict with its evidence, its log, what is beside it."""

import json
from datetime import UTC, datetime
from typing import Any

import duckdb

from flyoff.campaign.folder import Campaign
from flyoff.lake.borrowed import borrowed
from flyoff.lake.near import near
from flyoff.lake.query import dicts
from flyoff.lake.schema import LINKED, SCHEMAS
from flyoff.lake.store import Store
from flyoff.model.finding import Evidence
from flyoff.views.listing import prepare, rows_of
from flyoff.views.sortie import said
from flyoff.views.wording import plain

Facts = dict[str, Any]

_OWN = """
WITH own AS (
  SELECT * FROM counted_sorties WHERE sortie_id = $id
  UNION ALL
  SELECT * FROM sorties WHERE sortie_id = $id
    AND sortie_id NOT IN (SELECT sortie_id FROM counted_sorties WHERE sortie_id = $id)
)
SELECT s.*, l.path, l.format, l.bytes, l.decoded_bytes, l.skipped_bytes, l.status, l.plan_path,
       l.warnings, r.is_simulated, r.ends_cut, r.notes, r.utc_offset_us, r.utc_uncertainty_s,
       (SELECT any_value(combined) FROM same_sorties WHERE counted_as = s.sortie_id) AS combined
FROM own s LEFT JOIN logs l ON l.log_sha256 = s.log_sha256
LEFT JOIN recordings r ON r.recording_id = s.recording_id
"""
_FINDINGS = "SELECT * FROM findings WHERE sortie_id = $id ORDER BY onset_s, kind"
_MEASURES = "SELECT measure, value, unit FROM measures WHERE sortie_id = $id"
_REVIEWS = "SELECT * FROM reviews WHERE sortie_id = $id ORDER BY reviewed_us DESC"
_OF_LOG = "SELECT sortie_id FROM sorties WHERE log_sha256 = $log ORDER BY start_s, sortie_id"
_NEIGHBOURS = """
SELECT max_by(sortie_id, start_utc) FILTER (start_utc < $start) AS previous,
       min_by(sortie_id, start_utc) FILTER (start_utc > $start) AS next
FROM counted_sorties WHERE vehicle_id = $vehicle AND sortie_id <> $id
"""
_LINKED = """
WITH pairs AS (
  SELECT second_recording AS other, offset_us, uncertainty_s, likeness, "by"
  FROM links WHERE first_recording = $recording
  UNION ALL
  SELECT first_recording, -offset_us, uncertainty_s, likeness, "by"
  FROM links WHERE second_recording = $recording
)
SELECT p.*, r.log_sha256, parse_filename(l.path, false, 'both_slash') AS log_name, m.sortie_id,
       m.counted_as
FROM pairs p JOIN recordings r ON r.recording_id = p.other
JOIN logs l ON l.log_sha256 = r.log_sha256
LEFT JOIN (
  SELECT s.sortie_id, s.recording_id, coalesce(c.counted_as, s.sortie_id) AS counted_as
  FROM sorties s LEFT JOIN same_sorties c USING (sortie_id)
) m ON m.recording_id = p.other AND m.counted_as = $counted
ORDER BY p.other
"""
_MARK = """
SELECT ingest_id, recording_id, vehicle_id, start_utc,
       (SELECT (count(*), max(reviewed_us)) FROM reviews WHERE sortie_id = $id) AS reviewed,
       (SELECT count(*) FROM same_sorties WHERE $id IN (sortie_id, counted_as)) AS combined
FROM sorties WHERE sortie_id = $id
"""
_LINKS = """
SELECT count(*) AS n FROM links WHERE first_recording = $recording OR second_recording = $recording
"""
_COUNTED_AS = "SELECT counted_as FROM same_sorties WHERE sortie_id = $id"


def sortie_mark(store: str, sortie_id: str) -> str:
    """Another word whenever ``sortie_facts`` may say something else, whatever else came in.

    That rests on the rows of its own log, on its reviews and on who flew before and after. Where
    other logs tell of the flight, too, any change of the store may matter. Empty: no such sortie.
    """
    lake = Store(store)
    with borrowed(lake) as db:
        own = _all(db, _MARK, id=sortie_id)
        if not own:
            return ""
        row = own[0]
        beside = _all(db, _NEIGHBOURS, id=sortie_id, vehicle=row["vehicle_id"],
                      start=row["start_utc"] or "")[0]  # fmt: skip
        is_linked = _all(db, _LINKS, recording=row["recording_id"])[0]["n"] or row["combined"]
    others = lake.newest_commits([*SCHEMAS, *LINKED]) if is_linked else []
    return repr((row["ingest_id"], row["reviewed"], beside, others))


def sortie_facts(store: str, campaign: Campaign, sortie_id: str) -> Facts | None:
    """Everything that a store says of a sortie, in plain values; None if there is no such sortie.

    Parameters
    ----------
    store : str
    campaign : Campaign
        By which candidate and card are told.
    sortie_id : str
    """
    with borrowed(Store(store)) as lake, near(lake, sortie_id) as db:
        found = _all(db, _OWN, id=sortie_id)
        if not found:
            return None
        row = found[0]
        prepare(db, campaign)
        lines = rows_of(db, [sortie_id])
        told = _json(row["combined"], {})  # what all logs of the flight say together
        stored = told.get("findings") or _all(db, _FINDINGS, id=sortie_id)
        findings = [_finding(f) for f in stored]
        beside = _all(lake, _NEIGHBOURS, id=sortie_id, vehicle=row["vehicle_id"],
                      start=row["start_utc"] or "")[0]  # fmt: skip
        return {
            "row": lines[0],
            "firmware": row["firmware"],
            "start_s": row["start_s"] or 0.0,
            "end_s": row["end_s"] or 0.0,
            "utc_offset_s": _seconds(row["utc_offset_us"]),
            "utc_uncertainty_s": row["utc_uncertainty_s"],
            "evidence": [_evidence(e) for e in _json(row["evidence"], [])],
            "cause": _cause(row, findings),
            "phases": told.get("phases") or _json(row["phases"], []),
            "findings": findings,
            "not_assessed": [
                {"kind": k, "title": plain(k), "reason": why}
                for k, why in _json(row["not_assessed"], {}).items()
            ],
            "measures": [_measured(m) for m in _all(db, _MEASURES, id=sortie_id)],
            "log": _log(row, [r["sortie_id"] for r in _all(db, _OF_LOG, log=row["log_sha256"])]),
            "linked": _linked(db, row),
            "sources": [_name(p) for p in told.get("sources", [row["path"]])],
            "reviews": [review_facts(r) for r in _all(db, _REVIEWS, id=sortie_id)],
            "previous": beside["previous"],
            "next": beside["next"],
            "rules_version": row["rules_version"],
        }


def review_facts(row: Facts) -> Facts:
    """A row of ``reviews`` with its instant in UTC."""
    at = datetime.fromtimestamp(row["reviewed_us"] / 1e6, UTC)
    kept = ("sortie_id", "outcome", "cause", "cause_class", "by", "because")
    return {
        **{name: row[name] for name in kept},
        "reviewed_utc": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def _log(row: Facts, sorties: list[str]) -> Facts:
    return {
        "sha256": row["log_sha256"],
        "name": _name(row["path"]),
        "format": row["format"] or "",
        "bytes": row["bytes"] or 0,
        "decoded_bytes": row["decoded_bytes"] or 0,
        "skipped_bytes": row["skipped_bytes"] or 0,
        "status": row["status"] or "complete",
        "plan": _name(row["plan_path"]) or None,
        "warnings": _json(row["warnings"], []),
        "notes": _json(row["notes"], []),
        "is_simulated": bool(row["is_simulated"]),
        "ends_cut": bool(row["ends_cut"]),
        "sorties": sorties,
    }


def _linked(db: duckdb.DuckDBPyConnection, row: Facts) -> list[Facts]:
    """Other recordings of the same flight."""
    counted = _all(db, _COUNTED_AS, id=row["sortie_id"])
    counted_as = counted[0]["counted_as"] if counted else row["sortie_id"]
    found = _all(db, _LINKED, recording=row["recording_id"], counted=counted_as)
    return [
        {
            "sortie_id": other["sortie_id"],
            "log_name": other["log_name"] or "",
            "log_sha256": other["log_sha256"],
            "offset_s": other["offset_us"] / 1e6,
            "uncertainty_s": other["uncertainty_s"],
            "likeness": other["likeness"],
            "by": other["by"] or "",
            "is_counted": other["sortie_id"] is not None and other["sortie_id"] == counted_as,
        }
        for other in found
    ]


def _cause(row: Facts, findings: list[Facts]) -> Facts | None:
    if not row["cause"]:
        return None
    chain = _json(row["cause_chain"], [])
    return {
        "kind": row["cause"],
        "says": plain(row["cause"]),
        "cause_class": row["cause_class"],
        "onset_s": row["cause_onset_s"],
        "confidence": row["cause_confidence"],
        "chain": [
            {"t_s": k["t_s"], "says": _link_says(k, findings), "kind": k.get("kind")} for k in chain
        ],
    }


def _link_says(link: Facts, findings: list[Facts]) -> str:
    """One link in words, with units where its finding has them."""
    for found in findings:
        if found["kind"] == link.get("kind") and abs(found["onset_s"] - link["t_s"]) < 1e-3:
            first = found["evidence"][0]["says"] if found["evidence"] else ""
            return f"{found['title']}: {first}" if first else str(found["title"])
    return str(link["says"])


def _finding(row: Facts) -> Facts:
    title, detail = plain(row["kind"]), row["detail"] or ""
    return {
        "kind": row["kind"],
        "title": f"{title} ({detail})" if detail else title,
        "onset_s": row["onset_s"] or 0.0,
        "end_s": row["end_s"] or row["onset_s"] or 0.0,
        "severity": row["severity"],
        "confidence": row["confidence"],
        "evidence": [_evidence(e) for e in _json(row["evidence"], [])],
        "thresholds": {k: _shown(v) for k, v in _json(row["thresholds"], {}).items()},
    }


def _shown(value: Any) -> Any:
    """A threshold as a number or a word."""
    return value if isinstance(value, int | float | str | None) else json.dumps(value)


def _evidence(raw: Facts) -> Facts:
    own = Evidence(**raw)
    return {
        "says": said(own),
        "channel": own.channel or None,
        "t_s": own.t_s,
        "value": own.value,
        "limit": own.limit,
    }


def _measured(row: Facts) -> Facts:
    return {
        "measure": row["measure"],
        "title": measure_title(row["measure"]),
        "value": row["value"],
        "unit": row["unit"] or "",
    }


_UNITS = frozenset({"s", "m", "ms", "ms2", "deg", "wh", "mah", "v", "w", "a", "ohm"})


def measure_title(name: str) -> str:
    """A measure as people write it, without the unit in its name.

    Examples
    --------
    >>> measure_title("arrival_error_m"), measure_title("hover_throttle")
    ('arrival error', 'hover throttle')
    """
    words = name.split("_")
    return " ".join(words[:-1] if len(words) > 1 and words[-1] in _UNITS else words)


def _name(path: str | None) -> str:
    """The file's own name: where it lay on somebody's machine is nobody's business."""
    return (path or "").replace("\\", "/").rpartition("/")[2]


def _seconds(us: int | None) -> float | None:
    return None if us is None else us / 1e6


def _json(text: Any, default: Any) -> Any:
    """JSON text as plain values; values that are plain already as they are."""
    if not text:
        return default
    return json.loads(text) if isinstance(text, str) else text


def _all(db: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[Facts]:
    return dicts(db.execute(query, values))
