"""A receiver drowned in noise against one that merely lost its fix."""

import numpy as np
import pytest

from flyoff.detectors.gnss_jamming import GnssJamming
from flyoff.detectors.gnss_loss import GnssLoss
from flyoff.model.finding import Answer, Severity
from tests.scenarios.flights import flight, sound, without

ONSET = 50.0


def drowned():
    """Fix, satellites, accuracy and speed jump about from ``ONSET`` on."""
    channels = sound()
    t = channels["gnss.fix"][0]
    rng = np.random.default_rng(5)
    noisy = t >= ONSET
    gone = noisy & (rng.random(t.size) < 0.4)
    gone[np.flatnonzero(noisy)[:8]] = True
    wild = noisy & (rng.random(t.size) < 0.3)
    channels["gnss.fix"] = (t, np.where(gone, 1.0, 3.0))
    channels["gnss.satellites"] = (t, np.where(gone, 3.0, 14.0))
    channels["gnss.hacc"] = (t, np.where(wild, 200.0, 0.6))
    channels["gnss.speed"] = (t, np.where(wild, 300.0, channels["gnss.speed"][1]))
    return channels


def test_erratic_reception_is_jamming_from_its_first_break():
    (finding,) = GnssJamming().assess(flight(drowned())).findings
    assert finding.severity is Severity.CRITICAL
    assert finding.onset_s == pytest.approx(ONSET, abs=0.5)


def test_what_jamming_explains_is_not_called_loss_as_well():
    assert GnssLoss().assess(flight(drowned())).answer is Answer.CLEAR


def test_a_clean_loss_is_not_jamming():
    channels = sound()
    t, fix = channels["gnss.fix"]
    channels["gnss.fix"] = (t, np.where(t > ONSET, 1.0, fix))
    assert GnssJamming().assess(flight(channels)).answer is Answer.CLEAR


def test_wild_velocities_alone_are_a_tumbling_vehicle():
    channels = sound()
    t, speed = channels["gnss.speed"]
    wild = (t > ONSET) & (np.arange(t.size) % 2 == 0)
    channels["gnss.speed"] = (t, np.where(wild, speed + 40.0, speed))
    assert GnssJamming().assess(flight(channels)).answer is Answer.CLEAR


def test_the_receivers_own_state_is_heard():
    channels = sound()
    t = channels["gnss.fix"][0]
    channels["gnss.jam_state"] = (t, np.where((t > 50) & (t < 58), 3.0, 1.0))
    (finding,) = GnssJamming().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(50.0, abs=0.3)


@pytest.mark.parametrize(("satellites", "found"), [(5.0, True), (14.0, False)])
def test_an_indicator_counts_only_if_satellites_suffer(satellites, found):
    channels = sound()
    t = channels["gnss.fix"][0]
    high = (t > 50) & (t < 60)
    channels["gnss.jam_indicator"] = (t, np.where(high, 200.0, 20.0))
    channels["gnss.satellites"] = (t, np.where(high, satellites, 14.0))
    assert (GnssJamming().assess(flight(channels)).answer is Answer.FINDING) is found


def test_without_a_receiver_nothing_can_be_said():
    channels = without(sound(), "gnss.")
    assert GnssJamming().assess(flight(channels)).answer is Answer.INSUFFICIENT_DATA


def test_a_receiver_that_never_had_a_fix_cannot_be_jammed():
    channels = sound()
    t = channels["gnss.fix"][0]
    channels["gnss.fix"] = (t, np.zeros(t.shape))
    assert GnssJamming().assess(flight(channels)).answer is Answer.NOT_APPLICABLE
