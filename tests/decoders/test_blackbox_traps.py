"""Each way in which blackbox logs mislead a reader, met by a log built for it."""

import numpy as np
import pytest

from flyoff.decoders.blackbox import DECODER
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from tests.scenarios.blackbox import (
    END,
    GPS,
    HOME,
    PRODUCT,
    TIME,
    BlackboxLog,
    Field,
    quad,
    run,
    sample,
    small,
)


def decode(data):
    raw = DECODER.decode(Source("built", bytes(data)))
    receipt = raw.receipt
    assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes == len(bytes(data))
    assert sum(g.bytes for g in receipt.gaps) == receipt.skipped_bytes
    return raw


def iterations(raw, log: int = 0) -> list[int]:
    return raw.topics["main", log].column("loopIteration").tolist()


def reasons(raw) -> list[str]:
    return [g.reason for g in raw.receipt.gaps]


def events(raw, log: int = 0) -> list[tuple[int, int]]:
    found = raw.topics["event", log].columns()
    return list(zip(found["event"].tolist(), found["data[0]"].tolist(), strict=True))


# headers ------------------------------------------------------------------------------------------


def test_many_logs_in_one_file_with_erased_flash_between() -> None:
    one, two = small(), small(I_interval=8)
    run(one, 40)
    one.end()
    run(two, 20, t_us=0)
    raw = decode(bytes(one) + b"\xff" * 700 + bytes(two))
    assert (len(iterations(raw, 0)), len(iterations(raw, 1))) == (40, 20)
    assert reasons(raw) == ["erased flash"]
    assert raw.receipt.boots == 2
    assert raw.boots == ((0, len(bytes(one)) + 700), (len(bytes(one)) + 700, raw.receipt.bytes))
    assert raw.receipt.status is Status.TRUNCATED  # the second has no end marker
    assert raw.receipt.notes == ("log 1 has no end marker",)


def test_a_repeated_header_is_one_log() -> None:
    log = small()
    log.data[:0] = log.header()
    run(log, 5)
    log.end()
    raw = decode(log)
    assert raw.instances("main") == [0]
    assert iterations(raw) == [0, 1, 2, 3, 4]
    assert raw.receipt.status is Status.COMPLETE


def test_a_header_cut_inside_firmware_type_is_damage_that_is_told() -> None:
    log = small()
    run(log, 40)
    log.end()
    data = bytes(log)
    cut = data[: data.index(b"e type:Clean")] + data[data.index(b"H minthrottle") :]
    raw = decode(cut)
    assert any("does not say which firmware" in note for note in raw.receipt.notes)
    assert len(iterations(raw)) == 40
    torn = data[: data.index(b"H Firmware")] + b"re rev:x\n" + data[data.index(b"H minthr") :]
    raw = decode(torn)
    assert reasons(raw) == ["header cut"]
    assert len(iterations(raw)) == 40


def test_a_header_that_breaks_off_into_frames_is_a_gap() -> None:
    log = small()
    header_end = len(log.data)
    run(log, 70)
    log.end()
    data = bytes(log)
    raw = decode(data[: header_end - 6] + data[header_end:])
    assert "header cut" in reasons(raw)
    assert raw.receipt.status is Status.MALFORMED
    assert iterations(raw)[-38:] == list(range(32, 70))  # at the latest from the second I frame on


def test_bytes_before_the_first_log() -> None:
    raw = decode(b"\0" * 300 + sample(0.2))
    assert reasons(raw) == ["bytes before the first log"]
    assert len(raw.topics["main", 0]) == 20


def test_without_field_definitions_nothing_is_decoded_and_nothing_raised() -> None:
    raw = decode(PRODUCT + b"H Data version:2\n" + b"I\x01\x02P\x03")
    assert len(raw.topics["main", 0]) == 0
    assert "log 0: frames I are not described" in raw.receipt.notes
    assert DECODER.normalise(raw) == []


@pytest.mark.parametrize("byte", [0, 0xFF, ord("H")])
def test_a_file_of_one_byte_is_refused_at_once(byte: int) -> None:
    data = np.full(64 << 20, byte, dtype=np.uint8)
    with pytest.raises(DecodeError, match="expected 'H Product:Blackbox'"):
        DECODER.decode(Source("blank", memoryview(data)))


def test_p_fields_have_the_names_and_signs_of_i_fields() -> None:
    log = BlackboxLog((*TIME, Field("big", 0, 0, 1, 1, 0)))
    for i, value in enumerate((0, 3_000_000_000, 1)):
        log.put("P" if i else "I", {"loopIteration": i, "time": i, "big": value})
    assert decode(log).topics["main", 0].column("big").tolist() == [0, 3_000_000_000, 1]


