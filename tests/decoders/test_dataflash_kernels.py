"""The kernels against their Python selves: the same source, run without the compiler."""

import numpy as np
import pytest

from flyoff.decoders import _kernels as shared_kernels
from flyoff.decoders.dataflash import _kernels as kernels
from tests.scenarios.dataflash import sample

BUILT = sample(0.3)
DAMAGED = bytearray(BUILT)
DAMAGED[2500] ^= 0xFF
DAMAGED[3000:3000] = bytes(700)
del DAMAGED[-7:]


@pytest.fixture(params=[BUILT, bytes(DAMAGED)], ids=["whole", "damaged"])
def data(request: pytest.FixtureRequest) -> np.ndarray:
    return np.frombuffer(request.param, dtype=np.uint8)


def tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lengths, slots and formats that know FMT alone."""
    lengths = np.zeros(256, dtype=np.int64)
    lengths[0x80] = 89
    return lengths, np.zeros(256, dtype=np.int64), np.full(256, -1, dtype=np.int64)


def run(walk, data: np.ndarray, capacity: int):
    """Drive a walk as the decoder does; give all that it wrote."""
    lengths, slots, formats = tables()
    offsets = np.empty(capacity, dtype=np.int64)
    owners = np.empty(capacity, dtype=np.uint16)
    seen, unknown = np.zeros(256, dtype=np.int64), np.zeros(256, dtype=np.int64)
    gaps = np.zeros((5, 4), dtype=np.int64)
    state = np.zeros(kernels.STATE_SIZE, dtype=np.int64)
    found = []
    reason = kernels.FULL
    while reason != kernels.DONE:
        if reason == kernels.FULL:
            found += zip(offsets[: state[1]].tolist(), owners[: state[1]].tolist(), strict=True)
            state[kernels.FILLED] = 0
        else:
            at = offsets[state[kernels.FILLED] - 1]
            kind = int(data[at + 3])
            formats[kind] = at
            lengths[kind] = data[at + 4]
            slots[kind] = kind
        reason = walk(data, lengths, slots, formats, offsets, owners, seen, unknown, gaps, state)
    found += zip(offsets[: state[1]].tolist(), owners[: state[1]].tolist(), strict=True)
    return found, seen.tolist(), unknown.tolist(), gaps.tolist(), state[2:].tolist()


def test_the_walk_is_the_same_compiled_and_not(data: np.ndarray, monkeypatch) -> None:
    compiled = run(kernels.walk, data, 1000)
    called = "is_header chains next_chain _blank all_zero same_bytes note_gap skip believed"
    for name in called.split():
        monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    assert run(kernels.walk.py_func, data, 1000) == compiled
    assert len(compiled[0]) > 50


def test_a_full_buffer_only_pauses_the_walk(data: np.ndarray) -> None:
    assert run(kernels.walk, data, 7)[0] == run(kernels.walk, data, 1000)[0]


def test_wide_fields_are_the_same_compiled_and_not() -> None:
    data = np.frombuffer(b"....ab\0cdefg....xyzw1234", dtype=np.uint8)
    offsets = np.array([0, 12], dtype=np.int64)
    for cut in (False, True):
        out = np.zeros((2, 8), dtype=np.uint8)
        again = np.zeros_like(out)
        kernels.gather_bytes(data, offsets, 4, cut, out)
        kernels.gather_bytes.py_func(data, offsets, 4, cut, again)
        assert out.tobytes() == again.tobytes()
        assert out[0].tobytes() == (b"ab\0\0\0\0\0\0" if cut else b"ab\0cdefg")
        assert out[1].tobytes() == b"xyzw1234"


def test_gathering_is_the_same_compiled_and_not(monkeypatch) -> None:
    data = np.arange(256, dtype=np.uint8)
    offsets = np.array([0, 31, 100, 201], dtype=np.int64)
    at = [np.array(a, dtype=np.int64) for a in ([2, 40], [3], [5, 9], [13])]
    words = (np.uint8, np.uint16, np.uint32, np.uint64)

    def run_gather(gather):
        out = [np.zeros((a.size, 4), dtype=w) for a, w in zip(at, words, strict=True)]
        gather(data, offsets, at[0], out[0], at[1], out[1], at[2], out[2], at[3], out[3])
        return [o.tolist() for o in out]

    compiled = run_gather(shared_kernels.gather)
    for name in ("touch", "_gather1", "_gather2", "_gather4", "_gather8"):
        monkeypatch.setattr(shared_kernels, name, getattr(shared_kernels, name).py_func)
    assert run_gather(shared_kernels.gather.py_func) == compiled
    expected = int.from_bytes(bytes(range(31 + 13, 31 + 21)), "little")
    assert compiled[3][0][1] == expected


def test_counting_sort_keeps_file_order() -> None:
    offsets = np.array([10, 20, 30, 40, 50], dtype=np.int64)
    slots = np.array([1, 0, 1, 0, 1], dtype=np.uint16)
    for scatter in (shared_kernels.scatter_slots, shared_kernels.scatter_slots.py_func):
        grouped = np.zeros(5, dtype=np.int64)
        scatter(offsets, slots, np.array([0, 2], dtype=np.int64), grouped)
        assert grouped.tolist() == [20, 40, 10, 30, 50]


def test_zero_runs_are_told_from_what_only_begins_with_them() -> None:
    data = np.zeros(100, dtype=np.uint8)
    data[70] = 1
    for all_zero in (shared_kernels.all_zero, shared_kernels.all_zero.py_func):
        assert all_zero(data, 0, 70)
        assert not all_zero(data, 0, 71)
        assert all_zero(data, 71, 100)
