"""What the rules of an outcome look at, and the evidence that several of them give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.contact import Contact
from flyoff.model.finding import Evidence, Finding, Kind
from flyoff.model.flight import Flight
from flyoff.sorties.arrival import Arrival

#: Never above this: not properly under way [m]. The labelled set's own definition.
LAUNCHED_M = {"fixed_wing": 8.0, "vtol": 1.0}
LAUNCHED_DEFAULT_M = 1.0
#: A boat or rover that stays within this never moved off [m].
MOVED_OFF_M = 5.0
#: Meeting the ground faster than this is hard [m/s]: free fall from 0.8 m, beyond what the landing
#: gears of small vehicles are made for (as ``detectors.impact`` has it).
HARD_MS = 4.0


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at."""

    flight: Flight
    findings: Sequence[Finding]
    arrival: Arrival

    def of(self, *kinds: Kind) -> list[Finding]:
        """The findings of these kinds, in the order in which they came."""
        return [f for f in self.findings if f.kind in kinds]


def fastest_fall(climb: Channel | None, end_us: int) -> float:
    """Fastest descent in the last half second [m/s]: the very last sample may be the impact."""
    if climb is None:
        return 0.0
    part = climb.between(end_us - 500_000, end_us).values
    part = part[np.isfinite(part)]
    return float(-part.min()) if part.size else 0.0


def bad_signs(case: Case) -> bool:
    """Whether it went over, or its motors gave out: no hover to be proud of."""
    return bool(case.of(Kind.TIP_OVER, Kind.THRUST_SHORTFALL, Kind.MOTOR_FAILURE))


def max_height(flight: Flight) -> float:
    """Greatest height above the launch point [m]; 0 where none is known."""
    if flight.height is None:
        return 0.0
    part = flight.height.between(flight.start_us, flight.end_us).values
    part = part[np.isfinite(part)]
    return float(part.max()) if part.size else 0.0


def reach(case: Case) -> Evidence:
    """How far it got: up, or away for what does not fly."""
    flight = case.flight
    if flight.flies:
        source = flight.height.source if flight.height is not None else "height"
        limit = LAUNCHED_M.get(flight.vehicle.kind, LAUNCHED_DEFAULT_M)
        return Evidence("greatest height", source, None, max_height(flight), limit)
    return Evidence("never moved off", "position.lat", None, case.arrival.farthest_m, MOVED_OFF_M)


def log_ends(flight: Flight) -> Evidence:
    """The log ends, the sortie does not."""
    return Evidence("the log ends before the sortie does", None, flight.end_us / 1e6)


def contact_evidence(contact: Contact) -> Evidence:
    """How fast it met the ground."""
    return Evidence(
        "descent at the ground", "velocity.down", contact.t_us / 1e6, contact.descent, HARD_MS
    )
