"""A landing harder than it should be."""

import pytest

from flyoff.detectors.hard_landing import HardLanding
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.sorties.flown import BOAT, CRASH, FALL_S, SOUND, STANDS, WING


def down_at(speed: float):
    """The sound flight, its last ten metres at one speed."""
    down_s = 66 + 10 / speed
    way = (*SOUND.way[:6], (down_s, 0, 0, 0), (down_s + 6, 0, 0, 0))
    return SOUND.but(way=way, impact_s=down_s, armed=((5.0, down_s + 3),), end_s=down_s + 6)


@pytest.mark.parametrize(
    ("speed", "severity"), [(2.6, Severity.INFO), (3.4, Severity.WARNING)], ids=str
)
def test_a_hard_touch_down_is_found(speed, severity):
    finding = found(HardLanding(), down_at(speed))
    assert finding.onset_s == pytest.approx(66 + 10 / speed, abs=0.4)
    assert finding.evidence[0].value == pytest.approx(speed, abs=0.3)
    assert finding.severity is severity


@pytest.mark.parametrize("story", [SOUND, WING, down_at(1.5)], ids=["slow", "wing", "brisk"])
def test_an_ordinary_touch_down_is_clear(story):
    assert answer(HardLanding(), story) is Answer.CLEAR


def test_a_log_that_ends_in_the_air_does_not_show_the_landing():
    assert answer(HardLanding(), SOUND.cut(60.0)) is Answer.INSUFFICIENT_DATA
    assert answer(HardLanding(), CRASH.cut(FALL_S + 1)) is Answer.INSUFFICIENT_DATA


@pytest.mark.parametrize("story", [BOAT, STANDS], ids=["boat", "never flew"])
def test_who_does_not_fly_is_not_asked(story):
    assert answer(HardLanding(), story) is Answer.NOT_APPLICABLE
