"""A wing too slow to fly, and sinking."""

import numpy as np
import pytest

from flyoff.detectors.stall import Stall
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import SOUND, VTOL, WING

FAST = WING.with_channels(airspeed__indicated=lambda t, u: 0.0 * t + 15.0)
#: Down from 50 m to 30 m within five seconds of slow flight.
SINKS = FAST.but(
    way=(*WING.way[:4], (60, 500, 220, 50), (65, 500, 250, 30), *WING.way[5:])
).with_channels(airspeed__indicated=within(60, 65, 5.0))


def test_slow_and_sinking_is_found():
    finding = found(Stall(), SINKS)
    assert finding.onset_s == pytest.approx(60.3, abs=0.5)
    assert finding.severity is Severity.WARNING
    assert finding.evidence[0].value == pytest.approx(5.0)


@pytest.mark.parametrize(
    "story",
    [
        FAST,
        FAST.with_channels(airspeed__indicated=within(50, 55, 5.0)),
        SINKS.with_channels(airspeed__indicated=lambda t, u: 0.0 * t + 12.0),
        SINKS.with_channels(
            airspeed__indicated=lambda t, u: np.where((t > 62) & (t < 62.5), 5, 15)
        ),
    ],
    ids=["sound", "slow, not sinking", "sinking, not slow", "for a moment"],
)
def test_what_is_no_stall_is_clear(story):
    assert answer(Stall(), story) is Answer.CLEAR


def test_the_least_speed_that_is_set_counts():
    story = SINKS.with_channels(airspeed__indicated=within(60, 65, 8.0))
    assert answer(Stall(), story) is Answer.CLEAR
    assert answer(Stall(), story.but(params={"AIRSPEED_MIN": 12.0})) is Answer.FINDING


def test_a_vtol_in_hover_is_not_stalled():
    assert answer(Stall(), VTOL.with_channels(airspeed__indicated=lambda t, u: u)) is Answer.CLEAR


def test_without_airspeed_there_is_no_answer():
    assert answer(Stall(), WING) is Answer.INSUFFICIENT_DATA


def test_a_multirotor_is_not_asked():
    assert answer(Stall(), SOUND) is Answer.NOT_APPLICABLE
