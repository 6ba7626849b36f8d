"""Damaged ULogs: refused at the header or accounted for byte by byte, and what is whole is kept."""

import resource
import struct
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.decoders.receipt import MAX_GAPS_LISTED, Gap, Status
from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.errors import DecodeError
from tests.scenarios.ulog import SYNC, ULogWriter, frame, sample
from tests.shared import REASON, logs

PAIR = "uint64_t timestamp;float x;"
ROW = 17  # bytes of one data message of "pair"
SAMPLE = sample()


def read(data: bytes):
    raw = DECODER.decode(Source("damaged.ulg", data))
    account(raw, len(data))
    return raw


def account(raw, size: int) -> None:
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes == size
    assert (receipt.status is Status.COMPLETE) == (receipt.skipped_bytes == 0)
    ends = 0
    for gap in receipt.gaps:
        assert gap.bytes > 0
        assert gap.offset >= ends, "gaps overlap or are out of order"
        ends = gap.offset + gap.bytes
    assert ends <= size
    if not receipt.gaps_omitted:
        assert sum(gap.bytes for gap in receipt.gaps) == receipt.skipped_bytes


NO_MESSAGE = "no message can begin here"


def rows(count: int) -> tuple[bytes, int]:
    """A log of ``count`` rows, and where the first stands."""
    log = ULogWriter().format("pair", PAIR).subscribe("pair", 3)
    first = log.size
    for i in range(count):
        log.data(3, timestamp=1_000_000 + i, x=i)
    return log.bytes(), first


def xs(raw) -> list[float]:
    return raw.topics["pair", 0].column("x").tolist()


@pytest.mark.parametrize("byte", [0, 1])
def test_a_damaged_size_costs_one_row(byte):
    data, first = rows(20)
    damaged = bytearray(data)
    damaged[first + 5 * ROW + byte] ^= 0xFF
    raw = read(bytes(damaged))
    assert xs(raw) == [float(i) for i in range(20) if i != 5]
    assert raw.receipt.gaps == (Gap(first + 5 * ROW, ROW, "no message can begin here"),)
    assert raw.receipt.resyncs == 1
    assert raw.receipt.status is Status.MALFORMED


def test_a_damaged_type_costs_one_row():
    data, first = rows(20)
    damaged = bytearray(data)
    damaged[first + 5 * ROW + 2] ^= 0xFF
    raw = read(bytes(damaged))
    assert xs(raw) == [float(i) for i in range(20) if i != 5]
    assert raw.receipt.gaps == (Gap(first + 5 * ROW, ROW, "message of unknown type 0xbb"),)
    assert raw.receipt.status is Status.MALFORMED


def test_a_damaged_id_is_an_orphan():
    data, first = rows(20)
    damaged = bytearray(data)
    damaged[first + 5 * ROW + 3] ^= 0xFF
    raw = read(bytes(damaged))
    assert len(xs(raw)) == 19
    assert raw.receipt.unknown_ids == {"252": 1}


@pytest.mark.parametrize("size", [1, 3, 100, 5000])
@pytest.mark.parametrize("fill", [b"\0", b"\xff", b"D", b"\x01\x00O"])
def test_inserted_garbage_costs_no_row(size, fill):
    data, first = rows(20)
    at = first + 7 * ROW
    junk = (fill * size)[:size]
    raw = read(data[:at] + junk + data[at:])
    assert xs(raw) == [float(i) for i in range(20)]
    assert raw.receipt.skipped_bytes == size


@pytest.mark.parametrize("lost", range(1, ROW))
def test_lost_bytes_cost_one_row(lost):
    data, first = rows(20)
    at = first + 7 * ROW
    raw = read(data[:at] + data[at + lost :])
    assert xs(raw) == [float(i) for i in range(20) if i != 7]
    assert raw.receipt.skipped_bytes == ROW - lost


