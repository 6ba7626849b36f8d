"""DataFlash as text: the binary form's topics, from lines that people and consoles have handled."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.decoders import Source, Status
from flyoff.decoders.dataflash_text import DECODER
from flyoff.decoders.dataflash_text.topic import mode_names, mode_number
from flyoff.decoders.rawlog import RawLog
from flyoff.errors import DecodeError
from flyoff.pipeline import registry
from tests.shared import logs, needs_shared

REAL = [path for path in logs("dataflash") if path.suffix == ".log"]

HEAD = """\
ArduCopter V3.1 (5c6503e2)

FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format
FMT, 129, 23, PARM, Nf, Name,Value
FMT, 130, 45, GPS, BIHBcLLeeEefI, Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T
FMT, 1, 17, ATT, cccccCC, RollIn,Roll,PitchIn,Pitch,YawIn,Yaw,NavYaw
FMT, 3, 6, MODE, Mh, Mode,ThrCrs
FMT, 10, 3, STRT, , \n\
FMT, 13, 4, EV, B, Id
FMT, 132, 67, MSG, Z, Message
PARM, RC3_MIN, 1100.000
PARM, BATT_CAPACITY, 1e3
"""


def decode(text: str | bytes) -> RawLog:
    data = text.encode("latin-1") if isinstance(text, str) else text
    raw = DECODER.decode(Source("text.log", data))
    assert raw.receipt.decoded_bytes + raw.receipt.skipped_bytes == len(data)
    assert sum(gap.bytes for gap in raw.receipt.gaps) == raw.receipt.skipped_bytes
    return raw


def gps(t_ms: int) -> str:
    return (
        f"GPS, 3, {1000 + t_ms}, 1774, 9, 2.42, -39.4950300, 176.7, 0.05, 46.8, 0.0, 2, 0, {t_ms}\n"
    )


def peer(path: Path) -> dict[str, dict[str, list[Any]]]:
    from pymavlink.DFReader import DFReader_text

    rows: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    log = DFReader_text(str(path), zero_time_base=True)
    while (message := log.recv_msg()) is not None:
        for field in message.get_fieldnames():
            rows[message.get_type()][field].append(getattr(message, field))
    log.close()
    return rows


@needs_shared
@pytest.mark.parametrize("path", REAL, ids=lambda p: p.name)
def test_a_real_log_reads_as_pymavlink_reads_it(path: Path) -> None:
    raw, theirs = DECODER.decode(Source(str(path))), peer(path)
    assert {name for name, _ in raw.topics} == set(theirs)
    assert raw.receipt.status is Status.COMPLETE
    modes = mode_names(raw.info["firmware"])
    for (name, _), topic in raw.topics.items():
        columns = topic.columns()
        assert set(columns) == set(theirs[name])
        for field, column in columns.items():
            expected = theirs[name][field]
            if (name, field) == ("MODE", "Mode"):  # by name there, by number as in the binary form
                expected = [mode_number(mode.encode(), modes) for mode in expected]
            if column.dtype.kind == "S":
                assert [c.decode() for c in column.tolist()] == expected
            else:
                np.testing.assert_array_equal(column, np.array(expected), f"{name}.{field}")


@needs_shared
@pytest.mark.parametrize("path", REAL, ids=lambda p: p.name)
def test_a_real_log_becomes_a_recording(path: Path) -> None:
    (recording,) = DECODER.normalise(DECODER.decode(Source(str(path))))
    assert recording.vehicle.kind == "multirotor"
    assert recording.vehicle.firmware.startswith("ArduCopter 3.")
    assert {"attitude.roll", "battery.voltage", "throttle.demand", "baro.height"} <= set(recording)
    assert recording.duration_s > 20
    assert 5 < recording["battery.voltage"].values.max() < 30


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("delimiter", [", ", ","])
def test_delimiters_and_line_ends(delimiter: str, ending: str) -> None:
    text = (HEAD + gps(2000)).replace(", ", delimiter).replace("\n", ending)
    raw = decode(text)
    assert raw.receipt.skipped_bytes == 0
    assert raw.topics["GPS", 0].fields[-1] == "T"
    assert raw.topics["GPS", 0].column("Lat").tolist() == [-39.49503]
    assert dict(raw.params) == {"RC3_MIN": 1100.0, "BATT_CAPACITY": 1000.0}
    assert raw.topics["FMT", 0].fields == ("Type", "Length", "Name", "Format", "Columns")


def test_a_text_keeps_its_commas() -> None:
    raw = decode(HEAD + "MSG, PreArm: RC, not calibrated, at all\n" + gps(2000))
    assert [m.text for m in raw.messages][-1] == "PreArm: RC, not calibrated, at all"


def test_records_without_time_lie_between_those_that_have_one() -> None:
    att = "ATT, 0.00, 1.5, 0.00, -4.66, 0.00, 358.89, 358.89\n"
    raw = decode(HEAD + gps(2000) + att + gps(2200) + att + att + att + gps(2600))
    assert raw.topics["ATT", 0].time_us().tolist() == [2_100_000, 2_300_000, 2_400_000, 2_500_000]
    assert raw.topics["GPS", 0].time_us().tolist() == [2_000_000, 2_200_000, 2_600_000]


def test_without_any_clock_the_loops_of_the_firmware_are_counted() -> None:
    ctun = "FMT, 4, 25, CTUN, he, ThrIn,BarAlt\n" + "CTUN, 500, 1.5\n" * 31
    raw = decode(HEAD + ctun)
    t_us = raw.topics["CTUN", 0].time_us()
    assert np.diff(t_us).tolist() == [100_000] * 30
    assert "CTUN at 10 Hz" in raw.receipt.clock


def test_a_mode_by_name_is_the_number_of_the_binary_form() -> None:
    raw = decode(
        HEAD + "MODE, ALT_HOLD, 350\nMODE, Stabilize, 350\nMODE, Mode(16), 1\nMODE, 6, 1\n"
    )
    assert raw.topics["MODE", 0].column("Mode").tolist() == [2, 0, 16, 6]
    raw = decode(HEAD + "MODE, NO_SUCH, 350\nMODE, AUTO, 1\n")
    np.testing.assert_array_equal(raw.topics["MODE", 0].column("Mode"), [np.nan, 3])


def test_lines_that_no_one_describes_are_gaps() -> None:
    raw = decode(HEAD + gps(2000) + "WHAT, 1, 2\n" + gps(2200) + "ATT, 1.0\n" + gps(2400))
    assert [gap.reason for gap in raw.receipt.gaps] == ["no FMT line describes it", "too few cells"]
    assert raw.receipt.status is Status.MALFORMED
    assert len(raw.topics["GPS", 0]) == 3


def test_a_cut_last_line_is_a_cut_log() -> None:
    raw = decode(HEAD + gps(2000) + gps(2200)[:30])
    assert raw.receipt.status is Status.TRUNCATED
    assert len(raw.topics["GPS", 0]) == 1


def test_text_that_is_no_utf8_and_numbers_that_are_none() -> None:
    raw = decode(HEAD + "MSG, caf\xe9\n" + gps(2000).replace("46.8", "nan").replace("-39", "x39"))
    assert raw.messages[-1].text == "café"
    assert np.isnan(raw.topics["GPS", 0].column("Alt")).all()
    assert np.isnan(raw.topics["GPS", 0].column("Lat")).all()


def test_a_message_described_anew_keeps_both_readings() -> None:
    again = "FMT, 13, 5, EV, BB, Id,More\nEV, 11, 7\n"
    raw = decode(HEAD + "EV, 10\n" + again)
    columns = raw.topics["EV", 0].columns()
    assert columns["Id"].tolist() == [10, 11]
    np.testing.assert_array_equal(columns["More"], [np.nan, 7])


def test_instances_are_split_as_in_the_binary_form() -> None:
    text = HEAD + (
        "FMT, 118, 44, FMTU, QBNN, TimeUS,FmtType,UnitIds,MultIds\n"
        "FMT, 163, 10, IMU, QBf, TimeUS,I,GyrX\n"
        "FMTU, 5, 163, s#E, F--\n"
        "IMU, 1000, 0, 0.5\nIMU, 1001, 1, 0.25\nIMU, 2000, 0, 0.75\n"
    )
    raw = decode(text)
    assert raw.topics["IMU", 0].column("GyrX").tolist() == [0.5, 0.75]
    assert raw.topics["IMU", 1].time_us().tolist() == [1001]


def test_without_a_description_there_is_no_log() -> None:
    with pytest.raises(DecodeError, match="no line begins with 'FMT,'"):
        DECODER.decode(Source("x", b"dear diary,\ntoday\n"))


def test_it_is_chosen_by_its_first_bytes() -> None:
    assert registry.choose(Source("x", HEAD.encode())) is DECODER


@given(text=st.from_regex(r"[+-]?[0-9]{0,12}(\.[0-9]{0,9})?(e[+-]?[0-9]{1,2})?", fullmatch=True))
def test_a_number_is_what_python_reads(text: str) -> None:
    raw = decode("FMT, 128, 89, FMT, BBnNZ, A\nFMT, 1, 9, XX, df, A,B\nXX, " + text + ", 1\n")
    try:
        expected = float(text)
    except ValueError:
        expected = float("nan")
    np.testing.assert_array_equal(raw.topics["XX", 0].column("A"), [expected])


@given(cut=st.floats(0, 1), flip=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_damage_is_accounted_for(cut: float, flip: int, byte: int) -> None:
    data = bytearray((HEAD + gps(2000) + "MODE, RTL, 5\nEV, 10\n" + gps(2200)).encode())
    data[flip % len(data)] = byte
    del data[round(cut * len(data)) :]
    try:
        raw = decode(bytes(data))
    except DecodeError:
        return
    for topic in raw.topics.values():
        topic.columns()
        topic.time_us()
    for recording in DECODER.normalise(raw):
        for name in recording:
            recording[name]


def test_a_description_that_calls_a_number_a_text() -> None:
    """Found by fuzzing: the receiver's week as a text is no time, and no reason to stop."""
    text = HEAD.replace("BIHBcLLeeEefI, Status,TimeMS", "BIZBcLLeeEefI, Status,TimeMS")
    raw = decode(text + "".join(gps(200 * i) for i in range(20)).replace("1774,", "what,"))
    for recording in DECODER.normalise(raw):
        for name in recording:
            assert recording[name].t_us.shape == recording[name].values.shape


@pytest.mark.parametrize("line", ['ATT, "1, 2, 3, 4, 5, 6, 7\n', 'ATT, 1, 2, "3, 4", 5, 6, 7\n'])
def test_a_quotation_mark_does_not_hide_cells_that_were_counted(line: str) -> None:
    """Found by fuzzing: a delimiter between quotation marks is none, also where lines are told."""
    raw = decode(HEAD.replace(", ", ",") + line.replace(", ", ",") + "ATT,1,2,3,4,5,6,7\n")
    assert len(raw.topics["ATT", 0].columns()["Roll"]) == 1
    assert raw.receipt.gaps


def test_a_comma_before_a_stray_return_is_counted_as_it_is_cut() -> None:
    """Found by fuzzing: in the spaced form only a blank, or the line's end, makes a delimiter."""
    raw = decode(HEAD + "FMT,\r\r\r , 23, PARM, QNf, TimeUS\nATT, 1, 2, 3, 4, 5, 6, 7\n")
    assert len(raw.topics["ATT", 0].columns()["Roll"]) == 1
