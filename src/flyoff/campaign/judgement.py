"""The named results of an evaluation."""

from dataclasses import dataclass, field

from flyoff.campaign.bounds import Bound
from flyoff.campaign.further import Further, ProducerRisk
from flyoff.campaign.requirement import Direction, Verdict
from flyoff.stats.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Clustering:
    """How much the sorties of one vehicle resemble each other.

    Attributes
    ----------
    vehicles : int
    icc : float or None
        Measured correlation within vehicles; None where the sample does not show it. For rates:
        None.
    design_effect, effective_n : float
    icc_at_most : float
        Largest correlation thought possible, which the deciding interval allows for.
    note : str
    """

    vehicles: int
    icc: float | None
    design_effect: float
    effective_n: float
    icc_at_most: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """What the verdict rests on.

    Attributes
    ----------
    successes, failures, undetermined : int
        For rates: sorties without and with an event.
    hours : float or None [h]
        Exposure, for rates.
    """

    successes: int
    failures: int
    undetermined: int
    hours: float | None = None

    @property
    def n(self) -> int:
        """All sorties that count."""
        return self.successes + self.failures + self.undetermined


@dataclass(frozen=True, slots=True)
class Case:
    """What the verdict would be if something were otherwise."""

    case: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Sorties that do not count, and why."""

    why: str
    count: int
    sorties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quantile:
    """One quantile of the measured values, in their unit."""

    p: float
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Judgement:
    """One requirement of one candidate.

    Attributes
    ----------
    decides : Bound or None
        The interval that decides: on the share of sorties (within the limit, for values), or on the
        rate or the hours.
    decides_limit, decides_direction
        What it is held against.
    estimate : Estimate or None
        In the measure's unit, as if sorties were independent and nobody had looked before.
    worst, best : Estimate or None
        If everything undetermined had failed, or succeeded.
    """

    candidate: str
    requirement: str
    measure: str
    says: str
    unit: str
    limit: float
    direction: Direction
    confidence: float
    verdict: Verdict
    because: str
    counts: Counts
    decides: Bound | None = None
    decides_about: str = ""
    decides_limit: float | None = None
    decides_direction: Direction | None = None
    estimate: Estimate | None = None
    worst: Estimate | None = None
    best: Estimate | None = None
    intervals: dict[str, Bound] = field(default_factory=dict)
    clustering: Clustering | None = None
    sensitivity: tuple[Case, ...] = ()
    producer_risk: ProducerRisk | None = None
    further: Further | None = None
    quantiles: tuple[Quantile, ...] = ()
    missing: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
