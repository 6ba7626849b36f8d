"""A fix that goes, a receiver that falls silent, and a receiver that never had one."""

import numpy as np
import pytest

from flyoff.detectors.gnss_loss import GnssLoss
from flyoff.model.finding import Answer, Severity
from tests.scenarios.flights import flight, sound, without


def lost(start: float, end: float):
    channels = sound()
    t, fix = channels["gnss.fix"]
    channels["gnss.fix"] = (t, np.where((t >= start) & (t < end), 1.0, fix))
    return channels


def test_a_loss_to_the_end_is_critical():
    (finding,) = GnssLoss().assess(flight(lost(60.0, 200.0))).findings
    assert finding.severity is Severity.CRITICAL
    assert finding.onset_s == pytest.approx(60.0, abs=0.3)


def test_a_short_loss_is_a_warning():
    (finding,) = GnssLoss().assess(flight(lost(60.0, 62.0))).findings
    assert finding.severity is Severity.WARNING
    assert finding.end_s == pytest.approx(62.0, abs=0.3)


def test_one_lost_message_is_nothing():
    assert GnssLoss().assess(flight(lost(60.0, 60.3))).answer is Answer.CLEAR


def test_a_receiver_that_falls_silent_is_lost():
    channels = sound()
    for name, (t, values) in list(channels.items()):
        if name.startswith("gnss."):
            channels[name] = (t[t < 60.0], values[t < 60.0])
    (finding,) = GnssLoss().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(60.0, abs=0.5)


def test_a_pause_of_the_logger_is_no_loss():
    channels = {}
    for name, (t, values) in sound().items():
        kept = (t < 60.0) | (t > 70.0)
        channels[name] = (t[kept], values[kept])
    assert GnssLoss().assess(flight(channels)).answer is Answer.CLEAR


def test_a_link_that_drops_messages_is_no_loss():
    """Two of three messages of the attitude are missing as well while no fix comes through."""
    channels = {}
    for name, (t, values) in sound().items():
        gone = (t >= 60.0) & (t < 64.0)
        kept = ~gone | (np.arange(t.size) % 3 == 0) & (not name.startswith("gnss."))
        channels[name] = (t[kept], values[kept])
    assert GnssLoss().assess(flight(channels)).answer is Answer.CLEAR


def test_a_receiver_that_never_had_a_fix_lost_none():
    assert GnssLoss().assess(flight(lost(0.0, 200.0))).answer is Answer.NOT_APPLICABLE


def test_without_a_receiver_nothing_can_be_said():
    channels = without(sound(), "gnss.")
    assert GnssLoss().assess(flight(channels)).answer is Answer.INSUFFICIENT_DATA
