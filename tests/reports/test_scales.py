"""Thinning keeps what a reader would miss."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flyoff.reports.figures.scales import runs, span_of, thin_path, thin_series


@given(st.integers(1, 5000), st.integers(4, 300), st.integers(0, 2**32))
def test_peaks_survive_thinning(size: int, most: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=size)
    kept = thin_series(values, most)
    assert kept.size <= most or kept.size == size
    assert (np.diff(kept) > 0).all()
    assert values[kept].max() == values.max()
    assert values[kept].min() == values.min()


def test_a_gap_survives_thinning() -> None:
    values = np.concatenate([np.ones(1000), np.full(1000, np.nan), np.ones(1000)])
    kept = thin_series(values, 60)
    assert np.isnan(values[kept]).any()


def test_a_standing_vehicle_is_few_points() -> None:
    still = np.full(10_000, 5.0)
    assert thin_path(still, still, 0.5, 900).size <= 2
    line = np.linspace(0, 1e6, 10_000)
    kept = thin_path(line, line, 0.5, 900)
    assert kept.size <= 901
    assert (kept[0], kept[-1]) == (0, 9999)


def test_a_line_is_lifted_over_gaps() -> None:
    t_s = np.array([0.0, 1.0, 9.0, 10.0, 11.0])
    is_whole = np.array([True, True, True, False, True])
    assert runs(is_whole, t_s, 2.5).tolist() == [0, 2, 3, 4]


def test_an_axis_has_a_least_span() -> None:
    assert span_of(np.array([np.nan]), 5.0) == (0.0, 5.0)
    assert span_of(np.array([2.0, 3.0]), 5.0, with_zero=True) == (0.0, 5.0)
    assert span_of(np.array([-4.0, 30.0]), 5.0) == (-4.0, 30.0)
