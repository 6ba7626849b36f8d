"""All that a written report rests on: the evaluation, every sortie's line, every log's receipt.

One reading of the store gives both the numbers (the document of ``campaign evaluate --json``) and
the lines, so that a report cannot disagree with itself.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from flyoff.campaign.cards import CARDS, Card
from flyoff.campaign.configuration import CONFIGURATION
from flyoff.campaign.flown import NONE, OUTCOMES, VALID, Flown, is_attempt
from flyoff.campaign.folder import Campaign, read_campaign
from flyoff.campaign.report import evaluate
from flyoff.campaign.requirement import MEASURES as MEASURES_REQUIRED
from flyoff.errors import CampaignError
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.model.finding import Evidence
from flyoff.model.sortie import BAD_OUTCOMES
from flyoff.views.campaign import evaluation_json, read_flown
from flyoff.views.rows import evidence_of, rows

#: Measures that a line carries.
MEASURES = (
    "distance_m",
    "max_height_m",
    "arrival_error_m",
    "landing_error_m",
    "energy_wh",
    "wind_mean_ms",
)
_LOGS = """
SELECT l.log_sha256, l.path, parse_filename(l.path, false, 'both_slash') AS log_name, l.format,
       l.bytes, l.decoded_bytes, l.skipped_bytes, l.status, l.rules_version, l.sorties
FROM logs l ORDER BY log_name, l.log_sha256
"""
_SORTIES = """
SELECT s.sortie_id, s.log_sha256, s.recording_id, s.vehicle_kind, s.autopilot, s.firmware,
       s.confidence, s.cause, s.cause_class, s.start_utc, s.airborne_s, s.evidence,
       s.rules_version, parse_filename(l.path, false, 'both_slash') AS log_name,
       r.board, r.frame, r.is_simulated
FROM counted_sorties s JOIN logs l USING (log_sha256) LEFT JOIN recordings r USING (recording_id)
"""
_FINDINGS = """
SELECT sortie_id, kind, severity, onset_s, detail, evidence FROM findings ORDER BY ALL
"""
_MEASURED = "SELECT sortie_id, measure, value FROM measures WHERE list_contains(?, measure)"
_REVIEWS = "SELECT * FROM reviews ORDER BY reviewed_us, sortie_id"


@dataclass(frozen=True, slots=True)
class Noted:
    """A finding as a list needs it."""

    kind: str
    severity: str
    onset_s: float | None
    detail: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One sortie of a campaign; a card without a log is one too.

    Attributes
    ----------
    sortie_id, candidate, vehicle : str
        The candidate is empty for nobody's.
    outcome : str
        That counts; empty if nobody told any.
    judged, told, reviewed : str
        By the program, on the card, by a reviewer; empty if not.
    is_attempt : bool
        It counts for launch and completion.
    set_aside : str
        By whom and why it does not count.
    row : mapping
        Of the store; empty without a log.
    measures : mapping of name to value
    findings : tuple of Noted, by onset
    card : Card or None
    """

    sortie_id: str
    candidate: str
    vehicle: str
    outcome: str
    judged: str
    told: str
    reviewed: str
    is_attempt: bool
    set_aside: str
    airborne_s: float | None
    row: Mapping[str, Any]
    measures: Mapping[str, float | None]
    findings: tuple[Noted, ...]
    evidence: tuple[Evidence, ...]
    card: Card | None

    @property
    def is_bad(self) -> bool:
        """It ended in a way that wants an explanation."""
        return self.outcome in BAD_OUTCOMES

    @property
    def cause(self) -> str:
        """Kind of the cause; empty if none is known."""
        return str(self.row.get("cause") or "")

    @property
    def day(self) -> str:
        """When it began, by its log, else by its card."""
        return str(self.row.get("start_utc") or (self.card.date if self.card else "") or "")

    @property
    def log_name(self) -> str:
        """File name of its log; empty without one."""
        return str(self.row.get("log_name") or "")

    @property
    def decisive(self) -> tuple[Evidence, ...]:
        """What decided the outcome, and what showed the cause."""
        at = 1 if self.outcome == "failed_launch" and len(self.evidence) > 1 else 0
        shown = [e for f in self.findings if f.kind == self.cause for e in f.evidence[:1]]
        found = [*self.evidence[at : at + 1], *shown[:1]]
        return tuple({e.says: e for e in found}.values())


@dataclass(frozen=True, slots=True, eq=False)
class Paper:
    """What a report on a campaign is written from.

    Attributes
    ----------
    store, folder : str
    campaign : Campaign
    evaluation : mapping
        The document of ``campaign evaluate --json``.
    sha256 : mapping of name to SHA-256
        Of the evaluation and of the campaign's files.
    lines : tuple of Line, in the order of time
    logs, reviews : tuple of mapping
    """

    store: str
    folder: str
    campaign: Campaign
    evaluation: Mapping[str, Any]
    sha256: Mapping[str, str]
    lines: tuple[Line, ...]
    logs: tuple[Mapping[str, Any], ...]
    reviews: tuple[Mapping[str, Any], ...]

    def of(self, candidate: str) -> list[Line]:
        """One candidate's sorties."""
        return [line for line in self.lines if line.candidate == candidate]

    @property
    def last_day(self) -> str:
        """Latest instant of the evidence, ISO; empty if no sortie has a date."""
        return max((line.day for line in self.lines), default="")


