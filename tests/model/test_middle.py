"""Medians and quartiles are NumPy's, to the last bit."""

import warnings

import numpy as np
import pytest

from flyoff.model.middle import median, middle_half, nanmedian


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 1002, 1003])
@pytest.mark.parametrize("digits", [0, 1, 9])
def test_they_are_those_of_numpy(size: int, digits: int) -> None:
    numbers = np.random.default_rng(size).standard_normal(size).round(digits)
    low, high = np.percentile(numbers, (25, 75))
    assert middle_half(numbers) == float(high - low)
    assert median(numbers) == float(np.median(numbers))
    whole = np.arange(size, dtype=np.int64) ** 2
    assert median(whole) == float(np.median(whole))
    holes = np.where(numbers > 0.5, np.nan, numbers)
    assert nanmedian(holes) == pytest.approx(float(np.nanmedian(holes)), abs=0, nan_ok=True)
    assert np.isnan(median(holes)) == bool(np.isnan(holes).any())


def test_of_nothing_nothing_is_known() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(median([]))
        assert np.isnan(nanmedian(np.array([np.nan, np.nan])))
