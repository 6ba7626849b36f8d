"""tlog: whatever happens to the bytes, the header is refused or every byte accounted for."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER, _kernels
from flyoff.decoders.tlog.topic import TIME
from flyoff.errors import DecodeError
from tests.decoders.test_tlog import decode, flight
from tests.scenarios.tlog import EPOCH_US, V1, V2, Tlog


def mixed() -> Tlog:
    """A small log of both versions, signed and not, of several senders, with an unknown id."""
    log = flight(Tlog(), 12)
    log.version = V1
    flight(log, 8, EPOCH_US + 2_000_000)
    log.version, log.signed, log.sender = V2, True, (7, 1)
    flight(log, 8, EPOCH_US + 3_000_000)
    log.signed, log.sender = False, (255, 190)
    log.write("HEARTBEAT", EPOCH_US + 4_000_000, type=6, autopilot=8)
    log.raw(EPOCH_US + 4_100_000, 54321, b"unheard of", 77)
    log.sender = (1, 1)
    log.write("STATUSTEXT", EPOCH_US + 4_200_000, severity=6, text=b"hello")
    return flight(log, 12, EPOCH_US + 5_000_000)


MIXED = bytes(mixed())


def survives(data: bytes) -> RawLog | None:
    """Decode, account, read every column, normalise; None where the header was refused."""
    try:
        raw = DECODER.decode(Source("damaged", data))
    except DecodeError:
        return None
    r = raw.receipt
    assert r.decoded_bytes + r.skipped_bytes == len(data)
    assert sum(gap.bytes for gap in r.gaps) == r.skipped_bytes or r.gaps_omitted
    assert all(a.offset + a.bytes <= b.offset for a, b in zip(r.gaps, r.gaps[1:], strict=False))
    assert (r.skipped_bytes == 0) == (r.status is Status.COMPLETE)
    for topic in raw.topics.values():
        assert {len(c) for c in topic.columns().values()} == {len(topic)}
    for recording in DECODER.normalise(raw):
        for name in recording:
            assert (np.diff(recording[name].t_us) >= 0).all()
    return raw


def test_the_mixed_log_is_whole() -> None:
    raw = survives(MIXED)
    assert raw is not None
    assert raw.receipt.status is Status.COMPLETE
    assert raw.receipt.unknown_ids == {"54321": 1}
    assert len(raw.topics["ATTITUDE", 0]) == 32
    assert len(raw.topics["ATTITUDE", (7 << 16) + (1 << 8)]) == 8
    assert raw.topics["UNKNOWN_54321", (255 << 16) + (190 << 8)].column("data")[0] == b"unheard of"
    assert raw.messages[0].text == "hello"


@settings(max_examples=60, deadline=None)
@given(cut=st.floats(0, 1))
def test_a_cut_log_is_truncated_and_no_more(cut: float) -> None:
    raw = survives(MIXED[: round(cut * len(MIXED))])
    if raw is not None:
        assert raw.receipt.status in (Status.COMPLETE, Status.TRUNCATED)


@settings(max_examples=80, deadline=None)
@given(at=st.floats(0, 0.9999), bits=st.integers(1, 255))
def test_a_flipped_byte_costs_one_record(at: float, bits: int) -> None:
    data = bytearray(MIXED)
    data[int(at * len(data))] ^= bits
    raw = survives(bytes(data))
    assert raw is not None
    assert raw.receipt.skipped_bytes < 150


@settings(max_examples=40, deadline=None)
@given(
    at=st.floats(0, 1),
    junk=st.binary(min_size=1, max_size=400) | st.integers(1, 500).map(bytes),
)
def test_garbage_between_costs_one_record_at_most(at: float, junk: bytes) -> None:
    where = int(at * len(MIXED))
    raw = survives(MIXED[:where] + junk + MIXED[where:])
    if raw is not None:
        assert raw.receipt.skipped_bytes <= len(junk) + 150


@settings(max_examples=20, deadline=None)
@given(at=st.floats(0, 1))
def test_swapped_halves_and_repeats(at: float) -> None:
    where = int(at * len(MIXED))
    survives(MIXED[where:] + MIXED[:where])
    survives(MIXED + MIXED[:where] + MIXED)


def test_garbage_exactly_between_records_costs_nothing_else() -> None:
    log = flight(Tlog(), 20)
    at = len(log.data)
    log.data += b"\xfd\x09" + b"garbage\xfe" * 9
    flight(log, 20, EPOCH_US + 9_000_000)
    raw = decode(log)
    assert [(g.offset, g.bytes, g.reason) for g in raw.receipt.gaps] == [(at, 74, "garbage")]
    assert raw.receipt.resyncs == 1
    assert len(raw.topics["ATTITUDE", 0]) == 40
    assert raw.receipt.status is Status.MALFORMED


def test_a_wrong_checksum_costs_its_own_record() -> None:
    log = flight(Tlog(), 20)
    at = len(log.data)
    log.raw(EPOCH_US, 30, b"\1" * 28, 40)  # ATTITUDE's seed is 39
    size = len(log.data) - at
    flight(log, 5)
    raw = decode(log)
    assert [(g.offset, g.bytes) for g in raw.receipt.gaps] == [(at, size)]
    assert raw.receipt.gaps[0].reason == "wrong checksum of message 30"
    assert raw.receipt.resyncs == 0
    assert len(raw.topics["ATTITUDE", 0]) == 25


def test_an_unknown_message_needs_a_next_record_in_its_place() -> None:
    log = flight(Tlog(), 5)
    log.raw(EPOCH_US, 54320, b"abc", 0)
    flight(log, 1)
    at = len(log.data)
    log.raw(EPOCH_US, 54322, b"abc", 0)
    log.data += b"\xaa" * 50
    flight(log, 5)
    raw = decode(log)
    assert raw.receipt.unknown_ids == {"54320": 1}
    assert raw.receipt.gaps[0].offset == at


def test_a_garbage_stamp_keeps_its_frame() -> None:
    log = flight(Tlog(), 30)
    log.write("ATTITUDE", 2**63 + 5, time_boot_ms=8000, roll=0.5)
    flight(log, 30, EPOCH_US + 3_100_000)
    raw = decode(log)
    assert raw.receipt.status is Status.COMPLETE
    assert len(raw.topics["ATTITUDE", 0]) == 61
    (recording,) = DECODER.normalise(raw)
    assert recording.end_us < 20_000_000


def test_more_streams_than_any_log_has_are_left_out() -> None:
    log = Tlog()
    for system in range(20):
        for component in range(250):
            log.sender = (system, component)
            log.write("HEARTBEAT", EPOCH_US, type=2, autopilot=3)
    raw = decode(log)
    assert len(raw.topics) == _kernels.MAX_TABLES
    assert {g.reason for g in raw.receipt.gaps} == {f"more than {_kernels.MAX_TABLES} streams"}


@pytest.mark.parametrize("byte", [0x00, 0xFD, 0xFE, 0xFF, 0x2D])
def test_a_large_file_of_one_byte_is_refused_at_once(byte: int) -> None:
    data = np.full(400_000_000, byte, dtype=np.uint8)
    DECODER.decode(Source("warm", MIXED))
    start = time.process_time()
    with pytest.raises(DecodeError, match="not a tlog"):
        DECODER.decode(Source("x", data.data))
    assert time.process_time() - start < 5.0


def test_trimmed_and_whole_payloads_read_alike() -> None:
    both = []
    for trimmed in (True, False):
        log = Tlog(trimmed=trimmed)
        for i in range(70):
            cells = [4000 + i, 4001, *[0] * 8]
            log.write("BATTERY_STATUS", EPOCH_US + i, voltages=cells, id=i % 2, current_consumed=i)
        both.append({k: t.columns() for k, t in decode(log).topics.items()})
    assert both[0].keys() == both[1].keys() == {("BATTERY_STATUS", 0), ("BATTERY_STATUS", 1)}
    for key, columns in both[0].items():
        for name, column in columns.items():
            assert column.tolist() == both[1][key][name].tolist(), (key, name)
        assert columns["voltages"].shape == (35, 10)
        assert columns[TIME].dtype == np.int64


def test_the_last_payload_at_the_very_end_of_the_file() -> None:
    """Payloads are loaded eight bytes at a time, which must not reach past the end."""
    for length in range(1, 29):
        log = flight(Tlog(), 3)
        log.raw(EPOCH_US, 30, bytes(range(1, length + 1)), 39)
        column = decode(log).topics["ATTITUDE", 0].column("yawspeed")
        whole = (bytes(range(1, length + 1)) + bytes(28))[24:28]
        assert column[-1:].tobytes() == whole
