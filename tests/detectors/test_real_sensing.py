"""Logs whose story is known: what the sensing detectors must and must not say of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flyoff.detectors import builtin
from flyoff.model.finding import Finding, Kind, Severity
from flyoff.pipeline.steps import read
from flyoff.sorties.segment import segment
from tests.shared import logs, needs_shared

pytestmark = needs_shared

SENSING = {
    Kind.GNSS_LOSS,
    Kind.GNSS_JAMMING,
    Kind.GNSS_SPOOFING,
    Kind.GNSS_GLITCH,
    Kind.COMPASS_INTERFERENCE,
    Kind.COMPASS_FAILURE,
    Kind.BARO_FAULT,
    Kind.IMU_FAILURE,
    Kind.AIRSPEED_FAULT,
    Kind.ESTIMATOR_FAILURE,
    Kind.VIBRATION,
    Kind.IMU_CLIPPING,
    Kind.STRONG_WIND,
}


def log(kind: str, ending: str) -> Path:
    found = [p for p in logs(kind) if p.name.endswith(ending)]
    if not found:
        pytest.skip(f"no log ending in {ending} among the shared {kind} logs")
    return found[0]


def findings(path: Path) -> Iterator[Finding]:
    for recording in read(path):
        for sortie in segment(recording):
            for detector in builtin():
                if detector.kind in SENSING:
                    yield from detector.assess(sortie).findings


@pytest.mark.parametrize("name", ["00000001.BIN", "00000006.BIN"])
def test_flights_without_an_attack_raise_nothing_critical(name):
    path = log("dataflash", f"DeLorean__{name}")
    assert [f.kind for f in findings(path) if f.severity is Severity.CRITICAL] == []


@pytest.mark.parametrize(("name", "start_s"), [("00000029.BIN", 110.12), ("00000038.BIN", 120.24)])
def test_an_attack_behind_the_estimator_is_known_from_the_logs_words_alone(name, start_s):
    """It alters what the controller is told; every logged sensor stays consistent."""
    found = list(findings(log("dataflash", f"DeLorean__{name}")))
    (spoofed,) = [f for f in found if f.kind is Kind.GNSS_SPOOFING]
    assert spoofed.onset_s == pytest.approx(start_s, abs=0.05)
    assert "the log says" in spoofed.evidence[0].says
    assert {f.kind for f in found} <= {Kind.GNSS_SPOOFING, Kind.ESTIMATOR_FAILURE}


def test_the_gyro_attack_is_known_from_the_logs_words():
    found = list(findings(log("dataflash", "DeLorean__00000009.BIN")))
    (lying,) = [f for f in found if f.kind is Kind.IMU_FAILURE]
    assert lying.onset_s == pytest.approx(104.02, abs=0.05)


def test_the_flight_called_gps_interference_had_no_receiver_to_interfere_with():
    found = {f.kind for f in findings(log("ulog", "gps_interference.ulg"))}
    assert not found & {Kind.GNSS_LOSS, Kind.GNSS_JAMMING, Kind.GNSS_SPOOFING, Kind.GNSS_GLITCH}


def test_the_flight_with_gps_issues_lost_its_fix():
    """ArduCopter 3.3-dev, 2014: the status falls from 3 to 0 in the air and never recovers."""
    found = list(findings(log("dataflash", "GPS_issues1.BIN")))
    (lost,) = [f for f in found if f.kind is Kind.GNSS_LOSS]
    assert lost.severity is Severity.CRITICAL


@pytest.mark.parametrize("name", ["good_prop_hover_1.BIN", "10_mm_cut_hover_1.BIN"])
def test_a_real_hover_with_real_noise_raises_no_sensor_fault(name):
    found = [f for f in findings(log("dataflash", name)) if f.severity is not Severity.INFO]
    assert [f.kind for f in found] == []
