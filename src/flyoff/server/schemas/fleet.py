"""Several sorties at once: compare, replay, fleet."""

from flyoff.model.finding import Kind
from flyoff.model.sortie import Outcome
from flyoff.server.schemas.base import Estimate, Model
from flyoff.server.schemas.sortie import Finding, Phase, SortieRow


class ComparedSortie(Model):
    """One sortie of a comparison; ``zero_s`` is the instant that all are aligned at."""

    row: SortieRow
    zero_s: float | None
    """On the log's own clock; null where it has no such instant."""
    start_s: float
    end_s: float
    phases: list[Phase]
    findings: list[Finding]
    measures: dict[str, float | None]
    channels: list[str]
    """Catalogue channels that its log carries."""


class ComparedParameter(Model):
    """A parameter that is not the same in all sorties; null where a log has none."""

    name: str
    values: list[float | None]


class SideBySide(Model):
    """2 to 8 sorties on one axis."""

    align: str
    alignments: list[str]
    """What they can be aligned at: ``arming``, ``takeoff``, ``finding:KIND``."""
    sorties: list[ComparedSortie]
    parameters: list[ComparedParameter]
    same_parameters: int
    units: dict[str, str]
    """Of the measures."""


class ReplayDay(Model):
    """A UTC day with tracks that can be replayed."""

    day: str
    sorties: int
    vehicles: int
    start_utc: str
    end_utc: str


class ReplayDays(Model):
    """Days that can be replayed, newest first."""

    days: list[ReplayDay]
    without_utc: int
    """Sorties whose logs tell no time of day."""


class FindingCell(Model):
    """How often a kind of finding came with a vehicle."""

    vehicle: str
    kind: Kind
    sorties: int
    critical: int


class FleetVehicle(Model):
    """A row of the heat map."""

    vehicle: str
    candidate: str
    type: str
    sorties: int


class Baseline(Model):
    """What is usual for one measure of one type of vehicle."""

    type: str
    measure: str
    title: str
    unit: str
    n: int
    vehicles: int
    usual: float
    spread: float
    has_enough: bool
    """With fewer sorties no limit follows from it."""


class Different(Model):
    """A sortie that is unlike its own type."""

    sortie_id: str
    log_name: str
    vehicle: str
    start_utc: str | None
    outcome: Outcome
    cause: Kind | None
    value: float
    spreads: float
    measure: str
    title: str
    unit: str
    type: str
    usual: float


class Frequency(Model):
    """How often a kind of finding comes with a type of vehicle."""

    type: str
    kind: Kind
    share: Estimate


class FleetPage(Model):
    """The fleet: findings by vehicle, what is usual, and what differs from it."""

    vehicles: list[FleetVehicle]
    kinds: list[Kind]
    cells: list[FindingCell]
    baselines: list[Baseline]
    different: list[Different]
    frequencies: list[Frequency]
    least: int
    beyond: float
