"""The log has holes."""

from dataclasses import replace

import pytest

from flyoff.detectors.logging_gap import LoggingGap
from flyoff.model.finding import Answer, Severity
from flyoff.sorties.segment import segment
from tests.detectors.told import answer
from tests.sorties.flown import SOUND, STANDS


def holes(*gaps_s: tuple[float, float], shift_s: float = 0.0):
    gaps = tuple((round((a + shift_s) * 1e6), round((b + shift_s) * 1e6)) for a, b in gaps_s)
    log = replace(SOUND.but(shift_s=shift_s).recording(), gaps=gaps)
    (flight,) = segment(log)
    return LoggingGap().assess(flight)


def test_a_hole_in_flight_is_found():
    (finding,) = holes((30, 31.5)).findings
    assert (finding.onset_s, finding.end_s) == (30.0, 31.5)
    assert finding.severity is Severity.INFO
    (later,) = holes((30, 31.5), shift_s=1000.0).findings
    assert later.onset_s == pytest.approx(1030.0)


def test_a_long_hole_is_a_warning():
    assert holes((30, 36)).findings[0].severity is Severity.WARNING


def test_several_are_told_together():
    (finding,) = holes((20, 21), (40, 42), (50, 50.1)).findings
    assert finding.detail == "2 holes, 3.0 s"


@pytest.mark.parametrize("gap", [(30, 30.3), (1, 4), (82, 85)], ids=["short", "before", "after"])
def test_what_hides_nothing_is_clear(gap):
    assert holes(gap).answer is Answer.CLEAR


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(LoggingGap(), STANDS) is Answer.NOT_APPLICABLE
