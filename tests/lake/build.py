"""Log entries as the pipeline would hand them over, built from a number."""

import hashlib

import numpy as np

from flyoff.lake.entry import LogEntry, RecordingEntry
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.recording import LogReference, Recording, UtcClock, Vehicle
from flyoff.model.sortie import Cause, CauseLink, NotAssessed, Outcome, Phase, Sortie

TRACK_ROWS = 10


def sha(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def sortie(number: int, outcome: Outcome = Outcome.CRASHED) -> Sortie:
    seen = Evidence("fell at 31 m/s", "velocity.down", 98.7, 31.0, 20.0)
    return Sortie(
        id=f"{sha(number)[:16]}-0-0",
        start_s=12.5,
        end_s=99.0,
        start_utc=f"2026-05-01T10:{number % 60:02}:00Z",
        airborne_s=70.0,
        outcome=outcome,
        confidence=0.97,
        evidence=(seen,),
        cause=Cause(Kind.MOTOR_FAILURE, 55.0, 0.9, chain=(CauseLink(55.0, "motor 3 stopped"),)),
        findings=(
            Finding(Kind.MOTOR_FAILURE, 55.0, 98.7, Severity.CRITICAL, (seen,), detail="motor 3"),
            Finding(Kind.IMPACT, 98.7, 98.8, Severity.CRITICAL, (), thresholds={"floor": 20.0}),
        ),
        not_assessed=(NotAssessed(Kind.GNSS_JAMMING, "no receiver noise"),),
        phases=(Phase("climb", 14.0, 20.0),),
        measures={"distance_m": 812.0, "arrival_error_m": None, "energy_wh": float("nan")},
    )


def entry(number: int, outcome: Outcome = Outcome.CRASHED) -> LogEntry:
    log = LogReference(f"flight{number}.BIN", sha(number), "built", 1000)
    vehicle = Vehicle(f"ap:{number % 3}", "multirotor", "ardupilot", "ArduCopter 4.7.0")
    recording = Recording(log, vehicle, 0, 99_000_000, {}, utc=UtcClock(1, 0.2, "GPS"))
    track = {"lat": np.full(TRACK_ROWS, 47.0), "lon": np.full(TRACK_ROWS, 8.0)}
    names = "alt_msl height velocity_north velocity_east velocity_down roll pitch yaw".split()
    track |= {name: np.full(TRACK_ROWS, np.nan) for name in names}
    t_us = np.arange(TRACK_ROWS, dtype=np.int64) * 200_000
    made = RecordingEntry(recording, 5, (sortie(number, outcome),), t_us, track)
    return LogEntry(log, 990, 10, "malformed", {"gaps": []}, (made,), rules_version="test")