# frames without checksums -------------------------------------------------------------------------


def test_after_damage_only_an_i_frame_counts_again() -> None:
    log = small()
    offsets = run(log, 100)
    log.end()
    log.data[offsets[40] + 1 : offsets[40] + 2] = (
        b"\xff\xff\xff\xff\xff\xff"  # no number is so long
    )
    raw = decode(log)
    assert iterations(raw) == [*range(40), *range(64, 100)]
    assert set(reasons(raw)) <= {"damaged frames", "P frames without the I frame before them"}
    assert raw.receipt.resyncs == 1


def test_a_lost_p_frame_desynchronises_nothing_else() -> None:
    """P frames cut out leave frames that read well: only the next I frame sets them right."""
    log = small()
    offsets = run(log, 200)
    log.end()
    del log.data[offsets[40] : offsets[60]]
    raw = decode(log)
    assert iterations(raw)[:40] == list(range(40))
    assert iterations(raw)[-100:] == list(range(100, 200))


def test_a_jump_in_time_is_believed_only_when_it_goes_on() -> None:
    log = small()
    run(log, 64)
    log.write("I", loopIteration=64, time=900_000_000, value=1)  # one false frame
    run(log, 64, first=96)
    log.end()
    raw = decode(log)
    assert iterations(raw) == [*range(64), *range(96, 160)]
    assert "frame jumps in time or iteration" in reasons(raw)


def test_a_long_hole_costs_one_interval_and_no_more() -> None:
    log = small()
    run(log, 64)
    run(log, 160, first=32_000)
    log.end()
    assert iterations(decode(log)) == [*range(64), *range(32_032, 32_160)]


def test_a_pause_of_logging_is_no_jump() -> None:
    log = small()
    run(log, 64)
    log.resume(32_000, 1_000_000 + 32_000_000)
    run(log, 64, first=32_000)
    log.end()
    raw = decode(log)
    assert iterations(raw) == [*range(64), *range(32_000, 32_064)]
    assert raw.receipt.status is Status.COMPLETE


def test_time_that_runs_back_is_not_believed() -> None:
    log = small()
    run(log, 64)
    run(log, 64, first=0, t_us=0)
    run(log, 64, first=64)
    log.end()
    assert iterations(decode(log)) == [*range(64), *range(64, 128)]


def test_a_frame_longer_than_frames_are_is_damage() -> None:
    fields = [Field(f"v[{i}]") for i in range(60)]
    log = BlackboxLog((*TIME, *fields), {"I interval": 2})
    for i in range(6):
        size = 2**31 - 1 if i == 2 else 1  # 60 numbers of 5 bytes are more than 256
        log.put("I" if i % 2 == 0 else "P", {
            "loopIteration": i, "time": i, **{f.name: size for f in fields}
        })  # fmt: skip
    log.end()
    assert iterations(decode(log)) == [0, 1, 4, 5]


def test_more_fields_than_usual_make_longer_frames() -> None:
    """Indiflight logs two hundred fields; its I frames are longer than other firmware's can be."""
    fields = [Field(f"v[{i}]") for i in range(200)]
    log = BlackboxLog((*TIME, *fields))
    for i in range(3):
        log.put("P" if i else "I", {
            "loopIteration": i, "time": i, **{f.name: 300 * i + 100 for f in fields}
        })  # fmt: skip
    log.end()
    assert iterations(decode(log)) == [0, 1, 2]


def test_the_log_may_end_inside_a_frame() -> None:
    log = small()
    run(log, 40)
    raw = decode(bytes(log)[:-1])
    assert iterations(raw) == list(range(39))
    assert reasons(raw) == ["log ends inside a frame"]
    assert raw.receipt.status is Status.TRUNCATED


# clock and iterations -----------------------------------------------------------------------------


def test_the_32_bit_clock_goes_on_after_its_round() -> None:
    log = small()
    start = 2**32 - 50_000
    for i in range(100):
        now = (start + 1000 * i) % 2**32
        log.write("I" if i % 32 == 0 else "P", loopIteration=i, time=now, value=i)
    log.end()
    raw = decode(log)
    assert raw.topics["main", 0].column("time").tolist() == [start + 1000 * i for i in range(100)]


@pytest.mark.parametrize(
    ("interval", "logged"),
    [("1/8", range(0, 64, 8)), ("4", range(0, 64, 4)), ("2/3", None), ("0", range(64))],
)
def test_iterations_left_out_by_intent_are_counted_not_missed(interval: str, logged) -> None:
    if logged is None:  # as the firmware asks: (i mod I + num - 1) mod denom < num
        logged = [i for i in range(64) if (i % 32 + 1) % 3 < 2]
    log = small(**{"P_interval": interval})
    for i in logged:
        log.write("I" if i % 32 == 0 else "P", loopIteration=i, time=1000 * i, value=i)
    log.end()
    raw = decode(log)
    assert iterations(raw) == list(logged)
    assert raw.receipt.skipped_bytes == 0


