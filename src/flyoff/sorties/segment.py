"""Recordings to sorties: where one attempt to fly begins and ends, and when it was under way.

A sortie begins with arming and ends with disarming, or with the log. A log may begin or end inside
an armed span; that is a state, not an error. Arming that was tried and refused, and never
succeeded, is a sortie too: a failed launch often shows nothing else.
"""

from bisect import bisect_right

import numpy as np

from flyoff.model.event import Event, EventKind
from flyoff.model.flight import FLYING, Flight
from flyoff.model.ground import begun_aloft
from flyoff.model.intent import is_refusal
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.sorties.motion import under_way

#: Two armed spans closer than this, with the vehicle in the air between them, are one sortie [s].
REARM_IN_AIR_S = 5.0
#: Disarmed in the air, a vehicle is watched for this long on its way down [s].
FALL_S = 180.0
#: Silence before an arming in which it may have happened [s], and how soon after it a heartbeat
#: tells [µs].
SILENCE_S = 5.0
LATE_US = 2_500_000
#: A span that ends this close to the last sample of the log ends with the log [s].
LOG_END_S = 0.3


def segment(recording: Recording, plan: Mission | None = None) -> list[Flight]:
    """Cut a recording into sorties.

    Parameters
    ----------
    recording : Recording
    plan : Mission or None
        What was planned for it.

    Returns
    -------
    list of Flight, ordered by time
    """
    spans = armed_spans(recording)
    if not spans:
        refused = refusals(recording)
        if refused:
            return [Flight(recording, refused[0].t_us, recording.end_us, plan, is_armed=False)]
        if _was_moved_unarmed(recording):
            spans = [(recording.start_us, recording.end_us, True, True)]
    flights = [_flight(recording, span, plan) for span in spans]
    return _joined_in_air(flights, recording, plan)


def refusals(recording: Recording) -> list[Event]:
    """Texts by which the autopilot refused to arm when asked."""
    return [e for e in recording.events_of(EventKind.TEXT) if is_refusal(e.text)]


def armed_spans(recording: Recording) -> list[tuple[int, int, bool, bool]]:
    """Armed spans, (start_us, end_us, starts with the log, ends with the log)."""
    changes = _armed_changes(recording)
    if not changes:
        return []
    spans: list[tuple[int, int, bool, bool]] = []
    start: int | None = None
    starts_armed = False
    if not changes[0][1]:  # first news is a disarming: it was armed when the log began
        start, starts_armed = recording.start_us, True
    for t_us, is_armed in changes:
        if is_armed and start is None:
            unseen = _armed_unseen(recording, t_us)
            start, starts_armed = (t_us, False) if unseen is None else (unseen, True)
        elif not is_armed and start is not None:
            spans.append((start, t_us, starts_armed, False))
            start = None
    if start is not None:
        spans.append((start, recording.end_us, starts_armed, True))
    return [(a, b, first, last) for a, b, first, last in spans if b > a]


def _armed_unseen(recording: Recording, t_us: int) -> int | None:
    """When the silence before an arming ended, if the vehicle was in the air by then; else None.

    Telemetry that begins late, or was lost for a while, learns of an arming when a heartbeat comes:
    the vehicle may fly by then. A log that the vehicle itself begins with each arming is silent
    before as well, but begins on the ground.
    """
    ends = [b for a, b in recording.gaps if b - a > SILENCE_S * 1e6]
    for end_us in (recording.start_us, *ends):
        if -LATE_US <= t_us - end_us <= LATE_US:
            height, landed = recording.get("position.height"), recording.get("land.is_landed")
            if begun_aloft(height, landed, end_us):
                return end_us
    return None


def _armed_changes(recording: Recording) -> list[tuple[int, bool]]:
    changes = [
        (e.t_us, e.kind is EventKind.ARM)
        for e in recording.events_of(EventKind.ARM, EventKind.DISARM)
        if recording.start_us - 1_000_000 <= e.t_us <= recording.end_us + 1_000_000
    ]
    state = recording.get("arm.is_armed")
    if state is not None and not changes:
        values = state.values > 0.5
        edges = np.flatnonzero(values[1:] != values[:-1]) + 1
        changes = [(int(state.t_us[i]), bool(values[i])) for i in edges]
        if values[0]:
            changes.insert(0, (int(state.t_us[0]), True))
    changes.sort(key=lambda c: c[0])
    return changes


def _was_moved_unarmed(recording: Recording) -> bool:
    """A log that never speaks of arming, but shows a flight (old firmware, foreign loggers)."""
    whole = Flight(recording, recording.start_us, recording.end_us)
    if recording.events_of(EventKind.ARM, EventKind.DISARM) or recording.get("arm.is_armed"):
        return False
    return bool(under_way(whole))


def _flight(
    recording: Recording, span: tuple[int, int, bool, bool], plan: Mission | None
) -> Flight:
    start_us, end_us, starts_armed, ends_armed = span
    flight = _observed(recording, span, plan)
    if ends_armed or not flight.ends_under_way:
        return flight
    # disarmed in the air: the sortie goes on until the vehicle stands, or the log ends
    later = min(recording.end_us, end_us + int(FALL_S * 1e6), _next_arming(recording, end_us))
    longer = _observed(recording, (start_us, later, starts_armed, later == recording.end_us), plan)
    if longer.landing_us is None or longer.landing_us <= end_us:
        return flight
    if longer.ends_under_way:
        return longer
    stop_us = min(later, longer.landing_us + 1_000_000)
    return _observed(recording, (start_us, stop_us, starts_armed, False), plan)


def _observed(
    recording: Recording, span: tuple[int, int, bool, bool], plan: Mission | None
) -> Flight:
    start_us, end_us, starts_armed, ends_armed = span
    flight = Flight(
        recording, start_us, end_us, plan, starts_armed=starts_armed, ends_armed=ends_armed
    )
    flight.under_way = under_way(flight)
    return flight


def _next_arming(recording: Recording, after_us: int) -> int:
    times, _ = recording.timeline(EventKind.ARM)
    later = bisect_right(times, after_us)
    return times[later] if later < len(times) else recording.end_us


def _joined_in_air(
    flights: list[Flight], recording: Recording, plan: Mission | None
) -> list[Flight]:
    """Join armed spans between which it was in the air: one attempt, disarmed by mistake."""
    joined: list[Flight] = []
    for flight in flights:
        last = joined[-1] if joined else None
        if (
            last is not None
            and flight.start_us - last.end_us < REARM_IN_AIR_S * 1e6
            and recording.vehicle.kind in FLYING
            and last.ends_under_way
        ):
            span = (last.start_us, flight.end_us, last.starts_armed, flight.ends_armed)
            # seen from the first arming: the second has no ground to measure a height from
            whole = _flight(recording, span, plan)
            if whole.is_under_way(flight.start_us):
                joined[-1] = whole
                continue
        joined.append(flight)
    return joined
