"""The vehicle did not follow the attitude demanded of it."""

import numpy as np
import pytest

from flyoff.detectors.attitude_control_loss import AttitudeControlLoss
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import BOAT, SOUND, STANDS, WING, leaning


def test_a_lasting_error_is_found_where_it_left_its_band():
    finding = found(AttitudeControlLoss(), SOUND.with_channels(attitude__roll=leaning(40, 44, 1.0)))
    assert finding.onset_s == pytest.approx(40.1, abs=0.2)
    assert finding.end_s == pytest.approx(44.0, abs=0.2)
    assert finding.evidence[0].value == pytest.approx(1.0, abs=0.4)


@pytest.mark.parametrize(("until_s", "severity"), [(44, Severity.WARNING), (78, Severity.CRITICAL)])
def test_what_was_caught_and_flown_on_did_not_end_the_flight(until_s, severity):
    story = SOUND.with_channels(attitude__roll=leaning(40, until_s, 1.0))
    assert found(AttitudeControlLoss(), story).severity is severity


def test_a_lean_that_was_asked_for_is_clear():
    story = SOUND.with_channels(
        attitude__roll=within(40, 44, 1.0), attitude_demand__roll=within(40, 44, 1.0)
    )
    assert answer(AttitudeControlLoss(), story) is Answer.CLEAR


def test_a_short_error_is_clear():
    story = SOUND.with_channels(attitude__pitch=within(40, 40.3, 1.0))
    assert answer(AttitudeControlLoss(), story) is Answer.CLEAR


def test_a_wing_takes_longer_to_roll():
    held = {s: WING.with_channels(attitude__roll=within(40, 40 + s, 0.9)) for s in (0.8, 1.4)}
    assert answer(AttitudeControlLoss(), held[0.8]) is Answer.CLEAR
    assert answer(AttitudeControlLoss(), held[1.4]) is Answer.FINDING


def test_lying_on_its_side_on_the_ground_is_clear():
    story = SOUND.with_channels(attitude__roll=within(81, 90, 1.5))
    assert answer(AttitudeControlLoss(), story) is Answer.CLEAR


def test_absent_samples_are_no_error():
    gone = SOUND.with_channels(attitude__roll=lambda t, u: np.where(t > 40, np.nan, u))
    assert answer(AttitudeControlLoss(), gone) is Answer.CLEAR


def test_without_a_demand_there_is_no_answer():
    story = SOUND.but(missing=("attitude_demand",))
    assert answer(AttitudeControlLoss(), story) is Answer.INSUFFICIENT_DATA


@pytest.mark.parametrize("story", [BOAT, STANDS], ids=["boat", "never flew"])
def test_who_does_not_fly_is_not_asked(story):
    assert answer(AttitudeControlLoss(), story) is Answer.NOT_APPLICABLE