def test_bytes_that_look_like_a_frame_are_not_one_unless_others_follow():
    """A payload may hold the bytes of a message; only a chain makes them one."""
    inside = frame("L", b"6" + bytes(8) + b"x")
    log = ULogWriter().format("text", "uint64_t timestamp;char[24] s;").subscribe("text", 1)
    start = log.size
    for _ in range(4):
        log.frame("D", struct.pack("<HQ", 1, 7) + inside.ljust(24, b"."))
    damaged = bytearray(log.bytes())
    damaged[start] ^= 0x40
    raw = read(bytes(damaged))
    assert raw.messages == []
    assert len(raw.topics["text", 0]) == 3


def test_a_sync_message_is_enough_to_go_on():
    log = ULogWriter().format("pair", PAIR).subscribe("pair", 3).data(3, x=1)
    log.raw(b"\xee" * 40).sync()
    raw = read(log.bytes())
    assert raw.receipt.skipped_bytes == 40
    assert raw.receipt.gaps[0].reason == "no message can begin here"
    # without its magic the same frame proves nothing
    wrong = log.bytes().replace(SYNC, bytes(8))
    assert read(wrong).receipt.skipped_bytes == 40 + 11


def test_a_text_whose_size_lies_does_not_swallow_the_rows_behind_it():
    log = ULogWriter().format("pair", PAIR).subscribe("pair", 3).data(3, x=0)
    at = log.size
    log.log(6, 5, b"hello")
    for i in range(1, 10):
        log.data(3, x=i)
    damaged = bytearray(log.bytes())
    struct.pack_into("<H", damaged, at, 70)
    assert xs(read(bytes(damaged))) == [float(i) for i in range(10)]


def test_lost_subscription_leaves_the_other_topics_whole():
    log = ULogWriter().format("pair", PAIR)
    log.raw(frame("A", struct.pack("<BH", 0, 9) + b"nosuch")).subscribe("pair", 3)
    for i in range(200):
        log.raw(frame("D", struct.pack("<HQ", 77, i))).data(3, x=i)
    raw = read(log.bytes())
    assert len(xs(raw)) == 200
    assert raw.receipt.unknown_ids == {"77": 200}


@pytest.mark.parametrize("zeros", [*range(60, 81), 4096, 4097])
def test_the_first_frame_behind_a_hole_is_found(zeros):
    """Sizes and types may be zero too: what is stepped over ends before the frame's own bytes."""
    data, first = rows(20)
    hole = first + 5 * ROW
    raw = read(data[:hole] + bytes(zeros) + data[hole:])
    assert xs(raw) == [float(i) for i in range(20)]
    assert raw.receipt.gaps == (Gap(hole, zeros, "zeros" if zeros > 64 else NO_MESSAGE),)


def test_a_tail_of_zeros_is_called_so():
    data, _ = rows(5)
    raw = read(data + bytes(4096))
    assert len(xs(raw)) == 5
    assert raw.receipt.gaps == (Gap(len(data), 4096, "zeros"),)


def test_gaps_beyond_the_list_are_counted():
    log = ULogWriter().format("pair", PAIR).subscribe("pair", 3)
    for i in range(MAX_GAPS_LISTED + 200):
        for _ in range(3):  # fewer would not chain
            log.data(3, x=i)
        log.raw(b"\xff")
    raw = read(log.data(3, x=0).bytes())
    receipt = raw.receipt
    assert len(xs(raw)) == 3 * (MAX_GAPS_LISTED + 200) + 1
    assert len(receipt.gaps) == MAX_GAPS_LISTED
    assert receipt.gaps_omitted == 200
    assert receipt.skipped_bytes == MAX_GAPS_LISTED + 200


@pytest.mark.parametrize("missing", range(1, ROW))
def test_a_cut_last_message_makes_a_log_truncated(missing):
    data, _ = rows(5)
    raw = read(data[:-missing])
    assert len(xs(raw)) == 4
    assert raw.receipt.status is Status.TRUNCATED
    assert [gap.reason for gap in raw.receipt.gaps] == ["the file ends inside a message"]


