"""The operator broke off."""

from flyoff.detectors.operator_abort import OperatorAbort
from flyoff.model.event import EventKind
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import at, failsafe, mode
from tests.sorties.flown import HOME, SOUND, STANDS, TIPPED


def test_leaving_the_mission_by_hand_is_found():
    finding = found(OperatorAbort(), HOME.with_events(mode(34, "RTL")))
    assert finding.onset_s == 34.0
    assert finding.severity is Severity.INFO
    assert finding.detail == "RTL"


def test_disarming_without_having_flown_is_found():
    finding = found(OperatorAbort(), STANDS)
    assert finding.onset_s == 5.0
    assert finding.detail == "before launch"


def test_a_failsafe_is_not_the_operator():
    story = HOME.with_events(failsafe(33.9, "radio"), mode(34, "RTL", "radio"))
    assert answer(OperatorAbort(), story) is Answer.CLEAR


def test_a_mode_that_ends_the_mission_is_not_the_operator():
    assert answer(OperatorAbort(), HOME.with_events(mode(34, "RTL", "mission"))) is Answer.CLEAR


def test_after_the_last_waypoint_there_is_nothing_to_break_off():
    done = at(60, EventKind.MISSION_REACHED, value=3.0)
    story = SOUND.with_events(done, mode(63, "RTL"))
    assert answer(OperatorAbort(), story) is Answer.CLEAR


def test_who_was_told_to_fly_and_could_not_was_not_called_back():
    assert answer(OperatorAbort(), TIPPED) is Answer.CLEAR


def test_without_modes_nobody_knows():
    assert answer(OperatorAbort(), SOUND.but(events=())) is Answer.INSUFFICIENT_DATA
