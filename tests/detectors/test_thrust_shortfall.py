"""Much thrust demanded, little obtained."""

import numpy as np
import pytest

from flyoff.detectors.thrust_shortfall import ThrustShortfall
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import BOAT, CRASH, FALL_S, SOUND, STANDS, WING

WEAK = CRASH.with_channels(throttle__demand=within(FALL_S, 43, 1.0))


def test_full_thrust_that_does_not_lift_is_found():
    finding = found(ThrustShortfall(), STANDS.with_channels(throttle__demand=within(8, 14, 1.0)))
    assert finding.onset_s == pytest.approx(8.0, abs=0.1)
    assert finding.detail == "does not lift"
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[1].value == pytest.approx(0.0, abs=0.1)


def test_a_second_of_full_thrust_on_the_ground_is_clear():
    assert answer(ThrustShortfall(), STANDS.with_channels(throttle__demand=within(8, 9, 1.0))) is (
        Answer.CLEAR
    )


def test_falling_on_full_thrust_is_found():
    finding = found(ThrustShortfall(), WEAK)
    assert finding.onset_s == pytest.approx(FALL_S, abs=0.3)
    assert finding.detail == "falls on full thrust"


def test_falling_without_thrust_demanded_is_another_matter():
    assert answer(ThrustShortfall(), CRASH) is Answer.CLEAR


def test_braking_a_descent_is_not_falling():
    """At full thrust it feels more than its weight: the thrust is there."""
    felt = WEAK.with_channels(
        accel__x=lambda t, u: u, accel__y=lambda t, u: u, accel__z=lambda t, u: u - 14.0
    )
    assert answer(ThrustShortfall(), felt) is Answer.CLEAR


def test_thrust_that_points_sideways_does_not_lift():
    assert answer(ThrustShortfall(), WEAK.with_channels(attitude__roll=within(39, 43, 1.3))) is (
        Answer.CLEAR
    )


def test_a_wing_that_sinks_on_full_throttle_is_found():
    way = (*WING.way[:4], (65, 500, 300, 6), (70, 450, 290, 0), (80, 450, 290, 0))
    story = WING.but(way=way, end_s=80.0, armed=((5.0, 76.0),))
    finding = found(ThrustShortfall(), story.with_channels(throttle__demand=within(46, 64, 1.0)))
    assert finding.onset_s == pytest.approx(46.0, abs=0.2)
    assert finding.detail == "sinks on full throttle"


@pytest.mark.parametrize("story", [SOUND, WING], ids=["multirotor", "wing"])
def test_a_sound_vehicle_is_clear(story):
    assert answer(ThrustShortfall(), story) is Answer.CLEAR


def test_a_wing_that_climbs_on_full_throttle_is_clear():
    story = WING.with_channels(throttle__demand=lambda t, u: np.where((t > 8) & (t < 25), 1.0, u))
    assert answer(ThrustShortfall(), story) is Answer.CLEAR


def test_without_a_demand_there_is_no_answer():
    assert answer(ThrustShortfall(), SOUND.but(missing=("throttle",))) is Answer.INSUFFICIENT_DATA


def test_a_boat_is_not_asked():
    assert answer(ThrustShortfall(), BOAT) is Answer.NOT_APPLICABLE


def test_vibration_is_no_thrust():
    """It falls freely; every sample is shaken by ten m/s² one way and then the other."""
    shaken = {
        f"accel__{axis}": lambda t, u: u * 0.2 + np.where(np.arange(t.size) % 2, 10.0, -10.0)
        for axis in "xyz"
    }
    finding = found(ThrustShortfall(), WEAK.with_channels(**shaken))
    assert finding.evidence[2].value < finding.evidence[2].limit
