"""More traps that DataFlash logs are known for: fields, instances, clocks, boots and texts."""

import math
import struct
import warnings

import numpy as np
import pytest

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from tests.scenarios.dataflash import FMT_TYPE, HEAD, DataFlashLog, fly, open_boot, opened, sample


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


# -- fields -------------------------------------------------------------------------------------

EVERY = "abBhHiIqQgfdnNZcCeELM"


def test_every_format_character() -> None:
    log = small()
    # FMT has 16 characters at most: two messages take them all
    one, two = EVERY[:11], EVERY[11:]
    log.define(20, "ONE", one, ",".join(f"F{c}" for c in one))
    log.define(21, "TWO", two, ",".join(f"F{c}" for c in two))
    samples = tuple(range(-16, 16))
    log.write(
        "ONE", samples, -5, 250, -3000, 60000, -(2**31), 2**32 - 1, -(2**63), 2**64 - 1, 0.5, 1 / 3
    )
    log.write("TWO", 1e-300, "abc", "sixteen chars ok", "z" * 64, -1.23, 655.35, -7.01, 4e7,
              -35.3632620, 200)  # fmt: skip
    raw = read(bytes(log))
    one_c, two_c = raw.topics["ONE", 0].columns(), raw.topics["TWO", 0].columns()
    assert one_c["Fa"].shape == (1, 32)
    assert one_c["Fa"].dtype == np.int16
    assert one_c["Fa"][0].tolist() == list(samples)
    expected = [-5, 250, -3000, 60000, -(2**31), 2**32 - 1, -(2**63), 2**64 - 1, 0.5]
    assert [one_c[f"F{c}"][0] for c in "bBhHiIqQg"] == expected
    assert one_c["Fg"].dtype == np.float16
    assert one_c["Ff"].dtype == np.float32
    assert one_c["Ff"][0] == np.float32(1 / 3)
    assert two_c["Fd"][0] == 1e-300
    assert [two_c[f"F{c}"][0] for c in "nNZ"] == [b"abc", b"sixteen chars ok", b"z" * 64]
    assert [two_c[f"F{c}"][0] for c in "cCeEL"] == [-1.23, 655.35, -7.01, 4e7, -35.3632620]
    assert two_c["FL"].dtype == np.float64
    assert two_c["FM"][0] == 200  # unsigned in the firmware


def test_what_stands_behind_a_nul_is_left_over_memory_except_in_files() -> None:
    log = small()
    log.define(20, "MSG", "QZ", "TimeUS,Message")
    log.define(21, "FILE", "NIBZ", "FileName,Offset,Length,Data")
    log.write("MSG", 1, b"short\0junk of an older text")
    log.write("FILE", "@SYS/x", 0, 12, b"bytes\0inside")
    raw = read(bytes(log))
    assert raw.topics["MSG", 0].column("Message").tolist() == [b"short"]
    assert raw.topics["FILE", 0].column("Data").tolist() == [b"bytes\0inside"]
    assert raw.messages[0].text == "short"


def test_text_that_is_no_utf8_is_latin1() -> None:
    log = small()
    log.define(20, "MSG", "QZ", "TimeUS,Message")
    log.write("MSG", 1, b"20\xb0C")
    assert read(bytes(log)).messages[0].text == "20°C"


def test_nan_keeps_its_bits() -> None:
    quiet, signalling = 0x7FC00001, 0x7FA00001
    log = small()
    log.define(20, "CTUN", "Qf", "TimeUS,DSAlt")
    for bits in (quiet, signalling):
        log.data += HEAD + bytes((20,)) + struct.pack("<QI", 1, bits)
    column = read(bytes(log)).topics["CTUN", 0].column("DSAlt")
    assert np.isnan(column).all()
    assert column.view(np.uint32).tolist() == [quiet, signalling]


