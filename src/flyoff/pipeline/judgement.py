"""Recording to sorties: segment, ask the detectors, decide the outcome, find the cause, measure."""

import datetime
from collections.abc import Sequence

from flyoff.detectors import builtin
from flyoff.detectors.base import Detector, assess_all
from flyoff.measures import measure
from flyoff.model.finding import Answer, Assessment
from flyoff.model.flight import Flight
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.model.sortie import NotAssessed, Sortie
from flyoff.sorties.cause import find_cause, promoted
from flyoff.sorties.outcome import decide
from flyoff.sorties.phases import phases
from flyoff.sorties.plan_fit import misfit
from flyoff.sorties.segment import segment

#: Changes whenever a rule, threshold or detector changes what is concluded.
RULES_VERSION = "1"


def judge_recording(
    recording: Recording,
    plan: Mission | None = None,
    *,
    detectors: Sequence[Detector] | None = None,
) -> list[Sortie]:
    """Judge every sortie of a recording.

    Parameters
    ----------
    recording : Recording
    plan : Mission or None
        What was planned; without one the log's own mission is held against the flight. One of
        another site (``sorties.plan_fit``) is left out.
    detectors : sequence of Detector or None
        By default every built-in and installed one.

    Returns
    -------
    list of Sortie, ordered by time
    """
    return [sortie for _, sortie in judge_flights(recording, plan, detectors=detectors)]


def judge_flights(
    recording: Recording,
    plan: Mission | None = None,
    *,
    detectors: Sequence[Detector] | None = None,
) -> list[tuple[Flight, Sortie]]:
    """As ``judge_recording``, each sortie with the signals that it was judged by."""
    asked = builtin() if detectors is None else detectors
    flights = segment(recording, None if misfit(recording, plan) else plan)
    assessed = assess_all(asked, flights)
    return [
        (flight, _judge(flight, number, found))
        for number, (flight, found) in enumerate(zip(flights, assessed, strict=True), 1)
    ]


def _judge(flight: Flight, number: int, assessments: Sequence[Assessment]) -> Sortie:
    findings = [f for a in assessments for f in a.findings]
    judged = decide(flight, findings)
    cause = find_cause(flight, judged.outcome, findings)
    recording = flight.recording
    return Sortie(
        id=f"{recording.log.sha256[:16]}-{recording.boot}-{number}",
        start_s=flight.start_us / 1e6,
        end_s=flight.end_us / 1e6,
        start_utc=_utc(recording, flight.start_us),
        airborne_s=flight.under_way_s,
        outcome=judged.outcome,
        confidence=judged.confidence,
        evidence=judged.evidence,
        cause=cause,
        findings=promoted(findings, cause),
        not_assessed=tuple(
            NotAssessed(a.kind, a.reason)
            for a in assessments
            if a.answer is Answer.INSUFFICIENT_DATA
        ),
        phases=phases(flight),
        measures=measure(flight),
        sources=(recording.log.path,),
    )


def _utc(recording: Recording, t_us: int) -> str | None:
    if recording.utc is None:
        return None
    at = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(
        microseconds=t_us + recording.utc.offset_us
    )
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
