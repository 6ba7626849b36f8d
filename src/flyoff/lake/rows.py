"""Log entries to Arrow tables, one for each table of the store."""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa

from flyoff.lake.entry import LogEntry, RecordingEntry
from flyoff.lake.schema import SCHEMAS
from flyoff.model.finding import Finding
from flyoff.model.sortie import Sortie

Row = dict[str, Any]

#: Last word of a measure's name, and the unit it stands for.
UNITS = {
    "m": "m",
    "s": "s",
    "ms": "m/s",
    "mps": "m/s",
    "wh": "Wh",
    "mah": "mAh",
    "v": "V",
    "a": "A",
    "w": "W",
    "deg": "deg",
    "rad": "rad",
    "km": "km",
    "hz": "Hz",
    "c": "°C",
    "ms2": "m/s²",
    "ohm": "Ω",
}


def tables(entries: Sequence[LogEntry], ingest_id: str, ingested_us: int) -> dict[str, pa.Table]:
    """Arrow tables of everything the entries say.

    Parameters
    ----------
    entries : sequence of LogEntry
    ingest_id : str
        Written into every row.
    ingested_us : int [µs, UNIX]
        Of two rows of one log, the later counts.

    Returns
    -------
    dict of table name to Arrow table with the schema of ``SCHEMAS``
    """
    rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS}
    tracks: list[pa.Table] = []
    for entry in entries:
        key = {"log_sha256": entry.log.sha256, "ingest_id": ingest_id}
        rows["logs"].append({**_log_row(entry, key), "ingested_us": ingested_us})
        for recording in entry.recordings:
            _add_recording(rows, entry, recording, key)
            tracks += _track(entry, recording, ingest_id)
    made = {name: pa.Table.from_pylist(rows[name], schema=SCHEMAS[name]) for name in SCHEMAS}
    if tracks:
        made["tracks"] = pa.concat_tables(tracks)
    return made


def unit_of(measure: str) -> str:
    """The unit that a measure's name ends in; empty for shares and counts.

    Examples
    --------
    >>> unit_of("max_height_m"), unit_of("energy_wh"), unit_of("battery_at_landing")
    ('m', 'Wh', '')
    """
    return UNITS.get(measure.rpartition("_")[2], "")


def recording_id(entry: LogEntry, boot: int) -> str:
    """First 16 hex digits of the log's SHA-256, and the boot."""
    return f"{entry.log.sha256[:16]}-{boot}"


def _add_recording(
    rows: dict[str, list[Row]], entry: LogEntry, recording: RecordingEntry, key: Row
) -> None:
    rows["recordings"].append(_recording_row(entry, recording, key))
    for sortie in recording.sorties:
        rows["sorties"].append(_sortie_row(entry, recording, sortie, key))
        own = {"sortie_id": sortie.id, **key}
        rows["findings"] += [{**own, **_finding_row(f)} for f in sortie.findings]
        rows["measures"] += [
            {**own, "measure": name, "value": _finite(value), "unit": unit_of(name)}
            for name, value in sortie.measures.items()
        ]


def _log_row(entry: LogEntry, key: Row) -> Row:
    return {
        **key,
        "path": _text(entry.log.path),
        "format": entry.log.format,
        "bytes": entry.log.bytes,
        "decoded_bytes": entry.decoded_bytes,
        "skipped_bytes": entry.skipped_bytes,
        "status": entry.status,
        "receipt": _json(entry.receipt),
        "recordings": len(entry.recordings),
        "sorties": sum(len(r.sorties) for r in entry.recordings),
        "plan_sha256": entry.plan_sha256,
        "plan_path": _text(entry.plan_path) if entry.plan_path else None,
        "warnings": _json(entry.warnings),
        "rules_version": entry.rules_version,
    }


def _recording_row(entry: LogEntry, made: RecordingEntry, key: Row) -> Row:
    recording, vehicle, utc = made.recording, made.recording.vehicle, made.recording.utc
    return {
        "recording_id": recording_id(entry, recording.boot),
        **key,
        "boot": recording.boot,
        "vehicle_id": vehicle.id,
        "vehicle_kind": vehicle.kind,
        "autopilot": vehicle.autopilot,
        "firmware": vehicle.firmware,
        "frame": vehicle.frame,
        "board": vehicle.board,
        "motors": vehicle.motors,
        "is_simulated": vehicle.is_simulated,
        "start_us": recording.start_us,
        "end_us": recording.end_us,
        "utc_offset_us": utc.offset_us if utc else None,
        "utc_uncertainty_s": _finite(utc.uncertainty_s) if utc else None,
        "utc_source": utc.source if utc else None,
        "channels": made.channels,
        "events": len(recording.events),
        "ends_cut": recording.ends_cut,
        "notes": _json(recording.notes),
    }


def _sortie_row(entry: LogEntry, made: RecordingEntry, sortie: Sortie, key: Row) -> Row:
    vehicle, cause = made.recording.vehicle, sortie.cause
    return {
        "sortie_id": sortie.id,
        **key,
        "recording_id": recording_id(entry, made.recording.boot),
        "vehicle_id": vehicle.id,
        "vehicle_kind": vehicle.kind,
        "autopilot": vehicle.autopilot,
        "firmware": vehicle.firmware,
        "outcome": str(sortie.outcome),
        "confidence": _finite(sortie.confidence),
        "cause": str(cause.kind) if cause else None,
        "cause_class": cause.origin if cause else None,
        "cause_onset_s": _finite(cause.onset_s) if cause else None,
        "cause_confidence": _finite(cause.confidence) if cause else None,
        "cause_chain": _json([asdict(k) for k in cause.chain]) if cause else None,
        "start_utc": sortie.start_utc,
        "start_s": _finite(sortie.start_s),
        "end_s": _finite(sortie.end_s),
        "airborne_s": _finite(sortie.airborne_s),
        "evidence": _json([asdict(e) for e in sortie.evidence]),
        "not_assessed": _json({str(n.kind): n.reason for n in sortie.not_assessed}),
        "phases": _json([asdict(p) for p in sortie.phases]),
        "rules_version": entry.rules_version,
    }


def _finding_row(finding: Finding) -> Row:
    return {
        "kind": str(finding.kind),
        "onset_s": _finite(finding.onset_s),
        "end_s": _finite(finding.end_s),
        "severity": str(finding.severity),
        "confidence": _finite(finding.confidence),
        "detail": finding.detail,
        "evidence": _json([asdict(e) for e in finding.evidence]),
        "thresholds": _json(finding.thresholds),
    }


def _track(entry: LogEntry, made: RecordingEntry, ingest_id: str) -> Iterable[pa.Table]:
    if made.track_us is None or not made.track_us.size:
        return
    size = made.track_us.size
    own = {
        "recording_id": recording_id(entry, made.recording.boot),
        "log_sha256": entry.log.sha256,
        "ingest_id": ingest_id,
    }
    columns = {name: pa.repeat(pa.scalar(text), size) for name, text in own.items()}
    columns["t_us"] = pa.array(made.track_us.astype(np.int64))
    for name, values in made.track.items():
        columns[name] = pa.array(values, type=pa.float64(), from_pandas=True)  # NaN becomes null
    schema = SCHEMAS["tracks"]
    yield pa.table([columns[name] for name in schema.names], schema=schema)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _text(path: str) -> str:
    """A file name may hold bytes that are no UTF-8; Arrow takes none."""
    return path.encode(errors="backslashreplace").decode()


def _json(value: Any) -> str:
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {_text(str(k)): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, str):
        return _text(str(value))
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