def read_paper(store: str, folder: str | PathLike[str]) -> Paper:
    """Read what a report is written from.

    Parameters
    ----------
    store : str
    folder : path-like
        The campaign's.
    """
    campaign = read_campaign(folder)
    flown, matches = read_flown(store, campaign)
    evaluation = evaluate(campaign, flown, tuple(matches.notes))
    digests = {"evaluation": hashlib.sha256(evaluation_json(evaluation)).hexdigest()}
    for name in (CONFIGURATION, CARDS):
        if (Path(folder) / name).exists():
            digests[name] = hashlib.sha256((Path(folder) / name).read_bytes()).hexdigest()
    with connect(Store(store)) as db:
        lines = tuple(_lines(db, campaign, flown))
        logs, reviews = tuple(rows(db, _LOGS)), tuple(rows(db, _REVIEWS))
    return Paper(
        store, str(folder), campaign, evaluation, digests, lines, _of_campaign(logs, lines), reviews
    )


def only(paper: Paper, candidate: str) -> Paper:
    """The same report about one candidate; its figures do not change.

    Raises
    ------
    CampaignError
        If the campaign has no such candidate.
    """
    names = [c.name for c in paper.campaign.candidates]
    if candidate not in names:
        raise CampaignError(f"candidate {candidate!r} is none of {', '.join(names)}")
    lines = tuple(line for line in paper.lines if line.candidate == candidate)
    ids = {line.sortie_id for line in lines}
    return Paper(
        paper.store,
        paper.folder,
        paper.campaign,
        {**paper.evaluation, "comparisons": []},
        paper.sha256,
        lines,
        _of_campaign(paper.logs, lines),
        tuple(r for r in paper.reviews if r["sortie_id"] in ids),
    )


def _of_campaign(
    logs: Sequence[Mapping[str, Any]], lines: Sequence[Line]
) -> tuple[Mapping[str, Any], ...]:
    """The logs that a sortie of the report is from, and those that hold none."""
    named = {line.row["log_sha256"] for line in lines if line.row}
    return tuple(log for log in logs if log["log_sha256"] in named or not log["sorties"])


def _lines(db: duckdb.DuckDBPyConnection, campaign: Campaign, flown: Flown) -> Iterator[Line]:
    stored = {row["sortie_id"]: row for row in rows(db, _SORTIES)}
    found: dict[str, list[Noted]] = {}
    for row in rows(db, _FINDINGS):
        own = (row["kind"], row["severity"], row["onset_s"], row["detail"] or "")
        found.setdefault(row["sortie_id"], []).append(Noted(*own, evidence_of(row["evidence"])))
    measured: dict[str, dict[str, float | None]] = {}
    for sortie_id, name, value in db.execute(_MEASURED, [list(MEASURES)]).fetchall():
        measured.setdefault(sortie_id, {})[name] = value
    attempts = is_attempt(flown.outcome, flown.flew) & (flown.disposition == VALID)
    by_card = {card.card: card for card in campaign.cards}
    names = [c.name for c in campaign.candidates]
    label = flown.labels["card"]
    for i, sortie_id in enumerate(flown.ids[:]):
        row = stored.get(sortie_id, {})
        noted = tuple(sorted(found.get(sortie_id, ()), key=lambda f: (f.onset_s or 0.0, f.kind)))
        candidate, airborne = int(flown.candidate[i]), float(flown.airborne_s[i])
        yield Line(
            sortie_id=sortie_id,
            candidate=names[candidate] if candidate != NONE else "",
            vehicle=flown.vehicles[int(flown.vehicle[i])],
            outcome=_outcome(flown.outcome[i]),
            judged=_outcome(flown.judged[i]),
            told=_outcome(flown.told[i]),
            reviewed=_outcome(flown.reviewed[i]),
            is_attempt=bool(attempts[i]),
            set_aside=flown.set_aside.get(i, ""),
            airborne_s=airborne if np.isfinite(airborne) else None,
            row=row,
            measures=measured.get(sortie_id, {}),
            findings=noted,
            evidence=evidence_of(row.get("evidence")),
            card=by_card.get(label.names[label.codes[i]]) if label.codes[i] != NONE else None,
        )


def _outcome(code: Any) -> str:
    return str(OUTCOMES[int(code)]) if int(code) != NONE else ""


def how_counted(measure: str) -> str:
    """How a measure that can be required is counted, in words."""
    return MEASURES_REQUIRED[measure].about


def campaign_of(folder: str | PathLike[str] | None) -> Campaign:
    """The campaign of a folder; an empty one without a folder."""
    return read_campaign(folder) if folder is not None else Campaign("", ())


__all__ = ["Line", "Noted", "Paper", "campaign_of", "how_counted", "only", "read_paper"]
