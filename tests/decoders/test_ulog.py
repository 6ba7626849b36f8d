"""Every trap that SIGNALS.md A lists for ULog, each with a log that springs it."""

import struct

import numpy as np
import pytest

from flyoff.decoders.receipt import Dropout, Gap, Status
from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.errors import DecodeError
from tests.scenarios.ulog import MAGIC, ULogWriter, frame, sample

PAIR = "uint64_t timestamp;float x;"


def read(log: ULogWriter | bytes):
    data = log if isinstance(log, bytes) else log.bytes()
    raw = DECODER.decode(Source("built.ulg", data))
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes == len(data)
    return raw


def pair_log(**options) -> ULogWriter:
    return ULogWriter(**options).format("pair", PAIR).subscribe("pair", 3)


def xs(raw, name: str = "pair", instance: int = 0) -> list[float]:
    return raw.topics[name, instance].column("x").tolist()


class TestHeader:
    def test_time_version_and_nothing_else_is_a_whole_log(self):
        raw = read(ULogWriter(flags=False))
        assert raw.receipt.status is Status.COMPLETE
        assert raw.topics == {}

    @pytest.mark.parametrize("version", [0, 1])
    def test_known_versions_pass_without_a_note(self, version):
        assert read(pair_log(version=version)).receipt.notes == ()

    def test_an_unknown_version_is_read_with_a_note(self):
        raw = read(pair_log(version=9).data(3, x=1.5))
        assert xs(raw) == [1.5]
        assert any("version 9" in note for note in raw.receipt.notes)

    @pytest.mark.parametrize(
        ("head", "says"),
        [
            (b"", "empty"),
            (bytes(64), "begins with 00 00 00 00 00 00 00, expected 55 4c 6f 67 01 12 35"),
            (b"\xa3\x95\x80\x80\x59", "expected 55 4c 6f 67 01 12 35"),
            (MAGIC + b"\x01\0\0", "ends inside the ULog header"),
            (b"ULogEnc\x01" + bytes(30), "encrypted"),
        ],
    )
    def test_what_is_no_readable_ulog_is_refused_with_reason(self, head, says):
        with pytest.raises(DecodeError, match=says):
            DECODER.decode(Source("bad.ulg", head))

    def test_two_gigabytes_of_one_byte_are_refused_without_being_read(self, tmp_path):
        path = tmp_path / "zeros.ulg"
        with path.open("wb") as file:
            file.truncate(2 << 30)  # sparse
        with pytest.raises(DecodeError, match="not a ULog: begins with 00"):
            DECODER.decode(Source(str(path)))

    def test_flag_bits_may_grow(self):
        raw = read(pair_log(flags_extra=bytes(24)).data(3, x=2))
        assert xs(raw) == [2.0]
        assert raw.receipt.status is Status.COMPLETE

    @pytest.mark.parametrize("demanded", [b"\x02" + bytes(7), bytes(7) + b"\x01"])
    def test_an_incompatible_flag_refuses_the_log(self, demanded):
        with pytest.raises(DecodeError, match="incompatible flags") as caught:
            DECODER.decode(Source("new.ulg", pair_log(demanded=demanded).bytes()))
        assert caught.value.offset == 16 + 3 + 8

    def test_a_log_without_flag_bits_is_read(self):
        assert xs(read(pair_log(flags=False).data(3, x=4))) == [4.0]


class TestAppended:
    def test_data_of_appended_sections_are_kept(self):
        log = pair_log().data(3, x=1).section().data(3, x=2).section().data(3, x=3)
        assert xs(read(log)) == [1.0, 2.0, 3.0]

    def test_a_message_cut_by_an_appended_section_is_a_gap(self):
        log = pair_log().data(3, x=1)
        at = log.size
        log.raw(frame("D", struct.pack("<HQf", 3, 5, 9.0))[:9]).section()
        log.info_multiple("char[2]", "hardfault_plain", b"pc")
        raw = read(log)
        assert raw.receipt.gaps == (Gap(at, 9, "an appended section begins inside a message"),)
        assert raw.receipt.status is Status.TRUNCATED
        assert raw.info["hardfault_plain"] == "pc"
        assert any("crash dump" in note for note in raw.receipt.notes)

    def test_an_offset_beyond_the_file_is_ignored_with_a_note(self):
        log = pair_log().data(3, x=1)
        log.appended.append(1 << 40)
        raw = read(log)
        assert xs(raw) == [1.0]
        assert raw.receipt.status is Status.COMPLETE
        assert any("not within the file" in note for note in raw.receipt.notes)

    def test_an_offset_into_a_message_is_ignored_with_a_note(self):
        log = pair_log().data(3, x=1).data(3, x=2).data(3, x=3)
        log.appended.append(log.size - 17 - 6)
        raw = read(log)
        assert xs(raw) == [1.0, 2.0, 3.0]
        assert raw.receipt.skipped_bytes == 0
        assert any("points into a message" in note for note in raw.receipt.notes)


