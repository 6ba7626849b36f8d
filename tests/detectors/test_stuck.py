"""A boat or rover that is told to move and does not."""

import pytest

from flyoff.detectors.stuck import Stuck
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import AGROUND, BOAT, SOUND

STILL = BOAT.but(way=((0, 0, 0, 0), (60, 0, 0, 0)))


@pytest.mark.parametrize("kind", ["boat", "rover"])
def test_full_drive_and_no_way_on_is_found(kind):
    finding = found(Stuck(), AGROUND.but(kind=kind))
    assert finding.onset_s == pytest.approx(18.0, abs=2.0)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[1].value == pytest.approx(0.0, abs=0.1)


def test_one_that_never_moves_off_is_found_without_a_speed_demand():
    finding = found(Stuck(), STILL.with_channels(throttle__demand=within(10, 30, 0.9)))
    assert finding.onset_s == pytest.approx(9.0, abs=1.6)


def test_the_start_from_rest_is_clear():
    assert answer(Stuck(), BOAT.with_channels(throttle__demand=within(7, 9.5, 1.0))) is Answer.CLEAR


def test_gathering_way_slowly_is_clear():
    way = ((0, 0, 0, 0), (8, 0, 0, 0), (12, 1, 0, 0), (16, 4.5, 0, 0), (60, 94, 0, 0))
    story = BOAT.but(way=way).with_channels(
        throttle__demand=within(8, 30, 1.0), nav__speed_demand=within(8, 60, 3.0)
    )
    assert answer(Stuck(), story) is Answer.CLEAR


def test_standing_without_being_asked_is_clear():
    assert answer(Stuck(), STILL) is Answer.CLEAR
    assert answer(Stuck(), BOAT) is Answer.CLEAR


def test_without_drive_or_speed_there_is_no_answer():
    for missing in (("throttle",), ("velocity",)):
        assert answer(Stuck(), AGROUND.but(missing=missing)) is Answer.INSUFFICIENT_DATA


def test_a_multirotor_is_not_asked():
    assert answer(Stuck(), SOUND) is Answer.NOT_APPLICABLE
