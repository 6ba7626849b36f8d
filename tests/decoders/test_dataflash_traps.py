"""Every trap that DataFlash logs are known for: each test builds a file that has it."""

import math
import struct

import numpy as np
import pytest

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from tests.scenarios.dataflash import FMT_TYPE, HEAD, DataFlashLog, sample


def read(data: bytes) -> RawLog:
    raw = DECODER.decode(Source("built", data))
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == len(data) == receipt.bytes
    return raw


def small() -> DataFlashLog:
    """FMT, and a message ``TST`` of a time and a number."""
    log = DataFlashLog()
    log.define(FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.define(10, "TST", "QI", "TimeUS,N")
    return log


def test_a_whole_log_is_complete() -> None:
    raw = read(sample())
    assert raw.receipt.status is Status.COMPLETE
    assert raw.receipt.skipped_bytes == 0
    assert raw.receipt.gaps == ()
    assert raw.boots == ((0, len(sample())),)
    assert raw.instances("IMU") == [0, 1]
    assert raw.params == {"FRAME_CLASS": 1.0, "BATT_CAPACITY": 5000.0}
    assert raw.messages[0].text == "ArduCopter V4.6.3 (3fc7011a)"
    assert raw.messages[0].t_us == 1_000_000
    assert raw.info["firmware"] == "ArduCopter V4.6.3 (3fc7011a)"
    assert raw.info["board"] == "CubeOrange"
    assert raw.info["frame"] == "QUAD/X"


# -- framing ------------------------------------------------------------------------------------


def test_one_altered_type_byte_costs_one_record() -> None:
    """pymavlink's index stops here for good; its neighbour's length must not swallow the next."""
    whole = read(sample())
    imu = whole.topics["IMU", 0]
    att = whole.topics["ATT", 0]
    for kind in (72, 94, 200):  # shorter, longer, unknown
        data = bytearray(sample())
        data[imu.offsets[40] + 2] = kind
        raw = read(bytes(data))
        assert len(raw.topics["IMU", 0]) == len(imu) - 1
        assert len(raw.topics["ATT", 0]) == len(att)
        assert raw.receipt.status is Status.MALFORMED
        assert raw.receipt.resyncs == 1
        gap = raw.receipt.gaps[0]
        assert (gap.offset, gap.bytes) == (imu.offsets[40], 36)
        assert raw.receipt.unknown_ids == ({"200": 1} if kind == 200 else {})
        assert gap.reason == ("unknown type 200" if kind == 200 else "garbage")


def test_an_unknown_type_between_every_two_records_loses_none_of_the_known() -> None:
    log = small()
    for n in range(50):
        log.write("TST", n, n)
        log.data += HEAD + bytes((99,)) + b"lost its FMT"
    raw = read(bytes(log))
    assert raw.topics["TST", 0].column("N").tolist() == list(range(50))
    assert raw.receipt.unknown_ids == {"99": 50}
    assert raw.receipt.skipped_bytes == 50 * 15


def test_headers_by_chance_inside_garbage_are_not_believed() -> None:
    log = small()
    log.write("TST", 1, 1)
    log.data += b"\x01\x02" + HEAD + bytes((10,)) + b"\x07" * 40
    for n in range(2, 6):
        log.write("TST", n, n)
    raw = read(bytes(log))
    assert raw.topics["TST", 0].column("N").tolist() == [1, 2, 3, 4, 5]
    assert [g.reason for g in raw.receipt.gaps] == ["garbage"]


def test_header_bytes_inside_a_payload_split_nothing() -> None:
    log = small()
    word = int.from_bytes(HEAD + bytes((10, 0)), "little")
    for n in range(20):
        log.write("TST", n, word)
    raw = read(bytes(log))
    assert len(raw.topics["TST", 0]) == 20
    assert raw.receipt.status is Status.COMPLETE


def test_a_record_overwritten_from_its_middle_is_dropped() -> None:
    log = small()
    log.write("TST", 1, 1)
    del log.data[-6:]
    for n in range(2, 8):
        log.write("TST", n, n)
    raw = read(bytes(log))
    assert raw.topics["TST", 0].column("N").tolist() == [2, 3, 4, 5, 6, 7]
    assert raw.receipt.skipped_bytes == 9


# -- FMT ----------------------------------------------------------------------------------------


def test_a_redefined_type_keeps_its_earlier_rows() -> None:
    log = small()
    log.write("TST", 1, 7)
    log.define(10, "NEW", "Qf", "TimeUS,X")
    log.write("NEW", 2, 0.5)
    raw = read(bytes(log))
    assert raw.topics["TST", 0].column("N").tolist() == [7]
    assert raw.topics["NEW", 0].column("X").tolist() == [0.5]


def test_a_message_redefined_with_more_fields_is_one_topic() -> None:
    log = small()
    log.write("TST", 1, 7)
    log.define(10, "TST", "QIfN", "TimeUS,N,X,Who")
    log.write("TST", 2, 8, 0.5, "me")
    log.define(10, "TST", "QI", "TimeUS,N")
    log.write("TST", 3, 9)
    topic = read(bytes(log)).topics["TST", 0]
    assert topic.fields == ("TimeUS", "N", "X", "Who")
    columns = topic.columns()
    assert columns["TimeUS"].tolist() == [1, 2, 3]
    assert columns["N"].tolist() == [7, 8, 9]
    np.testing.assert_array_equal(columns["X"], [math.nan, 0.5, math.nan])
    assert columns["Who"].tolist() == [b"", b"me", b""]
    assert topic.offsets.tolist() == sorted(topic.offsets.tolist())


def test_a_field_that_turns_from_number_to_text_is_text() -> None:
    log = small()
    log.write("TST", 1, 7)
    log.define(10, "TST", "QN", "TimeUS,N")
    log.write("TST", 2, "seven")
    assert read(bytes(log)).topics["TST", 0].column("N").tolist() == [b"7", b"seven"]


def test_the_same_message_under_another_type_number_is_the_same_topic() -> None:
    log = small()
    log.write("TST", 1, 1)
    log.define(250, "TST", "QI", "TimeUS,N")
    log.write("TST", 2, 2)
    raw = read(bytes(log))
    assert raw.topics["TST", 0].column("N").tolist() == [1, 2]


def test_records_before_their_fmt_are_decoded_by_it() -> None:
    log = DataFlashLog()
    log.define(FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.expect(10, "TST", "QI", "TimeUS,N")
    log.write("TST", 1, 1)
    log.define(10, "TST", "QI", "TimeUS,N")
    log.write("TST", 2, 2)
    raw = read(bytes(log))
    assert raw.topics["TST", 0].column("N").tolist() == [1, 2]
    assert raw.receipt.status is Status.COMPLETE


@pytest.mark.parametrize("first", [False, True])
def test_fmt_need_not_describe_itself_nor_come_first(first: bool) -> None:
    log = DataFlashLog()
    log.define(10, "TST", "QI", "TimeUS,N")
    log.write("TST", 1, 1)
    if first:
        log.define(FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.write("TST", 2, 2)
    assert DECODER.sniff(bytes(log)[:4096])
    assert len(read(bytes(log)).topics["TST", 0]) == 2


@pytest.mark.parametrize("length", [0, 1, 2])
def test_a_length_below_the_header_is_not_believed(length: int) -> None:
    log = small()
    log.fmt(11, length, "BAD", "QI", "TimeUS,N")
    log.write("TST", 1, 1)
    raw = read(bytes(log))
    assert raw.topics["TST", 0].column("N").tolist() == [1]
    assert any("implausible" in note for note in raw.receipt.notes)


def test_a_format_longer_than_its_length_gives_the_fields_that_fit() -> None:
    log = small()
    log.fmt(11, 3 + 8 + 4, "SHO", "QIII", "TimeUS,A,B,C")
    log.data += HEAD + bytes((11,)) + struct.pack("<QI", 5, 6)
    log.write("TST", 1, 1)
    raw = read(bytes(log))
    topic = raw.topics["SHO", 0]
    assert topic.fields == ("TimeUS", "A")
    assert topic.column("A").tolist() == [6]
    assert any("longer than the 15 bytes" in note for note in raw.receipt.notes)


def test_an_unknown_character_costs_the_fields_from_there_on() -> None:
    log = small()
    log.fmt(11, 3 + 8 + 4 + 5, "ODD", "QIy", "TimeUS,A,B")
    for n in range(3):
        log.data += HEAD + bytes((11,)) + struct.pack("<QI5s", n, 2 * n, b"?????")
        log.write("TST", n, n)
    raw = read(bytes(log))
    assert raw.topics["ODD", 0].fields == ("TimeUS", "A")
    assert raw.topics["ODD", 0].column("A").tolist() == [0, 2, 4]
    assert len(raw.topics["TST", 0]) == 3
    assert raw.receipt.skipped_bytes == 0
    assert any("'y' is unknown" in note for note in raw.receipt.notes)


def test_a_message_without_fields_has_rows_and_no_columns() -> None:
    log = small()
    log.define(12, "STRT", "", "")
    log.write("STRT")
    log.write("STRT")
    topic = read(bytes(log)).topics["STRT", 0]
    assert len(topic) == 2
    assert topic.columns() == {}
    assert topic.time_us().tolist() == [0, 0]
