"""The engine or drive gave up."""

import numpy as np
import pytest

from flyoff.detectors.engine_failure import EngineFailure
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.scenarios.stories import after
from tests.sorties.flown import BOAT, SOUND, VTOL, WING

DEAD_S = 60.0


@pytest.mark.parametrize("story", [WING, BOAT], ids=["wing", "boat"])
def test_throttle_without_current_is_found(story):
    dead_s = DEAD_S if story is WING else 30.0
    finding = found(EngineFailure(), story.with_channels(battery__current=after(dead_s, 0.1)))
    assert finding.onset_s == pytest.approx(dead_s, abs=0.2)
    assert finding.severity is Severity.CRITICAL


def test_throttle_without_revolutions_is_found():
    story = WING.but(missing=("battery",)).with_channels(
        **{"esc__rpm[1]": lambda t, u: np.where((t > 8) & (t < DEAD_S), 6000.0, 0.0)}
    )
    finding = found(EngineFailure(), story)
    assert finding.onset_s == pytest.approx(DEAD_S, abs=0.2)
    assert finding.evidence[1].channel == "esc.rpm[1]"


def test_a_glide_with_the_throttle_closed_is_clear():
    glide = WING.with_channels(throttle__demand=after(DEAD_S, 0.0), battery__current=after(60, 0.2))
    assert answer(EngineFailure(), glide) is Answer.CLEAR


def test_a_moment_without_current_is_clear():
    story = WING.with_channels(
        battery__current=lambda t, u: np.where((t > 60) & (t < 60.5), 0.0, u)
    )
    assert answer(EngineFailure(), story) is Answer.CLEAR


@pytest.mark.parametrize("story", [WING, VTOL, BOAT], ids=["wing", "vtol", "boat"])
def test_a_sound_drive_is_clear(story):
    assert answer(EngineFailure(), story) is Answer.CLEAR


def test_without_current_and_revolutions_there_is_no_answer():
    for story in (
        WING.but(missing=("battery",)),
        WING.with_channels(battery__current=lambda t, u: 0.0 * t),
    ):
        assert answer(EngineFailure(), story) is Answer.INSUFFICIENT_DATA


def test_a_multirotor_is_not_asked():
    assert answer(EngineFailure(), SOUND) is Answer.NOT_APPLICABLE


def test_what_the_lift_motors_drew_is_no_yardstick_for_the_propeller():
    """Five times the current in the hover; a fifth of it on the wing is what a wing needs."""
    story = VTOL.with_channels(
        battery__current=lambda t, u: np.where((t < 24) | (t > 98), 60.0, 12.0),
        throttle__demand=lambda t, u: np.where(u > 0.05, 0.5, u),
    )
    assert answer(EngineFailure(), story) is Answer.CLEAR
    dead = story.with_channels(
        battery__current=lambda t, u: np.where((t < 24) | (t > 98), 60.0, 12.0 * (t < 60))
    )
    assert found(EngineFailure(), dead).onset_s == pytest.approx(60.0, abs=0.3)


def test_a_current_that_is_all_noise_shows_no_dead_engine():
    noise = np.random.default_rng(2).normal(0.0, 6.0, 20_000)
    story = WING.with_channels(battery__current=lambda t, u: 5.0 + noise[: t.size])
    assert answer(EngineFailure(), story) is Answer.CLEAR
