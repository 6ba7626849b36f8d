"""A failsafe took over."""

import pytest

from flyoff.detectors.failsafe import Failsafe
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, assessed, found
from tests.scenarios.stories import failsafe, mode
from tests.sorties.flown import HOME, SOUND, STANDS


def test_a_failsafe_that_changed_the_mode_is_a_warning():
    finding = found(
        Failsafe(), HOME.with_events(failsafe(33, "battery"), mode(34, "RTL", "battery"))
    )
    assert finding.onset_s == 33.0
    assert finding.severity is Severity.WARNING
    assert finding.detail == "battery"


def test_a_failsafe_that_changed_nothing_is_noted():
    assert found(Failsafe(), SOUND.with_events(failsafe(40, "gcs"))).severity is Severity.INFO


def test_a_mode_changed_by_a_failsafe_that_is_not_reported_is_found_too():
    finding = found(Failsafe(), HOME.with_events(mode(34, "RTL", "fence")))
    assert (finding.onset_s, finding.detail) == (34.0, "fence")


def test_each_subsystem_is_reported_once():
    story = SOUND.with_events(failsafe(30, "gcs"), failsafe(40, "gcs"), failsafe(50, "terrain"))
    assert [f.detail for f in assessed(Failsafe(), story).findings] == ["gcs", "terrain"]


@pytest.mark.parametrize("t_s", [6.0, 82.0])
def test_on_the_ground_it_does_not_count(t_s):
    assert answer(Failsafe(), SOUND.with_events(failsafe(t_s, "gcs"))) is Answer.CLEAR


def test_a_flight_without_one_is_clear():
    assert answer(Failsafe(), SOUND) is Answer.CLEAR


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(Failsafe(), STANDS) is Answer.NOT_APPLICABLE
