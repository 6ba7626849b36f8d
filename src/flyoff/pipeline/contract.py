"""The machine contract of ``flyoff judge --json``: one JSON object a line, one line a log.

Its keys are promised (docs/reference/judge-json.md); add, never rename. What is not a finite number
is ``null``, because JSON has no NaN.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from flyoff.decoders import Receipt
from flyoff.model.finding import Evidence, Finding
from flyoff.model.recording import Vehicle
from flyoff.model.sortie import Cause, Sortie
from flyoff.pipeline.steps import JudgedLog


def to_line(judged: JudgedLog, links: Mapping[str, Sequence[Any]] | None = None) -> str:
    """One JSON object without a line break, ASCII only, keys in the order of the contract.

    With `links` (of each sortie's id the other logs of its flight) sorties carry ``linked``.
    """
    content = to_dict(judged)
    if links is not None:
        for sortie in content["sorties"]:
            sortie["linked"] = finite(links.get(sortie["id"], []))
    return json.dumps(content, allow_nan=False, separators=(", ", ": "))


def to_dict(judged: JudgedLog) -> dict[str, Any]:
    """The contract's object, of plain dicts, lists, strings, finite numbers and None."""
    log = judged.log
    content = {
        "log": {
            "path": log.path,
            "sha256": log.sha256,
            "format": log.format,
            "bytes": log.bytes,
            "receipt": receipt_dict(judged.receipt),
        },
        "vehicle": vehicle_dict(judged.vehicle),
        "sorties": [sortie_dict(s) for s in judged.sorties],
    }
    cleaned: dict[str, Any] = finite(content)
    return cleaned


def receipt_dict(receipt: Receipt) -> dict[str, Any]:
    """The account of the bytes, with the gaps that are listed."""
    return {
        "decoded_bytes": receipt.decoded_bytes,
        "skipped_bytes": receipt.skipped_bytes,
        "status": str(receipt.status),
        "gaps": [{"offset": g.offset, "bytes": g.bytes, "reason": g.reason} for g in receipt.gaps],
    }


def vehicle_dict(vehicle: Vehicle) -> dict[str, Any]:
    """Who flew."""
    return {
        "id": vehicle.id,
        "kind": vehicle.kind,
        "autopilot": vehicle.autopilot,
        "firmware": vehicle.firmware or None,
    }


def sortie_dict(sortie: Sortie) -> dict[str, Any]:
    """One sortie as the contract words it."""
    return {
        "id": sortie.id,
        "start_s": sortie.start_s,
        "end_s": sortie.end_s,
        "start_utc": sortie.start_utc,
        "airborne_s": sortie.airborne_s,
        "outcome": str(sortie.outcome),
        "confidence": sortie.confidence,
        "evidence": [evidence_dict(e) for e in sortie.evidence],
        "cause": cause_dict(sortie.cause) if sortie.cause else None,
        "findings": [finding_dict(f) for f in sortie.findings],
        "not_assessed": [str(n.kind) for n in sortie.not_assessed],
        "not_assessed_reasons": {str(n.kind): n.reason for n in sortie.not_assessed},
        "phases": [
            {"phase": p.phase, "start_s": p.start_s, "end_s": p.end_s} for p in sortie.phases
        ],
        "measures": dict(sortie.measures),
    }


def cause_dict(cause: Cause) -> dict[str, Any]:
    """The cause, its class and the chain of what led to what."""
    return {
        "kind": str(cause.kind),
        "onset_s": cause.onset_s,
        "confidence": cause.confidence,
        "class": cause.origin,
        "chain": [
            {"t_s": k.t_s, "says": k.says, "kind": str(k.kind) if k.kind else None}
            for k in cause.chain
        ],
    }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """A finding with the thresholds that it was made with."""
    return {
        "kind": str(finding.kind),
        "onset_s": finding.onset_s,
        "end_s": finding.end_s,
        "severity": str(finding.severity),
        "evidence": [evidence_dict(e) for e in finding.evidence],
        "confidence": finding.confidence,
        "detail": finding.detail or None,
        "thresholds": dict(finding.thresholds),
    }


def evidence_dict(evidence: Evidence) -> dict[str, Any]:
    """One checkable statement."""
    return {
        "says": evidence.says,
        "channel": evidence.channel,
        "t_s": evidence.t_s,
        "value": evidence.value,
        "limit": evidence.limit,
    }


def finite(value: Any) -> Any:
    """The same content with NumPy numbers made plain and NaN and infinities made None.

    Examples
    --------
    >>> finite({"a": float("nan"), "b": (1, 2.5)})
    {'a': None, 'b': [1, 2.5]}
    """
    if isinstance(value, dict):
        return {str(k): finite(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [finite(v) for v in value]
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def measure_names() -> list[str]:
    """Names of all measures, as ``measures`` of a sortie has them."""
    from flyoff.measures import BUILTIN

    return list(BUILTIN)
