"""Everything that a store says of its sorties, one by one."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np

from flyoff.campaign.folder import Campaign
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.model.finding import Evidence
from flyoff.model.sortie import CauseLink, Phase
from flyoff.units import FloatArray
from flyoff.views.candidates import claim
from flyoff.views.rows import evidence_of, from_json, rows
from flyoff.views.wording import plain, statement

_SORTIES = """
SELECT s.*, o.candidate, o.vehicle, o.card,
       parse_filename(l.path, false, 'both_slash') AS log_name,
       l.path, l.format, l.bytes, l.decoded_bytes, l.skipped_bytes, l.status, l.plan_sha256,
       l.plan_path, l.warnings, r.is_simulated, r.ends_cut, r.notes
FROM sorties s
JOIN owned o USING (sortie_id)
JOIN logs l USING (log_sha256)
LEFT JOIN recordings r USING (recording_id)
{where}
ORDER BY s.start_utc NULLS LAST, l.path, s.start_s
"""
_FINDINGS = "SELECT * FROM findings WHERE sortie_id = ? ORDER BY onset_s, kind"
_MEASURES = "SELECT measure, value, unit FROM measures WHERE sortie_id = ?"
_TRACK_COLUMNS = "lat lon height velocity_north velocity_east velocity_down roll pitch yaw".split()
_TRACK = f"""
SELECT t_us, {", ".join(_TRACK_COLUMNS)} FROM tracks
WHERE recording_id = ? AND t_us BETWEEN ? AND ? ORDER BY t_us
"""


@dataclass(frozen=True, slots=True)
class StoredFinding:
    """A finding as the store keeps it; times in s on the log's own clock."""

    kind: str
    onset_s: float
    end_s: float
    severity: str
    confidence: float | None
    detail: str
    evidence: tuple[Evidence, ...]

    @property
    def title(self) -> str:
        """Kind and detail, such as ``motor failure (motor 1)``."""
        return f"{plain(self.kind)} ({self.detail})" if self.detail else plain(self.kind)


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure; the value is None where it could not be computed."""

    measure: str
    value: float | None
    unit: str


@dataclass(frozen=True, slots=True, eq=False)
class FlownPath:
    """Where a sortie went, at the rate of the table ``tracks``.

    Attributes
    ----------
    t_s : float64, shape (n,) [s on the log's own clock]
    columns : mapping of column of ``tracks`` to float64, shape (n,)
        NaN where nothing was logged.
    """

    t_s: FloatArray
    columns: dict[str, FloatArray]

    def __getitem__(self, name: str) -> FloatArray:
        return self.columns[name]

    @property
    def ground_speed(self) -> FloatArray:
        """Horizontal speed [m/s]."""
        return np.hypot(self["velocity_north"], self["velocity_east"])


@dataclass(frozen=True, slots=True, eq=False)
class SortieDetail:
    """One sortie with all that was concluded about it.

    Attributes
    ----------
    row : mapping
        The plain columns: ``sortie_id``, ``outcome``, ``confidence``, ``start_s``, ``path``,
        ``log_sha256``, ``candidate``, ``vehicle`` … as the store names them.
    evidence : tuple of Evidence
        For the outcome; the first is the decisive one.
    chain : tuple of CauseLink
    findings : tuple of StoredFinding, by onset
    not_assessed : mapping of kind to reason
    phases : tuple of Phase
    measures : mapping of name to Measured
    track : FlownPath
    """

    row: dict[str, Any]
    evidence: tuple[Evidence, ...]
    chain: tuple[CauseLink, ...]
    findings: tuple[StoredFinding, ...]
    not_assessed: dict[str, str]
    phases: tuple[Phase, ...]
    measures: dict[str, Measured]
    track: FlownPath

    def __getitem__(self, column: str) -> Any:
        return self.row[column]

    @property
    def why(self) -> str:
        """The evidence in short: at most two statements."""
        return "; ".join(dict.fromkeys(said(e) for e in self.evidence[:2]))

    @property
    def decisive(self) -> str:
        """The statement that decides: the first; of a failed launch, what came of the attempt."""
        at = 1 if self["outcome"] == "failed_launch" and len(self.evidence) > 1 else 0
        return said(self.evidence[at]) if self.evidence else ""

    @property
    def in_short(self) -> str:
        """What decided the outcome, and what showed the cause."""
        evidence = (e for f in self.findings if f.kind == self["cause"] for e in f.evidence)
        shown = next((said(e) for e in evidence), "")
        return "; ".join(dict.fromkeys(s for s in (self.decisive, shown) if s))

    def link_says(self, link: CauseLink) -> str:
        """One link of the causal chain in words, with units where its finding has them."""
        for found in self.findings:
            if found.kind == link.kind and abs(found.onset_s - link.t_s) < 1e-3:
                return (
                    f"{found.title}: {said(found.evidence[0])}" if found.evidence else found.title
                )
        return link.says


def said(evidence: Evidence) -> str:
    """One piece of evidence as a sentence."""
    return statement(evidence.says, evidence.value, evidence.limit, evidence.channel)


def sortie_details(
    store: str, campaign: Campaign, sortie_ids: Sequence[str] | None = None
) -> Iterator[SortieDetail]:
    """Sorties with everything said of them, oldest first.

    Parameters
    ----------
    store : str
    campaign : Campaign
    sortie_ids : sequence of str or None
        None takes all.
    """
    with connect(Store(store)) as db:
        claim(db, campaign)
        where = "" if sortie_ids is None else "WHERE list_contains(?, s.sortie_id)"
        values = [] if sortie_ids is None else [list(sortie_ids)]
        for row in rows(db, _SORTIES.format(where=where), values):
            yield _detail(db, row)


def ids_beginning(store: str, start: str, *, most: int = 5) -> list[str]:
    """Ids of sorties that begin so, at most so many."""
    query = "SELECT sortie_id FROM sorties WHERE starts_with(sortie_id, ?) ORDER BY 1 LIMIT ?"
    with connect(Store(store)) as db:
        return [str(row[0]) for row in db.execute(query, [start, most]).fetchall()]


def _detail(db: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> SortieDetail:
    findings = rows(db, _FINDINGS, [row["sortie_id"]])
    measures = db.execute(_MEASURES, [row["sortie_id"]]).fetchall()
    return SortieDetail(
        row={k: v for k, v in row.items() if k not in _JSON},
        evidence=evidence_of(row["evidence"]),
        chain=tuple(CauseLink(**link) for link in from_json(row["cause_chain"], [])),
        findings=tuple(_finding(f) for f in findings),
        not_assessed=from_json(row["not_assessed"], {}),
        phases=tuple(Phase(**phase) for phase in from_json(row["phases"], [])),
        measures={name: Measured(name, value, unit) for name, value, unit in measures},
        track=_track(db, row),
    )


#: Columns that hold JSON and come out as objects of their own.
_JSON = ("evidence", "cause_chain", "not_assessed", "phases")


def _finding(row: dict[str, Any]) -> StoredFinding:
    own = {k: row[k] for k in ("kind", "onset_s", "end_s", "severity", "confidence")}
    return StoredFinding(**own, detail=row["detail"] or "", evidence=evidence_of(row["evidence"]))


def _track(db: duckdb.DuckDBPyConnection, row: dict[str, Any]) -> FlownPath:
    start, end = row["start_s"] or 0.0, row["end_s"] or math.inf
    last = min(end * 1e6 + 2e6, 9e18)
    bounds = [row["recording_id"], int(start * 1e6), int(last)]
    columns = db.execute(_TRACK, bounds).fetchnumpy()
    filled = {
        name: np.ma.filled(np.ma.asarray(columns[name], dtype=np.float64), np.nan)
        for name in ("t_us", *_TRACK_COLUMNS)
    }
    return FlownPath(filled.pop("t_us") / 1e6, filled)
