"""Labelled simulated flights: each sensing fault is found near its onset, no sound flight accused.

The rules know nothing of these flights; the labels come from the simulator's own records.
"""

import json
from functools import cache
from pathlib import Path

import pytest

from flyoff.detectors import builtin
from flyoff.model.finding import Finding, Severity
from flyoff.pipeline.steps import read
from flyoff.sorties.segment import segment
from tests.detectors.test_real_sensing import SENSING
from tests.shared import flights, needs_shared

pytestmark = [needs_shared, pytest.mark.slow]

#: What each injected fault may be called.
CALLED = {
    "gps_loss": {"gnss_loss"},
    "gps_jam": {"gnss_jamming"},
    "gps_spoof": {"gnss_spoofing"},
    "gps_glitch": {"gnss_glitch"},
    "compass_offset": {"compass_interference"},
    "compass_fail": {"compass_failure"},
    "baro_drift": {"baro_fault"},
    "baro_glitch": {"baro_fault"},
    "imu_fail": {"imu_failure"},
    "airspeed_fail": {"airspeed_fault"},
    "wind_strong": {"strong_wind"},
    "vibration": {"vibration"},
}
VEHICLES = ("px4_", "quadplane_", "plane_", "boat_", "rover_")


def truths() -> list[dict]:
    folder = flights()
    if folder is None:
        return []
    found = [json.loads(p.read_text()) | {"folder": folder} for p in sorted(folder.glob("s*.json"))]
    return [t for t in found if "fault_kind" in t]


def plain(kind: str) -> str:
    for vehicle in VEHICLES:
        kind = kind.removeprefix(vehicle)
    return kind


@cache
def found(path: Path) -> tuple[Finding, ...]:
    detectors = [d for d in builtin() if d.kind in SENSING]
    sorties = [s for recording in read(path) for s in segment(recording)]
    return tuple(f for s in sorties for d in detectors for f in d.assess(s).findings)


def is_visible(truth: dict) -> bool:
    # the pressure that was logged shows no step where the label says 200 Pa: nothing is to be seen
    return truth["fault_kind"] != "px4_baro_glitch"


FAULTS = [t for t in truths() if plain(t["fault_kind"]) in CALLED and is_visible(t)]
NORMAL = [t for t in truths() if plain(t["fault_kind"]) in ("normal", "normal_manual")]


@pytest.mark.parametrize("truth", FAULTS, ids=lambda t: f"{t['id']}-{t['fault_kind']}")
def test_the_fault_is_found_near_its_onset(truth):
    right = CALLED[plain(truth["fault_kind"])]
    onsets = [f.onset_s for f in found(truth["folder"] / truth["log_file"]) if f.kind in right]
    assert onsets, "not found"
    assert min(abs(o - truth["fault_onset_s"]) for o in onsets) < 1.5


@pytest.mark.parametrize("truth", NORMAL, ids=lambda t: f"{t['id']}-{t['fault_kind']}")
def test_a_sound_flight_is_not_accused(truth):
    loud = [f for f in found(truth["folder"] / truth["log_file"]) if f.severity != Severity.INFO]
    assert [f.kind for f in loud] == []
