"""Measures that belong to the vehicle: hover, vibration, innovations, the battery's resistance."""

import numpy as np
import pytest

from flyoff.measures import measure
from flyoff.sorties.segment import segment
from tests.scenarios.stories import Change, Story
from tests.sorties.flown import SOUND

#: Up, 40 s in one place with a little way out at the end, down.
HOVERING = SOUND.but(
    way=(
        (0, 0, 0, 0), (8, 0, 0, 0), (14, 0, 0, 10), (54, 0, 0, 10), (64, 30, 0, 10),
        (74, 30, 0, 3), (79, 30, 0, 0), (86, 30, 0, 0),
    ),
    planned=(),
    uploaded=(),
)  # fmt: skip


def measured(story: Story) -> dict[str, float | None]:
    (flight,) = segment(story.recording(), None)
    return measure(flight)


def constant(value: float) -> Change:
    return lambda t, usual: np.full(t.shape, value)


def test_a_hover_is_measured_while_it_lasts_and_only_then() -> None:
    found = measured(HOVERING)
    assert found["hover_throttle"] == pytest.approx(0.45, abs=0.005)
    assert found["hover_current_a"] == pytest.approx(0.4 + 40 * 0.45, abs=0.2)
    assert found["cruise_throttle"] is None
    # full throttle on the way out is no hover: the median of the hover stays
    out = HOVERING.with_channels(throttle__demand=lambda t, u: np.where(t > 56, 1.0, u))
    assert measured(out)["hover_throttle"] == pytest.approx(0.45, abs=0.005)


def test_a_flight_without_a_hover_has_none() -> None:
    moving = SOUND.but(
        way=((0, 0, 0, 0), (8, 0, 0, 0), (14, 0, 0, 10), (60, 300, 0, 10), (74, 400, 0, 0)),
        end_s=76.0,
        armed=((5.0, 75.0),),
        planned=(),
        uploaded=(),
    )
    assert measured(moving)["hover_throttle"] is None


def test_a_weak_motor_spreads_the_commands() -> None:
    even = measured(HOVERING)["hover_motor_spread"]
    name = "motor__command[2]"
    weak = HOVERING.with_channels(**{name: lambda t, u: np.where(u > 0.1, u + 0.2, u)})
    assert even is not None
    assert even < 0.01
    assert measured(weak)["hover_motor_spread"] == pytest.approx(0.2, abs=0.02)
    assert measured(HOVERING.but(missing=("motor",)))["hover_motor_spread"] is None


def test_vibration_is_the_worst_axis() -> None:
    shaken = HOVERING.with_channels(
        vibration__x=constant(2.0), vibration__y=constant(11.0), vibration__z=constant(5.0)
    )
    assert measured(shaken)["vibration_ms2"] == 11.0
    assert measured(HOVERING)["vibration_ms2"] is None


def test_innovations_are_those_under_way() -> None:
    def ratio(t: np.ndarray, usual: np.ndarray) -> np.ndarray:
        return np.where((t > 20) & (t < 40), 0.8, np.where(t < 6, 9.0, 0.1))

    quarrel = HOVERING.with_channels(estimator__ratio_position=ratio)
    assert measured(quarrel)["innovation_ratio_p95"] == 0.8


@pytest.mark.parametrize("resistance", [0.01, 0.04])
def test_resistance_is_how_far_the_voltage_falls_with_the_current(resistance: float) -> None:
    def current(t: np.ndarray, usual: np.ndarray) -> np.ndarray:
        return np.where((t > 8) & (t < 79), 20.0 + 6.0 * np.sin(t), 0.4)

    def volts(t: np.ndarray, usual: np.ndarray) -> np.ndarray:
        return 16.8 - 0.006 * t - resistance * current(t, usual)

    worn = HOVERING.with_channels(battery__current=current, battery__voltage=volts)
    assert measured(worn)["battery_resistance_ohm"] == pytest.approx(resistance, rel=0.02)


def test_a_steady_current_tells_no_resistance() -> None:
    assert measured(HOVERING)["battery_resistance_ohm"] is None
