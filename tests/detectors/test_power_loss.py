"""The motors' supply collapsed."""

import numpy as np
import pytest

from flyoff.detectors.power_loss import PowerLoss
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import after, within
from tests.sorties.flown import FALL_S, SOUND, STANDS, SUPPLY_LOST


def test_a_collapse_is_found():
    finding = found(PowerLoss(), SUPPLY_LOST)
    assert finding.onset_s == pytest.approx(FALL_S, abs=0.1)
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == pytest.approx(0.4)


def test_a_log_that_ends_a_moment_later_was_on_the_same_supply():
    assert found(PowerLoss(), SUPPLY_LOST.cut(FALL_S + 0.2)).onset_s == pytest.approx(
        FALL_S, abs=0.1
    )


def test_a_spike_of_the_sensor_is_none():
    assert answer(PowerLoss(), SOUND.with_channels(battery__voltage=within(40, 40.3, 0.5))) is (
        Answer.CLEAR
    )


def test_an_emptying_pack_does_not_collapse():
    low = SOUND.with_channels(battery__voltage=lambda t, u: u - 0.05 * t)
    assert answer(PowerLoss(), low) is Answer.CLEAR
    assert answer(PowerLoss(), SOUND) is Answer.CLEAR


@pytest.mark.parametrize(
    "story",
    [
        SOUND.with_channels(battery__voltage=lambda t, u: u * 0.0 + 0.02),
        SOUND.with_channels(battery__voltage=lambda t, u: np.full(t.size, np.nan)),
        SOUND.but(missing=("battery",)),
    ],
    ids=["reads nothing", "absent samples", "no channel"],
)
def test_a_pack_that_is_not_measured_allows_no_answer(story):
    assert answer(PowerLoss(), story) is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_flew_is_not_asked():
    story = STANDS.with_channels(battery__voltage=after(12, 0.1))
    assert answer(PowerLoss(), story) is Answer.NOT_APPLICABLE
