"""Sequences that hold at every look: with clusters, and for rates."""

import numpy as np
import pytest

from flyoff.stats.clustered_sequence import clustered_evidence_above, clustered_sequence
from flyoff.stats.confidence_sequence import confidence_sequence
from flyoff.stats.rate_sequence import clustered_rate, rate_dispersion, rate_sequence
from flyoff.stats.rates import garwood

LIMIT, RISK = 0.8, 0.10


def test_single_trials_are_nearly_the_independent_sequence() -> None:
    ours = clustered_sequence([1] * 40, [1] * 40, level=0.90, sides="lower")
    assert ours.low == pytest.approx(confidence_sequence(40, 40, sides="lower").low, abs=0.005)


def test_more_correlation_means_less_evidence() -> None:
    shown = [
        clustered_evidence_above([9, 10, 10, 9], [10] * 4, LIMIT, most_icc=icc)
        for icc in (0.01, 0.1, 0.3)
    ]
    assert shown[0] > shown[1] > shown[2]


def test_ends_mirror() -> None:
    up = clustered_sequence([9, 10, 8], [10] * 3, level=0.90)
    down = clustered_sequence([1, 0, 2], [10] * 3, level=0.90)
    assert (up.low, up.high) == pytest.approx((1 - down.high, 1 - down.low))


@pytest.mark.parametrize("icc", [0.0, 0.2])
def test_evidence_seldom_ever_rises_if_the_mean_is_the_limit(icc: float) -> None:
    """The naive bound, looked at as often, fails the same draws far more often than it says."""
    draw, ever, simulations = np.random.default_rng(5), 0, 300
    for _ in range(simulations):
        strength = 1 / icc - 1 if icc else 0.0
        p = draw.beta(LIMIT * strength, (1 - LIMIT) * strength, 5) if icc else np.full(5, LIMIT)
        won = draw.random((5, 10)) < p[:, None]
        ever += any(
            clustered_evidence_above(won[:, :n].sum(axis=1).tolist(), [n] * 5, LIMIT) >= 1 / RISK
            for n in (2, 4, 6, 8, 10)
        )
    # three standard deviations above the stated risk would be 0.152
    assert ever / simulations <= RISK


def test_rates_bound_wider_than_one_look_and_close_in() -> None:
    for count, exposure in ((0, 50.0), (3, 50.0), (40, 400.0)):
        once = garwood(count, exposure, level=0.90, sides="upper")
        ever = rate_sequence(count, exposure, scale=0.1, level=0.90, sides="upper")
        assert once.high < ever.high < 3.5 * once.high
        low = rate_sequence(count, exposure, scale=0.1, level=0.90, sides="lower").low
        assert 0.0 <= low < max(count, 1) / exposure


def test_a_rate_is_seldom_ever_excluded() -> None:
    draw, rate, ever, simulations = np.random.default_rng(3), 0.5, 0, 400
    for _ in range(simulations):
        counts = draw.poisson(rate * 5.0, 12).cumsum()
        ever += any(
            rate_sequence(int(k), 5.0 * (i + 1), scale=rate, level=0.90, sides="upper").high < rate
            for i, k in enumerate(counts)
        )
    assert ever / simulations <= RISK


def test_alike_vehicles_do_not_narrow_a_rate() -> None:
    same, factor = clustered_rate([2, 2, 2], [10.0] * 3, sides="upper")
    assert factor == 1.0
    assert same.high == pytest.approx(garwood(6, 30.0, sides="upper").high)


def test_a_dispersion_measured_on_few_vehicles_widens_more() -> None:
    """Student's t is wider than the normal distribution, and alike from thirty vehicles on."""
    few, many = ([0, 8] * 1, [10.0] * 2), ([0, 8] * 40, [10.0] * 80)
    ratio = [clustered_rate(*data)[1] / rate_dispersion(*data) for data in (few, many)]
    assert ratio[0] == pytest.approx((6.313752 / 1.644854) ** 2, rel=1e-5)  # printed tables, 95 %
    assert ratio[1] == pytest.approx((1.664371 / 1.644854) ** 2, rel=1e-5)
    assert clustered_rate(*few, level=0.5, sides="lower")[1] > 1.0
