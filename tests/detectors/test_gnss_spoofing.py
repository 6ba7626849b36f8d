"""A position that walks off against the receiver's own velocity, and what must not look like it."""

import numpy as np
import pytest

from flyoff.detectors.gnss_spoofing import GnssSpoofing
from flyoff.model.event import Event, EventKind
from flyoff.model.finding import Answer, Severity
from tests.scenarios.flights import flight, pulled, sound, without

ONSET = 40.0


def walked(rate: float = 0.6, *, most: float = 30.0, **kinds):
    """A flight whose receiver is pulled to the south-east from ``ONSET`` on [m/s]."""
    channels = sound(**kinds)
    t = channels["gnss.lat"][0]
    metres = np.clip((t - ONSET) * rate, 0.0, most)
    return pulled(channels, -0.8 * metres, 0.6 * metres)


@pytest.mark.parametrize("rate", [0.5, 1.0, 2.0])
def test_a_slow_pull_is_found_where_it_began(rate):
    (finding,) = GnssSpoofing().assess(flight(walked(rate))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.0)
    assert finding.severity is Severity.CRITICAL


def test_the_evidence_says_how_far_and_where_to():
    (finding,) = GnssSpoofing().assess(flight(walked(1.0, most=25.0))).findings
    seen = {e.channel: e.value for e in finding.evidence}
    assert seen["gnss.offset"] == pytest.approx(25.0, abs=1.0)
    assert seen["gnss.offset.north"] == pytest.approx(-20.0, abs=1.0)
    assert seen["gnss.offset.east"] == pytest.approx(15.0, abs=1.0)


def test_a_sound_flight_is_clear():
    assert GnssSpoofing().assess(flight(sound())).answer is Answer.CLEAR


def test_noise_and_a_wandering_solution_of_two_metres_are_no_attack():
    channels = sound()
    t = channels["gnss.lat"][0]
    noise = np.random.default_rng(3).normal(0.0, 0.1, (2, t.size))
    wander = 2.0 * np.sin(t / 15.0)
    judged = GnssSpoofing().assess(flight(pulled(channels, wander + noise[0], noise[1])))
    assert judged.answer is Answer.CLEAR


def test_a_jump_is_left_to_the_glitch_detector():
    channels = sound()
    t = channels["gnss.lat"][0]
    jumped = pulled(channels, np.where(t > ONSET, 40.0, 0.0), np.zeros(t.size))
    assert GnssSpoofing().assess(flight(jumped)).answer is Answer.CLEAR


def test_place_and_time_do_not_matter():
    here = GnssSpoofing().assess(flight(walked(0.6))).findings[0]
    there = walked(0.6, lat=-33.9, lon=151.2)
    later = GnssSpoofing().assess(flight(there, shift_s=5000.0)).findings[0]
    assert later.onset_s - 5000.0 == pytest.approx(here.onset_s, abs=0.2)
    assert later.evidence[1].value == pytest.approx(here.evidence[1].value, abs=0.2)


def test_the_receivers_own_state_is_heard():
    channels = sound()
    t = channels["gnss.fix"][0]
    channels["gnss.spoof_state"] = (t, np.where((t > 50) & (t < 55), 2.0, 1.0))
    (finding,) = GnssSpoofing().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(50.0, abs=0.3)


def test_the_logs_own_words_are_heard():
    said = [Event(50_000_000, EventKind.TEXT, "GPS spoofing detected")]
    (finding,) = GnssSpoofing().assess(flight(sound(), said)).findings
    assert finding.onset_s == 50.0


def test_without_a_receiver_nothing_can_be_said():
    channels = without(sound(), "gnss.")
    assert GnssSpoofing().assess(flight(channels)).answer is Answer.INSUFFICIENT_DATA


def test_a_clock_at_another_rate_than_the_receivers_allows_no_conclusion():
    channels = sound()
    slow = {n: (t * 0.9, v) for n, (t, v) in channels.items()}
    judged = GnssSpoofing().assess(flight(slow, armed=(4.5, 90.0), under_way=((7.2, 87.3),)))
    assert judged.answer is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_moved_is_not_asked():
    assert GnssSpoofing().assess(flight(sound(), under_way=())).answer is Answer.NOT_APPLICABLE
