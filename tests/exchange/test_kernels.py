"""Kernels of redaction say the same compiled and as Python."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flyoff.exchange.redaction import _kernels as kernels

PICK = np.random.default_rng(5)


def patterns(fields: int, rows: int) -> np.ndarray:
    """Any bits, and among them the ends of the range and small steps."""
    found = PICK.integers(0, 1 << 32, (fields, rows), dtype=np.uint32)
    found[0] = np.arange(rows)
    found[1, :4] = 0, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF
    return found


def pack(run: Callable[..., Any]) -> bytes:
    held = patterns(5, 70)
    signed = np.array([False, True, False, True, False])
    out, lengths = np.zeros(70 * 26, dtype=np.uint8), np.zeros(70, dtype=np.int64)
    size = run(held, signed, ord("I"), 32, out, lengths)
    assert lengths.sum() == size
    return out[:size].tobytes() + lengths.tobytes()


def frames(run: Callable[..., Any], header: int) -> bytes:
    data = PICK.integers(0, 256, 400, dtype=np.uint8)
    payloads, lengths = np.array([20, 80, 300]), np.array([9, 4, 12])
    rows = np.full((3, 8 + header + 10 + 2), 0xAA, dtype=np.uint8)
    systems = np.arange(256, dtype=np.uint8)[::-1].copy()
    run(data, payloads, lengths, 8, header, systems, 0xFE, rows)
    return rows.tobytes()


def put(run: Callable[..., Any]) -> bytes:
    flat = PICK.integers(0, 256, 60, dtype=np.uint8)
    starts, lengths = np.array([0, 10, 30]), np.array([10, 20, 30])
    out = np.zeros(60, dtype=np.uint8)
    run(flat, starts, np.array([50, 30, 0]), lengths, out)
    return out.tobytes()


@pytest.mark.parametrize(
    ("kernel", "call"),
    [
        (kernels.pack_frames, pack),
        (kernels.pick_frames, lambda run: frames(run, 6)),
        (kernels.pick_frames, lambda run: frames(run, 10)),
        (kernels.put, put),
    ],
    ids=["pack_frames", "pick_frames v1", "pick_frames v2", "put"],
)
def test_compiled_as_written(kernel: Any, call: Callable[[Callable[..., Any]], bytes]) -> None:
    global PICK
    told = []
    for run in (kernel, kernel.py_func):
        PICK = np.random.default_rng(5)
        told.append(call(run))
    assert told[0] == told[1]
    assert any(told[0])


def test_packed_frames_are_read_back() -> None:
    """Base 128, zigzag, sums of 32 bits: a reader of a few lines gets the same patterns."""
    held = patterns(5, 70)
    signed = np.array([False, True, False, True, False])
    out, lengths = np.zeros(70 * 26, dtype=np.uint8), np.zeros(70, dtype=np.int64)
    data = out[: kernels.pack_frames(held, signed, ord("I"), 32, out, lengths)].tobytes()
    at, before = 0, [0] * 5
    for i in range(70):
        letter, at = data[at], at + 1
        assert letter == (ord("I") if i % 32 == 0 else ord("P"))
        for j in range(5):
            value = shift = 0
            while True:
                byte, at = data[at], at + 1
                value |= (byte & 0x7F) << shift
                shift += 7
                if byte < 0x80:
                    break
            if signed[j] or i % 32:
                value = (value >> 1) ^ -(value & 1)
            before[j] = (value + (before[j] if i % 32 else 0)) & 0xFFFFFFFF
        assert before == held[:, i].tolist()
    assert at == len(data)
