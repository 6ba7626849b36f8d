"""A sortie told as a timeline in plain words: what the log reports and what was concluded.

Every entry is one instant and one sentence. What the autopilot reports (arming, modes, failsafes,
texts), what the trajectory shows (take-off, phases, contact with the ground) and what the detectors
found stand in one order, so that a reader sees what came first.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.event import Event, EventKind
from flyoff.model.finding import Evidence, Finding
from flyoff.model.flight import Flight
from flyoff.model.sortie import Cause, Phase, Sortie
from flyoff.units import RAD_PER_DEGREE
from flyoff.views.wording import plain, statement

#: Texts of this severity and graver are told (syslog levels: 4 is a warning).
_TOLD_LEVEL = 4
#: The same text within this time is told once [s].
_REPEATED_S = 30.0
#: More texts than this are counted, not told: a log that repeats itself hides the rest.
_MAX_TEXTS = 25
#: Shorter phases say nothing to a reader [s].
_SHORTEST_PHASE_S = 2.0

_REASONS = {
    "operator": "by the operator",
    "radio": "radio lost",
    "battery": "battery failsafe",
    "gcs": "ground station lost",
    "ekf": "estimator failsafe",
    "gnss": "satellite navigation lost",
    "fence": "geofence",
    "mission": "as the mission says",
    "terrain": "terrain data missing",
    "crash": "the autopilot noticed a crash",
    "landed": "landed",
    "timeout": "time ran out",
    "system": "by the autopilot",
    "failure_detector": "the autopilot's failure detector",
    "kill": "kill switch",
}
_VERBS = {
    "climb": "climbs",
    "descent": "descends",
    "cruise": "cruises",
    "hover": "hovers",
    "moving": "is under way",
    "flight": "flies",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline.

    Attributes
    ----------
    t_s : float [s on the log's own clock]
    sort : str
        ``state``, ``mode``, ``phase``, ``report`` (the log's own words), ``finding``, ``ground``.
    says : str
    severity : str
        Of a finding or report: ``info``, ``warning``, ``critical``; else empty.
    """

    t_s: float
    sort: str
    says: str
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """A sortie in words.

    Attributes
    ----------
    sortie : Sortie
    entries : tuple of Entry, by time
    evidence : tuple of str
        For the outcome.
    cause : str
        In one sentence; empty where the outcome needs none or none was found.
    chain : tuple of (t_s, str)
        What led to what.
    not_assessed : tuple of (kind, reason)
    """

    sortie: Sortie
    entries: tuple[Entry, ...]
    evidence: tuple[str, ...]
    cause: str
    chain: tuple[tuple[float, str], ...]
    not_assessed: tuple[tuple[str, str], ...]


def tell(flight: Flight, sortie: Sortie) -> Story:
    """Tell one sortie.

    Parameters
    ----------
    flight : Flight
        The signals that it was judged by.
    sortie : Sortie
    """
    entries = [
        *_states(flight),
        *_modes(flight),
        *_phases(flight, sortie),
        *_reports(flight),
        *_findings(sortie),
        *_contacts(flight),
    ]
    order = {"state": 0, "mode": 1, "phase": 2, "report": 3, "finding": 4, "ground": 5}
    entries.sort(key=lambda e: (e.t_s, order[e.sort]))
    return Story(
        sortie,
        tuple(entries),
        tuple(shown(e) for e in sortie.evidence),
        _cause_in_words(sortie.cause),
        _chain(sortie),
        tuple((plain(str(n.kind)), n.reason) for n in sortie.not_assessed),
    )


def shown(evidence: Evidence, *, with_place: bool = True) -> str:
    """One piece of evidence as a sentence, with where to look it up.

    Examples
    --------
    >>> shown(Evidence("descent just before contact", "velocity.down", 31.22, 9.67, 4.0))
    'descent just before contact: 9.67 m/s (limit 4 m/s) · velocity.down at 31.22 s'
    """
    text = statement(evidence.says, evidence.value, evidence.limit, evidence.channel)
    if not with_place or (evidence.channel is None and evidence.t_s is None):
        return text
    at = f"at {evidence.t_s:.2f} s" if evidence.t_s is not None else ""
    return f"{text} · {' '.join(p for p in (evidence.channel, at) if p)}"


