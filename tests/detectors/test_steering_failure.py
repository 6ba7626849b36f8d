"""A boat or rover that is told to turn and does not."""

import numpy as np
import pytest

from flyoff.detectors.steering_failure import SteeringFailure
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import BOAT, SOUND, STANDS


def steered(demand, obtained):
    return BOAT.with_channels(steering__turn_rate_demand=demand, steering__turn_rate=obtained)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_turn_that_does_not_come_is_found(sign):
    story = steered(within(30, 40, 0.4 * sign), lambda t, u: 0.01 * np.sin(t))
    finding = found(SteeringFailure(), story)
    assert finding.onset_s == pytest.approx(30.0, abs=0.3)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(0.4 * sign)


def test_turning_the_other_way_is_found():
    assert answer(SteeringFailure(), steered(within(30, 40, 0.4), within(30, 40, -0.4))) is (
        Answer.FINDING
    )


@pytest.mark.parametrize(
    ("demand", "obtained"),
    [
        (within(30, 40, 0.4), within(30.8, 40.8, 0.35)),
        (within(30, 32, 0.4), lambda t, u: u),
        (within(30, 40, 0.1), lambda t, u: u),
        (within(50, 56, 0.4), lambda t, u: u),
    ],
    ids=["follows", "for a moment", "hardly asked", "standing"],
)
def test_what_is_no_failure_is_clear(demand, obtained):
    assert answer(SteeringFailure(), steered(demand, obtained)) is Answer.CLEAR


def test_without_turn_rates_there_is_no_answer():
    assert answer(SteeringFailure(), BOAT) is Answer.INSUFFICIENT_DATA


@pytest.mark.parametrize("story", [SOUND, STANDS.but(kind="boat")], ids=["multirotor", "at rest"])
def test_who_does_not_steer_is_not_asked(story):
    assert answer(SteeringFailure(), story) is Answer.NOT_APPLICABLE
