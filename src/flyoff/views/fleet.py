"""What is usual for a type of vehicle, and which sorties differ from their own kind.

A type is vehicle kind, frame and autopilot: levels of another airframe, or of another firmware's
definition, are no comparison. Usual is the median, and the spread is the median distance from it
(times 1.4826, which makes it the standard deviation of normal values), so that the few sorties that
differ do not widen the limits that they are held against.
"""

from dataclasses import dataclass
from typing import Any

from flyoff.errors import FlyoffError
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.stats.estimate import Estimate
from flyoff.stats.proportions import wilson

#: Measures that belong to the vehicle and not to the mission that it flew, and the least spread
#: that each is given, in its own unit: simulators and calm days repeat more exactly than matters.
MEASURES = {
    "hover_throttle": 0.01,
    "hover_current_a": 0.2,
    "hover_motor_spread": 0.01,
    "cruise_throttle": 0.01,
    "vibration_ms2": 0.4,
    "innovation_ratio_p95": 0.1,
    "battery_resistance_ohm": 0.001,
    "arming_to_airborne_s": 1.0,
}
#: Fewer sorties of a type than this give no baseline.
LEAST = 8
#: So many spreads from the median differ. Chance alone gives one of 1.7 million normal values.
BEYOND = 5.0
#: And it is at least this share of the median.
LEAST_SHARE = 0.02
LEVEL = 0.90

_WANTED = "CREATE TEMP TABLE _wanted AS SELECT unnest(?) AS measure, unnest(?) AS least"
_VALUES = """
CREATE TEMP TABLE _values AS
SELECT r.vehicle_kind, r.frame, r.autopilot, s.sortie_id, s.vehicle_id, s.start_utc, l.path,
       s.outcome, s.cause, m.measure, m.unit, m.value, w.least
FROM measures m JOIN _wanted w USING (measure)
JOIN sorties s USING (sortie_id)
JOIN recordings r USING (recording_id)
JOIN logs l ON l.log_sha256 = s.log_sha256
WHERE m.value IS NOT NULL AND s.airborne_s > 0
"""
_BASELINES = """
CREATE TEMP TABLE _baselines AS
SELECT vehicle_kind, frame, autopilot, measure, any_value(unit) AS unit, count(*) AS n,
       count(DISTINCT vehicle_id) AS vehicles, median(value) AS usual,
       greatest(1.4826 * mad(value), ? * abs(median(value)), any_value(least)) AS spread
FROM _values GROUP BY vehicle_kind, frame, autopilot, measure
"""
_LISTED = """
SELECT vehicle_kind, frame, autopilot, measure, unit, n, vehicles, usual, spread
FROM _baselines ORDER BY vehicle_kind, frame, autopilot, measure
"""
_DIFFERENT = """
SELECT v.sortie_id, v.path, v.vehicle_id, v.start_utc, v.outcome, v.cause, v.value,
       b.vehicle_kind, b.frame, b.autopilot, b.measure, b.unit, b.n, b.vehicles, b.usual, b.spread
FROM _values v JOIN _baselines b USING (vehicle_kind, frame, autopilot, measure)
WHERE b.n >= ? AND abs(v.value - b.usual) > ? * b.spread
ORDER BY abs(v.value - b.usual) / b.spread DESC, v.sortie_id
"""
_FOUND = """
SELECT r.vehicle_kind, r.frame, r.autopilot, f.kind, count(DISTINCT f.sortie_id) AS found,
       any_value(t.n) AS n
FROM findings f JOIN sorties s USING (sortie_id) JOIN recordings r USING (recording_id)
JOIN (SELECT a.vehicle_kind, a.frame, a.autopilot, count(*) AS n
      FROM sorties JOIN recordings a USING (recording_id) GROUP BY ALL) t
  ON (t.vehicle_kind, t.frame, t.autopilot) = (r.vehicle_kind, r.frame, r.autopilot)
WHERE f.severity <> 'info'
GROUP BY r.vehicle_kind, r.frame, r.autopilot, f.kind
ORDER BY r.vehicle_kind, r.frame, r.autopilot, found DESC, f.kind
"""


