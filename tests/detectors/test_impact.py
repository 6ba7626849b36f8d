"""The vehicle hit the ground."""

import pytest

from flyoff.detectors.impact import Impact
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import BOAT, CRASH, DIVE_S, FALL_S, HIT_S, SOUND, STANDS, WING, WING_CRASH


@pytest.mark.parametrize(
    ("story", "at_s", "descent"),
    [(CRASH, HIT_S, 10.0), (WING_CRASH, DIVE_S, 10.0)],
    ids=["multirotor", "wing"],
)
def test_a_fall_is_found_where_the_ground_stopped_it(story, at_s, descent):
    finding = found(Impact(), story)
    assert finding.onset_s == pytest.approx(at_s, abs=0.2)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(descent, abs=0.5)


def test_it_needs_no_attitude_and_no_speed():
    story = CRASH.but(missing=("attitude", "velocity.north", "velocity.east"))
    assert found(Impact(), story).onset_s == pytest.approx(HIT_S, abs=0.2)


def test_meeting_the_ground_on_its_side_is_an_impact():
    story = SOUND.with_channels(attitude__roll=within(78, 90, 1.0))
    evidence = found(Impact(), story).evidence
    assert evidence[0].channel == "attitude.roll"  # what passed its limit is told first
    assert evidence[0].value > evidence[0].limit
    assert len(evidence) >= 2


def test_sliding_into_the_ground_is_one_for_a_multirotor_only():
    way = (*SOUND.way[:5], (64, 40, 0, 3), (72, -20, 0, 0), (73, -20, 0, 0), (86, -20, 0, 0))
    sliding = SOUND.but(way=way)
    assert answer(Impact(), sliding) is Answer.FINDING
    assert answer(Impact(), WING) is Answer.CLEAR  # it touches down at 10 m/s and rolls


def test_a_landing_is_clear():
    assert answer(Impact(), SOUND) is Answer.CLEAR


def test_a_fast_descent_that_is_caught_in_the_air_is_clear():
    """A correction of the estimator, or thrust: no ground is there."""
    way = (*SOUND.way[:4], (34, 60, 12, 40), (37, 60, 12, 22), (46, 60, 60, 22), *SOUND.way[5:])
    assert answer(Impact(), SOUND.but(way=way, impact_s=39.0)) is Answer.CLEAR


def test_a_log_that_ends_before_the_ground_shows_none():
    assert answer(Impact(), CRASH.cut(FALL_S + 1.0)) is Answer.CLEAR


def test_without_height_and_climb_there_is_no_answer():
    story = SOUND.but(missing=("velocity.down", "position.down"))
    assert answer(Impact(), story.but(missing=(*story.missing, "gnss", "baro"))) is (
        Answer.INSUFFICIENT_DATA
    )


@pytest.mark.parametrize("story", [BOAT, STANDS], ids=["boat", "never flew"])
def test_who_does_not_fly_is_not_asked(story):
    assert answer(Impact(), story) is Answer.NOT_APPLICABLE
