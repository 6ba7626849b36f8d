"""An estimator that refuses its sensors, breaks down, or says so."""

import numpy as np
import pytest

from flyoff.detectors.estimator_failure import EstimatorFailure
from flyoff.model.event import Event, EventKind
from flyoff.model.finding import Answer, Severity
from tests.scenarios.flights import flight, sound

ONSET = 50.0


def refusing(seconds: float):
    channels = sound()
    t = channels["attitude.roll"][0]
    refused = (t > ONSET) & (t < ONSET + seconds)
    channels["estimator.ratio_position"] = (t, np.where(refused, 2.5, 0.1))
    return channels


@pytest.mark.parametrize(
    ("seconds", "severity"), [(5.0, Severity.WARNING), (20.0, Severity.CRITICAL)]
)
def test_measurements_refused_for_seconds(seconds, severity):
    (finding,) = EstimatorFailure().assess(flight(refusing(seconds))).findings
    assert finding.severity is severity
    assert finding.onset_s == pytest.approx(ONSET, abs=0.2)


def test_an_outlier_is_what_the_filter_is_there_to_refuse():
    assert EstimatorFailure().assess(flight(refusing(1.0))).answer is Answer.CLEAR


def test_a_numerical_fault():
    channels = refusing(0.0)
    t = channels["attitude.roll"][0]
    channels["estimator.fault_flags"] = (t, np.where(t > ONSET, 4.0, 0.0))
    (finding,) = EstimatorFailure().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.2)


def test_the_failsafe_outranks_the_rest():
    said = [Event(60_000_000, EventKind.FAILSAFE, "ekf")]
    (finding,) = EstimatorFailure().assess(flight(refusing(5.0), said)).findings
    assert finding.severity is Severity.CRITICAL
    assert finding.onset_s == 60.0


def test_without_its_channels_nothing_can_be_said():
    assert EstimatorFailure().assess(flight(sound())).answer is Answer.INSUFFICIENT_DATA


def believing(by_ms: float, seconds: float = 10.0, name: str = "velocity.down"):
    """The climb that is believed is off by so much from ONSET; the pressure shows the true one."""
    channels = refusing(0.0)
    t, down = channels["velocity.down"]
    wrong = np.where((t > ONSET) & (t < ONSET + seconds), by_ms, 0.0)
    channels[name] = (t, (down if name == "velocity.down" else -down) + wrong)
    return channels


@pytest.mark.parametrize("name", ["velocity.down", "nav.climb_rate"])
@pytest.mark.parametrize(
    ("by_ms", "severity"), [(3.0, Severity.WARNING), (-6.0, Severity.CRITICAL)]
)
def test_a_climb_that_the_pressure_does_not_show(name, by_ms, severity):
    (finding,) = EstimatorFailure().assess(flight(believing(by_ms, name=name))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=0.6)
    assert finding.severity is severity
    assert finding.evidence[0].channel == name
    assert finding.evidence[0].value == pytest.approx(abs(by_ms), abs=0.3)


def test_a_gust_on_the_static_port_is_no_failure():
    assert EstimatorFailure().assess(flight(believing(6.0, seconds=2.0))).answer is Answer.CLEAR
    assert EstimatorFailure().assess(flight(believing(1.0))).answer is Answer.CLEAR


def test_a_vehicle_that_never_moved_is_not_asked():
    judged = EstimatorFailure().assess(flight(refusing(5.0), under_way=()))
    assert judged.answer is Answer.NOT_APPLICABLE
