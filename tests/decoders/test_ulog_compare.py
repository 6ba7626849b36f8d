"""A sample of ``make compare``: some real logs, value for value against pyulog."""

from pathlib import Path

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from tests.compare.ulog import ACCEPTED, compare, is_clean
from tests.scenarios.ulog import ULogWriter, sample
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


def pair_log() -> ULogWriter:
    log = ULogWriter().format("pair", "uint64_t timestamp;float x;uint8_t[4] _padding0;")
    return log.subscribe("pair", 3).data(3, timestamp=2_000_000, x=1)


#: For each accepted difference a log that shows it, and what the comparison then says.
SHOWN = {
    "appended": (
        lambda: pair_log().section().data(3, timestamp=2_000_001, x=2),
        "('pair', 0) x: values of 2 rows, expected those of 1",
    ),
    "resubscribed": (
        lambda: pair_log().subscribe("pair", 3).data(3, timestamp=2_000_001, x=2),
        "('pair', 0) x: values of 2 rows, expected those of 1",
    ),
    "unsubscribed": (
        lambda: pair_log().unsubscribe(3).data(3, timestamp=2_000_001, x=2),
        "('pair', 0) x: values of 1 rows, expected those of 2",
    ),
    "padded": (
        lambda: pair_log().data(3, padding=True, timestamp=2_000_001, x=2),
        "('pair', 0) x: values of 2 rows, expected those of 1",
    ),
    "garbage-time": (
        lambda: pair_log().data(3, timestamp=1 << 62).dropout(5),
        "drop-outs: 1, expected 1",
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_an_accepted_difference_is_real(name, tmp_path):
    """Each excuse in the table is one that pyulog still needs."""
    build, expected = SHOWN[name]
    path = tmp_path / f"{name}.ulg"
    path.write_bytes(build().bytes())
    assert expected in compare(path)
