"""The ground station was lost."""

import numpy as np
import pytest

from flyoff.detectors.datalink_loss import DatalinkLoss
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import failsafe, within
from tests.sorties.flown import SOUND, STANDS


def silent(a_s: float, b_s: float):
    """Age of the last heartbeat: one a second, none between two instants."""
    return SOUND.with_channels(
        link__gcs_age=lambda t, usual: np.where((t >= a_s) & (t < b_s), t - a_s, t % 1.0)
    )


def test_silence_began_with_the_last_heartbeat():
    finding = found(DatalinkLoss(), silent(40, 60).with_events(failsafe(45, "gcs")))
    assert finding.onset_s == pytest.approx(40.0, abs=0.1)
    assert finding.severity is Severity.WARNING


def test_silence_on_which_nobody_acted_is_noted():
    assert found(DatalinkLoss(), silent(40, 60)).severity is Severity.INFO


def test_three_missed_heartbeats_are_no_loss():
    assert answer(DatalinkLoss(), silent(40, 43.5)) is Answer.CLEAR


def test_a_station_that_was_never_heard_is_not_lost():
    assert answer(DatalinkLoss(), silent(-100, 100)) is Answer.CLEAR


def test_the_vehicles_own_flag_lags_by_its_time_out():
    story = SOUND.with_channels(link__is_lost=within(50, 60, 1.0)).but(
        params={"COM_DL_LOSS_T": 8.0}
    )
    assert found(DatalinkLoss(), story).onset_s == pytest.approx(42.0, abs=0.1)


def test_a_report_alone_lags_by_the_usual_time_out():
    finding = found(DatalinkLoss(), SOUND.with_events(failsafe(40, "gcs")))
    assert finding.onset_s == pytest.approx(35.0, abs=0.1)


def test_without_a_word_of_the_station_there_is_no_answer():
    assert answer(DatalinkLoss(), SOUND) is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(DatalinkLoss(), STANDS) is Answer.NOT_APPLICABLE