def test_multipliers_are_stated_and_not_applied_twice() -> None:
    log = DataFlashLog()
    log.define(FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.legend()
    log.define(20, "TST", "QcIffI", "TimeUS,Roll,Raw,None,Plain,Speed", "sdA-vm", "FBC?-!")
    log.write("TST", 1, 12.34, 2500, 1.0, 16.0, 10)
    topic = read(bytes(log)).topics["TST", 0]
    assert topic.column("Roll").tolist() == [12.34]
    assert topic.column("Raw").tolist() == [2500]
    assert topic.units == {
        "TimeUS": "µs", "Roll": "deg", "Raw": "mA", "Plain": "V", "Speed": "3.6 m"
    }  # fmt: skip
    # logged as doubles that were floats once: 3.5999999046 means 3.6
    assert topic.multipliers == {"TimeUS": 1e-6, "Raw": 1e-3, "Speed": 3.6}


def test_units_may_be_missing() -> None:
    log = small()
    log.write("TST", 1, 1)
    assert read(bytes(log)).topics["TST", 0].units == {}


# -- instances ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("label", "character"), [("I", "B"), ("Inst", "b"), ("chan", "H")])
def test_an_instance_is_found_wherever_it_first_appears(label: str, character: str) -> None:
    """pymavlink's fast index looks at the first 100 messages only."""
    log = opened()
    log.define(20, "BAT2", f"Q{character}f", f"TimeUS,{label},Volt", "s#v")
    for n in range(500):
        log.write("BAT2", n, 0 if n < 400 else n % 2, n)
    raw = read(bytes(log))
    assert raw.instances("BAT2") == [0, 1]
    late = raw.topics["BAT2", 1].columns()
    assert late["Volt"].tolist() == list(range(401, 500, 2))
    assert set(late[label].tolist()) == {1}
    assert raw.topics["BAT2", 0].column("Volt").tolist() == [*range(400), *range(400, 500, 2)]


def test_rows_logged_before_their_fmtu_are_split_too() -> None:
    log = opened()
    log.define(20, "ESC", "QBf", "TimeUS,Instance,RPM")
    log.write("ESC", 1, 0, 10)
    log.write("ESC", 2, 1, 20)
    log.write("FMTU", 3, 20, "s#-", "F--")
    log.write("ESC", 4, 1, 30)
    raw = read(bytes(log))
    assert raw.topics["ESC", 1].column("RPM").tolist() == [20, 30]


def test_instances_named_by_text_are_numbered_as_they_appear() -> None:
    log = opened()
    log.define(20, "NVF", "QNf", "TimeUS,Name,Value", "s#-")
    for n, name in enumerate(["zeta", "alpha", "zeta"]):
        log.write("NVF", n, name, n)
    raw = read(bytes(log))
    assert raw.topics["NVF", 0].column("Name").tolist() == [b"zeta", b"zeta"]
    assert raw.topics["NVF", 1].column("Value").tolist() == [1.0]


def test_negative_instances_and_too_many_of_them() -> None:
    log = opened()
    log.define(20, "NEG", "Qb", "TimeUS,I", "s#")
    log.define(21, "LOT", "QH", "TimeUS,I", "s#")
    log.write("NEG", 1, -1)
    for n in range(400):
        log.write("LOT", n, n)
    raw = read(bytes(log))
    assert raw.instances("NEG") == [-1]
    assert raw.instances("LOT") == [0]
    assert len(raw.topics["LOT", 0]) == 400
    assert any("LOT: too many instances" in note for note in raw.receipt.notes)


# -- clocks and boots ---------------------------------------------------------------------------


def test_old_logs_count_milliseconds() -> None:
    log = DataFlashLog()
    log.define(FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.define(130, "GPS", "BIHBcLLI", "Status,TimeMS,Week,NSats,HDop,Lat,Lng,T")
    log.define(131, "IMU", "If", "TimeMS,GyrX")
    log.define(4, "EV", "B", "Id")
    log.write("GPS", 3, 302_400_000, 1800, 9, 1.2, 47.0, 8.0, 1234)
    log.write("IMU", 1240, 0.5)
    log.write("EV", 10)
    raw = read(bytes(log))
    assert raw.topics["GPS", 0].time_field == "T"
    assert raw.topics["GPS", 0].time_us().tolist() == [1_234_000]
    assert raw.topics["IMU", 0].time_us().tolist() == [1_240_000]
    assert raw.topics["EV", 0].time_field == ""
    assert raw.topics["EV", 0].time_us().tolist() == [0]
    assert raw.receipt.clock.startswith("GPS[0] Week and TimeMS: 1 fixes")


def test_joined_logs_are_two_boots() -> None:
    log = opened(start_us=5_000_000)
    fly(log, start_us=6_000_000)
    second = len(log.data)
    open_boot(log)
    fly(log, seconds=1.0)
    raw = read(bytes(log))
    assert raw.boots == ((0, second), (second, len(log.data)))
    assert raw.receipt.boots == 2
    assert len(raw.topics["IMU", 0]) == 150


def test_a_restart_without_new_descriptions_is_a_boot() -> None:
    log = opened(start_us=60_000_000)
    fly(log, start_us=61_000_000)
    second = len(log.data)
    log.write("PARM", 900_000, "FRAME_CLASS", 1.0, 0.0)
    log.banner(1_000_000)
    fly(log)
    assert read(bytes(log)).boots == ((0, second), (second, len(log.data)))


def test_neither_a_banner_nor_a_step_back_alone_is_a_boot() -> None:
    log = opened()
    fly(log)
    log.banner(9_000_000)  # logged again on arming
    fly(log, start_us=10_000_000)
    fly(log, start_us=2_000_000)  # a buffer that comes late
    assert read(bytes(log)).boots == ((0, len(log.data)),)


def test_one_damaged_stamp_beside_a_banner_is_no_boot() -> None:
    log = opened()
    fly(log)
    log.write("BAT", 2**62, 0, 16.0, 1.0)
    log.banner(9_000_000)
    fly(log, start_us=10_000_000)
    assert read(bytes(log)).receipt.boots == 1


# -- parameters, losses -------------------------------------------------------------------------


def test_parameters_first_value_then_changes() -> None:
    log = opened()
    for t_us, value in ((2_000_000, 5000.0), (3_000_000, 4000.0), (4_000_000, 4000.0)):
        log.write("PARM", t_us, "BATT_CAPACITY", value, math.nan)
    log.write("PARM", 5_000_000, "SOME_NAN", math.nan, math.nan)
    log.write("PARM", 6_000_000, "SOME_NAN", math.nan, math.nan)
    raw = read(bytes(log))
    assert raw.params["BATT_CAPACITY"] == 5000.0
    changes = [(c.t_us, c.name, c.value) for c in raw.parameter_changes]
    assert changes == [(3_000_000, "BATT_CAPACITY", 4000.0)]


def test_what_the_logger_says_it_lost_is_noted() -> None:
    log = opened()
    log.define(177, "DSF", "QIHIIII", "TimeUS,Dp,Blk,Bytes,FMn,FMx,FAv")
    log.define(91, "WDOG", "Qb", "TimeUS,Tsk")
    log.write("DSF", 1, 0, 1, 1, 1, 1, 1)
    log.write("DSF", 2, 17, 1, 1, 1, 1, 1)
    log.write("WDOG", 3, 1)
    notes = read(bytes(log)).receipt.notes
    assert any("17 writes" in note for note in notes)
    assert any("watchdog" in note for note in notes)


# -- ends and blanks ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 249, 528])
def test_the_rest_of_a_flash_page_is_a_normal_end(size: int) -> None:
    raw = read(sample() + b"\xff" * size)
    assert raw.receipt.status is Status.COMPLETE
    assert raw.receipt.skipped_bytes == size
    assert raw.receipt.gaps[0].reason == "rest of the last flash page"


def test_more_garbage_than_a_page_at_the_end_is_damage() -> None:
    raw = read(sample() + b"\xff" * 529)
    assert raw.receipt.status is Status.MALFORMED
    assert len(raw.topics["ATT", 0]) == len(read(sample()).topics["ATT", 0])


def test_zeros_at_the_end_are_normal_and_inside_they_are_a_gap() -> None:
    assert read(sample() + bytes(5000)).receipt.status is Status.COMPLETE
    data = sample()
    cut = int(read(data).topics["ATT", 0].offsets[20])
    raw = read(data[:cut] + bytes(4096) + data[cut:])
    assert raw.receipt.status is Status.MALFORMED
    assert [(g.offset, g.bytes, g.reason) for g in raw.receipt.gaps] == [(cut, 4096, "zero run")]
    assert raw.receipt.messages == read(data).receipt.messages


def test_zeros_before_the_log_are_skipped() -> None:
    raw = read(bytes(1000) + sample())
    assert raw.receipt.skipped_bytes == 1000
    assert raw.receipt.messages == read(sample()).receipt.messages


def test_a_log_cut_inside_a_record_is_truncated() -> None:
    raw = read(sample()[:-5])
    assert raw.receipt.status is Status.TRUNCATED
    assert raw.receipt.gaps[-1].reason.startswith("file ends inside a record")


def test_the_text_form_is_another_format() -> None:
    data = b"FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format,Columns\nFMT, 129, 23, PARM, Nf\n"
    assert not DECODER.sniff(data)
    with pytest.raises(DecodeError, match="expected a3 95 80"):
        DECODER.decode(Source("text.log", data))


def test_asking_for_a_field_that_is_not_there_says_which_are() -> None:
    with pytest.raises(KeyError, match="ATT has no field 'Rol', only TimeUS"):
        read(sample()).topics["ATT", 0].column("Rol")


def test_scaling_warns_of_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for topic in read(sample()).topics.values():
            topic.columns()


@pytest.mark.parametrize("size", [1, 7, 40, 300, 5000])
def test_foreign_bytes_between_two_records_cost_neither(size: int) -> None:
    data = sample(seconds=8.0)
    whole = read(data)
    cut = int(whole.topics["ATT", 0].offsets[300])
    raw = read(data[:cut] + b"\x55" * size + data[cut:])
    assert raw.receipt.messages == whole.receipt.messages
    assert [(g.offset, g.bytes) for g in raw.receipt.gaps] == [(cut, size)]
