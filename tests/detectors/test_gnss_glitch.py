"""A position that jumps, and whether it came back."""

import numpy as np
import pytest

from flyoff.detectors.gnss_glitch import GnssGlitch
from flyoff.model.finding import Answer, Severity
from tests.scenarios.flights import flight, pulled, sound, without

ONSET = 45.0


def jumped(metres: float, *, until_s: float = 1e9, **kinds):
    channels = sound(**kinds)
    t = channels["gnss.lat"][0]
    return pulled(channels, np.where((t >= ONSET) & (t < until_s), metres, 0.0), np.zeros(t.size))


@pytest.mark.parametrize("metres", [15.0, 100.0])
def test_a_jump_that_stays_is_critical_and_measured(metres):
    (finding,) = GnssGlitch().assess(flight(jumped(metres))).findings
    assert finding.severity is Severity.CRITICAL
    assert finding.onset_s == pytest.approx(ONSET, abs=0.3)
    seen = {e.channel: e.value for e in finding.evidence}
    assert seen["gnss.offset"] == pytest.approx(metres, abs=0.5)
    assert seen["gnss.offset.north"] == pytest.approx(metres, abs=0.5)


def test_a_jump_that_returns_says_so():
    (finding,) = GnssGlitch().assess(flight(jumped(20.0, until_s=52.0))).findings
    assert finding.severity is Severity.WARNING
    assert finding.end_s == pytest.approx(52.0, abs=0.5)
    assert finding.detail == "returned by itself"
    assert {e.channel: e.value for e in finding.evidence}["gnss.offset"] < 1.0


def test_steps_of_a_metre_are_no_jump():
    assert GnssGlitch().assess(flight(jumped(1.0))).answer is Answer.CLEAR


def test_a_coarse_receiver_may_jump_farther():
    channels = jumped(6.0)
    t = channels["gnss.hacc"][0]
    assert GnssGlitch().assess(flight(channels)).answer is Answer.FINDING
    channels["gnss.hacc"] = (t, np.full(t.shape, 3.0))
    assert GnssGlitch().assess(flight(channels)).answer is Answer.CLEAR


def test_place_and_time_do_not_matter():
    there = flight(jumped(20.0, lat=64.1, lon=-21.9), shift_s=777.0)
    (finding,) = GnssGlitch().assess(there).findings
    assert finding.onset_s - 777.0 == pytest.approx(ONSET, abs=0.3)


def test_without_a_velocity_nothing_can_be_said():
    channels = without(jumped(20.0), "gnss.speed")
    assert GnssGlitch().assess(flight(channels)).answer is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_moved_is_not_asked():
    assert GnssGlitch().assess(flight(sound(), under_way=())).answer is Answer.NOT_APPLICABLE


@pytest.mark.parametrize("every", [2, 5])
def test_a_jump_between_two_slow_fixes_is_one(every):
    channels = jumped(15.0)
    for name, (t, values) in channels.items():
        if name.startswith("gnss."):
            channels[name] = (t[::every], values[::every])
    (finding,) = GnssGlitch().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.5)


def test_a_logger_that_drops_fixes_is_no_clock_at_another_rate():
    channels = jumped(15.0)
    t = channels["gnss.lat"][0]
    kept = (np.arange(t.size) % 9) != 4
    for name, (times, values) in channels.items():
        if name.startswith("gnss."):
            channels[name] = (times[kept], values[kept])
    assert GnssGlitch().assess(flight(channels)).answer is Answer.FINDING