def finding_in_words(finding: Finding) -> str:
    """A finding by its kind, its detail and its decisive number with the limit."""
    name = plain(str(finding.kind))
    if finding.detail:
        name += f" ({finding.detail})"
    return f"{name}: {shown(finding.evidence[0], with_place=False)}" if finding.evidence else name


def _states(flight: Flight) -> Iterator[Entry]:
    start_s, end_s = flight.start_us / 1e6, flight.end_us / 1e6
    mode = flight.mode_at(flight.start_us)
    within = f" in {mode}" if mode else ""
    if not flight.is_armed:
        yield Entry(start_s, "state", f"asks to be armed{within}; it never is")
    elif flight.starts_armed:
        yield Entry(start_s, "state", f"the log begins with the vehicle armed{within}")
    else:
        yield Entry(start_s, "state", f"armed{within}")
    left, back = (
        ("leaves the ground", "is on the ground") if flight.flies else ("sets off", "rests")
    )
    for number, (a, b) in enumerate(flight.under_way):
        yield Entry(a / 1e6, "state", left if number == 0 else f"{left} again")
        if not (flight.ends_under_way and b == flight.under_way[-1][1]):
            yield Entry(b / 1e6, "state", back)
    yield Entry(end_s, "state", _end(flight))


def _end(flight: Flight) -> str:
    if flight.ends_under_way:
        where = _where(flight, flight.end_us)
        return f"the log ends while it is still under way{where}"
    return "the log ends, still armed" if flight.ends_armed else "disarmed"


def _where(flight: Flight, t_us: int) -> str:
    found = []
    height, speed = _value(flight.height, t_us), _value(flight.speed, t_us)
    if flight.flies and math.isfinite(height):
        found.append(f"{height:.0f} m up")
    if math.isfinite(speed):
        found.append(f"{speed:.1f} m/s over ground")
    return f", {', '.join(found)}" if found else ""


def _value(channel: Channel | None, t_us: int) -> float:
    if channel is None:
        return float("nan")
    return float(channel.at(np.array([t_us], dtype=np.int64), max_age_s=2.0)[0])


def _modes(flight: Flight) -> Iterator[Entry]:
    before = flight.mode_at(flight.start_us)
    first_us = flight.start_us + 1
    for event in flight.recording.events_between(first_us, flight.end_us, EventKind.MODE):
        if event.text == before:
            continue
        why = _REASONS.get(event.reason, "")
        shown_before = f"{before} → " if before else ""
        text = f"mode {shown_before}{event.text}" + (f": {why}" if why else "")
        yield Entry(event.t_s, "mode", text)
        before = event.text


def _phases(flight: Flight, sortie: Sortie) -> Iterator[Entry]:
    for phase in sortie.phases:
        if phase.phase != "ground" and phase.end_s - phase.start_s >= _SHORTEST_PHASE_S:
            yield Entry(phase.start_s, "phase", _phase_in_words(flight, phase))


def _phase_in_words(flight: Flight, phase: Phase) -> str:
    a_us, b_us = int(phase.start_s * 1e6), int(phase.end_s * 1e6)
    long = f"{phase.end_s - phase.start_s:.0f} s"
    verb = _VERBS.get(phase.phase, phase.phase)
    h0, h1 = _value(flight.height, a_us), _value(flight.height, b_us)
    speed = _mean(flight.speed, a_us, b_us)
    fast = f" at {speed:.1f} m/s" if math.isfinite(speed) and speed > 1.0 else ""
    if not math.isfinite(h0) or not math.isfinite(h1) or not flight.flies:
        return f"{verb} for {long}{fast}"
    if phase.phase in ("climb", "descent"):
        top = _highest(flight.height, a_us, b_us)
        if phase.phase == "climb" and top - h1 > max(2.0, 0.3 * top):
            return f"{verb} to {top:.0f} m and comes down to {_metres(h1)} within {long}{fast}"
        return f"{verb} from {_metres(h0)} to {_metres(h1)} in {long}{fast}"
    return (
        f"{verb} for {long} at {_mean(flight.height, a_us, b_us):.0f} m{fast.replace(' at', ',')}"
    )