# events -------------------------------------------------------------------------------------------


def test_events_as_they_stand_in_the_log() -> None:
    log = small()
    run(log, 3)
    log.event(0, b"\x90\x4e")
    log.adjust(5, -3)
    log.adjust(6, 1.5)
    log.mode(3, 1)
    log.event(10, bytes(5))
    log.event(12, bytes(8))
    log.disarm(6)
    run(log, 2, first=3)
    log.end()
    raw = decode(log)
    assert events(raw) == [
        (0, 10_000), (13, 5), (13, 134), (30, 3), (10, 0), (12, 0), (15, 6), (255, 0xFFFFFFFF)
    ]  # fmt: skip
    assert raw.topics["event", 0].column("value")[1:3].tolist() == [-3.0, 1.5]
    assert len(iterations(raw)) == 5


def test_event_40_is_inavs_imu_failure_or_a_latency_test() -> None:
    log = small(Firmware_revision="INAV 7.1.2 (abc) MATEKF722")
    run(log, 2)
    log.event(40, b"\x07")
    run(log, 2, first=2)
    assert events(decode(log)) == [(40, 7)]
    other = small(Firmware_revision="EmuFlight 0.4.1 (abc) X")
    run(other, 2)
    other.event(40, b"\x01\0\0\0\0")
    run(other, 2, first=2)
    raw = decode(other)
    assert events(raw) == [(40, 1)]
    assert iterations(raw) == [0, 1, 2, 3]


def test_the_end_is_known_by_its_text() -> None:
    log = small()
    run(log, 20)
    log.data += b"E\xffnot the end"
    run(log, 50, first=32)
    log.end()
    log.data += b"left of an older log"
    raw = decode(log)
    assert iterations(raw) == [*range(20), *range(32, 82)]
    assert raw.receipt.gaps[-1].reason == "bytes behind the end of a log"


def test_inav_ends_a_log_with_the_reason() -> None:
    log = small(Firmware_revision="INAV 8.0.1 (abc) MATEKF722")
    run(log, 5)
    log.data += b"E\xffEnd of log (disarm reason:6)\0"
    raw = decode(log)
    assert events(raw) == [(255, 6)]
    assert raw.receipt.status is Status.COMPLETE


# position -----------------------------------------------------------------------------------------


def located(*kinds: str) -> BlackboxLog:
    log = BlackboxLog((*TIME, Field("v")), gps=GPS, home=HOME)
    log.put("I", {"loopIteration": 0, "time": 7_000_000, "v": 0})
    for kind in kinds:
        if kind == "H":
            log.put("H", {"GPS_home[0]": 480_000_000, "GPS_home[1]": -710_000_000})
            continue
        values = (7_000_300, 9, 480_000_111, -710_000_222, 55, 10, 900)
        log.put("G", dict(zip((f.name for f in GPS), values, strict=True)))
    log.end()
    return log


def test_latitude_and_longitude_share_a_predictor_but_not_a_home() -> None:
    found = decode(located("H", "G")).topics["gps", 0].columns()
    assert found["GPS_coord[0]"].tolist() == [480_000_111]
    assert found["GPS_coord[1]"].tolist() == [-710_000_222]
    assert found["time"].tolist() == [7_000_300]  # said relative to the last main frame


def test_a_late_gps_frame_runs_time_back_and_is_kept_so() -> None:
    log = located("H")
    del log.data[-len(END) :]
    log.put("I", {"loopIteration": 1, "time": 7_001_000, "v": 0})
    values = (7_000_900, 9, 480_000_111, -710_000_222, 55, 10, 900)
    log.put("G", dict(zip((f.name for f in GPS), values, strict=True)))
    log.end()
    assert decode(log).topics["gps", 0].column("time").tolist() == [7_000_900]


def test_slow_frames_carry_the_time_of_the_frame_before_them() -> None:
    log = quad()
    slow = {f.name: 0 for f in log.fields["S"]}
    log.put("S", slow)
    frame = {f.name: 0 for f in log.fields["I"]}
    log.put("I", frame | {"time": 5_000_000})
    log.put("P", frame | {"loopIteration": 1, "time": 5_010_000})
    log.put("S", slow)
    log.end()
    assert decode(log).topics["slow", 0].column("time").tolist() == [5_000_000, 5_010_000]
