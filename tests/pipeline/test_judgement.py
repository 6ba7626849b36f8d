"""From a recording to sorties: every detector is asked, and what could not be assessed is said."""

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest

from flyoff.detectors import builtin
from flyoff.detectors.base import Detector, InsufficientData, NotApplicable
from flyoff.model.finding import Evidence, Kind, Severity
from flyoff.model.recording import UtcClock
from flyoff.pipeline.judgement import judge_recording
from tests.sorties.flown import CRASH, LOST_MOTOR, SOUND, STANDS


@dataclass(frozen=True, slots=True)
class Says(Detector):
    """Says whatever the test wants."""

    kind: ClassVar[Kind] = Kind.VIBRATION
    answer: str = "found"

    def find(self, flight):
        if self.answer == "unknown":
            raise InsufficientData("too dark to see")
        if self.answer == "not asked":
            raise NotApplicable("nothing to see")
        if self.answer == "found":
            seen = [Evidence("it shakes", "vibration.x", 20.0, 9.0, 3.0)]
            yield self.finding(20e6, 30e6, Severity.WARNING, seen)


def judged(detector):
    (sortie,) = judge_recording(SOUND.recording(), detectors=[detector])
    return sortie


def test_a_finding_is_in_the_sortie_with_its_evidence():
    (finding,) = judged(Says()).findings
    assert (finding.kind, finding.onset_s, finding.end_s) == (Kind.VIBRATION, 20.0, 30.0)
    assert finding.evidence[0].says == "it shakes"


@pytest.mark.parametrize(
    ("answer", "reasons"), [("unknown", ["too dark to see"]), ("not asked", []), ("clear", [])]
)
def test_only_what_could_not_be_assessed_is_said_to_be_so(answer, reasons):
    sortie = judged(Says(answer=answer))
    assert sortie.findings == ()
    assert [n.reason for n in sortie.not_assessed] == reasons


def test_every_detector_is_asked_once():
    sortie = SOUND.but(missing=("",)).judged()[0]
    silent = [n.kind for n in sortie.not_assessed]
    assert len(set(silent)) == len(silent)
    # without a channel all are silent, but those of other vehicles and those that need no channel
    answered = {d.kind for d in builtin() if "multirotor" in d.vehicles} - set(silent)
    assert answered == {Kind.ARMING_REFUSED, Kind.OPERATOR_ABORT, Kind.WRONG_PLAN}


def test_utc_is_the_clock_plus_its_offset():
    clock = UtcClock(1_700_000_000_000_000, 0.1, "built")
    (sortie,) = judge_recording(replace(SOUND.recording(), utc=clock))
    assert sortie.start_utc == "2023-11-14T22:13:25.000Z"
    assert SOUND.sortie().start_utc is None


def test_judging_twice_says_the_same():
    assert CRASH.judged() == CRASH.judged()


def test_a_recording_without_sorties_has_none():
    assert STANDS.but(armed=()).judged() == []


def test_findings_are_ordered_by_onset():
    onsets = [f.onset_s for f in LOST_MOTOR.sortie().findings]
    assert onsets == sorted(onsets)
    assert len(onsets) > 1
