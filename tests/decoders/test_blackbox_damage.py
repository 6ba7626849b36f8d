"""Damaged and hostile blackbox bytes: a clear refusal, or every byte accounted for."""

import itertools
import subprocess
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.decoders.blackbox import DECODER, walk
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from tests.scenarios.blackbox import PRODUCT, Field, quad, run, sample, small
from tests.shared import logs, needs_shared

BUILT = sample(0.6)
HEADER = BUILT.index(b"vbatref:1600\n") + len(b"vbatref:1600\n")


def check(data: bytes) -> RawLog | None:
    """Decode and normalise; hold what every reading must hold; None if it was refused."""
    try:
        raw = DECODER.decode(Source("damaged", data))
    except DecodeError:
        return None
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes == len(data)
    assert receipt.skipped_bytes >= 0
    assert receipt.decoded_bytes >= 0
    if not receipt.gaps_omitted:
        assert sum(gap.bytes for gap in receipt.gaps) == receipt.skipped_bytes
    ends = [gap.offset + gap.bytes for gap in receipt.gaps]
    assert all(end <= gap.offset for end, gap in zip(ends, receipt.gaps[1:], strict=False))
    offsets = np.concatenate([np.empty(0, np.int64)] + [t.offsets for t in raw.topics.values()])
    assert offsets.size == receipt.messages == np.unique(offsets).size
    for topic in raw.topics.values():
        assert (np.diff(topic.offsets) > 0).all()
        assert {len(column) for column in topic.columns().values()} <= {len(topic)}
        if topic.name == "main":
            assert (np.diff(topic.time_us()) >= 0).all() or len(topic) < 64
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for recording in DECODER.normalise(raw):
            for name in recording:
                recording[name]
    return raw


@given(cut=st.integers(0, len(BUILT)))
def test_a_log_cut_anywhere(cut: int) -> None:
    check(BUILT[:cut])


@given(at=st.integers(0, len(BUILT) - 1), mask=st.integers(1, 255))
def test_a_flipped_byte_anywhere(at: int, mask: int) -> None:
    data = bytearray(BUILT)
    data[at] ^= mask
    check(bytes(data))


@given(
    cuts=st.lists(st.integers(HEADER, len(BUILT)), min_size=2, max_size=6),
    fill=st.sampled_from(
        [b"", b"\0" * 512, b"\xff" * 512, b"IPGHSE", PRODUCT, b"E\xffEnd of log\0"]
    ),
)
def test_pieces_lost_moved_and_filled(cuts: list[int], fill: bytes) -> None:
    edges = sorted({0, *cuts, len(BUILT)})
    pieces = [BUILT[a:b] for a, b in itertools.pairwise(edges)]
    check(fill.join([pieces[0], *pieces[:0:-1]]))


@given(data=st.binary(max_size=600))
def test_any_bytes_behind_a_header(data: bytes) -> None:
    check(BUILT[:HEADER] + data)


@given(data=st.binary(max_size=300))
def test_any_bytes_behind_a_product_line(data: bytes) -> None:
    check(PRODUCT + data)


@given(
    key=st.sampled_from(["I interval", "P interval", "minthrottle", "vbatref", "motorOutput"]),
    value=st.sampled_from(["", "-1", "0", "0/0", "1/0", "99999999999999", "x", "1,2,3", "-5/7"]),
)
def test_hostile_header_values(key: str, value: str) -> None:
    data = bytes(quad({key: 1})).replace(f"H {key}:1\n".encode(), f"H {key}:{value}\n".encode())
    check(data + BUILT[HEADER:])


def test_two_logs_behind_each_other_are_both_whole() -> None:
    raw = check(BUILT + BUILT)
    assert raw is not None
    assert [len(raw.topics["main", i]) for i in (0, 1)] == [60, 60]
    assert raw.receipt.skipped_bytes == 0


def test_many_product_lines_are_bounded() -> None:
    raw = check((PRODUCT + b"x\n") * 30_000)
    assert raw is not None
    assert raw.receipt.boots <= 10_000


def test_frames_of_one_byte_cost_no_memory() -> None:
    """P frames may hold fields without bytes alone: a megabyte of them describes gigabytes."""
    script = """
import resource, sys
sys.path[:0] = ["src", "."]
from flyoff.decoders.blackbox import DECODER
from flyoff.decoders.source import Source
from tests.scenarios.blackbox import TIME, BlackboxLog, Field
fields = [Field(f"v[{i}]", 1, 0, 9, 0, 9) for i in range(500)]
time = (Field("loopIteration", 0, 0, 1, 6, 9), Field("time", 0, 0, 1, 1, 9))
log = BlackboxLog((*time, *fields), {"I interval": 1 << 16})
log.put("I", {"loopIteration": 0, "time": 1, **{f.name: 0 for f in fields}})
DECODER.decode(Source("warm", bytes(log)))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
raw = DECODER.decode(Source("hostile", bytes(log) + b"P" * 1_000_000))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
topic = raw.topics["main", 0]
assert len(topic) == 1_000_001, len(topic)
assert topic.column("v[3]").shape == (1_000_001,)
print((after - before) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 450, "MB for a log of 1 MB"


def test_values_that_were_not_kept_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    log = small()
    run(log, 500)
    log.end()
    kept = DECODER.decode(Source("x", bytes(log))).topics["main", 0]
    monkeypatch.setattr(walk, "KEEP_BYTES", 0)
    monkeypatch.setattr(walk, "KEEP_RATIO", 0)
    monkeypatch.setattr(walk, "BLOCK_ROWS", 64)
    raw = DECODER.decode(Source("x", bytes(log)))
    again = raw.topics["main", 0]
    assert not raw.logs[0].is_kept
    assert np.array_equal(again.offsets, kept.offsets)
    for name, column in kept.columns().items():
        assert np.array_equal(again.column(name), column), name


def test_time_grows_with_size_and_no_more() -> None:
    """Every byte begins a frame that fails late: the worst that a search can meet."""
    import time

    fields = [Field(f"v[{i}]") for i in range(60)]
    head = bytes(quad({}, slow=(*fields,)))
    DECODER.decode(Source("warm", head + b"S" * 64))
    spent = []
    for size in (50_000, 200_000):
        start = time.process_time()
        check(head + b"S" * size)
        spent.append(time.process_time() - start)
    assert spent[1] < 12 * spent[0] + 0.5


@needs_shared
@pytest.mark.parametrize("path", logs("blackbox"), ids=lambda p: p.name[-40:])
def test_every_real_log_is_accounted_for(path) -> None:
    raw = check(path.read_bytes())
    assert raw is not None
    assert len(raw.topics["main", 0]) >= 2
