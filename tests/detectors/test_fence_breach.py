"""The vehicle left its fence."""

import pytest

from flyoff.detectors.fence_breach import FenceBreach
from flyoff.model.event import EventKind
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import at, failsafe
from tests.sorties.flown import SOUND, STANDS


@pytest.mark.parametrize(
    "breach", [at(30, EventKind.FENCE_BREACH), failsafe(30, "fence")], ids=["event", "failsafe"]
)
def test_a_breach_is_found(breach):
    finding = found(FenceBreach(), SOUND.with_events(breach))
    assert finding.onset_s == 30.0
    assert finding.severity is Severity.WARNING


def test_the_distance_is_held_against_the_fence():
    story = SOUND.but(params={"FENCE_RADIUS": 55.0})
    finding = found(FenceBreach(), story.with_events(failsafe(30, "fence")))
    assert finding.evidence[1].value == pytest.approx(60.0, abs=0.5)
    assert finding.evidence[1].limit == 55.0


def test_a_flight_without_a_breach_is_clear():
    assert answer(FenceBreach(), SOUND.with_events(failsafe(30, "gcs"))) is Answer.CLEAR


def test_before_take_off_nothing_is_breached():
    assert answer(FenceBreach(), SOUND.with_events(failsafe(6, "fence"))) is Answer.CLEAR


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(FenceBreach(), STANDS) is Answer.NOT_APPLICABLE
