"""One attempt to fly, and what is concluded about it."""

from dataclasses import dataclass, field
from enum import StrEnum

from flyoff.model.finding import Evidence, Finding, Kind


class Outcome(StrEnum):
    """Closed list of how a sortie can end (DESIGN section 5)."""

    COMPLETED = "completed"
    FAILED_LAUNCH = "failed_launch"
    CRASHED = "crashed"
    FORCED_LANDING = "forced_landing"
    RETURNED = "returned"
    ABORTED = "aborted"
    WRONG_DESTINATION = "wrong_destination"
    FLEW_AWAY = "flew_away"
    UNDETERMINED = "undetermined"
    NOT_FLOWN = "not_flown"


#: Outcomes that are nobody's success and need a cause.
BAD_OUTCOMES = frozenset(
    {
        Outcome.FAILED_LAUNCH,
        Outcome.CRASHED,
        Outcome.FORCED_LANDING,
        Outcome.RETURNED,
        Outcome.WRONG_DESTINATION,
        Outcome.FLEW_AWAY,
    }
)


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a sortie; times in s on the log's own clock."""

    phase: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class CauseLink:
    """One link of the causal chain: what happened when, in words."""

    t_s: float
    says: str
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """The finding that explains a bad outcome.

    Attributes
    ----------
    kind : Kind
    onset_s : float [s on the log's own clock]
    confidence : float
    origin : str
        ``operator``, ``vehicle``, ``environment`` or ``interference``; ``class`` in the JSON.
    chain : tuple of CauseLink, ordered by time
    """

    kind: Kind
    onset_s: float
    confidence: float
    origin: str = "vehicle"
    chain: tuple[CauseLink, ...] = ()


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """A kind that could not be assessed, and why."""

    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class Sortie:
    """One attempt to fly: from arming with intent to the end.

    Attributes
    ----------
    id : str
        First 16 hex digits of the log's SHA-256, boot and sortie number: ``"3f0a…-0-1"``.
    start_s, end_s : float [s on the log's own clock]
        Arming with intent, and the end.
    start_utc : str or None
        ISO 8601 with ``Z``.
    airborne_s : float or None [s]
        Time under way: off the ground, or moving for a boat or rover.
    outcome : Outcome
    confidence : float
    evidence : tuple of Evidence for the outcome
    cause : Cause or None
    findings : tuple of Finding, ordered by onset
    not_assessed : tuple of NotAssessed
    phases : tuple of Phase
    measures : mapping of measure name to value or None; units stand in the names
    sources : tuple of str
        Logs used: paths.
    """

    id: str
    start_s: float
    end_s: float
    start_utc: str | None
    airborne_s: float | None
    outcome: Outcome
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    cause: Cause | None = None
    findings: tuple[Finding, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = ()
    phases: tuple[Phase, ...] = ()
    measures: dict[str, float | None] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
