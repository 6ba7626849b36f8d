"""The vehicle tipped over at the ground."""

import pytest

from flyoff.detectors.tip_over import TipOver
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import LOST_MOTOR, SOUND, STANDS, TIPPED, WING


def test_going_over_at_take_off_is_found_where_it_began_to_lean():
    finding = found(TipOver(), TIPPED)
    assert finding.onset_s == pytest.approx(9.0, abs=0.2)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(1.6, abs=0.05)


def test_an_estimators_twitch_is_none():
    assert answer(TipOver(), STANDS.with_channels(attitude__roll=within(9, 9.1, 1.5))) is (
        Answer.CLEAR
    )


def test_a_lean_in_the_air_is_another_finding():
    assert answer(TipOver(), SOUND.with_channels(attitude__roll=within(30, 35, 1.2))) is (
        Answer.CLEAR
    )


def test_lying_after_a_crash_belongs_to_how_it_came_down():
    assert answer(TipOver(), LOST_MOTOR) is Answer.CLEAR


def test_without_attitude_there_is_no_answer():
    assert answer(TipOver(), TIPPED.but(missing=("attitude",))) is Answer.INSUFFICIENT_DATA


def test_a_wing_is_not_asked():
    assert answer(TipOver(), WING) is Answer.NOT_APPLICABLE
