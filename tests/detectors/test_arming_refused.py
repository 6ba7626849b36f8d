"""A request to arm that was refused."""

from flyoff.detectors.arming_refused import ArmingRefused
from flyoff.model.event import EventKind
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.flights import flight
from tests.scenarios.stories import at
from tests.sorties.flown import SOUND, STANDS

ASKED = STANDS.but(armed=())


def test_a_refusal_is_found_with_its_reasons():
    story = ASKED.with_events(
        at(6, EventKind.TEXT, "Arm: Compass not healthy"),
        at(9, EventKind.TEXT, "Arm: Throttle too high"),
    )
    finding = found(ArmingRefused(), story)
    assert finding.onset_s == 6.0
    assert finding.severity is Severity.CRITICAL
    assert finding.detail == "Arm: Compass not healthy"
    assert len(finding.evidence) == 2


def test_px4_says_it_in_other_words():
    said = at(6, EventKind.TEXT, "[commander] Arming denied: Resolve system health failures first")
    assert found(ArmingRefused(), ASKED.with_events(said)).onset_s == 6.0


def test_who_armed_in_the_end_was_not_refused():
    story = SOUND.with_events(at(3, EventKind.TEXT, "Arm: Throttle too high"))
    assert answer(ArmingRefused(), story) is Answer.NOT_APPLICABLE


def test_a_check_that_repeats_itself_is_no_answer_to_a_request():
    waiting = flight(
        {"x": ([0.0, 103.0], [0.0, 0.0])}, [at(6, EventKind.TEXT, "PreArm: GPS")], under_way=()
    )
    waiting.is_armed = False
    assert ArmingRefused().assess(waiting).answer is Answer.CLEAR
