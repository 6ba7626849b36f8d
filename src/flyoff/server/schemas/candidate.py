"""One candidate: verdicts, growth, causes, vehicles, accuracy, endurance."""

from flyoff.model.finding import Kind
from flyoff.model.sortie import Outcome
from flyoff.server.schemas.base import Estimate, Model
from flyoff.server.schemas.campaign import Share, Verdict


class FlownSortie(Model):
    """A sortie among all attempts of a candidate, in the order of time."""

    sortie_id: str
    start_utc: str | None
    vehicle: str
    configuration: str
    outcome: Outcome
    cause: Kind | None
    airborne_s: float | None
    hours: float
    """Hours in the air of all attempts until the end of this one."""
    failures: int
    """Failures until and with this one."""
    is_attempt: bool


class ConfigurationRate(Model):
    """Failures per hour of one configuration."""

    configuration: str
    sorties: int
    failures: int
    hours: float
    rate: Estimate | None


class CurvePoint(Model):
    """A point of the fitted growth curve."""

    hours: float
    failures: float
    """Expected until then."""


class Growth(Model):
    """Reliability growth (Crow–AMSAA); the fit is null with too few failures."""

    failures: int
    hours: float
    shape: Estimate | None
    """Below 1: failures get rarer."""
    mtbf_now: Estimate | None
    mtbf_start_to_end: float | None
    laplace_p: float | None
    military_handbook_p: float | None
    configurations: list[ConfigurationRate]
    says: str
    curve: list[CurvePoint]


class CauseShare(Model):
    """One cause of bad outcomes, the most frequent first."""

    cause: Kind | None
    """Null: no cause was found."""
    cause_class: str | None
    count: int
    share: Estimate
    """Of all attempts."""
    cumulative: float
    """Share of all bad outcomes that this and more frequent causes explain."""
    sorties: list[str]


class VehicleColumn(Model):
    """One vehicle beside the others."""

    vehicle: str
    sorties: int
    attempts: int
    outcomes: dict[Outcome, int]
    hours: float
    launch: Share
    completion: Share
    medians: dict[str, float | None]
    """Median of measures such as ``hover_throttle``."""


class Miss(Model):
    """One sortie's distance from the place that it was sent to."""

    sortie_id: str
    vehicle: str
    radius_m: float
    outcome: Outcome


class Accuracy(Model):
    """Radial errors with the radii that hold 50 % and 95 %, distribution free."""

    measure: str
    limit_m: float | None
    """The campaign's requirement, if there is one."""
    misses: list[Miss]
    cep: Estimate | None
    r95: Estimate | None
    note: str


class SurvivalStep(Model):
    """The curve after an event."""

    t_s: float
    survival: float
    low: float | None
    high: float | None
    at_risk: int


class Censored(Model):
    """A sortie that ended otherwise: it was in the air for at least so long."""

    sortie_id: str
    t_s: float
    has_failed: bool


class Survival(Model):
    """Share of sorties that are still in the air without a failure (Kaplan–Meier)."""

    event: str
    """What counts as the end, in words."""
    method: str
    level: float
    steps: list[SurvivalStep]
    sorties: list[Censored]
    median_s: Estimate | None


class CandidatePage(Model):
    """Everything of a candidate's view."""

    campaign: str
    candidate: str
    about: str
    vehicles: list[str]
    verdicts: list[Verdict]
    sorties: list[FlownSortie]
    growth: Growth
    causes: list[CauseShare]
    by_vehicle: list[VehicleColumn]
    accuracy: list[Accuracy]
    survival: Survival | None
