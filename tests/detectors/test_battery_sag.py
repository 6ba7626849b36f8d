"""The pack gives way under load."""

import numpy as np
import pytest

from flyoff.detectors.battery_sag import BatterySag
from flyoff.model.finding import Answer, Severity
from tests.detectors.told import answer, found
from tests.sorties.flown import SOUND, STANDS


def load(t, usual):
    """20 A and 8 A on top now and then."""
    return 20.0 + 8.0 * np.sign(np.sin(t / 1.5))


def pack(ohm: float):
    """A pack of that resistance, slowly emptying, measured with a little noise."""
    noise = np.random.default_rng(5)
    return SOUND.with_channels(
        battery__current=load,
        battery__voltage=lambda t, u: (
            16.4 - 0.005 * t - ohm * load(t, u) + noise.normal(0, 0.02, t.size)
        ),
    )


def test_a_resistance_that_eats_the_voltage_is_found_and_measured():
    finding = found(BatterySag(), pack(0.12))
    assert finding.severity is Severity.WARNING
    assert finding.evidence[1].value == pytest.approx(0.12, abs=0.01)
    assert finding.evidence[0].value > finding.evidence[0].limit


def test_a_good_pack_is_clear():
    assert answer(BatterySag(), pack(0.02)) is Answer.CLEAR


def test_an_emptying_pack_does_not_sag():
    story = pack(0.02)
    low = story.with_channels(battery__voltage=lambda t, u: 16.8 - 0.05 * t - 0.02 * load(t, u))
    assert answer(BatterySag(), low) is Answer.CLEAR


@pytest.mark.parametrize(
    "story",
    [
        SOUND.with_channels(battery__current=lambda t, u: 0.0 * t + 12.0),
        pack(0.02).with_channels(battery__voltage=lambda t, u: 0.0 * t + 0.1),
        pack(0.02).with_channels(battery__voltage=lambda t, u: 0.0 * t + 15.0),
        SOUND.but(missing=("battery.current",)),
    ],
    ids=["steady current", "reads nothing", "a constant", "no current"],
)
def test_what_does_not_vary_or_is_not_measured_allows_no_answer(story):
    assert answer(BatterySag(), story) is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_flew_is_not_asked():
    assert answer(BatterySag(), STANDS) is Answer.NOT_APPLICABLE
