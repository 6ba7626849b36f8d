"""Evidence of others beside the own: shown apart and pooled, only for origins that are named.

A log that the store holds itself, or that an origin named before sent too, counts once: it is known
by its SHA-256. Own verdicts are never touched by what is here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from flyoff.campaign.bounds import ByVehicle
from flyoff.campaign.flown import CODE, EXCLUDED, NO_TEST, NONE, VALID, Codes, Flown, trials
from flyoff.campaign.folder import Campaign
from flyoff.campaign.problems import meant
from flyoff.campaign.report import plain
from flyoff.campaign.requirement import CAUSE_CLASSES, Requirement
from flyoff.campaign.shares import estimate, share_limit
from flyoff.errors import CampaignError
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.stats.random_effects import pooled_share

OWN = "own"
_ROWS = """
SELECT * EXCLUDE (bundle_sha256) FROM imported_evidence
WHERE origin = ? ORDER BY bundle_sha256, number
"""
_MEASURES = "SELECT sortie_id, measure, value FROM imported_measures WHERE origin = ?"
_DISPOSITION = {"valid": VALID, "no-test": NO_TEST, "excluded": EXCLUDED}


def included(store: str, campaign: Campaign, own: Flown, origins: Sequence[str]) -> dict[str, Any]:
    """Judge the requirements by own and imported sorties, apart and pooled over origins.

    Raises
    ------
    CampaignError
        If the store has no evidence of an origin.
    """
    with connect(Store(store)) as db:
        known = [o for (o,) in db.execute("SELECT DISTINCT origin FROM imports").fetchall()]
        for word in origins:
            if word not in known:
                raise CampaignError(f"store {store}: no evidence of {word!r}{meant(word, known)}")
        taken = {sha for (sha,) in db.execute("SELECT log_sha256 FROM logs").fetchall()}
        parts, twice = {OWN: own}, {}
        for origin in dict.fromkeys(origins):
            parts[origin], twice[origin] = _read(db, origin, campaign, taken)
    lines = [
        _line(campaign, number, requirement, parts)
        for requirement in campaign.requirements
        for number, candidate in enumerate(campaign.candidates)
        if not requirement.candidates or candidate.name in requirement.candidates
    ]
    named = [name for name in parts if name != OWN]
    shown: dict[str, Any] = plain({"origins": named, "twice": twice, "lines": lines})
    return shown


def _line(
    campaign: Campaign, number: int, requirement: Requirement, parts: Mapping[str, Flown]
) -> dict[str, Any]:
    """One requirement of one candidate, by origin and pooled."""
    told: dict[str, Any] = {
        "candidate": campaign.candidates[number].name,
        "requirement": requirement.id,
        "by_origin": {},
        "pooled": None,
        "note": "",
    }
    if requirement.definition.form in ("rate", "hours"):
        told["note"] = "rates are not pooled over origins"
        return told
    counts = {name: _counts(part.of(number), requirement) for name, part in parts.items()}
    counts = {name: one for name, one in counts.items() if sum(one.totals)}
    for name, one in counts.items():
        won, lost, unknown = one.totals
        told["by_origin"][name] = {
            "successes": won,
            "failures": lost,
            "undetermined": unknown,
            "estimate": estimate(one, requirement),
        }
    if len(counts) < 2:
        told["note"] = "evidence of one origin only: nothing to pool"
        return told
    told["pooled"] = _pooled(list(counts.values()), requirement)
    return told


def _pooled(counts: Sequence[ByVehicle], requirement: Requirement) -> dict[str, Any]:
    """Both one-sided ends, the undetermined counted against each."""
    totals = [one.totals for one in counts]
    n = [sum(one) for one in totals]
    level, (limit, direction) = requirement.confidence, share_limit(requirement)
    worst = pooled_share([won for won, _, _ in totals], n, level=level, sides="lower")
    best = pooled_share([won + open_ for won, _, open_ in totals], n, level=level, sides="upper")
    low, high = worst.estimate.low, best.estimate.high
    side = (low >= limit, high < limit) if direction == "at_least" else (high <= limit, low > limit)
    return {
        "value_low": worst.estimate.value,
        "value_high": best.estimate.value,
        "low": low,
        "high": high,
        "level": level,
        "method": worst.estimate.method,
        "i2": max(worst.effects.i2, best.effects.i2),
        "next_low": worst.next_low,
        "next_high": best.next_high,
        "says": "met" if side[0] else "missed" if side[1] else "undecided",
    }


def _counts(part: Flown, requirement: Requirement) -> ByVehicle:
    counting = trials(part, requirement)
    return ByVehicle.of(part.vehicle[counting.rows], counting.result)


def _read(
    db: duckdb.DuckDBPyConnection, origin: str, campaign: Campaign, taken: set[str]
) -> tuple[Flown, int]:
    """An origin's sorties of the campaign's candidates, and how many others had told already."""
    table: pa.Table = db.sql(_ROWS, params=[origin]).to_arrow_table()
    logs = table["log_sha256"].to_pylist()
    fresh = np.array([sha is None or sha not in taken for sha in logs], dtype=np.bool_)
    taken |= {sha for sha in logs if sha is not None}
    table = table.filter(pa.array(fresh))
    values = db.execute(_MEASURES, [origin]).fetchall()
    return _flown(table, campaign, values), int((~fresh).sum())


def _flown(table: pa.Table, campaign: Campaign, values: Sequence[tuple[Any, ...]]) -> Flown:
    ids = table["sortie_id"].to_pylist()
    rows = {sortie: row for row, sortie in enumerate(ids)}
    measures: dict[str, Any] = {}
    for sortie, measure, value in values:
        if sortie in rows and value is not None:
            measures.setdefault(measure, np.full(len(ids), np.nan))[rows[sortie]] = value
    words = [str(v) for v in table["vehicle"].to_pylist()]
    vehicles = sorted(set(words))
    names = {c.name: i for i, c in enumerate(campaign.candidates)}
    return Flown(
        ids=ids,
        candidate=_codes(table, "candidate", names),
        vehicle=np.array([vehicles.index(v) for v in words], dtype=np.int32),
        vehicles=tuple(vehicles),
        judged=_codes(table, "judged", CODE),
        told=_codes(table, "told", CODE),
        reviewed=_codes(table, "reviewed", CODE),
        flew=np.array(table["flew"].to_pylist(), dtype=np.bool_),
        airborne_s=np.array(table["airborne_s"].to_pylist(), dtype=np.float64),
        cause=_codes(table, "cause_class", {c: i for i, c in enumerate(CAUSE_CLASSES)}),
        disposition=_codes(table, "disposition", _DISPOSITION),
        gnss_denied=np.array(table["gnss_denied"].to_pylist(), dtype=np.bool_),
        measures=measures,
    )


def _codes(table: pa.Table, column: str, words: Mapping[str, int]) -> Codes:
    """Our own words as their codes; what is absent or unknown as none."""
    return np.array([words.get(w, NONE) for w in table[column].to_pylist()], dtype=np.int32)
