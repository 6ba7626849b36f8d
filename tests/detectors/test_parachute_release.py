"""A parachute was released."""

import pytest

from flyoff.detectors.parachute_release import ParachuteRelease
from flyoff.model.event import EventKind
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import at
from tests.sorties.flown import SOUND, STANDS


@pytest.mark.parametrize("words", ["Parachute: Released", "parachute deployed"])
def test_a_release_is_found_with_its_height(words):
    finding = found(ParachuteRelease(), SOUND.with_events(at(40, EventKind.TEXT, words)))
    assert finding.onset_s == 40.0
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[1].value == pytest.approx(10.0, abs=0.1)


@pytest.mark.parametrize("words", ["Parachute: Enabled", "Parachute: Too low", ""])
def test_one_that_was_not_released_is_clear(words):
    assert answer(ParachuteRelease(), SOUND.with_events(at(40, EventKind.TEXT, words))) is (
        Answer.CLEAR
    )


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(ParachuteRelease(), STANDS) is Answer.NOT_APPLICABLE
