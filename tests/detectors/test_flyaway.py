"""Off the route of the mission; and off for good."""

import pytest

from flyoff.detectors.flyaway import Flyaway
from flyoff.detectors.mission_deviation import MissionDeviation
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, assessed, found
from tests.scenarios.stories import mode
from tests.sorties.flown import AWAY, BOAT, ELSEWHERE, SOUND, STANDS, VTOL, WING

GONE = SOUND.but(way=AWAY, armed=((5.0, None),), end_s=60.0)
#: Blown 40 m off its second leg, and back.
ASIDE = SOUND.but(way=(*SOUND.way[:4], (38, 100, 30, 10), *SOUND.way[4:]))
BOTH = pytest.mark.parametrize("detector", [Flyaway(), MissionDeviation()], ids=lambda d: d.kind)


def test_leaving_the_route_and_going_on_is_a_flyaway():
    finding = found(Flyaway(), GONE)
    assert finding.onset_s == pytest.approx(31.5, abs=1.0)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(360, abs=5)
    assert found(MissionDeviation(), GONE).onset_s == pytest.approx(32.0, abs=1.0)


def test_coming_down_far_off_is_one_too():
    way = (*AWAY[:-1], (65, 620, 0, 10), (75, 620, 0, 0), (82, 620, 0, 0))
    story = SOUND.but(way=way, end_s=82.0, armed=((5.0, 80.0),))
    assert answer(Flyaway(), story) is Answer.FINDING


def test_off_the_leg_and_back_is_a_deviation_only():
    finding = found(MissionDeviation(), ASIDE)
    assert finding.onset_s == pytest.approx(36.0, abs=2.0)
    assert finding.severity is Severity.WARNING
    assert answer(Flyaway(), ASIDE) is Answer.CLEAR


def test_after_leaving_the_mission_there_are_no_legs_to_hold():
    story = ASIDE.with_events(mode(31, "LOITER"))
    assert answer(MissionDeviation(), story) is Answer.CLEAR


def test_both_the_plan_and_what_was_uploaded_are_routes():
    story = SOUND.but(planned=ELSEWHERE)
    assert answer(MissionDeviation(), story) is Answer.CLEAR


def test_sinking_at_the_end_is_no_leaving():
    """Where it comes down is about to be decided."""
    story = GONE.but(way=(*AWAY[:-1], (50, 300, 0, 10), (60, 420, 0, 4)))
    assert answer(Flyaway(), story) is Answer.CLEAR


def test_coming_back_at_the_end_is_no_leaving():
    story = GONE.but(way=(*AWAY[:-1], (50, 300, 0, 10), (60, 180, 0, 10)))
    assert answer(Flyaway(), story) is Answer.CLEAR


def test_a_position_that_jumps_is_not_believed():
    leap = GONE.but(
        way=(*SOUND.way[:4], (40, 60, 37, 10), (40.04, 5000, 37, 10), (60, 9000, 37, 10))
    )
    said = assessed(Flyaway(), leap).answer
    assert said is Answer.INSUFFICIENT_DATA


@BOTH
@pytest.mark.parametrize("story", [SOUND, WING, VTOL, BOAT], ids=lambda s: s.kind)
def test_a_flown_plan_is_clear(detector, story):
    assert answer(detector, story) is Answer.CLEAR


@BOTH
def test_without_a_route_there_is_no_answer(detector):
    assert answer(detector, GONE.but(planned=(), uploaded=())) is Answer.INSUFFICIENT_DATA


@BOTH
def test_without_a_position_there_is_no_answer(detector):
    story = SOUND.but(missing=("position.lat", "gnss.lat"))
    assert answer(detector, story) is Answer.INSUFFICIENT_DATA


@BOTH
def test_a_vehicle_that_never_flew_is_not_asked(detector):
    assert answer(detector, STANDS) is Answer.NOT_APPLICABLE
