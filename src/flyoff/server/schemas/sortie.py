"""Sorties: the table, one sortie, what is in its log."""

from typing import Literal

from flyoff.model.finding import Kind, Severity
from flyoff.model.sortie import Outcome
from flyoff.server.schemas.base import Model


class SortieRow(Model):
    """One line of the table of sorties."""

    sortie_id: str
    start_utc: str | None
    candidate: str
    """Empty if it belongs to none of the campaign's."""
    vehicle: str
    vehicle_kind: str
    autopilot: str
    card: str
    outcome: Outcome
    """What counts: the latest review's word, else the judged one."""
    judged: Outcome
    is_reviewed: bool
    confidence: float | None
    cause: Kind | None
    airborne_s: float | None
    max_height_m: float | None
    distance_m: float | None
    log_name: str
    says: str
    """The decisive piece of evidence."""


class Sorties(Model):
    """A page of the table."""

    rows: list[SortieRow]
    next: str | None
    """Pass it as ``after`` for the following page; null at the end."""
    total: int
    """Sorties that fit the filters."""


class Choice(Model):
    """A value that a filter can take, and how many sorties have it."""

    value: str
    count: int


class SortieFilters(Model):
    """What the filters of the table can take."""

    total: int
    outcome: list[Choice]
    cause: list[Choice]
    vehicle: list[Choice]
    vehicle_kind: list[Choice]
    candidate: list[Choice]
    day: list[Choice]


class Sketch(Model):
    """A sortie drawn small; empty where nothing was logged."""

    sortie_id: str
    height_m: list[float | None]
    """Height above the launch point at even steps over the sortie."""
    east_m: list[float]
    """The track on the ground, from its first place."""
    north_m: list[float]


class Sketches(Model):
    """Sketches in the order asked for; unknown ids are left out."""

    sketches: list[Sketch]


class Evidence(Model):
    """One checkable statement."""

    says: str
    """In words, with value, unit and limit."""
    channel: str | None
    t_s: float | None
    value: float | None
    limit: float | None


class ChainLink(Model):
    """One link of the causal chain; ``t_s`` is where to jump to."""

    t_s: float
    says: str
    kind: Kind | None


class Cause(Model):
    """The finding that explains a bad outcome."""

    kind: Kind
    says: str
    cause_class: str | None
    onset_s: float | None
    confidence: float | None
    chain: list[ChainLink]


class Finding(Model):
    """What a detector concluded, with the thresholds it used."""

    kind: Kind
    title: str
    onset_s: float
    end_s: float
    severity: Severity
    confidence: float | None
    evidence: list[Evidence]
    thresholds: dict[str, float | str | None]


class NotAssessed(Model):
    """What could not be assessed, and why."""

    kind: Kind
    title: str
    reason: str


class Phase(Model):
    """A band behind the plots."""

    phase: str
    start_s: float
    end_s: float


class Measured(Model):
    """A number computed for the sortie; null where it could not be."""

    measure: str
    title: str
    value: float | None
    unit: str


class Review(Model):
    """A person's word on a sortie; the latest counts, none is ever overwritten."""

    sortie_id: str
    outcome: Outcome | None
    cause: Kind | None
    cause_class: str | None
    by: str
    because: str
    reviewed_utc: str


class NewReview(Model):
    """A review to be appended; the writer's name is the one that is logged in."""

    outcome: Outcome | None = None
    cause: Kind | None = None
    cause_class: Literal["vehicle", "operator", "environment", "interference"] | None = None
    because: str
    by: str = ""
    """Only where nobody logs in (this machine alone); else the login's name is taken."""


class Reviews(Model):
    """The audit trail, newest first; ``ETag`` is needed to add to one sortie's."""

    reviews: list[Review]


class LinkedRecording(Model):
    """Another log of the same flight; its clock is later by ``offset_s``."""

    sortie_id: str | None
    log_name: str
    log_sha256: str
    offset_s: float
    uncertainty_s: float | None
    likeness: float | None
    by: str
    is_counted: bool
    """Whether this one is what the sortie is counted as."""


class Log(Model):
    """The log that a sortie was read from."""

    sha256: str
    name: str
    format: str
    bytes: int
    decoded_bytes: int
    skipped_bytes: int
    status: Literal["complete", "truncated", "malformed"]
    plan: str | None
    warnings: list[str]
    notes: list[str]
    """What a reader of the log should know."""
    is_simulated: bool
    ends_cut: bool
    sorties: list[str]
    """All sorties of this log, in their order."""


class SortiePage(Model):
    """Everything that was concluded of a sortie; times in s on the log's own clock."""

    row: SortieRow
    firmware: str | None
    start_s: float
    end_s: float
    utc_offset_s: float | None
    """Added to the log's clock it gives UTC, UNIX seconds."""
    utc_uncertainty_s: float | None
    evidence: list[Evidence]
    cause: Cause | None
    phases: list[Phase]
    findings: list[Finding]
    not_assessed: list[NotAssessed]
    measures: list[Measured]
    log: Log
    linked: list[LinkedRecording]
    sources: list[str]
    """Names of the logs that this account rests on."""
    reviews: list[Review]
    previous: str | None
    """The sortie of the same vehicle before this one."""
    next: str | None
    rules_version: str | None


class Similar(Model):
    """The stretch of another sortie that is nearest."""

    sortie_id: str
    log_name: str
    vehicle_kind: str
    outcome: Outcome
    cause: Kind | None
    start_s: float
    end_s: float
    distance: float
    """0 is the same movement, about 1.4 an unrelated one."""


class SimilarSorties(Model):
    """Sorties in which the same thing happened, nearest first."""

    sortie_id: str
    start_s: float
    end_s: float
    signals: list[str]
    compared: int
    nearest: list[Similar]
