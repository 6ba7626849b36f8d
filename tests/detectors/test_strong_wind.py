"""Wind told from the lean that holds a multirotor against it."""

import numpy as np
import pytest

from flyoff.detectors.airspeed_fault import AirspeedFault
from flyoff.detectors.strong_wind import StrongWind
from flyoff.model.finding import Answer
from tests.scenarios.flights import flight, sound, without

ONSET = 45.0


@pytest.mark.parametrize("wind", [(-13.0, 0.0), (8.0, 10.0)])
def test_a_wind_that_rises_is_found_and_measured(wind):
    judged = StrongWind().assess(flight(sound(wind=wind, wind_from_s=ONSET)))
    (finding,) = judged.findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.5)
    assert finding.evidence[0].value == pytest.approx(np.hypot(*wind), rel=0.2)


@pytest.mark.parametrize("wind", [(0.0, 0.0), (5.0, -5.0), (0.0, 8.0)])
def test_an_ordinary_wind_is_clear(wind):
    assert StrongWind().assess(flight(sound(wind=wind))).answer is Answer.CLEAR


def test_a_fast_cruise_is_no_wind():
    """Leaning against its own speed is not leaning against wind."""
    still = StrongWind()._lean_wind(flight(sound()))
    assert still is not None
    assert np.max(still.values) < 2.5


def test_a_lean_that_nobody_asked_for_is_no_wind():
    channels = sound(wind=(-14.0, 0.0), wind_from_s=ONSET)
    for axis in ("roll", "pitch"):
        t, demand = channels[f"attitude_demand.{axis}"]
        channels[f"attitude_demand.{axis}"] = (t, np.where(t > ONSET, 0.0, demand))
    assert StrongWind().assess(flight(channels)).answer is Answer.CLEAR


def test_without_thrust_the_lean_says_nothing():
    channels = sound(wind=(-14.0, 0.0), wind_from_s=ONSET)
    t = channels["attitude.roll"][0]
    channels["throttle.demand"] = (t, np.where(t > ONSET, 0.0, 0.4))
    assert StrongWind().assess(flight(channels)).answer is Answer.CLEAR


def test_an_estimated_wind_serves_a_wing():
    t = np.arange(0.0, 103.0, 0.2)
    channels = {
        "wind.north": (t, np.where(t > ONSET, 12.0, 2.0)),
        "wind.east": (t, np.zeros(t.size)),
        "attitude.roll": sound()["attitude.roll"],
    }
    (finding,) = StrongWind().assess(flight(channels, kind="fixed_wing")).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.0)


def test_without_attitude_or_airspeed_nothing_can_be_said():
    channels = without(sound(), "attitude.")
    assert StrongWind().assess(flight(channels)).answer is Answer.INSUFFICIENT_DATA


def test_a_boat_is_not_asked():
    assert StrongWind().assess(flight(sound(), kind="boat")).answer is Answer.NOT_APPLICABLE


def test_an_estimate_that_came_late_is_traced_to_the_moment_of_the_gust():
    """Without an airspeed sensor the estimator learns the wind in the turn at 75 s."""
    t = np.arange(0.0, 103.0, 0.2)
    base = sound()
    slowed = np.clip((t - ONSET) / 2.0, 0.0, 1.0) * 12.0
    channels = {
        "wind.north": (t, np.where(t > 75.0, -12.0, 0.0)),
        "wind.east": (t, np.zeros(t.size)),
        "gnss.speed": (t, np.clip((t - 8.0) * 5.0, 0.0, 20.0) - slowed),
        "gnss.course": (t, np.zeros(t.size)),
        "attitude.roll": base["attitude.roll"],
        "attitude.pitch": base["attitude.pitch"],
    }
    (finding,) = StrongWind().assess(flight(channels, kind="fixed_wing")).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.5)


def test_what_a_failing_airspeed_sensor_says_is_no_wind():
    """It drops by 12 m/s at once and stays; the aircraft over ground does not notice."""
    t = np.arange(0.0, 103.0, 0.1)
    noise = np.random.default_rng(4).normal(0.0, 0.3, t.size)
    air = np.where((t > 8) & (t < 98), 20.0, 0.0) + noise
    channels = {
        "airspeed.indicated": (t, air - np.where(t > ONSET, 12.0, 0.0) * (t < 98)),
        "gnss.speed": (t, np.where((t > 8) & (t < 98), 20.0, 0.0)),
        "attitude.roll": sound()["attitude.roll"],
    }
    wing = flight(channels, kind="fixed_wing")
    assert AirspeedFault().assess(wing).answer is Answer.FINDING
    assert StrongWind().assess(wing).answer is Answer.CLEAR
    head = {**channels, "airspeed.indicated": (t, air + np.clip((t - ONSET) / 2, 0, 12) * (t < 98))}
    assert StrongWind().assess(flight(head, kind="fixed_wing")).answer is Answer.FINDING