@given(cut=st.integers(0, len(SAMPLE)))
def test_cut_anywhere(cut):
    data = SAMPLE[:cut]
    try:
        raw = DECODER.decode(Source("cut.ulg", data))
    except DecodeError:
        assert cut < 16
        return
    account(raw, cut)
    assert raw.receipt.status is not Status.MALFORMED
    for topic in raw.topics.values():
        topic.columns()


@given(
    flips=st.lists(
        st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(1, 255)), min_size=1, max_size=12
    ),
    cut=st.integers(0, len(SAMPLE)),
)
@settings(max_examples=150)
def test_flipped_bytes(flips, cut):
    damaged = bytearray(SAMPLE)
    for at, mask in flips:
        damaged[at] ^= mask
    check_any(bytes(damaged[max(cut, 20) :] if cut % 7 == 0 else damaged))


@given(body=st.binary(max_size=400))
def test_any_bytes_behind_a_header(body):
    check_any(ULogWriter(flags=False).bytes() + body)


@given(
    kinds=st.lists(
        st.tuples(st.sampled_from("FIMPQARLCOSBDZ"), st.binary(max_size=30)), max_size=30
    )
)
def test_any_payload_of_any_type(kinds):
    log = ULogWriter(flags=False).format("pair", PAIR).subscribe("pair", 3)
    for kind, payload in kinds:
        log.frame(kind, payload)
    check_any(log.bytes())


def check_any(data: bytes) -> None:
    """Refused, or accounted for; and everything that can be asked of the result answers."""
    try:
        raw = read(data)
    except DecodeError:
        return
    for topic in raw.topics.values():
        columns = topic.columns()
        assert all(column.shape == (len(topic),) for column in columns.values())
        assert np.all(np.diff(topic.offsets) > 0)
    assert all(0 <= message.level <= 7 for message in raw.messages)
    assert all(isinstance(value, str) for value in raw.info.values())
    assert all(isinstance(value, int | float) for value in raw.params.values())


@pytest.mark.skipif(not logs("ulog"), reason=REASON)
@given(at=st.floats(0, 1), mask=st.integers(1, 255), cut=st.floats(0.2, 1))
@settings(max_examples=25)
def test_a_real_log_flipped_and_cut(at, mask, cut):
    real = min(logs("ulog"), key=lambda path: path.stat().st_size).read_bytes()
    damaged = bytearray(real[: round(cut * len(real))])
    damaged[16 + int(at * (len(damaged) - 17))] ^= mask
    try:
        raw = DECODER.decode(Source("real.ulg", bytes(damaged)))
    except DecodeError:
        assert 16 + int(at * (len(damaged) - 17)) < 16 + 43  # in the flag bits
        return
    account(raw, len(damaged))


HOSTILE = {
    "subscriptions": lambda i: frame("A", struct.pack("<BH", 0, i & 0xFFFF) + b"t%d" % i),
    "formats": lambda i: frame("F", b"f%d:uint8_t[65000] x;" % i),
    "parameters": lambda i: frame("P", b"\x0eint32_t %06d" % (i % 1000000) + bytes(4)),
    "texts": lambda i: frame("L", b"6" + bytes(8)),
    "parts": lambda i: frame("M", b"\x01\x06char k"),
    "drop-outs": lambda i: frame("O", b"\x01\0"),
    "orphans": lambda i: frame("D", struct.pack("<H", i & 0xFFFF)),
    "other types": lambda i: frame("z", b"."),
    "alternating": lambda i: frame("A", b"\0\x03\0pair") + frame("D", struct.pack("<HQf", 3, i, 0)),
    "garbage": lambda i: b"\xff\x44\x00",
}


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of resident memory in kB")
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_counts_cannot_exhaust_memory(kind):
    log = ULogWriter(flags=False).format("pair", PAIR).subscribe("pair", 3)
    piece = b"".join(HOSTILE[kind](i) for i in range(50_000))
    data = log.bytes() + piece * (6_000_000 // len(piece))
    read(sample())  # compiled, and the usual memory in place
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(data)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown_mb < 150 + 8 * len(data) / 1e6, f"{grown_mb:.0f} MB for {len(data) / 1e6:.0f}"
