"""When nothing was written: against the usual step, and never below half a second."""

import numpy as np
import pytest

from flyoff.decoders.silence import silences


@pytest.mark.parametrize(
    ("step_us", "hole_us", "is_silence"),
    [
        (10_000, 490_000, False),
        (10_000, 510_000, True),
        (100_000, 1_900_000, False),  # twenty of its usual steps, a telemetry's, are two seconds
        (100_000, 2_100_000, True),
    ],
)
def test_a_silence_is_long_and_many_steps(step_us: int, hole_us: int, is_silence: bool) -> None:
    before = np.arange(50, dtype=np.int64) * step_us
    after = before + before[-1] + hole_us
    found = silences([before, after], (), 0, int(after[-1]))
    assert found == (((int(before[-1]), int(after[0])),) if is_silence else ())
