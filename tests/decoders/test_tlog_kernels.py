"""tlog kernels: compiled and interpreted agree, and agree with a checksum computed bit by bit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.decoders.tlog import _kernels as walk
from flyoff.decoders.tlog.layout import dialect
from flyoff.decoders.tlog.payloads import _kernels as payloads
from tests.decoders.test_tlog import flight
from tests.interpreted import interpreted
from tests.scenarios.tlog import Tlog, crc


def _bytes(data: bytes) -> np.ndarray:
    return np.frombuffer(data, dtype=np.uint8)


@settings(max_examples=100, deadline=None)
@given(body=st.binary(min_size=2, max_size=270), seed=st.integers(0, 255))
def test_checksum(body: bytes, seed: int) -> None:
    assert walk.checksum(_bytes(body), 0, len(body), seed) == crc(body + bytes((seed,)))


@settings(max_examples=25, deadline=None)
@given(body=st.binary(min_size=2, max_size=40), seed=st.integers(0, 255))
def test_checksum_interpreted(body: bytes, seed: int) -> None:
    with np.errstate(over="ignore"):  # a shift out of 64 bits is meant
        found = interpreted(walk).checksum(_bytes(body), 0, len(body), seed)
    assert found == crc(body + bytes((seed,)))


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=40), at=st.integers(0, 40))
def test_frame_end(data: bytes, at: int) -> None:
    compiled = walk.frame_end(_bytes(data), at)
    assert compiled == walk.frame_end.py_func(_bytes(data), at)
    assert compiled <= len(data)


@settings(max_examples=30, deadline=None)
@given(data=st.binary(min_size=30, max_size=120), stamp=st.sampled_from([0, 8, 21]))
def test_next_record(data: bytes, stamp: int) -> None:
    tables = dialect().numbers, dialect().seeds
    found = walk.next_record(_bytes(data), 0, len(data), stamp, 0, *tables)
    plain = interpreted(walk).next_record(_bytes(data), 0, len(data), stamp, 0, *tables)
    assert found == plain


@settings(max_examples=40, deadline=None)
@given(data=st.binary(min_size=40, max_size=80), length=st.integers(0, 32), v1=st.booleans())
def test_pad(data: bytes, length: int, v1: bool) -> None:
    start = len(data) - length
    packed = np.array([start << 9 | v1 << 8 | length], dtype=np.int64)
    out = np.full(4, 2**64 - 1, dtype=np.uint64)
    payloads.pad(_bytes(data), packed, 0, 1, 4, out)
    assert out.tobytes() == data[start:] + bytes(32 - length)
    again = np.full(4, 2**64 - 1, dtype=np.uint64)
    interpreted(payloads).pad(_bytes(data), packed, 0, 1, 4, again)
    assert (again == out).all()


@settings(max_examples=40, deadline=None)
@given(times=st.lists(st.integers(0, 10), min_size=1, max_size=30))
def test_reboots(times: list[int]) -> None:
    array = np.array(times, dtype=np.int64)
    found, again = np.zeros(8, dtype=np.int64), np.zeros(8, dtype=np.int64)
    count = payloads.reboots(array, 3, found)
    assert count == payloads.reboots.py_func(array, 3, again)
    assert (found == again).all()
    for row in found[:count].tolist():
        assert max(times[:row]) - 3 > times[row]


def test_a_straggler_is_no_reboot() -> None:
    found = np.zeros(8, dtype=np.int64)
    times = np.array([100, 200, 90, 210, 220, 1, 2, 3, 4, 5, 6], dtype=np.int64)
    assert payloads.reboots(times, 50, found) == 1
    assert found[0] == 5


@settings(max_examples=10, deadline=None)
@given(at=st.floats(0, 1), junk=st.binary(max_size=30))
def test_walk_interpreted_finds_the_same(at: float, junk: bytes) -> None:
    data = bytes(flight(Tlog(), 6))
    data = data[: int(at * len(data))] + junk + data[int(at * len(data)) :]
    compiled, plain = (_walked(kernels, data) for kernels in (walk, interpreted(walk)))
    for a, b in zip(compiled, plain, strict=True):
        assert (a == b).all()


def _walked(kernels: Any, data: bytes) -> tuple[np.ndarray, ...]:
    known, capacity = dialect(), len(data) // 16 + 1
    keys, counts = np.zeros((2, walk.MAX_TABLES), dtype=np.int64)
    payload, owners = np.zeros(capacity, dtype=np.int64), np.zeros(capacity, dtype=np.uint16)
    gaps, state = np.zeros((20, 4), dtype=np.int64), np.zeros(walk.STATE_SIZE, dtype=np.int64)
    places = np.full(walk.PLACES, -1, dtype=np.int16)
    with np.errstate(over="ignore"):
        kernels.walk(
            _bytes(data), 8, 0, known.numbers, known.seeds, known.instance_at, places, keys, counts,
            payload, owners, gaps, state,
        )  # fmt: skip
    return keys, counts, payload, owners, gaps, state


@pytest.mark.parametrize("value", [0, 1_700_000_000_000_000, 2**63 - 1, 2**63, 2**64 - 1])
@pytest.mark.parametrize("compiled", [True, False])
def test_no_stamp_leaves_64_bits(value: int, compiled: bool) -> None:
    """Found by fuzzing the kernels as plain Python: a stamp of 2^63 and more overflowed."""
    data = np.frombuffer(value.to_bytes(8, "big") + bytes(8), dtype=np.uint8)
    out = np.zeros(1, dtype=np.int64)
    read = payloads.stamps if compiled else payloads.stamps.py_func
    read(data, np.array([(8 + 6) << 9 | 0x100], dtype=np.int64), 8, out)
    assert out[0] == np.uint64(value).astype(np.int64)
