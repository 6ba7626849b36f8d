"""How a sortie ended, from the trajectory and the ground contact, not from the firmware's flags.

Rules are asked in a fixed order; the first that can decide does, and says by what evidence. What
no rule can decide is ``undetermined``: a log that stops in the air is not a crash.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from flyoff.model.contact import Contact
from flyoff.model.finding import Evidence, Finding, Kind
from flyoff.model.flight import Flight
from flyoff.model.intent import told_to_fly
from flyoff.model.middle import median
from flyoff.model.sortie import Outcome
from flyoff.sorties.arrival import arrival
from flyoff.sorties.calibration import outcome_confidence
from flyoff.sorties.case import (
    HARD_MS,
    LAUNCHED_DEFAULT_M,
    LAUNCHED_M,
    MOVED_OFF_M,
    Case,
    bad_signs,
    contact_evidence,
    fastest_fall,
    log_ends,
    max_height,
    reach,
)

#: Below this confidence an outcome is not stated.
STATED = 0.5
#: Fell back from below this height within this time of lift-off: thrown back [m], [s].
THROWN_BACK_M, THROWN_BACK_S = 4.0, 25.0
#: A hover this long is a flight, however low [s].
LOW_HOVER_S = 5.0
#: A boat or rover that has arrived is slower than that in the last second [m/s], [µs].
ARRIVING_MS, ARRIVING_US = 1.0, 1_000_000
#: Out of control, falling faster than this, that close to the ground: nothing saves it [m/s], [s].
FALLING_MS, SECOND_S = 4.0, 1.0
#: Without power above this height a rotor's vehicle falls [m]: freely, it meets the ground at
#: 6.3 m/s, half as fast again as ``HARD_MS``.
POWERLESS_M = 2.0
#: What was found until this long before the end holds at the end [s]: autopilots send their states,
#: and telemetry most of its samples, once a second.
STILL_HELD_S = 1.0
#: Told to fly for this long without moving: it failed, whether or not the log goes on [s].
TRIED_S = 8.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """An outcome, how sure, and by what evidence."""

    outcome: Outcome
    confidence: float
    evidence: tuple[Evidence, ...]


def decide(flight: Flight, findings: Sequence[Finding]) -> Judgement:
    """Judge how a sortie ended.

    Parameters
    ----------
    flight : Flight
    findings : sequence of Finding
        Of all detectors, for this sortie.

    Returns
    -------
    Judgement
        ``undetermined`` where no rule is sure enough.
    """
    case = Case(flight, findings, arrival(flight, findings))
    for rule in RULES:
        judged = rule(case)
        if judged is not None:
            name = rule.__name__.strip("_")
            sure = outcome_confidence(name, judged.outcome, judged.confidence)
            # what is not sure enough is not stated, and nobody is the surer that it is unknown
            outcome = judged.outcome if sure >= STATED else Outcome.UNDETERMINED
            return replace(judged, outcome=outcome, confidence=sure)
    return Judgement(
        Outcome.UNDETERMINED, 0.5, (Evidence("nothing in the log decides how it ended"),)
    )


def _not_judged(case: Case) -> Judgement | None:
    """A dive: no height, ground contact or satellite position to ask the rules about."""
    says = Evidence("how a dive ends is not judged by this version")
    dives = case.flight.vehicle.kind == "sub"
    return Judgement(Outcome.UNDETERMINED, 0.5, (says,)) if dives else None


def _refused(case: Case) -> Judgement | None:
    if case.flight.is_armed:
        return None
    evidence = [e for f in case.of(Kind.ARMING_REFUSED) for e in f.evidence]
    return Judgement(Outcome.FAILED_LAUNCH, 0.97, tuple(evidence[:2]))


def _never_under_way(case: Case) -> Judgement | None:
    flight = case.flight
    if flight.under_way and (_moved_off(case) or _hovered_low(case)):
        return None
    if not flight.flies and not flight.under_way and not math.isfinite(case.arrival.farthest_m):
        says = Evidence("no position and no speed in the log: whether it moved is not known")
        return Judgement(Outcome.UNDETERMINED, 0.5, (says,))
    told = told_to_fly(flight)
    if told is None:
        says = Evidence("armed, but never told to fly", "arm.is_armed", flight.start_us / 1e6)
        if flight.ends_armed:
            return Judgement(Outcome.UNDETERMINED, 0.5, (says, log_ends(flight)))
        return Judgement(Outcome.NOT_FLOWN, 0.93, (says,))
    if flight.flies and flight.height is None and not bad_signs(case):
        says = Evidence("no height in the log: whether it left the ground is not known")
        return Judgement(Outcome.UNDETERMINED, 0.5, (told, says))
    tried_s = flight.end_us / 1e6 - (told.t_s or 0.0)
    if flight.ends_armed and tried_s < TRIED_S and not bad_signs(case):
        return Judgement(Outcome.UNDETERMINED, 0.5, (told, log_ends(flight)))
    return Judgement(Outcome.FAILED_LAUNCH, 0.93, (told, reach(case)))


def _moved_off(case: Case) -> bool:
    flight = case.flight
    if not flight.flies:
        return case.arrival.farthest_m >= MOVED_OFF_M
    limit = LAUNCHED_M.get(flight.vehicle.kind, LAUNCHED_DEFAULT_M)
    return max_height(flight) >= limit


def _hovered_low(case: Case) -> bool:
    """Off the ground long enough to have flown, though never high: a low hover is a flight."""
    flight = case.flight
    return flight.has_lift_motors and flight.under_way_s > LOW_HOVER_S and not bad_signs(case)


def _thrown_back(case: Case) -> Judgement | None:
    """Came down hard, or went over, before it was properly under way."""
    flight = case.flight
    if not flight.flies or flight.takeoff_us is None or not flight.has_lift_motors:
        return None
    if max_height(flight) >= THROWN_BACK_M or flight.under_way_s > THROWN_BACK_S:
        return None
    violent = _violent(case)
    if violent is None and not case.of(Kind.TIP_OVER):
        return None
    evidence = [reach(case)]
    if violent is not None:
        evidence.append(contact_evidence(violent))
    evidence += [e for f in case.of(Kind.TIP_OVER) for e in f.evidence]
    return Judgement(Outcome.FAILED_LAUNCH, 0.88, tuple(evidence))


def _crashed(case: Case) -> Judgement | None:
    violent = _violent(case)
    if violent is None:
        return None
    evidence = tuple(e for f in case.of(Kind.IMPACT) for e in f.evidence)
    if case.of(Kind.PARACHUTE_RELEASE):
        released = tuple(e for f in case.of(Kind.PARACHUTE_RELEASE) for e in f.evidence[:1])
        return Judgement(Outcome.FORCED_LANDING, 0.9, released + evidence)
    sure = 0.97 if violent.stopped_by_ground else 0.85
    return Judgement(Outcome.CRASHED, sure, evidence)


def _violent(case: Case) -> Contact | None:
    """The contact that the impact detector found violent, if any."""
    for finding in case.of(Kind.IMPACT):
        for contact in case.flight.contacts:
            if abs(contact.t_us / 1e6 - finding.onset_s) < 1e-3:
                return contact
    return None


def _ends_in_the_air(case: Case) -> Judgement | None:
    flight = case.flight
    if not flight.flies or not flight.ends_under_way:
        return None
    doomed = _doomed(case)
    if doomed is not None:
        return doomed
    gone = case.of(Kind.FLYAWAY)
    if gone:
        return Judgement(Outcome.FLEW_AWAY, 0.85, gone[0].evidence)
    evidence = [log_ends(flight)]
    if flight.height is not None:
        at = np.array([flight.end_us], dtype=np.int64)
        height = float(flight.height.at(at)[0])
        says = "height at the last sample [m]"
        evidence.append(Evidence(says, flight.height.source, flight.end_us / 1e6, height))
    return Judgement(Outcome.UNDETERMINED, 0.9, tuple(evidence))


def _doomed(case: Case) -> Judgement | None:
    """The log ends in the air, but what it shows cannot end well any more."""
    flight = case.flight
    height, climb = flight.height, flight.climb
    if height is None:
        return None
    h = float(height.at(np.array([flight.end_us], dtype=np.int64))[0])
    still_s = flight.end_us / 1e6 - STILL_HELD_S
    lost = [f for f in case.of(Kind.POWER_LOSS) if f.end_s > still_s]
    if lost and h > POWERLESS_M and flight.vehicle.kind in ("multirotor", "helicopter"):
        aloft = Evidence("height when the power went [m]", height.source, lost[0].onset_s, h)
        return Judgement(Outcome.CRASHED, 0.85, (*lost[0].evidence, aloft))
    fall = fastest_fall(climb, flight.end_us)
    helpless = case.of(Kind.ATTITUDE_CONTROL_LOSS, Kind.MOTOR_FAILURE, Kind.THRUST_SHORTFALL)
    helpless = [f for f in helpless if f.end_s > still_s]
    if helpless and fall > FALLING_MS and h < fall * SECOND_S:
        at_s = flight.end_us / 1e6
        evidence = (
            Evidence("out of control, falling [m/s]", "velocity.down", at_s, fall, FALLING_MS),
            Evidence("height at the last sample [m]", height.source, at_s, h, fall * SECOND_S),
        )
        return Judgement(Outcome.CRASHED, 0.75, (*evidence, *helpless[0].evidence))
    return None


def _ran_away(case: Case) -> Judgement | None:
    """Left the planned area and was not recovered, wherever it came to rest."""
    gone = case.of(Kind.FLYAWAY)
    still_s = case.flight.end_us / 1e6 - STILL_HELD_S
    if gone and (case.flight.ends_under_way or gone[0].end_s >= still_s):
        return Judgement(Outcome.FLEW_AWAY, 0.85, gone[0].evidence)
    return None


def _still_moving(case: Case) -> Judgement | None:
    flight = case.flight
    if flight.flies or not flight.ends_under_way or not flight.ends_armed:
        return None
    if case.arrival.is_finished and case.arrival.is_at_destination and _slows_down(flight):
        return None
    return Judgement(Outcome.UNDETERMINED, 0.9, (log_ends(flight),))


def _slows_down(flight: Flight) -> bool:
    """Whether it coasts to rest: what has arrived and drives on may yet be sent elsewhere."""
    speed = flight.speed
    if speed is None:
        return False
    last = speed.between(flight.end_us - ARRIVING_US, flight.end_us).values
    last = last[np.isfinite(last)]
    return bool(last.size) and median(last) < ARRIVING_MS


def _under_canopy(case: Case) -> Judgement | None:
    released = case.of(Kind.PARACHUTE_RELEASE)
    if not released:
        return None
    return Judgement(Outcome.FORCED_LANDING, 0.93, released[0].evidence)


def _broken_off(case: Case) -> Judgement | None:
    """Somebody or something ended the plan before it was flown."""
    a = case.arrival
    if a.broken_off is None or (a.is_flown and a.is_at_destination):
        return None
    b = a.broken_off
    says = Evidence(
        f"{b.by} ({b.reason}): {b.from_mode} → {b.to_mode}", "mode.number", b.t_us / 1e6
    )
    place = a.place_evidence()
    if b.by == "operator" and not _sick_before(case, b.t_us):
        return Judgement(Outcome.ABORTED, 0.92, (says, *place))
    outcome = Outcome.RETURNED if a.is_at_launch else Outcome.FORCED_LANDING
    sure = 0.9 if math.isfinite(a.from_launch_m) else 0.6
    if case.of(Kind.STUCK) and not a.is_at_launch:
        outcome = Outcome.FORCED_LANDING
    return Judgement(outcome, sure, (says, *place))


#: Findings that make a person's breaking off no whim.
_SICK = (
    Kind.MOTOR_FAILURE,
    Kind.ENGINE_FAILURE,
    Kind.POWER_LOSS,
    Kind.THRUST_SHORTFALL,
    Kind.GNSS_JAMMING,
    Kind.GNSS_LOSS,
    Kind.ESTIMATOR_FAILURE,
    Kind.ATTITUDE_CONTROL_LOSS,
    Kind.CONTROL_SURFACE_FAILURE,
    Kind.STEERING_FAILURE,
    Kind.STUCK,
)


#: Findings after which a vehicle cannot go on, so that where it ends is not its choice.
_DISABLING = (
    Kind.MOTOR_FAILURE,
    Kind.ENGINE_FAILURE,
    Kind.POWER_LOSS,
    Kind.THRUST_SHORTFALL,
    Kind.STUCK,
)


def _sick_before(case: Case, t_us: int) -> bool:
    return any(f.onset_s * 1e6 <= t_us and f.severity != "info" for f in case.of(*_SICK))


def _arrived(case: Case) -> Judgement | None:
    """Came down under control with nobody breaking off: what was planned, where it was planned."""
    a = case.arrival
    place = a.place_evidence()
    if a.destination is None:
        return _without_plan(case)
    if a.is_at_destination and a.is_flown:
        return Judgement(Outcome.COMPLETED, 0.95, (*a.progress_evidence(), *place))
    disabled = [f for f in case.of(*_DISABLING) if f.severity == "critical"]
    if disabled and not a.is_at_destination:
        return Judgement(Outcome.FORCED_LANDING, 0.85, (*disabled[0].evidence, *place))
    if not case.flight.flies and not (a.is_at_destination or a.is_finished or a.is_flown):
        # what does not fly and stands on the way to its next waypoint knows that it has not arrived
        says = Evidence("stopped on the way, its mission not done")
        return Judgement(Outcome.FORCED_LANDING, 0.75, (says, *a.progress_evidence(), *place))
    if not a.is_at_destination and (a.is_finished or a.is_flown or a.ended_by_itself):
        sure = 0.9 if a.is_finished or a.is_flown else 0.75
        return Judgement(Outcome.WRONG_DESTINATION, sure, (*place, *a.progress_evidence()))
    if a.is_at_launch and not a.is_flown:
        return Judgement(Outcome.RETURNED, 0.6, (*a.progress_evidence(), *place))
    if a.is_at_destination:
        sure = 0.7 if a.is_finished else 0.55
        return Judgement(Outcome.COMPLETED, sure, (*a.progress_evidence(), *place))
    return Judgement(Outcome.FORCED_LANDING, 0.7, (*a.progress_evidence(), *place))


def _without_plan(case: Case) -> Judgement:
    flight, a = case.flight, case.arrival
    says = Evidence("no plan is known: judged by the landing alone")
    if a.ended_by_itself and a.offset_m > a.radius_m:
        strayed = Evidence(
            "its position was pulled away unnoticed [m]",
            "gnss.offset",
            None,
            a.offset_m,
            a.radius_m,
        )
        return Judgement(Outcome.WRONG_DESTINATION, 0.7, (says, strayed))
    if not flight.flies and not flight.under_way:
        return Judgement(Outcome.UNDETERMINED, 0.5, (says,))
    stuck = [f for f in case.of(Kind.STEERING_FAILURE, *_DISABLING) if f.severity == "critical"]
    if stuck:
        return Judgement(Outcome.FORCED_LANDING, 0.7, (says, *stuck[0].evidence))
    touched = [c for c in flight.contacts if not c.stopped_by_ground or c.descent < HARD_MS]
    evidence = [says, *a.place_evidence()]
    if touched:
        evidence.append(contact_evidence(touched[-1]))
    return Judgement(Outcome.COMPLETED, 0.85, tuple(evidence))


Rule = Callable[[Case], Judgement | None]
#: Asked in this order; the first that answers decides.
RULES: tuple[Rule, ...] = (
    _not_judged,
    _refused,
    _never_under_way,
    _thrown_back,
    _crashed,
    _ends_in_the_air,
    _under_canopy,
    _ran_away,
    _still_moving,
    _broken_off,
    _arrived,
)
