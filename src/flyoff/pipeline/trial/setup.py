"""What a `trial.toml` says, as plain data; reading it checks every word."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from flyoff.campaign.requirement import Direction
from flyoff.trials.rules import Period, Rules
from flyoff.trials.site import Post, Site
from flyoff.units import Seconds

CONFIGURATION: Final = "trial.toml"
LEVEL: Final = 0.90


@dataclass(frozen=True, slots=True)
class ClockRule:
    """What is known of a sensor's clock.

    Attributes
    ----------
    mode : str
        ``estimate``: from the data. ``trusted``: it is disciplined, and `offset_s` is known.
    offset_s : float [s]
        What the sensor's clock is ahead of UTC; where the search begins.
    uncertainty_s : float [s]
        Of a trusted clock.
    search_s : float [s]
        How far from `offset_s` is searched.
    drift : str
        ``auto``, ``none`` or ``linear``.
    most_uncertainty_s : float [s]
        An offset that is known less well is refused.
    """

    mode: str = "estimate"
    offset_s: Seconds = 0.0
    uncertainty_s: Seconds = 0.0
    search_s: Seconds = 30.0
    drift: str = "auto"
    most_uncertainty_s: Seconds = 0.5


@dataclass(frozen=True, slots=True)
class SensorSetup:
    """One sensor under test.

    Attributes
    ----------
    labels : mapping of the sensor's word for a class to the trial's
        Matched without regard to case; a word that is not listed is *unknown*.
    alert_labels : tuple of str
        Classes that are an alert; empty if every declaration is one.
    """

    name: str
    files: tuple[Path, ...]
    post: Post
    format: str = ""
    about: str = ""
    columns: Path | None = None
    select: str = ""
    editions: Mapping[int, str] = field(default_factory=dict)
    update_s: Seconds | None = None
    delay_s: Seconds = 0.0
    clock: ClockRule = field(default_factory=ClockRule)
    labels: Mapping[str, str] = field(default_factory=dict)
    alert_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetSetup:
    """One target and the logs of its flights: one, or several.

    Attributes
    ----------
    logs : tuple of Path
        Where two cover the same time, the one that began first is used.
    label : str
        Its true class.
    recording : int or None
        Which recording of each log; None for all that have UTC.
    utc_offset_us : int or None [µs]
        From the log's clock to UTC where the log itself does not know it.
    sigma_m : float [m]
        Spread of its position where the receiver tells none.
    """

    name: str
    logs: tuple[Path, ...]
    label: str = "uas"
    recording: int | None = None
    start_utc_s: Seconds | None = None
    sigma_m: float = 2.5
    clock_sigma_s: Seconds | None = None


@dataclass(frozen=True, slots=True)
class TrafficSetup:
    """Other aircraft: one file of ADS-B, ASTERIX or a table."""

    file: Path
    format: str = ""
    columns: Path | None = None


@dataclass(frozen=True, slots=True)
class Defeat:
    """A defeat attempt, as its card says.

    Attributes
    ----------
    result : str
        ``effective``, ``not effective`` or ``undetermined``.
    """

    time_s: Seconds
    effector: str
    target: str
    result: str


@dataclass(frozen=True, slots=True)
class TrialRequirement:
    """A limit on a score.

    Attributes
    ----------
    sensors : tuple of str
        Empty for all.
    range_m : float [m]
        For measures at a range.
    """

    id: str
    measure: str
    direction: Direction
    limit: float
    confidence: float = 0.90
    sensors: tuple[str, ...] = ()
    range_m: float = 0.0
    line: int = 0


@dataclass(frozen=True, slots=True)
class Setup:
    """A whole trial.

    Attributes
    ----------
    start_s : float [s, UNIX UTC]
        Midnight of its date.
    level : float
        Of every interval.
    """

    folder: Path
    name: str
    scenario: str
    start_s: Seconds
    site: Site
    rules: Rules
    sensors: tuple[SensorSetup, ...]
    targets: tuple[TargetSetup, ...]
    traffic: tuple[TrafficSetup, ...] = ()
    runs: tuple[Period, ...] = ()
    target_free: tuple[Period, ...] = ()
    defeats: tuple[Defeat, ...] = ()
    requirements: tuple[TrialRequirement, ...] = ()
    level: float = LEVEL
