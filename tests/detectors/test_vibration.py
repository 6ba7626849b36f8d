"""Vibration and clipping: held, risen, bumps, and a landing."""

import numpy as np
import pytest

from flyoff.detectors.imu_clipping import ImuClipping
from flyoff.detectors.vibration import Vibration
from flyoff.model.finding import Answer, Severity
from tests.scenarios.flights import flight, sound, without

ONSET = 50.0


def shaking(level: float, start: float = ONSET, end: float = 200.0):
    channels = sound()
    t, usual = channels["vibration.z"]
    channels["vibration.z"] = (t, np.where((t > start) & (t < end), level, usual))
    return channels


@pytest.mark.parametrize(
    ("level", "severity"),
    [(15.0, Severity.INFO), (35.0, Severity.WARNING), (70.0, Severity.CRITICAL)],
)
def test_a_held_level_is_found_where_it_began(level, severity):
    (finding,) = Vibration().assess(flight(shaking(level))).findings
    assert finding.severity is severity
    assert finding.onset_s == pytest.approx(ONSET, abs=0.5)


def test_a_rough_airframe_that_was_always_rough_is_clear():
    assert Vibration().assess(flight(shaking(15.0, start=0.0))).answer is Answer.CLEAR


def test_a_bump_is_clear():
    assert Vibration().assess(flight(shaking(40.0, end=ONSET + 2.0))).answer is Answer.CLEAR


def test_px4s_metric_has_limits_of_its_own():
    channels = without(sound(), "vibration.x", "vibration.y", "vibration.z")
    t = np.arange(0.0, 103.0, 1.0)
    channels["vibration.metric"] = (t, np.where(t > ONSET, 12.0, 2.0))
    (finding,) = Vibration().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.5)


def counted(rises):
    channels = sound()
    t = channels["vibration.clips"][0]
    channels["vibration.clips"] = (t, np.cumsum(rises(t)))
    return channels


def test_a_stream_of_clippings_is_found():
    (finding,) = ImuClipping().assess(flight(counted(lambda t: (t > ONSET) * 1.0))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.5)


def test_clippings_of_one_bump_or_of_the_landing_are_normal():
    bump = counted(lambda t: (np.abs(t - ONSET) < 0.05) * 30.0)
    landing = counted(lambda t: (t > 96.0) * 30.0)
    assert ImuClipping().assess(flight(bump)).answer is Answer.CLEAR
    assert ImuClipping().assess(flight(landing)).answer is Answer.CLEAR


@pytest.mark.parametrize("detector", [Vibration(), ImuClipping()])
def test_four_ways(detector):
    silent = without(sound(), "vibration.")
    assert detector.assess(flight(silent)).answer is Answer.INSUFFICIENT_DATA
    assert detector.assess(flight(sound(), under_way=())).answer is Answer.NOT_APPLICABLE
    assert detector.assess(flight(sound())).answer is Answer.CLEAR
