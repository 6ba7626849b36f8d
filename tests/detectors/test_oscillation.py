"""The vehicle shakes itself."""

from dataclasses import replace

import numpy as np
import pytest

from flyoff.detectors.oscillation import Oscillation
from flyoff.model.channel import Channel
from flyoff.model.finding import Answer, Severity
from flyoff.sorties.segment import segment
from tests.detectors.told import answer, found
from tests.sorties.flown import BOAT, SOUND

QUIET = SOUND.with_channels(rate__roll=lambda t, u: u, rate__pitch=lambda t, u: u)


def swing(hz: float, rads: float, a_s: float = 40.0, b_s: float = 50.0):
    return lambda t, u: np.where(
        (t >= a_s) & (t < b_s), rads * np.sin(2 * np.pi * hz * (t - a_s) + 0.3), u
    )


@pytest.mark.parametrize("axis", ["roll", "pitch"])
@pytest.mark.parametrize("hz", [2.0, 4.5])
def test_a_wide_regular_swing_is_found(axis, hz):
    finding = found(Oscillation(), QUIET.with_channels(**{f"rate__{axis}": swing(hz, 2.5)}))
    assert finding.onset_s == pytest.approx(40.0, abs=1.6)
    assert finding.detail == axis
    assert finding.severity is Severity.WARNING
    assert finding.evidence[1].value == pytest.approx(hz, rel=0.2)


def test_a_swing_that_was_asked_for_is_clear():
    story = QUIET.with_channels(rate__roll=swing(3, 2.5), rate_demand__roll=swing(3, 2.5))
    assert answer(Oscillation(), story) is Answer.CLEAR


@pytest.mark.parametrize(
    "rate",
    [
        swing(3, 0.6),
        swing(0.7, 2.5),
        swing(3, 2.5, 0, 7),
        lambda t, u: np.where(
            (t > 40) & (t < 50), np.random.default_rng(1).normal(0, 2, t.size), u
        ),
    ],
    ids=["small", "slow", "on the ground", "irregular"],
)
def test_what_is_no_oscillation_is_clear(rate):
    assert answer(Oscillation(), QUIET.with_channels(rate__roll=rate)) is Answer.CLEAR


def test_rates_logged_too_slowly_allow_no_answer():
    log = QUIET.recording()

    def thinned(name):
        channel = log[name]
        return Channel(name, channel.t_us[::10], channel.values[::10])

    slow = {n: (lambda n=n: thinned(n)) for n in ("rate.roll", "rate.pitch")}
    sparse = replace(log, loaders={**log.loaders, **slow}, _cache={}, _numbers={})
    (flight,) = segment(sparse)
    assert Oscillation().assess(flight).answer is Answer.INSUFFICIENT_DATA


def test_without_rates_there_is_no_answer():
    assert answer(Oscillation(), SOUND) is Answer.INSUFFICIENT_DATA


def test_a_boat_is_not_asked():
    assert answer(Oscillation(), BOAT) is Answer.NOT_APPLICABLE
