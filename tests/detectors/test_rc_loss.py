"""The operator's radio was lost."""

import pytest

from flyoff.detectors.rc_loss import RcLoss
from flyoff.model.event import Event, EventKind
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import failsafe, within
from tests.sorties.flown import SOUND, STANDS

LINKED = SOUND.with_channels(rc__is_lost=lambda t, usual: usual)


def lost(a_s: float, b_s: float):
    return SOUND.with_channels(rc__is_lost=within(a_s, b_s, 1.0))


def test_silence_of_the_receiver_is_found_where_it_began():
    finding = found(RcLoss(), lost(40, 45).with_events(failsafe(41.5, "radio")))
    assert finding.onset_s == pytest.approx(40.0, abs=0.1)
    assert finding.end_s == pytest.approx(45.0, abs=0.1)
    assert finding.severity is Severity.WARNING


def test_silence_that_the_autopilot_let_pass_is_noted():
    assert found(RcLoss(), lost(40, 45)).severity is Severity.INFO


def test_a_flicker_is_no_loss():
    assert answer(RcLoss(), lost(40, 40.3)) is Answer.CLEAR


def test_who_never_had_a_transmitter_has_not_lost_one():
    assert answer(RcLoss(), lost(0, 90)) is Answer.CLEAR


def test_a_report_is_traced_to_where_the_throttle_left_its_range():
    story = SOUND.with_channels(
        **{"rc__channel[3]": lambda t, usual: within(38.8, 60, 900.0)(t, usual + 1500.0)}
    )
    finding = found(RcLoss(), story.with_events(failsafe(40, "radio")))
    assert finding.onset_s == pytest.approx(38.8, abs=0.1)


def test_a_report_alone_is_a_finding():
    assert found(RcLoss(), SOUND.with_events(failsafe(40, "radio"))).onset_s == 40.0


@pytest.mark.parametrize(
    ("said_s", "over_s", "expected"),
    [(40, 40.1, Answer.CLEAR), (5.5, 7.0, Answer.CLEAR), (40, 43, Answer.FINDING)],
)
def test_a_report_that_was_taken_back_ends_there(said_s, over_s, expected):
    over = Event(int(over_s * 1e6), EventKind.FAILSAFE_CLEARED, "radio")
    story = LINKED.with_events(failsafe(said_s, "radio"), over)
    assert answer(RcLoss(), story) is expected
    if expected is Answer.FINDING:
        assert found(RcLoss(), story).end_s == pytest.approx(over_s, abs=0.01)


def test_a_link_that_held_is_clear():
    assert answer(RcLoss(), LINKED) is Answer.CLEAR


def test_without_any_radio_data_there_is_no_answer():
    assert answer(RcLoss(), SOUND) is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(RcLoss(), STANDS) is Answer.NOT_APPLICABLE
