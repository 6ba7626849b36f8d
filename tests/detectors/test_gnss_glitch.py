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


def fast(course_rad, seconds: np.ndarray):
    """A receiver's fixes at 20 m/s along a course, at the given instants."""
    channels = sound()
    v_north, v_east = 20.0 * np.cos(course_rad), 20.0 * np.sin(course_rad)
    fine = np.arange(0.0, 103.0, 0.01)
    course = np.interp(fine, seconds, course_rad)
    north, east = (np.cumsum(20.0 * f(course)) * 0.01 for f in (np.cos, np.sin))
    at = [np.interp(seconds, fine, p) for p in (north, east)]
    for name in [n for n in channels if n.startswith("gnss.")]:
        t, values = channels[name]
        channels[name] = (seconds, np.interp(seconds, t, values))
    channels["gnss.speed"] = (seconds, np.hypot(v_north, v_east))
    channels["gnss.course"] = (seconds, np.asarray(course_rad))
    channels["gnss.lat"] = (seconds, 47.0 + at[0] / 111_195.0)
    channels["gnss.lon"] = (seconds, 8.0 + at[1] / 111_195.0 / np.cos(np.radians(47.0)))
    return channels


def test_a_stamp_off_by_one_interval_is_no_jump():
    """From one fix on all are stamped 0.2 s late: 4 m along the way at 20 m/s."""
    seconds = np.arange(0.0, 102.0, 0.2)
    channels = fast(np.zeros(seconds.size), seconds)
    late = seconds + 0.21 * (seconds > ONSET)
    for name in [n for n in channels if n.startswith("gnss.")]:
        channels[name] = (late, channels[name][1])
    assert GnssGlitch().assess(flight(channels)).answer is Answer.CLEAR
    east = pulled(channels, np.zeros(late.size), np.where(late > ONSET, 6.0, 0.0))
    assert GnssGlitch().assess(flight(east)).answer is Answer.FINDING


def test_a_turn_between_two_slow_fixes_is_no_jump():
    """A right angle within a second, fixes every two: nobody knows when it turned."""
    seconds = np.arange(0.0, 102.0, 2.0)
    turning = np.where(seconds > ONSET, 0.5 * np.pi, 0.0)
    assert GnssGlitch().assess(flight(fast(turning, seconds))).answer is Answer.CLEAR