class TestSubscriptions:
    def test_rows_before_a_resubscription_are_kept(self):
        log = pair_log().data(3, x=1).subscribe("pair", 3).data(3, x=2)
        assert xs(read(log)) == [1.0, 2.0]

    def test_an_id_may_be_used_again_for_another_topic(self):
        log = pair_log().format("other", PAIR).data(3, x=1).subscribe("other", 3).data(3, x=2)
        raw = read(log)
        assert xs(raw) == [1.0]
        assert xs(raw, "other") == [2.0]

    def test_unsubscribed_data_are_orphans(self):
        log = pair_log().data(3, x=1).unsubscribe(3).data(3, x=2).data(3, x=3).sync()
        raw = read(log)
        assert xs(raw) == [1.0]
        assert raw.receipt.unknown_ids == {"3": 2}
        assert raw.receipt.status is Status.MALFORMED

    def test_resubscription_under_another_id_keeps_file_order(self):
        log = pair_log().data(3, x=1).subscribe("pair", 8).data(8, x=2).data(3, x=3).data(8, x=4)
        assert xs(read(log)) == [1.0, 2.0, 3.0, 4.0]

    def test_instances_are_topics_of_their_own(self):
        log = pair_log().subscribe("pair", 4, multi_id=2).data(4, x=7).data(3, x=1)
        raw = read(log)
        assert xs(raw) == [1.0]
        assert xs(raw, instance=2) == [7.0]
        assert raw.instances("pair") == [0, 2]

    def test_orphans_are_counted_for_each_id_and_the_rest_is_read(self):
        log = pair_log()
        for i in range(5):
            log.raw(frame("D", struct.pack("<HQf", 99, i, 0))).data(3, x=i)
        raw = read(log)
        assert xs(raw) == [0.0, 1.0, 2.0, 3.0, 4.0]
        assert raw.receipt.unknown_ids == {"99": 5}
        assert raw.receipt.skipped_bytes == 5 * 17
        assert {gap.reason for gap in raw.receipt.gaps} == {
            "data of id 99, which has no subscription"
        }

    def test_a_subscription_without_rows_is_an_empty_topic(self):
        raw = read(pair_log())
        assert len(raw.topics["pair", 0]) == 0
        assert raw.topics["pair", 0].columns()["x"].shape == (0,)
        assert raw.topic("pair") is None


