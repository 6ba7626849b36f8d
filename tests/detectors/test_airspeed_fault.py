"""A pitot tube that freezes or jumps, and wind that does not."""

import numpy as np
import pytest

from flyoff.detectors.airspeed_fault import AirspeedFault
from flyoff.detectors.strong_wind import StrongWind
from flyoff.model.finding import Answer
from tests.scenarios.flights import flight, sound

ONSET = 50.0


def winged(reading=lambda t, air: air, ground=lambda t, speed: speed):
    """A wing at 20 m/s with a noisy airspeed sensor at 10 Hz."""
    t = np.arange(0.0, 103.0, 0.1)
    speed = np.clip((t - 8.0) * 5.0, 0.0, 20.0)
    air = speed + np.random.default_rng(2).normal(0.0, 0.3, t.size)
    base = sound()
    return {
        "airspeed.indicated": (t, reading(t, air)),
        "gnss.speed": (t, ground(t, speed)),
        "gnss.course": (t, 0.3 * np.ones(t.size)),
        "gnss.fix": (t, np.full(t.size, 3.0)),
        "attitude.roll": base["attitude.roll"],
        "gnss.alt_msl": (t, np.zeros(t.size)),
    }


def judged(channels, detector=None):
    return (detector or AirspeedFault()).assess(flight(channels, kind="fixed_wing"))


@pytest.mark.parametrize("value", [20.0, 60.0, 3.0])
def test_one_value_repeated_is_a_fault(value):
    channels = winged(lambda t, air: np.where(t >= ONSET, value, air))
    (finding,) = judged(channels).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.3)


def test_the_zero_of_a_tube_without_flow_is_no_fault():
    """Standing, or hovering in calm air: a driver that never reports less than nothing."""
    channels = winged(
        lambda t, air: np.where(t < 40.0, 0.02, air), lambda t, v: np.where(t < 40.0, 0.5, v)
    )
    assert judged(channels).answer is Answer.CLEAR


def test_a_zero_while_the_ground_goes_by_is_a_fault():
    (finding,) = judged(winged(lambda t, air: np.where(t >= ONSET, 0.02, air))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.3)


def test_a_jump_that_the_ground_speed_does_not_follow_is_a_fault():
    (finding,) = judged(winged(lambda t, air: np.where(t >= ONSET, 0.4 * air, air))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.6)


def test_wind_moves_the_ground_speed_instead():
    channels = winged(ground=lambda t, speed: np.where(t >= ONSET, speed - 12.0, speed))
    assert judged(channels).answer is Answer.CLEAR
    (finding,) = judged(channels, StrongWind()).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.0)


def test_a_stuck_sensor_is_no_wind():
    channels = winged(lambda t, air: np.where(t >= ONSET, 60.0, air))
    assert judged(channels, StrongWind()).answer is Answer.CLEAR


def test_thin_air_is_no_wind():
    """At 3000 m true airspeed is 16 % above the indicated one."""
    channels = winged(lambda t, air: air * 3.0, lambda t, speed: speed * 3.0 * 1.161)
    t = channels["gnss.alt_msl"][0]
    channels["gnss.alt_msl"] = (t, np.full(t.size, 3000.0))
    assert judged(channels, StrongWind()).answer is Answer.CLEAR


def test_a_sound_sensor_is_clear():
    assert judged(winged()).answer is Answer.CLEAR


def test_a_sensor_that_never_read_a_flying_speed_allows_no_conclusion():
    assert judged(winged(lambda t, air: 0.02 * air)).answer is Answer.INSUFFICIENT_DATA


def test_a_multirotor_is_not_asked():
    assert AirspeedFault().assess(flight(winged())).answer is Answer.NOT_APPLICABLE
