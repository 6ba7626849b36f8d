"""Random effects against the published analysis of the BCG trials, and by simulation."""

import math

import numpy as np
import pytest

from flyoff.errors import StatsError
from flyoff.stats.random_effects import pooled_share, random_effects

#: Colditz et al. (1994), JAMA 271:698: cases and others, vaccinated and not.
BCG = (
    (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619),
    (33, 5036, 47, 5761), (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892),
    (29, 7470, 45, 7232), (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)  # fmt: skip


def test_the_bcg_trials_give_the_published_figures() -> None:
    """Log risk ratios by DerSimonian-Laird, as metafor's documentation prints them."""
    y = [math.log(a / (a + b)) - math.log(c / (c + d)) for a, b, c, d in BCG]
    v = [1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d in BCG]
    found = random_effects(y, v)
    assert found.mean == pytest.approx(-0.7141, abs=5e-5)
    assert found.error == pytest.approx(0.1787, abs=5e-5)
    assert found.tau2 == pytest.approx(0.3088, abs=5e-5)
    assert found.q == pytest.approx(152.233, abs=5e-4)
    assert found.i2 == pytest.approx(0.9212, abs=5e-5)


def test_origins_that_agree_are_pooled_as_one_and_never_narrower() -> None:
    pooled = pooled_share([90, 90], [100, 100])
    assert pooled.effects.tau2 == 0.0
    assert pooled.effects.robust_error == pooled.effects.error
    assert pooled.estimate.low < 0.85 < 0.9 < pooled.estimate.high


def test_origins_that_differ_widen_the_interval() -> None:
    alike = pooled_share([80, 80, 80], [100] * 3).estimate
    apart = pooled_share([60, 80, 97], [100] * 3).estimate
    assert apart.width > 2 * alike.width


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(600):
        p = 1 / (1 + np.exp(-(1.5 + 0.6 * rng.standard_normal(6))))
        x = rng.binomial(60, p)
        found = pooled_share(x.tolist(), [60] * 6, level=0.90).estimate
        held += found.low <= 1 / (1 + math.exp(-1.5)) <= found.high
    assert 0.86 <= held / 600 <= 0.94


def test_one_origin_is_refused() -> None:
    with pytest.raises(StatsError, match="two or more"):
        pooled_share([3], [4])
