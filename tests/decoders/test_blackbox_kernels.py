"""The kernels against their Python selves: the same source, run without the compiler."""

import numpy as np
import pytest

from flyoff.decoders.blackbox import _kernels as kernels
from flyoff.decoders.blackbox import walk
from flyoff.decoders.blackbox.encodings import _kernels as encodings
from flyoff.decoders.blackbox.layout import read_header
from tests.interpreted import interpreted
from tests.scenarios.blackbox import TIME, BlackboxLog, Field, run, sample, small

BUILT = sample(0.5)
DAMAGED = bytearray(BUILT)
DAMAGED[2500] ^= 0xFF
DAMAGED[3000:3000] = bytes(300) + b"\xff" * 40
del DAMAGED[-9:]


def spared() -> bytes:
    """Garbage where a frame of another kind stood, P frames behind it, an I frame for proof."""
    log = small()
    run(log, 40)
    log.event(99)  # no firmware writes it
    run(log, 40, first=40)
    log.end()
    return bytes(log)


def packed() -> bytes:
    """Frames of every encoding."""
    codes = (0, 1, 3, 4, 5, 6, 6, 7, 7, 7, 8, 8, 8, 8, 10, 10, 10)
    fields = [Field(f"v[{i}]", 1, 0, code, 0, code) for i, code in enumerate(codes)]
    log = BlackboxLog((*TIME, *fields))
    for i in range(12):
        value = (-1) ** i * i**3
        log.put("P" if i else "I", {"loopIteration": i, "time": i} | {
            f.name: abs(value) if f.encoding in (1, 4) else value for f in fields
        })  # fmt: skip
    log.end()
    return bytes(log)


def everything(log: walk.Log) -> list[object]:
    """All that a walk found, as plain lists."""
    blocks = [[(b.values.tolist(), b.stamps.tolist()) for b in table] for table in log.blocks]
    counts = (log.end, log.is_closed, log.skipped, log.omitted, log.resyncs, log.frames)
    return [blocks, counts, log.gaps.tolist()]


@pytest.mark.parametrize(
    "data",
    [BUILT, bytes(DAMAGED), spared(), packed()],
    ids=["whole", "damaged", "spared", "packed"],
)
def test_the_walk_is_the_same_compiled_and_not(data: bytes, monkeypatch) -> None:
    array = np.frombuffer(data, dtype=np.uint8)
    header = read_header(array, 0, array.size)
    compiled = walk.read_log(array, header, array.size)
    monkeypatch.setattr(kernels, "walk", interpreted(kernels).walk)
    plain = walk.read_log(array, header, array.size)
    assert everything(plain) == everything(compiled)
    assert compiled.frames > 10


@pytest.mark.parametrize("stop", range(5))
def test_no_reader_reads_beyond_its_stop(stop: int) -> None:
    """Interpreted on an array that ends there, an index too far raises."""
    plain = interpreted(encodings)
    row = np.zeros(12, dtype=np.int64)
    for lead in range(256):
        data = np.array([lead, *[0xC9] * 4][:stop], dtype=np.uint8)
        for code in (6, 7, 8, 10, 4, 5, 12, 13, 14):
            after = plain.read_group(data, 0, stop, row, 0, 4 if code != 6 else 8, code)
            assert after <= stop
        assert plain.unsigned_vb(data, 0, stop)[1] <= stop
        assert plain.read_event(data, 0, stop, row, 0) <= stop


def test_numbers_of_more_than_five_bytes_are_none() -> None:
    data = np.array([0x80] * 5 + [1], dtype=np.uint8)
    assert encodings.unsigned_vb(data, 0, 6) == (0, -1)
    data = np.array([0xFF, 0xFF, 0xFF, 0xFF, 0x0F], dtype=np.uint8)
    assert encodings.unsigned_vb(data, 0, 5) == (2**32 - 1, 5)


def test_time_is_unwrapped_to_the_nearest() -> None:
    assert kernels.unwrapped(5, 2**32 - 10) == 2**32 + 5
    assert kernels.unwrapped(2**32 - 10, 2**32 + 5) == 2**32 - 10
    assert kernels.unwrapped(7, 3) == 7