class TestFormats:
    def test_trailing_padding_may_be_there_or_not(self):
        log = ULogWriter().format("p", "uint64_t timestamp;uint8_t x;uint8_t[7] _padding0;")
        log.subscribe("p", 1).data(1, x=1).data(1, padding=True, x=2)
        raw = read(log)
        assert xs(raw, "p") == [1, 2]
        assert raw.topics["p", 0].fields == ("timestamp", "x")

    @pytest.mark.parametrize("change", [-1, 1])
    def test_data_of_another_size_are_a_gap(self, change):
        log = pair_log().data(3, x=1)
        at = log.size
        log.raw(frame("D", struct.pack("<H", 3) + bytes(12 + change))).data(3, x=2).data(3, x=3)
        raw = read(log)
        assert xs(raw) == [1.0, 2.0, 3.0]
        size = 17 + change
        reason = "data of id 3 of a size that its format does not have"
        assert raw.receipt.gaps == (Gap(at, size, reason),)

    def test_nested_formats_and_arrays_of_them_flatten(self):
        log = (
            ULogWriter()
            .format("leaf", "float[1] v;uint8_t k;uint8_t[3] _padding0;")
            .format("branch", "leaf[2] leaves;leaf last;")
            .format("tree", "uint64_t timestamp;branch b;uint16_t end;")
            .subscribe("tree", 1)
        )
        log.data(1, {"timestamp": 5, "b.leaves[1].v[0]": 2.5, "b.last.k": 9, "end": 700})
        columns = read(log).topics["tree", 0].columns()
        assert "b.leaves[0]._padding0[2]" in columns  # nested padding is in the data
        assert columns["b.leaves[1].v[0]"].tolist() == [2.5]
        assert columns["b.last.k"].tolist() == [9]
        assert columns["end"].tolist() == [700]

    def test_every_type_keeps_its_dtype_and_value(self):
        values = {
            "int8_t": (-5, np.int8), "uint8_t": (250, np.uint8), "bool": (1, np.int8),
            "char": (65, np.int8), "int16_t": (-30000, np.int16), "uint16_t": (60000, np.uint16),
            "int32_t": (-(1 << 30), np.int32), "uint32_t": (1 << 31, np.uint32),
            "float": (0.5, np.float32), "int64_t": (-(1 << 60), np.int64),
            "uint64_t": ((1 << 63) + 1, np.uint64), "double": (1e300, np.float64),
        }  # fmt: skip
        log = ULogWriter().format("all", "".join(f"{kind} f_{kind};" for kind in values))
        log.subscribe("all", 0).data(0, {f"f_{kind}": value for kind, (value, _) in values.items()})
        columns = read(log).topics["all", 0].columns()
        for kind, (value, dtype) in values.items():
            assert columns[f"f_{kind}"].dtype == dtype, kind
            assert columns[f"f_{kind}"].tolist() == [value], kind

    def test_a_format_described_after_its_subscription_is_used(self):
        log = ULogWriter()
        log.raw(frame("A", struct.pack("<BH", 0, 3) + b"pair"))
        for i in range(3):
            log.raw(frame("D", struct.pack("<HQf", 3, i, i)))
        log.format("pair", PAIR)
        for i in range(3, 6):
            log.raw(frame("D", struct.pack("<HQf", 3, i, i)))
        assert xs(read(log)) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]

    def test_data_whose_format_never_comes_are_gaps(self):
        log = ULogWriter().raw(frame("A", struct.pack("<BH", 0, 3) + b"ghost"))
        log.raw(frame("D", struct.pack("<HQ", 3, 1)) * 2)
        raw = read(log)
        assert raw.receipt.skipped_bytes == 26
        assert raw.receipt.gaps[0].reason == "data of 'ghost', which no format describes"

    def test_a_redefined_format_reads_each_row_by_its_own_version(self):
        log = pair_log().data(3, timestamp=1, x=1)
        log.format("pair", "uint64_t timestamp;double x;uint8_t y;").subscribe("pair", 3)
        log.data(3, timestamp=2, x=2, y=7)
        columns = read(log).topics["pair", 0].columns()
        assert columns["x"].tolist() == [1.0, 2.0]
        assert columns["x"].dtype == np.float64
        np.testing.assert_array_equal(columns["y"], [np.nan, 7.0])
        assert columns["timestamp"].tolist() == [1, 2]

    @pytest.mark.parametrize(
        "line",
        [b"loop:loop inner;", b"big:double[65535] x;", b"none:", b"no colon", b"a:float[x] y;",
         b"a:float[0] y;", b"a:float;", b"a:float[99999999999999999999] y;"],
    )  # fmt: skip
    def test_formats_that_describe_nothing_do_no_harm(self, line):
        log = pair_log().frame("F", line)
        name = line.partition(b":")[0]
        log.raw(frame("A", struct.pack("<BH", 0, 5) + name)).data(3, x=1)
        assert xs(read(log)) == [1.0]

    def test_a_short_format_of_many_fields_stays_cheap_until_asked(self):
        log = ULogWriter().format("wide", "uint8_t[65533] x;").subscribe("wide", 1)
        topic = read(log).topics["wide", 0]
        assert "_flat" not in vars(topic._segments[0].layout)
        assert len(topic.fields) == 65533

    def test_gather_gives_the_fields_asked_for_in_their_order(self):
        topic = read(pair_log().data(3, timestamp=9, x=2)).topics["pair", 0]
        assert list(topic.gather(["x", "timestamp"])) == ["x", "timestamp"]
        assert topic.time_us().tolist() == [9]
        with pytest.raises(KeyError, match="no field 'z'"):
            topic.column("z")


