"""An accelerometer that contradicts the satellites, its twin, or its own health."""

import numpy as np
import pytest

from flyoff.detectors.imu_failure import ImuFailure
from flyoff.model.event import Event, EventKind
from flyoff.model.finding import Answer, Severity
from tests.scenarios.flights import flight, sound, without

ONSET = 50.0


def biased(axis: str, bias: float, instances=("", "[1]")):
    channels = sound()
    for instance in instances:
        t, force = channels[f"accel.{axis}{instance}"]
        channels[f"accel.{axis}{instance}"] = (t, force + np.where(t > ONSET, bias, 0.0))
    return channels


@pytest.mark.parametrize(("axis", "bias"), [("z", 5.0), ("z", -4.0), ("x", 5.0)])
def test_a_bias_of_all_sensors_is_found_where_it_began(axis, bias):
    (finding,) = ImuFailure().assess(flight(biased(axis, bias))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.7)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(abs(bias), abs=0.5)


def test_a_bias_of_one_sensor_sets_the_twins_apart():
    kinds = [
        f.evidence[0].says for f in ImuFailure().assess(flight(biased("z", 5.0, ("[1]",)))).findings
    ]
    assert any("apart" in says for says in kinds)


def test_without_a_receiver_the_fused_velocity_serves():
    channels = without(biased("z", 5.0), "gnss.")
    (finding,) = ImuFailure().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.7)


def test_manoeuvres_are_no_failure():
    assert ImuFailure().assess(flight(sound(wind=(5.0, 0.0)))).answer is Answer.CLEAR


def test_the_health_flag_is_heard():
    channels = sound()
    t = channels["accel.x"][0]
    channels["imu.is_healthy"] = (t, np.where(t > ONSET, 0.0, 1.0))
    (finding,) = ImuFailure().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.2)


def test_the_logs_own_words_are_heard_in_flight_only():
    before, during = (
        [Event(t_us, EventKind.TEXT, "PreArm: Gyros inconsistent")]
        for t_us in (6_000_000, 60_000_000)
    )
    assert ImuFailure().assess(flight(sound(), before)).answer is Answer.CLEAR
    assert ImuFailure().assess(flight(sound(), during)).answer is Answer.FINDING


def slower(channels, every: int):
    """Accelerations kept every so often; they come at 25 Hz."""
    for name, (t, values) in list(channels.items()):
        if name.startswith("accel."):
            channels[name] = (t[::every], values[::every])
    return channels


def test_samples_between_which_it_turns_and_brakes_allow_no_conclusion():
    judged = ImuFailure().assess(flight(slower(biased("z", 5.0), 10)))
    assert judged.answer is Answer.INSUFFICIENT_DATA


def test_a_lasting_lie_shows_in_slow_samples_as_well():
    (finding,) = ImuFailure().assess(flight(slower(biased("z", 5.0), 4))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.7)
    assert ImuFailure().assess(flight(slower(sound(wind=(5.0, 0.0)), 4))).answer is Answer.CLEAR


def shaken(channels, by: float):
    """Every sample off by what a vibrating frame adds [m/s²]."""
    rng = np.random.default_rng(8)
    for name, (t, values) in list(channels.items()):
        if name.startswith("accel."):
            channels[name] = (t, values + rng.normal(0.0, by, t.size))
    return channels


def test_what_vibration_may_add_is_no_lie():
    """Scattered by 10 m/s², the mean of 18 samples is off by 2.4 now and then."""
    assert ImuFailure().assess(flight(slower(shaken(sound(), 10.0), 4))).answer is Answer.CLEAR
    (finding,) = ImuFailure().assess(flight(shaken(biased("z", 9.0), 10.0))).findings
    assert finding.evidence[0].limit > ImuFailure().off + 2.0


def test_an_estimator_that_lost_its_aiding_is_no_witness():
    """No receiver is logged; the fused velocity walks off from ONSET, as the estimator says."""
    channels = without(sound(), "gnss.")
    t, down = channels["velocity.down"]
    channels["velocity.down"] = (t, down + 4.0 * np.clip(t - ONSET, 0.0, 10.0))
    assert ImuFailure().assess(flight(channels)).answer is Answer.FINDING
    channels["estimator.is_dead_reckoning"] = (t, (t > ONSET - 1.0).astype(float))
    assert ImuFailure().assess(flight(channels)).answer is Answer.CLEAR


def test_a_vehicle_that_never_moved_is_not_asked():
    assert ImuFailure().assess(flight(sound(), under_way=())).answer is Answer.NOT_APPLICABLE
