"""A sample of ``make compare``: some real logs, value for value against pyulog."""

from pathlib import Path

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from tests.compare.ulog import compare, is_clean
from tests.scenarios.ulog import sample
from tests.shared import REASON, logs

#: The smallest logs, and the ones with what others lack: several appended sections, tagged texts
#: and defaults, rows out of order.
TOLD = ("appended_multiple", "tagged_and_default", "unordered", "test_sample")


def chosen() -> list[Path]:
    """Name the sample; the full comparison takes every log there is."""
    every = logs("ulog")
    small = sorted(every, key=lambda path: path.stat().st_size)[:3]
    return sorted({*small, *(p for p in every if any(word in p.name for word in TOLD))})


@pytest.mark.skipif(not logs("ulog"), reason=REASON)
def test_there_is_something_to_compare():
    assert sum(is_clean(path) for path in chosen()) >= 5


@pytest.mark.parametrize("path", chosen(), ids=lambda path: path.name)
def test_equal_to_pyulog(path):
    assert is_clean(path)
    assert compare(path) == []


def test_the_comparison_sees_a_difference(tmp_path, monkeypatch):
    """A comparison that cannot fail proves nothing."""
    path = tmp_path / "sample.ulg"
    path.write_bytes(sample())
    assert compare(path) == []
    real = DECODER.decode(Source(str(path)))
    topic = real.topics["attitude", 1]
    columns = topic.columns()
    columns["q[1]"] = np.where(columns["q[1]"] == -3, np.float32(-3.25), columns["q[1]"])
    topic.columns = lambda: columns
    real._params["RATE_P"] = 0.125
    monkeypatch.setattr(type(DECODER), "decode", lambda self, source: real)
    assert compare(path) == [
        "('attitude', 1) q[1]: values of 40 rows, expected those of 40",
        "parameters at the start",
    ]
