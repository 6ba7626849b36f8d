"""Some real pairs under hardship; ``bench/links.py`` measures all of them."""

import pytest

from tests.pipeline.hardship import CASES, Change, pairs, run, three_in_one
from tests.shared import REASON

#: Of the flights with both logs, those that move for half a minute and more.
MOVING = ("s0032", "s0045", "s0075", "s0084", "s0120", "s0154")


@pytest.fixture(scope="module")
def chosen():
    found = [p for p in pairs() if p[0].stem in MOVING]
    if len(found) < len(MOVING):
        pytest.skip(REASON)
    return found


@pytest.mark.parametrize(
    "name",
    ["as recorded", "computer 7.3 h wrong", "no SYSTEM_TIME, computer 2 h wrong",
     "once a second, no SYSTEM_TIME", "middle third"],
)  # fmt: skip
def test_every_moving_flight_is_linked_and_none_wrongly(chosen, name: str) -> None:
    change: Change = CASES[name]
    found, wrong = run(change, chosen)
    assert wrong == 0
    assert {onboard.partition(".")[0] for onboard, _ in found} == set(MOVING)
    # both logs of a simulated flight keep the simulation's clock
    assert max(abs(offset_s) for offset_s in found.values()) < 0.5


def test_three_flights_in_one_file(chosen) -> None:
    assert three_in_one(chosen) == (6, 6, 0)
