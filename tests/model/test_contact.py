"""What met the ground, and what only pulled hard in the air."""

import numpy as np
import pytest

from flyoff.model.channel import Channel
from flyoff.model.contact import contacts

STEP_US = 100_000
T_US = np.arange(0, 8_000_000, STEP_US)
END_US = int(T_US[-1])
STOP = 30


def made(climb, height, speed, *, ends_aloft):
    channels = [Channel(n, T_US, v, n) for n, v in zip("chs", (climb, height, speed), strict=True)]
    return contacts(*channels, None, 0, END_US, None, ends_aloft=ends_aloft)


def stopped(height_m: float, speed_after: float):
    """A descent at 6 m/s that ends within a tenth of a second, at some height."""
    before = np.arange(T_US.size) < STOP
    climb = np.where(before, -6.0, 0.0)
    height = height_m + np.where(before, 6.0 * (STOP - np.arange(T_US.size)) / 10.0, 0.0)
    return climb, height, np.where(before, 20.0, speed_after)


@pytest.mark.parametrize(("height_m", "speed_after"), [(40.0, 0.5), (0.0, 20.0), (0.0, 0.0)])
def test_what_lies_where_it_was_stopped_met_the_ground(height_m, speed_after):
    (contact,) = made(*stopped(height_m, speed_after), ends_aloft=True)
    assert contact.descent == pytest.approx(6.0)


def test_a_wing_that_pulls_out_and_flies_on_did_not():
    assert made(*stopped(40.0, 20.0), ends_aloft=True) == ()


def test_a_vehicle_that_is_known_to_have_come_down_is_not_asked_for_its_speed():
    assert len(made(*stopped(40.0, 20.0), ends_aloft=False)) == 1
