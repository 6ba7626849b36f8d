"""The exports of the field, under exactly the headers and in the units that each program writes."""

import math
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from flyoff.decoders import Source
from flyoff.decoders.csv import DECODER
from flyoff.errors import DecodeError
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.event import EventKind
from flyoff.model.recording import Recording
from flyoff.pipeline import registry
from tests.scenarios import csv as scenario
from tests.shared import ROOT, logs, needs_shared

FEET, METRES = scenario.FEET, scenario.METRES


def read(data: bytes, columns: str | None = None) -> Recording:
    source = Source("flight.csv", data)
    source.columns = columns.encode() if columns is not None else None
    raw = DECODER.decode(source)
    assert raw.receipt.decoded_bytes + raw.receipt.skipped_bytes == len(source)
    assert not raw.receipt.gaps
    (recording,) = DECODER.normalise(raw)
    for name in recording:
        quantity, values = CATALOGUE[base_name(name)], recording[name].values
        assert quantity.low <= np.nanmin(values) <= np.nanmax(values) <= quantity.high, name
    return recording


@pytest.mark.parametrize("units", [FEET, METRES, FEET | {"v": "kph"}], ids=["mph", "m/s", "km/h"])
def test_airdata(units: dict[str, str]) -> None:
    length = {"feet": 0.3048, "meters": 1.0}[units["m"]]
    speed = {"mph": 0.44704, "m/s": 1.0, "kph": 1 / 3.6}[units["v"]]
    flight = read(
        scenario.table(
            scenario.AIRDATA.format(**units),
            40,
            {
                "time": lambda i: 100 * i,
                "datetime": lambda i: f"2024-05-06 07:08:{9 + i // 10:02d}",
                "latitude": lambda _: 47.1,
                "longitude": lambda i: 8.2 + i / 1e5,
                "height_above_takeoff": lambda i: i,
                "altitude_above_seaLevel": lambda i: 1000 + i,
                "xSpeed": lambda _: 10,
                "ySpeed": lambda _: -5,
                "zSpeed": lambda _: -2,
                "compass_heading": lambda _: 90,
                "pitch": lambda _: -10,
                "battery_percent": lambda i: 90 - i,
                "battery_temperature": lambda _: 86 if units["t"] == "f" else 30,
                "voltage": lambda _: 15.2,
                "current": lambda _: 12.5,
                "satellites": lambda _: 17,
                "flycState": lambda i: "Motors_Started" if i < 5 else "P-GPS",
                "message": lambda i: "Low battery" if i == 30 else "",
            },
        )
    )
    assert flight["position.height"].values[10] == pytest.approx(10 * length)
    assert flight["position.alt_msl"].values[0] == pytest.approx(1000 * length)
    assert flight["velocity.north"].values[0] == pytest.approx(10 * speed)
    assert flight["velocity.east"].values[0] == pytest.approx(-5 * speed)
    assert flight["velocity.down"].values[0] == pytest.approx(-2 * speed)
    assert flight["attitude.yaw"].values[0] == pytest.approx(math.pi / 2)
    assert flight["attitude.pitch"].values[0] == pytest.approx(math.radians(-10))
    assert flight["battery.temperature"].values[0] == pytest.approx(30.0)
    assert flight["battery.current"].values[0] == 12.5
    assert flight["battery.remaining"].values[10] == pytest.approx(0.8)
    assert flight["gnss.satellites"].values[0] == 17
    assert [e.text for e in flight.events_of(EventKind.MODE)] == ["MOTORS_STARTED", "P-GPS"]
    assert [(e.t_us, e.text) for e in flight.events_of(EventKind.TEXT)] == [
        (3_000_000, "Low battery")
    ]


@pytest.mark.parametrize("units", [FEET | {"m": "ft", "v": "MPH", "t": "F"}, METRES | {"m": "m"}])
def test_a_flight_record_whose_time_stands_twice(units: dict[str, str]) -> None:
    """``OSD.flyTime`` is ``0m 1.2s`` for people, ``OSD.flyTime [s]`` the number."""
    length = {"ft": 0.3048, "m": 1.0}[units["m"]]
    flight = read(
        scenario.table(
            scenario.FLIGHT_READER.format(**units),
            30,
            {
                "CUSTOM.date [local]": lambda _: "11/25/2025",
                "CUSTOM.updateTime [local]": lambda i: f"7:05:{8 + i // 10:02d}.97 PM",
                "OSD.flyTime [s]": lambda i: i / 10,
                "OSD.flyTime": lambda i: f"0m {i / 10:.1f}s",
                "OSD.latitude": lambda _: 47.1,
                "OSD.longitude": lambda _: 8.2,
                "OSD.height": lambda i: i,
                "OSD.isMotorOn": lambda i: "True" if i > 3 else "False",
                "BATTERY.chargeLevel": lambda i: 90 - i,
                "OSD.yaw": lambda _: -90,
                "OSD.flycState": lambda _: "GPS_Atti",
            },
            before="sep=,\r\n",
        )
    )
    assert flight["position.height"].t_us[:3].tolist() == [0, 100_000, 200_000]
    assert flight["position.height"].values[20] == pytest.approx(20 * length)
    assert flight["arm.is_armed"].values[:6].tolist() == [0, 0, 0, 0, 1, 1]
    assert flight["battery.remaining"].values[0] == pytest.approx(0.9)
    assert flight.utc is None  # local time of an unknown place is no UTC


