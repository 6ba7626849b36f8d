"""Campaigns: verdicts, leaderboard, timeline, changes, cards."""

from typing import Literal

from flyoff.model.sortie import Outcome
from flyoff.server.schemas.base import Bound, Direction, Estimate, Model, VerdictWord


class CampaignInList(Model):
    """One campaign that this server shows."""

    id: str
    """Names it in addresses."""
    name: str
    candidates: list[str]
    requirements: int
    cards: int
    problem: str | None
    """Why its folder cannot be read; null if it can."""


class Campaigns(Model):
    """All campaigns, in the order of the command line."""

    campaigns: list[CampaignInList]


class Counts(Model):
    """How many sorties succeeded, failed, and could not be decided."""

    successes: int
    failures: int
    undetermined: int
    hours: float | None
    """Hours in the air, for a rate."""


class Clustering(Model):
    """How alike the sorties of one vehicle are."""

    vehicles: int
    icc: float | None
    design_effect: float
    effective_n: float
    icc_at_most: float
    note: str


class Case(Model):
    """What the verdict would be if something disputed were otherwise."""

    case: str
    verdict: VerdictWord


class ProducerRisk(Model):
    """Chance that a good product is not found to meet the requirement."""

    good: float
    risk: float
    says: str


class Further(Model):
    """How many further sorties are expected to decide."""

    median: int | None
    """Null: more than ``horizon``."""
    met: float
    missed: float
    undecided: float
    horizon: int
    """Further sorties looked ahead; of a rate, further hours."""
    says: str
    hours: float | None
    """Of a rate: further hours in the air; null beyond ``horizon``."""


class Quantile(Model):
    """The value that a share ``p`` of sorties does not exceed."""

    p: float
    estimate: Estimate


class LeftOut(Model):
    """Sorties that do not count for a requirement, and why; at most 1000 are named."""

    why: str
    count: int
    sorties: list[str]


class Verdict(Model):
    """One requirement by one candidate's sorties, with all that it rests on."""

    candidate: str
    requirement: str
    measure: str
    says: str
    """The requirement in words."""
    unit: str
    """Of ``limit`` and ``estimate``; empty for a share between 0 and 1."""
    limit: float
    direction: Direction
    confidence: float
    verdict: VerdictWord
    because: str
    counts: Counts
    decides: Bound | None
    """The interval that decides; on the axis of ``decides_about``."""
    decides_about: str
    decides_limit: float | None
    decides_direction: Direction | None
    estimate: Estimate | None
    worst: Estimate | None
    """If every undetermined sortie had failed."""
    best: Estimate | None
    intervals: dict[str, Bound]
    """Further intervals by name, such as the one for a single look."""
    clustering: Clustering | None
    sensitivity: list[Case]
    producer_risk: ProducerRisk | None
    further: Further | None
    quantiles: list[Quantile]
    missing: list[str]
    """Channels that no log carries, where nothing could be measured."""
    counted: list[str]
    """Sorties that count; at most 1000 are named."""
    left_out: list[LeftOut]


class ForestRow(Model):
    """One candidate's line of a forest plot, all on the axis of the plot."""

    candidate: str
    verdict: VerdictWord
    because: str
    counts: Counts
    value: float | None
    """The point: observed share or rate, on the axis that decides."""
    decides: Bound | None
    worst: float | None
    best: float | None
    shown: Estimate | None
    """The figure in the requirement's own unit, such as the p90 in metres."""
    further: Further | None


class Forest(Model):
    """One requirement with all candidates: a forest plot."""

    requirement: str
    says: str
    measure: str
    unit: str
    limit: float
    direction: Direction
    confidence: float
    axis: str
    """What the axis shows, such as ``share of sorties within the limit``."""
    axis_is_share: bool
    """The axis runs from 0 to 1, shown in percent."""
    axis_limit: float | None
    axis_direction: Direction | None
    rows: list[ForestRow]


class Share(Model):
    """A share of the sorties that count."""

    successes: int
    failures: int
    undecided: int
    estimate: Estimate | None
    worst: Estimate | None
    best: Estimate | None


class Standing(Model):
    """One candidate's line of the leaderboard; the empty name holds what belongs to nobody."""

    candidate: str
    about: str
    sorties: int
    counted: int
    not_counted: int
    outcomes: dict[Outcome, int]
    launch: Share
    completion: Share


class Difference(Model):
    """Two candidates compared."""

    first: str
    second: str
    difference: Estimate
    p_value: float
    test: str
    says: str


class Comparison(Model):
    """All pairs by one measure, with simultaneous intervals."""

    measure: str
    level: float
    differences: list[Difference]
    probability_best: dict[str, float]
    note: str


class Correction(Model):
    """A sortie on which program and people say different things."""

    sortie: str
    judged: str
    said: str


class Agreement(Model):
    """How often the program and people agree."""

    by: Literal["reviews", "cards"]
    agreed: int
    compared: int
    undetermined: int
    rate: Estimate | None
    corrections: list[Correction]


class Settings(Model):
    """How the campaign is decided."""

    looks: Literal["any time", "once"]
    planned_sorties: int
    vehicle_correlation_at_most: float
    confidence: float


class ListedSorties(Model):
    """A number of sorties, of which at most 1000 are named."""

    count: int
    sorties: list[str]


class NotCounted(Model):
    """Which sorties and cards stand outside."""

    of_no_candidate: ListedSorties
    without_card: ListedSorties
    without_log: ListedSorties


class CampaignPage(Model):
    """Everything of the campaign's first view."""

    id: str
    name: str
    sorties: int
    settings: Settings
    level: float
    """Confidence of the leaderboard's intervals."""
    counting: str
    """Which sorties count on the leaderboard, in words."""
    forests: list[Forest]
    leaderboard: list[Standing]
    comparisons: list[Comparison]
    agreement: list[Agreement]
    not_counted: NotCounted
    cards_without_log: list[list[str]]
    """Pairs of card and log."""
    notes: list[str]
    days: list[str]
    """UTC days on which sorties started, oldest first."""
