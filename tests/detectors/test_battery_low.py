"""The battery ran low."""

import numpy as np
import pytest

from flyoff.detectors.battery_low import BatteryLow
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import after, failsafe
from tests.sorties.flown import SOUND, STANDS


def falling(from_s: float, rate: float):
    return lambda t, u: u - rate * np.clip(t - from_s, 0, None)


def test_cells_below_their_floor_are_dated_to_where_the_voltage_fell():
    """Four cells: the floor of 13.2 V is passed at 49 s, the fall began at 40 s."""
    finding = found(BatteryLow(), SOUND.with_channels(battery__voltage=falling(40, 0.3)))
    assert finding.onset_s == pytest.approx(40.5, abs=1.0)
    assert finding.severity is Severity.WARNING
    assert finding.evidence[0].limit == pytest.approx(13.2)


def test_a_failsafe_is_dated_to_where_the_voltage_left_its_level():
    story = SOUND.with_channels(battery__voltage=after(40, 14.0))
    finding = found(BatteryLow(), story.with_events(failsafe(45, "battery")))
    assert finding.onset_s == pytest.approx(40.0, abs=1.0)


def test_the_operators_own_threshold_counts():
    story = SOUND.with_channels(battery__voltage=after(40, 14.6))
    assert answer(BatteryLow(), story) is Answer.CLEAR
    assert answer(BatteryLow(), story.but(params={"BATT_LOW_VOLT": 14.8})) is Answer.FINDING


def test_a_threshold_above_the_full_pack_is_a_setting_not_a_low_battery():
    assert answer(BatteryLow(), SOUND.but(params={"BATT_LOW_VOLT": 16.3})) is Answer.CLEAR


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("battery__warning", after(50, 2.0)),
        ("battery__remaining", lambda t, u: 0.4 - 0.005 * t),
    ],
    ids=["warning level", "charge left"],
)
def test_other_signs_of_it(name, change):
    finding = found(BatteryLow(), SOUND.with_channels(**{name: change}))
    assert finding.onset_s == pytest.approx(50.0, abs=0.5)


def test_a_dip_under_load_is_none():
    dip = SOUND.with_channels(battery__voltage=lambda t, u: np.where((t > 40) & (t < 41), 12.5, u))
    assert answer(BatteryLow(), dip) is Answer.CLEAR


def test_a_charge_that_was_never_set_is_no_sign():
    assert answer(BatteryLow(), SOUND.with_channels(battery__remaining=lambda t, u: u)) is (
        Answer.CLEAR
    )


def test_a_pack_that_holds_is_clear():
    assert answer(BatteryLow(), SOUND) is Answer.CLEAR


def test_a_pack_that_is_not_measured_allows_no_answer():
    empty = SOUND.with_channels(battery__voltage=lambda t, u: u * 0.0)
    for story in (empty, SOUND.but(missing=("battery",))):
        assert answer(BatteryLow(), story) is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(BatteryLow(), STANDS) is Answer.NOT_APPLICABLE


def test_an_autopilot_that_acts_on_its_battery_has_measured_it():
    story = SOUND.but(missing=("battery",)).with_events(failsafe(45, "battery"))
    finding = found(BatteryLow(), story)
    assert finding.onset_s == pytest.approx(45.0, abs=0.1)
    assert answer(BatteryLow(), SOUND.but(missing=("battery",))) is Answer.INSUFFICIENT_DATA
