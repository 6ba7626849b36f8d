"""Decimation keeps what a picture shows; columns come back as they went."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from flyoff.views.columns import pack, unpack
from flyoff.views.decimate import extremes, shape


@given(st.integers(1, 4000), st.integers(16, 200), st.integers(0, 2**32 - 1))
def test_every_extreme_and_both_ends_stay(n: int, width: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    t = np.cumsum(draw.exponential(size=n))
    values = draw.normal(size=n)
    values[draw.random(n) < 0.1] = np.nan
    at = extremes(t, values, width)
    assert (np.diff(at) > 0).all()
    assert {0, n - 1} <= set(at.tolist())
    assert at.size <= max(3 * width + 2, n if n <= 3 * width else 0)
    if np.isfinite(values).any():
        assert np.nanmax(values[at]) == np.nanmax(values)
        assert np.nanmin(values[at]) == np.nanmin(values)


def test_the_spike_of_one_sample_stays_in_its_own_pixel() -> None:
    t = np.arange(1e6)
    values = np.zeros(t.size)
    values[123_456] = 5.0
    at = extremes(t, values, 1000)
    assert 123_456 in at
    assert at.size <= 2_002


def test_a_gap_stays_a_gap() -> None:
    t = np.arange(100_000.0)
    values = np.ones(t.size)
    values[40_000:60_000] = np.nan
    kept = values[extremes(t, values, 100)]
    assert np.isnan(kept).sum() >= 20


def test_a_time_that_stands_still_is_survived() -> None:
    t, values = np.zeros(10_000), np.arange(10_000.0)
    assert values[extremes(t, values, 50)].max() == 9999.0


@given(st.integers(0, 3000), st.integers(3, 300), st.integers(0, 2**32 - 1))
def test_shape_gives_as_many_rows_as_asked_for(n: int, count: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    t, values = np.cumsum(draw.exponential(size=n)), draw.normal(size=n)
    at = shape(t, values, count)
    assert at.size == min(n, count)
    assert (np.diff(at) > 0).all()


def test_columns_come_back() -> None:
    given_ = {
        "t": np.array([1.0, np.nan, 3.0]),
        "v": np.arange(5, dtype=np.float32),
        "i": np.array([7], dtype=np.int32),
        "none": np.zeros(0),
    }
    data = pack(given_, {"says": "π"})
    columns, meta = unpack(data)
    assert meta == {"says": "π"}
    for name, values in given_.items():
        assert columns[name].dtype == values.dtype
        np.testing.assert_array_equal(columns[name], values)
    assert data[:4] == b"FLY1"