class TestOtherMessages:
    def test_dropouts_take_the_time_of_the_data_before(self):
        log = pair_log().data(3, timestamp=2_000_000).dropout(65_535).data(3, timestamp=70_000_000)
        assert read(log).receipt.dropouts == (Dropout(2_000_000, 65_535_000),)

    def test_texts_come_with_level_tagged_or_not(self):
        log = pair_log().log(3, 11, b"bad \xff").tagged(7, 5, 12, b"tagged")
        found = [(m.t_us, m.level, m.text) for m in read(log).messages]
        assert found == [(11, 3, "bad \ufffd"), (12, 7, "tagged")]

    @pytest.mark.parametrize("opener", ["log", "tagged"])
    def test_a_text_can_open_the_data_section(self, opener):
        log = ULogWriter().format("pair", PAIR).parameter("A", 1)
        log.log(6, 1, b"first") if opener == "log" else log.tagged(6, 0, 1, b"first")
        raw = read(log.parameter("A", 2).subscribe("pair", 3).data(3, x=1))
        assert dict(raw.params) == {"A": 1}
        assert [(c.name, c.value) for c in raw.parameter_changes] == [("A", 2)]

    def test_a_parameter_after_the_start_is_a_change_at_the_last_data_time(self):
        log = pair_log().data(3, timestamp=5_000_000).parameter("GAIN", 0.5)
        change = read(log).parameter_changes[0]
        assert (change.t_us, change.name, change.value) == (5_000_000, "GAIN", 0.5)

    def test_defaults_are_kept_by_set(self):
        log = ULogWriter().default(1, "A", 1).default(2, "B", 2.5).default(3, "C", 3)
        assert read(log).defaults == {"system": {"A": 1, "C": 3}, "airframe": {"B": 2.5, "C": 3}}

    def test_information_of_every_shape_is_text(self):
        log = (
            ULogWriter()
            .info("char[5]", "sys_name", b"P\xffX4\0")
            .info("uint32_t", "ver_sw_release", 1234)
            .info("uint8_t[2]", "blob", b"\x01\xff")
            .frame("I", b"\x05nokeyvalue")
            .info_multiple("char[2]", "perf", b"ab")
            .info_multiple("char[2]", "perf", b"cd", continued=True)
            .info_multiple("char[2]", "perf", b"ef")
        )
        assert dict(read(log).info) == {
            "sys_name": "P\ufffdX4", "ver_sw_release": "1234", "blob": "01ff", "nokey": "value",
            "perf": "abcd\nef",
        }  # fmt: skip

    def test_a_parameter_of_the_wrong_size_is_a_gap(self):
        log = ULogWriter().frame("P", b"\x07float A\0\0").parameter("B", 1)
        raw = read(log)
        assert dict(raw.params) == {"B": 1}
        assert raw.receipt.gaps[0].reason == "parameter 'A' of type 'float' in 2 bytes"

    def test_a_message_type_of_the_future_is_stepped_over(self):
        log = pair_log().data(3, x=1).frame("Z", b"whatever").data(3, x=2).data(3, x=3)
        raw = read(log)
        assert xs(raw) == [1.0, 2.0, 3.0]
        assert raw.receipt.unknown_ids == {"type 'Z'": 1}
        assert raw.receipt.skipped_bytes == 11
        assert raw.receipt.resyncs == 0


class TestTimes:
    def test_rows_out_of_order_stay_in_file_order(self):
        log = pair_log()
        for t in (50, 10, 0, 90):
            log.data(3, timestamp=t)
        assert read(log).topics["pair", 0].time_us().tolist() == [50, 10, 0, 90]

    def test_one_garbage_time_does_not_rule_what_follows(self):
        log = pair_log().data(3, timestamp=2_000_000).data(3, timestamp=1 << 63)
        log.data(3, timestamp=(1 << 62)).data(3, timestamp=3_000_000).dropout(1)
        assert read(log).receipt.dropouts[0].t_us == 3_000_000

    def test_a_topic_without_timestamp_has_no_time(self):
        log = ULogWriter().format("bare", "float x;").subscribe("bare", 1).data(1, x=1)
        topic = read(log).topics["bare", 0]
        assert topic.time_field == ""
        assert topic.time_us().tolist() == [0]


def test_the_sample_reads_whole():
    raw = read(sample())
    assert raw.receipt.status is Status.COMPLETE
    assert raw.receipt.resyncs == 0
    assert raw.boots == ((0, len(raw.source)),)
    assert {key: len(topic) for key, topic in raw.topics.items()} == {
        ("attitude", 0): 40, ("attitude", 1): 40, ("mixed", 0): 10,
    }  # fmt: skip
