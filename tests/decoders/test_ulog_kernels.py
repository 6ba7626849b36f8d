"""The kernels as plain Python: the same answers as compiled, and never out of bounds.

See ``tests/interpreted.py``.
"""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.decoders import _kernels as shared
from flyoff.decoders.ulog import _kernels as k
from tests.interpreted import interpreted
from tests.scenarios.ulog import ULogWriter, frame, sample

SAMPLE = sample(rows=12)
PLAIN, PLAIN_SHARED = interpreted(k), interpreted(shared)


@given(data=st.binary(min_size=16, max_size=16), at=st.integers(0, 8))
def test_loads_agree_with_struct(data, at):
    array = np.frombuffer(data, dtype=np.uint8)
    for load in (shared.u16, PLAIN_SHARED.u16):
        assert load(array, at) == struct.unpack_from("<H", data, at)[0]
    for load in (shared.i64, PLAIN_SHARED.i64):
        assert load(array, at) == struct.unpack_from("<q", data, at)[0]


@given(data=st.lists(st.sampled_from((0, 0, 0, 0, 9)), max_size=90), at=st.integers(0, 9))
def test_zeros_are_passed_as_one_byte_after_another_is(data, at):
    array = np.array(data, dtype=np.uint8)
    at = min(at, array.size)
    other = [i for i in range(at, array.size) if data[i]]
    for kernels in (shared, PLAIN_SHARED):
        assert kernels.zeros_end(array, at, array.size) == (other[0] if other else array.size)
        for most in range(4):
            is_nearly = kernels.is_nearly_zero(array, at, array.size, most)
            assert is_nearly == (len(other) <= most)


@given(slots=st.lists(st.integers(0, 6), max_size=80))
def test_sorting_by_slot_keeps_the_order(slots):
    numbers = np.array(slots, dtype=np.int32)
    offsets = np.arange(numbers.size, dtype=np.int64) * 10
    expected = offsets[np.argsort(numbers, kind="stable")]
    for count, scatter in (
        (shared.count_slots, shared.scatter_slots),
        (shared.count_slots.py_func, shared.scatter_slots.py_func),
    ):
        counts = np.zeros(7, dtype=np.int64)
        count(numbers, counts)
        grouped = np.full(numbers.size, -1, dtype=np.int64)
        scatter(offsets, numbers, np.cumsum(counts) - counts, grouped)
        assert grouped.tolist() == expected.tolist()


@pytest.mark.parametrize("compiled", [True, False])
def test_gather_copies_every_width_from_any_place(compiled):
    rng = np.random.default_rng(3)
    data = rng.integers(0, 256, 4000, dtype=np.uint8)
    offsets = np.sort(rng.choice(3900, 300, replace=False)).astype(np.int64)
    blocks = []
    for raw in (np.uint8, np.uint16, np.uint32, np.uint64):
        at = rng.integers(0, 60, 3)
        blocks += [at, np.zeros((3, offsets.size), dtype=raw)]
    gather = (shared if compiled else PLAIN_SHARED).gather
    gather(data, offsets, *blocks)
    for at, out in zip(blocks[::2], blocks[1::2], strict=True):
        for shift, column in zip(at, out, strict=True):
            width = out.dtype.itemsize
            expected = [
                int.from_bytes(data[o + shift : o + shift + width].tobytes(), "little")
                for o in offsets.tolist()
            ]
            assert column.tolist() == expected


def walk_with(walk, data: bytes, known: bool = True):
    """Run one walk over the bytes behind the header; every array that it fills."""
    array = np.frombuffer(data, dtype=np.uint8)
    ctl = np.zeros(k.CTL_SIZE, dtype=np.int64)
    ctl[k.POS], ctl[k.END], ctl[k.LIMIT] = 16, len(data), 1000
    by_id = np.zeros((1 << 16, 4), dtype=np.int32)
    if known:
        by_id[0] = by_id[1] = (1, 33, 40, 5)
        by_id[7] = (2, 58, 58, 5)
    seen, orphans = np.zeros(256, dtype=np.int64), np.zeros(1 << 16, dtype=np.int64)
    gaps = np.zeros((8, 4), dtype=np.int64)
    out_at, out_slot = np.zeros(400, dtype=np.int64), np.zeros(400, dtype=np.int32)
    other_at, other_t = np.zeros(400, dtype=np.int64), np.zeros(400, dtype=np.int64)
    whys = []
    for _ in range(50):
        whys.append(
            walk(array, ctl, by_id, seen, orphans, gaps, out_at, out_slot, other_at, other_t)
        )
        if whys[-1] == k.DONE:
            break
        ctl[k.DIRTY] = 0
    return [whys, *(x.tolist() for x in (ctl, seen, gaps, out_at, out_slot, other_at, other_t))], (
        np.flatnonzero(orphans).tolist()
    )


@given(
    flips=st.lists(st.tuples(st.integers(16, len(SAMPLE) - 1), st.integers(0, 255)), max_size=6),
    cut=st.integers(16, len(SAMPLE)),
    known=st.booleans(),
)
@settings(max_examples=20)
def test_the_walk_interpreted_is_the_walk_compiled(flips, cut, known):
    data = bytearray(SAMPLE)
    for at, value in flips:
        data[at] = value
    data = bytes(data[:cut])
    with np.errstate(over="raise"):
        assert walk_with(PLAIN.walk, data, known) == walk_with(k.walk, data, known)


def test_frames_without_doubt_are_left_for_later():
    log = ULogWriter(flags=False).parameter("A", 1).parameter("B", 0.5).info("char[1]", "c", b"x")
    log.frame("P", b"\x08double D" + bytes(8)).frame("I", b"\x30short")
    log.subscribe("t", 1).parameter("A", 2)
    data = np.frombuffer(log.bytes(), dtype=np.uint8)
    at, starts = 16, []
    while at < data.size:
        starts.append(at)
        at += 3 + int(data[at]) + 256 * int(data[at + 1])
    for sort in (k.sort_others, PLAIN.sort_others):
        ctl = np.zeros(k.CTL_SIZE, dtype=np.int64)
        ctl[k.N_OTHER] = len(starts)
        urgent, later = np.zeros(9, dtype=np.int64), np.zeros(9, dtype=np.int64)
        n_urgent, n_later = sort(data, ctl, np.array(starts), urgent, later)
        assert later[:n_later].tolist() == starts[:3]
        assert urgent[:n_urgent].tolist() == [3, 4, 5, 6]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("kind", "payload", "length"),
    [
        ("D", struct.pack("<H", 7) + bytes(58), 63),
        ("D", struct.pack("<H", 7) + bytes(57), 0),
        ("D", struct.pack("<H", 9) + bytes(58), 0),
        ("O", b"\1\0", 5),
        ("O", b"\1\0\0", 0),
        ("S", bytes(8), 0),
        ("L", b"9" + bytes(8), 0),
        ("Z", b"abc", 0),
    ],
)
def test_what_a_frame_can_be(compiled, kind, payload, length):
    by_id = np.zeros((1 << 16, 4), dtype=np.int32)
    by_id[7] = (1, 58, 58, 5)
    data = np.frombuffer(frame(kind, payload), dtype=np.uint8)
    plausible = (k if compiled else PLAIN).plausible
    assert plausible(data, 0, data.size, by_id) == length
