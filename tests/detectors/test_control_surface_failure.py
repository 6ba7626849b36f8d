"""A control surface has no effect any more."""

import numpy as np
import pytest

from flyoff.detectors.control_surface_failure import ControlSurfaceFailure
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import within
from tests.sorties.flown import DIVE_S, SOUND, WING, WING_CRASH, leaning

STEERED = WING.with_channels(surface__aileron=lambda t, u: u, surface__elevator=lambda t, u: u)


@pytest.mark.parametrize(("surface", "axis"), [("aileron", "roll"), ("elevator", "pitch")])
def test_a_surface_at_its_stop_without_effect_is_found(surface, axis):
    story = STEERED.with_channels(
        **{f"surface__{surface}": within(40.2, 46, -1.0), f"attitude__{axis}": leaning(40, 46, 0.8)}
    )
    finding = found(ControlSurfaceFailure(), story)
    assert finding.onset_s == pytest.approx(40.1, abs=0.2)
    assert finding.detail == surface
    assert finding.severity is Severity.CRITICAL
    assert finding.evidence[0].value == 1.0


def test_full_deflection_that_turns_the_wing_is_clear():
    story = STEERED.with_channels(surface__aileron=within(40, 46, 1.0))
    assert answer(ControlSurfaceFailure(), story) is Answer.CLEAR


def test_an_error_that_the_surface_is_not_driven_against_is_clear():
    story = STEERED.with_channels(attitude__roll=leaning(40, 46, 0.8))
    assert answer(ControlSurfaceFailure(), story) is Answer.CLEAR


def test_on_the_ground_it_is_no_failure():
    story = STEERED.with_channels(
        surface__aileron=within(0, 7, 1.0), attitude__roll=within(0, 7, 0.8)
    )
    assert answer(ControlSurfaceFailure(), story) is Answer.CLEAR


def test_an_error_through_half_a_turn_is_taken_the_short_way():
    """Demanded +179°, obtained -179°: two degrees apart."""
    story = STEERED.with_channels(
        surface__aileron=within(40, 46, 1.0),
        attitude__roll=within(40, 46, -np.pi + 0.02),
        attitude_demand__roll=within(40, 46, np.pi - 0.02),
    )
    assert answer(ControlSurfaceFailure(), story) is Answer.CLEAR


def test_without_surface_outputs_there_is_no_answer():
    assert answer(ControlSurfaceFailure(), WING) is Answer.INSUFFICIENT_DATA


def test_a_multirotor_is_not_asked():
    assert answer(ControlSurfaceFailure(), SOUND) is Answer.NOT_APPLICABLE


def test_a_wing_that_lost_its_speed_does_not_answer_either():
    """The engine is out, it mushes at a third of its speed: the surface is not to blame."""
    stalled = STEERED.with_channels(
        surface__elevator=within(40.2, 46, -1.0),
        attitude__pitch=leaning(40, 46, 0.8),
        **{f"velocity__{axis}": _slowed for axis in ("north", "east")},
    )
    assert answer(ControlSurfaceFailure(), stalled) is Answer.CLEAR
    against_wind = stalled.with_channels(airspeed__indicated=within(10, 140, 15.0))
    assert answer(ControlSurfaceFailure(), against_wind) is Answer.FINDING  # the air flows by


def _slowed(t, usual):
    return np.where((t > 39) & (t < 47), 0.3 * usual, usual)


def test_what_the_first_touch_does_to_the_surfaces_is_no_failure():
    crash = WING_CRASH.with_channels(
        surface__aileron=within(DIVE_S - 0.4, DIVE_S + 4, 1.0),
        attitude__roll=leaning(DIVE_S - 0.4, DIVE_S + 4, 1.0),
    )
    assert answer(ControlSurfaceFailure(), crash) is Answer.CLEAR