@pytest.mark.parametrize(("stamp", "known"), [("2018/04/19 17:25:{:06.3f}", True), ("-", False)])
def test_an_older_converters_update_time_is_utc(stamp: str, known: bool) -> None:
    header = "CUSTOM.updateTime,OSD.flyTime [s],OSD.latitude,OSD.longitude,OSD.height [m]"
    cells = {
        "CUSTOM.updateTime": lambda i: stamp.format(i / 10),
        "OSD.flyTime": lambda i: i / 10,
        "OSD.height": lambda i: i / 3,
    }
    flight = read(scenario.table(header, 20, cells))
    assert (flight.utc is not None) == known
    if flight.utc:
        assert flight.utc.offset_us == 1_524_158_700_000_000


@pytest.mark.parametrize("units", [{"m": "m", "v": "mps"}, {"m": "feet", "v": "mph"}])
def test_litchi(units: dict[str, str]) -> None:
    length = {"m": 1.0, "feet": 0.3048}[units["m"]]
    flight = read(
        scenario.table(
            scenario.LITCHI.format(**units),
            20,
            {
                "latitude": lambda _: 47.1,
                "longitude": lambda _: 8.2,
                "altitude": lambda i: i,
                "time": lambda i: 100 * i,
                "datetime(utc)": lambda i: f"2024-05-06 07:08:{9 + i // 10:02d}.{i % 10}00",
                "datetime(local)": lambda i: f"2024-05-06 09:08:{9 + i // 10:02d}.{i % 10}00",
                "velocityX": lambda _: 3,
                "velocityZ": lambda _: -1.5,
                "roll": lambda _: 5,
                "remainPowerPercent": lambda i: 77,
            },
        )
    )
    assert flight["position.height"].values[10] == pytest.approx(10 * length)
    assert flight["velocity.north"].values[0] == 3  # m/s whatever the other columns are in
    assert flight["velocity.down"].values[0] == -1.5
    assert flight["battery.remaining"].values[0] == pytest.approx(0.77)
    assert flight.utc is not None
    assert flight.utc.offset_us / 1e6 == pytest.approx(1_714_979_289, abs=0.2)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("loopIteration, time (us), axisP[0], axisP[1], vbatLatest (V)", "give the log itself"),
        (
            "Timestamp,roll,pitch,heading,rollRate,pitchRate,yawRate,groundSpeed,airSpeed",
            r"QGroundControl's table.*give its \.tlog",
        ),
        (scenario.DATCON, "DatCon's table"),
        ("when,height,speed", "columns when, height, speed: nobody says"),
    ],
)
def test_a_table_whose_units_nobody_says_is_refused_with_what_to_do(header: str, says: str) -> None:
    with pytest.raises(DecodeError, match=rf"{says}.*columns\.toml"):
        DECODER.check(Source("x.csv", scenario.table(header, 3, {})))


def test_a_damaged_cell_of_time_costs_its_row_only() -> None:
    data = scenario.sample(40).replace(b"\n2000,", b"\n2x00,")
    flight = read(data)
    assert len(flight["position.height"]) == 39


