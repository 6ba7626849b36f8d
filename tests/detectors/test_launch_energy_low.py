"""A wing launched without the speed to fly."""

import pytest

from flyoff.detectors.launch_energy_low import LaunchEnergyLow
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.sorties.flown import SOUND, WING

THROWN = WING.but(
    way=((0, 0, 0, 0), (8, 0, 0, 0), (10, 12, 0, 1.0), (13, 24, 0, 0), (20, 24, 0, 0)),
    armed=((5.0, 18.0),),
    end_s=20.0,
)


def test_a_weak_throw_is_found():
    finding = found(LaunchEnergyLow(), THROWN)
    assert finding.onset_s == pytest.approx(8.0, abs=0.5)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(6.0, abs=0.5)


def test_a_launch_that_climbs_is_clear():
    assert answer(LaunchEnergyLow(), WING) is Answer.CLEAR


def test_a_wing_that_was_never_thrown_is_clear():
    still = THROWN.but(way=((0, 0, 0, 0), (20, 0, 0, 0)))
    assert answer(LaunchEnergyLow(), still) is Answer.CLEAR


def test_carried_about_without_being_told_to_fly_is_clear():
    carried = THROWN.but(events=()).with_channels(
        throttle__demand=lambda t, u: 0.0 * t,
    )
    assert answer(LaunchEnergyLow(), carried) is Answer.CLEAR


def test_without_speed_there_is_no_answer():
    story = THROWN.but(missing=("velocity", "gnss.speed"))
    assert answer(LaunchEnergyLow(), story) is Answer.INSUFFICIENT_DATA


def test_a_multirotor_is_not_asked():
    assert answer(LaunchEnergyLow(), SOUND) is Answer.NOT_APPLICABLE
