"""A compass beside a magnet, and a compass that stops."""

import numpy as np
import pytest

from flyoff.detectors.compass_failure import CompassFailure
from flyoff.detectors.compass_interference import CompassInterference
from flyoff.model.finding import Answer
from tests.scenarios.flights import flight, sound, without

ONSET = 50.0


def offset(
    metres: tuple[float, float, float], *, instances=("",), ramp_s: float = 0.1, since=ONSET
):
    channels = sound()
    for instance in instances:
        for axis, size in zip("xyz", metres, strict=True):
            t, field = channels[f"mag.{axis}{instance}"]
            channels[f"mag.{axis}{instance}"] = (
                t,
                field + size * np.clip((t - since) / ramp_s, 0.0, 1.0),
            )
    return channels


@pytest.mark.parametrize("ramp_s", [0.1, 5.0])
def test_an_offset_on_one_compass_is_found_where_it_began(ramp_s):
    judged = CompassInterference().assess(flight(offset((25.0, 10.0, 15.0), ramp_s=ramp_s)))
    (finding,) = judged.findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.7)
    assert finding.detail == "compass 0"


def test_an_offset_on_all_compasses_is_found_too():
    channels = offset((25.0, 10.0, 15.0), instances=("", "[1]"))
    assert len(CompassInterference().assess(flight(channels)).findings) == 2


def test_leaning_and_turning_are_no_interference():
    assert CompassInterference().assess(flight(sound())).answer is Answer.CLEAR


def test_steel_under_the_pad_is_left_behind():
    channels = sound()
    for axis in "xyz":
        t, field = channels[f"mag.{axis}"]
        channels[f"mag.{axis}"] = (t, field + np.where(t < 8.0, 30.0, 0.0))
    assert CompassInterference().assess(flight(channels)).answer is Answer.CLEAR


def test_interference_needs_an_attitude():
    channels = without(sound(), "attitude.")
    assert CompassInterference().assess(flight(channels)).answer is Answer.INSUFFICIENT_DATA


def test_a_compass_that_ceases_has_failed():
    channels = sound()
    for axis in "xyz":
        t, field = channels[f"mag.{axis}"]
        channels[f"mag.{axis}"] = (t[t < ONSET], field[t < ONSET])
    (finding,) = CompassFailure().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.5)
    assert finding.detail == "compass 0"


def test_a_compass_that_repeats_itself_while_turning_has_failed():
    channels = sound()
    for axis in "xyz":
        t, field = channels[f"mag.{axis}[1]"]
        stuck = field[np.searchsorted(t, ONSET)]
        channels[f"mag.{axis}[1]"] = (t, np.where(t >= ONSET, stuck, field))
    (finding,) = CompassFailure().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.5)


def test_the_health_flag_is_heard():
    channels = sound()
    t = channels["mag.x"][0]
    channels["mag.is_healthy"] = (t, np.where(t > ONSET, 0.0, 1.0))
    (finding,) = CompassFailure().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.3)


def test_a_compass_never_flagged_healthy_is_not_fitted():
    channels = sound()
    t = channels["mag.x"][0]
    channels["mag.is_healthy"] = (t, np.zeros(t.shape))
    assert CompassFailure().assess(flight(channels)).answer is Answer.CLEAR


def test_a_pause_of_the_logger_is_no_failure():
    channels = {}
    for name, (t, values) in sound().items():
        kept = (t < 60.0) | (t > 70.0)
        channels[name] = (t[kept], values[kept])
    assert CompassFailure().assess(flight(channels)).answer is Answer.CLEAR


@pytest.mark.parametrize("detector", [CompassFailure(), CompassInterference()])
def test_four_ways(detector):
    assert detector.assess(flight(without(sound(), "mag."))).answer is Answer.INSUFFICIENT_DATA
    assert detector.assess(flight(sound(), under_way=())).answer is Answer.NOT_APPLICABLE
    assert detector.assess(flight(sound())).answer is Answer.CLEAR


def test_a_second_compass_that_shows_nothing_lowers_the_limit():
    small = (7.0, 0.0, 9.0)
    assert CompassInterference().assess(flight(offset(small))).answer is Answer.FINDING
    alike = offset(small, instances=("", "[1]"))
    assert CompassInterference().assess(flight(alike)).answer is Answer.CLEAR