PAGE = ROOT / "docs" / "how-to" / "read-any-csv.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
TABLES = re.findall(r"```csv\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_page_holds_three_worked_examples_or_more() -> None:
    assert len(EXAMPLES) == len(TABLES) >= 3


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_worked_example_of_the_page_works(number: int) -> None:
    """Each mapping reads the table above it, and every channel that it names comes out."""
    said = tomllib.loads(EXAMPLES[number])
    flight = read(TABLES[number].encode(), EXAMPLES[number])
    for wanted in said["columns"].values():
        channels = wanted["channel"] if isinstance(wanted, dict) else wanted
        for channel in channels if isinstance(channels, list) else [channels]:
            if channel in ("mode", "text"):
                assert any(e.kind.value == channel for e in flight.events), channel
            else:
                assert np.isfinite(flight[channel].values).any(), channel


@needs_shared
def test_the_pages_truth_track_is_that_of_the_real_file() -> None:
    (path,) = [p for p in logs("cuas") if Path(p).name.endswith("UAV_Rot.csv")]
    (number,) = [i for i, t in enumerate(TABLES) if t.startswith("time,timestamp,latitude")]
    first = path.read_text().splitlines()[:2]
    assert TABLES[number].splitlines()[:2] == first
    assert len(read(path.read_bytes(), EXAMPLES[number])["gnss.lat"]) > 900


def _circled(east_first: bool) -> dict:
    """A flight around a circle of 100 m; ``xSpeed`` is east if ``east_first``, else north."""

    def at(i: int) -> tuple[float, float]:
        return 100 * math.sin(i / 40), 100 * (1 - math.cos(i / 40))

    def speed(i: int, axis: int) -> float:
        return (at(i + 1)[axis] - at(i - 1)[axis]) / 0.2

    x, y = (1, 0) if east_first else (0, 1)
    return {
        "time": lambda i: 100 * i,
        "latitude": lambda i: f"{47.1 + math.degrees(at(i)[0] / 6_371_000):.7f}",
        "longitude": lambda i: (
            f"{8.2 + math.degrees(at(i)[1] / 6_371_000 / math.cos(math.radians(47.1))):.7f}"
        ),
        "xSpeed": lambda i: f"{speed(i, x):.2f}",
        "ySpeed": lambda i: f"{speed(i, y):.2f}",
        "flycState": lambda _: "P-GPS",
    }


@pytest.mark.parametrize("east_first", [False, True])
def test_the_positions_decide_which_speed_is_north(east_first: bool) -> None:
    """AirData's help calls x east, DJI's interface calls it north; a circle tells which it is."""
    header = scenario.AIRDATA.format(**METRES)
    flight = read(scenario.table(header, 300, _circled(east_first)))
    north = flight["velocity.north"].values
    moved = np.gradient(np.radians(flight["position.lat"].values) * 6_371_000, 0.1)
    assert np.corrcoef(north[5:-5], moved[5:-5])[0, 1] > 0.99
    assert any("east and north" in note for note in flight.notes) is east_first


def test_standing_still_decides_nothing() -> None:
    cells = _circled(True) | {"latitude": lambda _: 47.1, "longitude": lambda _: 8.2}
    flight = read(scenario.table(scenario.AIRDATA.format(**METRES), 300, cells))
    assert not any("east and north" in note for note in flight.notes)


def test_a_record_without_flight_time_is_dated_by_its_clock() -> None:
    """Some converters write only ``CUSTOM.updateTime``."""
    header = "CUSTOM.updateTime,OSD.latitude,OSD.longitude,OSD.height [m],OSD.flycState"
    cells = {
        "CUSTOM.updateTime": lambda i: f"2018/04/19 17:25:{i / 10:06.3f}",
        "OSD.latitude": lambda _: 47.1,
        "OSD.longitude": lambda _: 8.2,
        "OSD.height": lambda i: i,
        "OSD.flycState": lambda _: "GPS_Atti",
    }
    flight = read(scenario.table(header, 30, cells))
    assert flight["position.height"].t_us[:3].tolist() == [0, 100_000, 200_000]
    assert flight.utc is not None
    assert flight.utc.offset_us == 1_524_158_700_000_000


def test_a_nul_behind_a_name_makes_no_binary_file() -> None:
    """A converter wrote its fixed-length texts with their padding."""
    data = scenario.sample().replace(b"P-GPS", b"P-GPS\0\0").replace(b",message", b",message\0", 1)
    flight = read(data)
    assert len(flight["position.height"]) == 60
    assert [e.text for e in flight.events_of(EventKind.MODE)][-1] == "P-GPS"


def test_mission_planners_table_of_a_tlog_is_named() -> None:
    line = (
        "2015-03-03T11:54:05.776,FE,1C,7D, 1, 1,1E,mavlink_attitude_t,time_boot_ms,490309,"
        "roll,-0.0118,pitch,0.0202,yaw,0.3458,rollspeed,0,pitchspeed,0,yawspeed,0,,Len,36\n"
    )
    with pytest.raises(DecodeError, match="Mission Planner's table of a telemetry log; give the"):
        registry.choose(Source("x.csv", line.encode() * 9))