def _metres(value: float) -> str:
    return f"{round(value) + 0:d} m"


def _highest(channel: Channel | None, a_us: int, b_us: int) -> float:
    if channel is None:
        return float("nan")
    part = channel.between(a_us, b_us).values
    part = part[np.isfinite(part)]
    return float(part.max()) if part.size else float("nan")


def _mean(channel: Channel | None, a_us: int, b_us: int) -> float:
    if channel is None:
        return float("nan")
    part = channel.between(a_us, b_us).values
    part = part[np.isfinite(part)]
    return float(part.mean()) if part.size else float("nan")


_REPORTED = {
    EventKind.FAILSAFE: "failsafe",
    EventKind.FAILSAFE_CLEARED: "failsafe over",
    EventKind.ERROR: "error",
    EventKind.ERROR_CLEARED: "error over",
    EventKind.FENCE_BREACH: "fence crossed",
    EventKind.ESTIMATOR_RESET: "the estimator resets",
    EventKind.MISSION_REACHED: "mission item reached",
    EventKind.DROPOUT: "the logger drops data",
}


def _reports(flight: Flight) -> Iterator[Entry]:
    last: dict[str, float] = {}
    texts = 0
    for event in flight.events(*_REPORTED, EventKind.TEXT):
        says, severity = _report(event)
        if not says or event.t_s - last.get(says, -math.inf) < _REPEATED_S:
            continue
        last[says] = event.t_s
        if event.kind is EventKind.TEXT:
            texts += 1
            if texts > _MAX_TEXTS:
                continue
        yield Entry(event.t_s, "report", says, severity)
    if texts > _MAX_TEXTS:
        left_out = f"and {texts - _MAX_TEXTS} more texts of the autopilot, not told here"
        yield Entry(flight.end_us / 1e6, "report", left_out)


def _report(event: Event) -> tuple[str, str]:
    if event.kind is EventKind.TEXT:
        level = 6 if event.value is None else event.value
        if level > _TOLD_LEVEL:
            return "", ""
        return f"the autopilot says “{event.text}”", "warning"
    name = _REPORTED[event.kind]
    if event.kind is EventKind.MISSION_REACHED:
        return (f"{name}: {event.value:.0f}" if event.value is not None else name), ""
    grave = event.kind in (EventKind.FAILSAFE, EventKind.ERROR, EventKind.FENCE_BREACH)
    return f"{name}: {event.text}" if event.text else name, "warning" if grave else ""


def _findings(sortie: Sortie) -> Iterator[Entry]:
    for finding in sortie.findings:
        says = finding_in_words(finding)
        is_cause = sortie.cause is not None and (
            (finding.kind, finding.onset_s) == (sortie.cause.kind, sortie.cause.onset_s)
        )
        says += "  ← the cause" if is_cause else ""
        yield Entry(finding.onset_s, "finding", says, str(finding.severity))


def _contacts(flight: Flight) -> Iterator[Entry]:
    for contact in flight.contacts:
        parts = [f"descending {contact.descent:.1f} m/s"]
        if math.isfinite(contact.speed):
            parts.append(f"{contact.speed:.1f} m/s over ground")
        if math.isfinite(contact.tilt):
            parts.append(f"leaning {contact.tilt / RAD_PER_DEGREE:.0f}°")
        yield Entry(contact.t_us / 1e6, "ground", f"meets the ground, {', '.join(parts)}")


def _cause_in_words(cause: Cause | None) -> str:
    if cause is None:
        return ""
    whose = {
        "operator": "the operator's doing",
        "vehicle": "the vehicle's own",
        "environment": "from the environment",
        "interference": "interference from outside",
    }
    return f"{plain(str(cause.kind))}, {whose.get(cause.origin, cause.origin)}"


def _chain(sortie: Sortie) -> tuple[tuple[float, str], ...]:
    if sortie.cause is None:
        return ()
    found = {(f.kind, f.onset_s): f for f in reversed(sortie.findings)}
    return tuple(
        (k.t_s, finding_in_words(found[k.kind, k.t_s]) if (k.kind, k.t_s) in found else k.says)
        for k in sortie.cause.chain
        if k.kind is not None
    )
