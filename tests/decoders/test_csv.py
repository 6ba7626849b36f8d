"""CSV: known by its header or by a mapping beside it, in catalogue units, every byte accounted."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.decoders import Source, Status
from flyoff.decoders.csv import DECODER
from flyoff.errors import DecodeError
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.event import EventKind
from flyoff.model.recording import Recording
from flyoff.pipeline import registry
from tests.shared import logs, needs_shared

AIRDATA = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff(feet),"
    "altitude_above_seaLevel(feet),speed(mph),xSpeed(mph),ySpeed(mph),zSpeed(mph),"
    "compass_heading(degrees),battery_percent,voltage(v),battery_temperature(f),flycState,message\n"
)
DJI = (
    "sep=,\nOSD.flyTime [s],OSD.latitude,OSD.longitude,OSD.height [m],OSD.xSpeed [m/s],"
    "OSD.isMotorOn,BATTERY.chargeLevel [%],BATTERY.temperature [C],OSD.flycState\n"
)
LITCHI = (
    "latitude,longitude,altitude(m),speed(mps),time(millisecond),datetime(utc),satellites,"
    "velocityX(mps),velocityY(mps),velocityZ(mps),pitch(deg),roll(deg),yaw(deg)\n"
)


def airdata(rows: int = 40) -> str:
    lines = [
        f"{100 * i},2024-05-06 07:08:{9 + i // 10:02d},47.1,8.{i:03d},{i},1640.42,10,0,22.3694,"
        f'-2.23694,90,{80 - i},15.2,86,P-GPS,"{"Take off, now" if i == 3 else ""}"\n'
        for i in range(rows)
    ]
    return AIRDATA + "".join(lines)


def read(text: str, columns: str | None = None) -> Recording:
    source = Source("flight.csv", text.encode())
    source.columns = columns.encode() if columns is not None else None
    raw = DECODER.decode(source)
    assert raw.receipt.decoded_bytes + raw.receipt.skipped_bytes == len(source)
    (recording,) = DECODER.normalise(raw)
    for name in recording:
        quantity, values = CATALOGUE[base_name(name)], recording[name].values
        assert quantity.low <= np.nanmin(values) <= np.nanmax(values) <= quantity.high, name
    return recording


def test_airdata_is_known_by_its_header() -> None:
    flight = read(airdata())
    assert flight["position.height"].values[10] == pytest.approx(3.048)
    assert flight["position.alt_msl"].values[0] == pytest.approx(500.0, abs=1e-3)
    assert flight["velocity.east"].values[0] == pytest.approx(10.0, abs=1e-4)
    assert flight["velocity.down"].values[0] == pytest.approx(-1.0, abs=1e-5)
    assert flight["attitude.yaw"].values[0] == pytest.approx(np.pi / 2)
    assert flight["battery.remaining"].values[1] == pytest.approx(0.79)
    assert flight["battery.temperature"].values[0] == pytest.approx(30.0)
    assert flight["position.lat"].t_us[:3].tolist() == [0, 100_000, 200_000]
    assert [e.text for e in flight.events_of(EventKind.MODE)] == ["P-GPS"]
    assert [e.text for e in flight.events_of(EventKind.TEXT)] == ["Take off, now"]
    assert flight.utc is not None
    assert flight.utc.offset_us / 1e6 == pytest.approx(1_714_979_289, abs=1.0)


def test_a_converted_dji_record_is_known_by_its_header() -> None:
    rows = "".join(f"{i / 10},47.1,8.2,{i},1.5,{i > 2},{90 - i},25,GPS_Atti\n" for i in range(20))
    flight = read(DJI + rows)
    assert flight["arm.is_armed"].values[:5].tolist() == [0, 0, 0, 1, 1]
    assert flight["position.height"].values[-1] == 19
    assert flight.vehicle.kind == "multirotor"
    assert flight.utc is None


def test_litchi_is_known_by_its_header() -> None:
    row = "47.1,8.2,12.5,3,{},2024-05-06 07:08:09.100,14,1,2,-3,5,-10,180\n"
    flight = read(LITCHI + "".join(row.format(100 * i) for i in range(5)))
    assert flight["position.height"].values.tolist() == [12.5] * 5
    assert flight["velocity.down"].values[0] == -3
    assert flight["attitude.roll"].values[0] == pytest.approx(np.radians(-10))


PLAIN = "when;height;speed;state\n" + "".join(
    f"06.05.2024 09:08:{i:02d};{i},5;{36 * i};{'fly' if i else 'idle'}\n" for i in range(10)
)
MAPPING = """
decimal = ","
[vehicle]
id = "vendor:7"
kind = "fixed_wing"
[time]
column = "when"
format = "%d.%m.%Y %H:%M:%S"
timezone = "Europe/Zagreb"
[columns]
height = { channel = ["position.height", "baro.height"], unit = "ft" }
speed = { channel = "gnss.speed", unit = "km/h" }
state = { channel = "arm.is_armed", true = ["fly"] }
"""


def test_any_csv_is_read_through_a_mapping() -> None:
    flight = read(PLAIN, MAPPING)
    assert flight.vehicle.id == "vendor:7"
    assert flight["baro.height"].values[2] == pytest.approx(2.5 * 0.3048)
    assert flight["gnss.speed"].values.tolist() == [10 * i for i in range(10)]
    assert flight["arm.is_armed"].values.tolist() == [0, *[1] * 9]
    assert flight.utc is not None
    assert flight.utc.offset_us == 1_714_979_280_000_000  # summer time: two hours ahead
    assert flight["gnss.speed"].t_us[1] == 1_000_000


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("km/h", "V"), "'V' is no unit of gnss.speed"),
        (("gnss.speed", "gnss.sped"), "no channel 'gnss.sped'"),
        (("speed = {", "sped = {"), "no column 'sped'; there are when, height"),
        (("[columns]", "[colums]"), "expected the tables"),
        (("fixed_wing", "balloon"), "vehicle.kind 'balloon'"),
        (("= {", "= = {"), "columns.toml: "),
        (("format =", "fromat ="), "fromat"),
        # found by fuzzing: values of another type than a person writes
        (('unit = "km/h"', 'unit = ["km/h"]'), "'speed': expected"),
        (('unit = "km/h"', 'unit = "km/h", scale = "2"'), "'speed': expected numbers"),
        (('true = ["fly"]', 'true = "fly"'), "'state': expected true"),
        (('timezone = "Europe/Zagreb"', "timezone = 2"), "expected a table [time] of texts"),
        (('[vehicle]\nid = "vendor:7"\nkind = "fixed_wing"', "vehicle = 7"), "table [vehicle]"),
    ],
)
def test_a_wrong_mapping_is_refused(change: tuple[str, str], says: str) -> None:
    with pytest.raises(DecodeError) as refused:
        read(PLAIN, MAPPING.replace(*change))
    assert says in str(refused.value)


def test_a_wrong_time_is_refused() -> None:
    with pytest.raises(DecodeError, match="timezone 'Mars/Phobos'"):
        read(PLAIN, MAPPING.replace("Europe/Zagreb", "Mars/Phobos"))
    with pytest.raises(DecodeError, match="holds no time in the form"):
        read(PLAIN, MAPPING.replace("%d.%m.%Y", "%Y"))


def test_without_a_mapping_the_columns_mean_nothing() -> None:
    with pytest.raises(DecodeError, match=r"columns when, height.*columns\.toml"):
        registry.choose(Source("x.csv", PLAIN.encode()))


@pytest.mark.parametrize("name", ["a.csv.columns.toml", "a.columns.toml", "columns.toml"])
def test_the_mapping_beside_the_file_is_found(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(PLAIN)
    (tmp_path / name).write_text(MAPPING)
    raw = DECODER.decode(Source(str(tmp_path / "a.csv")))
    assert len(DECODER.normalise(raw)[0]["gnss.speed"]) == 10


def test_stamps_to_the_second_are_spread() -> None:
    text = "t,lat,lon\n" + "".join(f"2024-01-01T00:00:{i // 5:02d},1.5,{i}\n" for i in range(50))
    mapping = '[time]\ncolumn = "t"\n[columns]\nlat = "gnss.lat"\n'
    step = np.diff(read(text, mapping)["gnss.lat"].t_us)
    assert step.min() > 0
    assert np.median(step) == pytest.approx(200_000, abs=1000)


def test_words_for_nothing_are_no_text() -> None:
    text = "t,lat,lon\n1,47.5,8\n2,null,8\n3,,8\n4,N/A,8\n"
    mapping = '[time]\ncolumn = "t"\nformat = "s"\n[columns]\nlat = "gnss.lat"\n'
    np.testing.assert_array_equal(read(text, mapping)["gnss.lat"].values, [47.5, *[np.nan] * 3])


def test_a_cut_row_and_a_foreign_line() -> None:
    cut = Source("x", airdata().encode()[:-60])
    assert DECODER.decode(cut).receipt.status is Status.TRUNCATED
    head, _, rest = airdata().partition("200,")
    raw = DECODER.decode(Source("x", (head + "what is this\n200," + rest).encode()))
    assert raw.receipt.status is Status.MALFORMED
    assert [gap.bytes for gap in raw.receipt.gaps] == [13]


@pytest.mark.parametrize(
    "make",
    [
        lambda: bytes(16) + b"BUILD 2017-01-01" + bytes(200),
        lambda: (400).to_bytes(8, "little") + b"\x20\x01\x0d" + bytes(400),
    ],
    ids=["DAT", "FlightRecord"],
)
def test_djis_own_records_are_named(make: Callable[[], bytes]) -> None:
    with pytest.raises(DecodeError, match="which DJI encrypts; let a converter"):
        registry.choose(Source("FlightRecord.txt", make()))


STONE_SOUP = """
[vehicle]
kind = "multirotor"
[time]
column = "time"
[columns]
latitude = "gnss.lat"
longitude = "gnss.lon"
"altitude (m)" = { channel = "gnss.alt_msl", unit = "m" }
speed = { channel = "gnss.speed", unit = "m/s" }
heading = { channel = "gnss.course", unit = "deg" }
"""


@needs_shared
def test_a_real_truth_track_is_read_through_a_mapping() -> None:
    (path,) = [p for p in logs("cuas") if p.name.endswith("UAV_Rot.csv")]
    flight = read(path.read_text(), STONE_SOUP)
    assert flight.duration_s == pytest.approx(964, abs=1)
    assert flight["gnss.lat"].values[0] == 50.2973285
    assert flight.utc is not None


@given(cut=st.floats(0, 1), flip=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_damage_is_accounted_for(cut: float, flip: int, byte: int) -> None:
    data = bytearray(airdata(10).encode())
    data[flip % len(data)] = byte
    del data[round(cut * len(data)) :]
    try:
        raw = DECODER.decode(Source("x", bytes(data)))
        assert raw.receipt.decoded_bytes + raw.receipt.skipped_bytes == len(data)
        for recording in DECODER.normalise(raw):
            for name in recording:
                recording[name]
        for topic in raw.topics.values():
            topic.columns()
    except DecodeError:
        pass