def type_name(vehicle_kind: str, frame: str, autopilot: str) -> str:
    """A type in words.

    Examples
    --------
    >>> type_name("multirotor", "quad", "px4"), type_name("boat", "boat", "ardupilot")
    ('multirotor quad px4', 'boat ardupilot')
    """
    return " ".join(dict.fromkeys(p for p in (vehicle_kind, frame, autopilot) if p))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is usual for one measure of one type of vehicle.

    Attributes
    ----------
    vehicle_kind, frame, autopilot : str
    measure, unit : str
    n, vehicles : int
        Sorties and airframes that it rests on.
    usual, spread : float [unit]
        Median, and robust standard deviation.
    """

    vehicle_kind: str
    frame: str
    autopilot: str
    measure: str
    unit: str
    n: int
    vehicles: int
    usual: float
    spread: float

    @property
    def type(self) -> str:
        """The type in words, such as ``multirotor quad px4``."""
        return type_name(self.vehicle_kind, self.frame, self.autopilot)


@dataclass(frozen=True, slots=True)
class Different:
    """A sortie whose measure lies beyond the robust limits of its own type.

    Attributes
    ----------
    sortie_id, path, vehicle_id : str
    start_utc, cause : str or None
    outcome : str
    value : float [baseline's unit]
    baseline : Baseline
    """

    sortie_id: str
    path: str
    vehicle_id: str
    start_utc: str | None
    outcome: str
    cause: str | None
    value: float
    baseline: Baseline

    @property
    def spreads(self) -> float:
        """Distance from what is usual, in spreads; its sign says in which direction."""
        return (self.value - self.baseline.usual) / self.baseline.spread


@dataclass(frozen=True, slots=True)
class Frequency:
    """How often a kind of finding (a warning or worse) comes with one type of vehicle."""

    type: str
    kind: str
    share: Estimate


@dataclass(frozen=True, slots=True)
class Fleet:
    """Baselines of a store, with what differs from them.

    Attributes
    ----------
    baselines : tuple of Baseline
        Only those with enough sorties.
    too_few : tuple of Baseline
        Those with fewer than ``least``: no limit follows from them.
    different : tuple of Different
        The furthest first.
    frequencies : tuple of Frequency
    least : int
    beyond : float
    """

    baselines: tuple[Baseline, ...]
    too_few: tuple[Baseline, ...]
    different: tuple[Different, ...]
    frequencies: tuple[Frequency, ...]
    least: int
    beyond: float


def fleet(store: str, *, least: int = LEAST, beyond: float = BEYOND) -> Fleet:
    """Compare every sortie of a store with its own type.

    Parameters
    ----------
    store : str
    least : int
        Fewer sorties of a type give no baseline; at least 3.
    beyond : float [spreads]

    Raises
    ------
    FlyoffError
        If `least` or `beyond` can mean nothing.
    """
    if least < 3 or not beyond > 0.0:
        raise FlyoffError(f"at least 3 sorties and a limit above 0 are needed: {least}, {beyond}")
    with connect(Store(store)) as db:
        db.execute(_WANTED, [list(MEASURES), list(MEASURES.values())])
        db.execute(_VALUES)
        db.execute(_BASELINES, [LEAST_SHARE])
        listed = [Baseline(*row) for row in db.execute(_LISTED).fetchall()]
        differing = db.execute(_DIFFERENT, [least, beyond]).fetchall()
        counted = db.execute(_FOUND).fetchall()
    return Fleet(
        tuple(b for b in listed if b.n >= least),
        tuple(b for b in listed if b.n < least),
        tuple(_different(row) for row in differing),
        tuple(
            Frequency(type_name(*names), kind, wilson(found, n, level=LEVEL))
            for *names, kind, found, n in counted
            if n >= least
        ),
        least,
        beyond,
    )


def _different(row: tuple[Any, ...]) -> Different:
    sortie_id, path, vehicle_id, start_utc, outcome, cause, value, *rest = row
    baseline = Baseline(*rest)
    return Different(sortie_id, path, vehicle_id, start_utc, outcome, cause, value, baseline)
