"""Another mission on board than the one planned."""

import pytest

from flyoff.detectors.wrong_plan import WrongPlan
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import mode
from tests.sorties.flown import ELSEWHERE, MISSION, SOUND


def test_waypoints_in_no_planned_place_are_found():
    finding = found(WrongPlan(), SOUND.but(uploaded=ELSEWHERE))
    assert finding.severity is Severity.WARNING
    assert finding.detail == "1 of 2 waypoints"
    assert finding.evidence[0].value == pytest.approx(60.0, abs=0.1)


def test_the_same_places_rounded_are_the_same_plan():
    rounded = tuple((n + 0.02, e - 0.02) for n, e in MISSION)
    assert answer(WrongPlan(), SOUND.but(uploaded=rounded)) is Answer.CLEAR


def test_a_part_of_the_plan_is_no_other_plan():
    assert answer(WrongPlan(), SOUND.but(uploaded=MISSION[:1])) is Answer.CLEAR


def test_without_a_plan_the_log_cannot_know():
    assert answer(WrongPlan(), SOUND.but(planned=())) is Answer.NOT_APPLICABLE


def test_a_flight_by_hand_follows_no_plan():
    assert answer(WrongPlan(), SOUND.but(events=(mode(6, "LOITER"),))) is Answer.NOT_APPLICABLE


def test_a_log_that_does_not_carry_the_mission_allows_no_answer():
    assert answer(WrongPlan(), SOUND.but(uploaded=())) is Answer.INSUFFICIENT_DATA
