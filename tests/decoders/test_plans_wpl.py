"""The text form of a mission: what is read, what is refused, and with which words."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink import mavwp
from pymavlink.dialects.v20 import all as dialect

from flyoff.decoders.plans import read_plan, wpl
from flyoff.decoders.plans.positions import WITH_POSITION
from flyoff.errors import PlanError, SourceError
from flyoff.model.mission import Mission
from tests.shared import flights, logs, needs_shared

HOME = "0\t1\t0\t16\t0\t0\t0\t0\t47.5\t8.5\t488.0\t1"
TAKEOFF = "1\t0\t3\t22\t15\t0\t0\t0\t0\t0\t20\t1"
THERE = "2\t0\t3\t16\t0\t5\t0\t0\t47.51\t8.52\t30\t1"
LAND = "3\t0\t3\t21\t0\t0\t0\t0\t47.51\t8.53\t0\t1"


def parse(*lines: str, header: str = "QGC WPL 110", end: str = "\n") -> Mission:
    return wpl.parse("m.waypoints", end.join([header, *lines, ""]).encode())


def test_a_mission_is_read_column_for_column() -> None:
    mission = parse(HOME, TAKEOFF, THERE, LAND)
    assert [i.seq for i in mission.items] == [0, 1, 2, 3]
    assert [i.command for i in mission.items] == [16, 22, 16, 21]
    assert mission.home == (47.5, 8.5, 488.0)
    assert mission.destination == (47.51, 8.53)
    there = mission.items[2]
    assert (there.lat, there.lon, there.alt, there.frame) == (47.51, 8.52, 30.0, 3)
    assert there.params == (0.0, 5.0, 0.0, 0.0)
    assert mission.source == "m.waypoints"
    assert mission.is_complete


def test_zero_zero_means_here() -> None:
    takeoff = parse(HOME, TAKEOFF).items[1]
    assert math.isnan(takeoff.lat)
    assert math.isnan(takeoff.lon)
    assert takeoff.alt == 20.0


def test_a_spline_flies_to_its_position() -> None:
    mission = parse(HOME, THERE.replace("\t16\t", "\t82\t"))
    assert [i.command for i in mission.waypoints] == [82]


def test_a_command_without_position_has_none_whatever_its_columns_say() -> None:
    # DO_DIGICAM_CONTROL: the fifth parameter shoots
    item = parse(HOME, "1 0 3 203 1 0 0 0 1 0 0 1").items[1]
    assert not item.has_position


def test_frame_mission_has_no_position() -> None:
    assert not parse(HOME, THERE.replace("\t3\t16", "\t2\t16")).items[1].has_position


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_comments_and_blanks_do_not_matter(end: str) -> None:
    spaced = THERE.replace("\t", "   ")
    mission = parse("# Flugplatz", HOME, "", "  ", TAKEOFF, "#", spaced, end=end)
    assert mission.items == parse(HOME, TAKEOFF, THERE).items


def test_comments_may_be_in_any_encoding_and_a_byte_order_mark_is_passed_over() -> None:
    data = b"\xef\xbb\xbfQGC WPL 110\n# H\xf6he\n" + HOME.encode() + b"\n"
    assert len(wpl.parse("m", data).items) == 1


def test_items_are_numbered_by_order_as_a_ground_station_uploads_them() -> None:
    assert [i.seq for i in parse(HOME, THERE, THERE, LAND).items] == [0, 1, 2, 3]


def test_version_120_has_no_home() -> None:
    mission = parse(THERE, LAND, header="QGC WPL 120")
    assert mission.home is None
    assert [i.seq for i in mission.items] == [1, 2]


def test_home_as_mission_planner_writes_it() -> None:
    assert parse(HOME.replace("\t0\t16\t", "\t0\t0\t")).home == (47.5, 8.5, 488.0)


def test_a_home_with_a_relative_frame_has_no_altitude() -> None:
    home = parse(HOME.replace("\t0\t16\t", "\t3\t16\t")).home
    assert home is not None
    assert home[:2] == (47.5, 8.5)
    assert math.isnan(home[2])


def test_a_fence_has_no_home() -> None:
    assert parse("0 0 0 5001 19 0 0 0 40.07 -105.23 0 0").home is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("1 0 3 16 0 0 0 0 47 8 20", "11 columns, expected 12"),
        (THERE + "\t7", "13 columns, expected 12"),
        ("1 0 3 16 0 0 0 0 47,5 8 20 1", "latitude '47,5', expected a number"),
        ("1 0 3 16 0 0 0 0 1e999 8 20 1", "latitude '1e999', expected a number"),
        ("1 0 3 16 0 0 0 0 4_7 8 20 1", "latitude '4_7', expected a number"),
        ("1 0 3 16 0 0 0 0 147.5 8 20 1", "position 147.5, 8, expected a latitude within ±90°"),
        ("1 0 3 16.5 0 0 0 0 47 8 20 1", "command '16.5', expected an integer in 0…65535"),
        ("1 0 3 -1 0 0 0 0 47 8 20 1", "command '-1', expected an integer"),
        ("1 0 999 16 0 0 0 0 47 8 20 1", "frame '999', expected an integer in 0…255"),
        ("1 0 nan 16 0 0 0 0 47 8 20 1", "frame 'nan', expected an integer"),
        ("once upon a time", "4 columns, expected 12"),
    ],
)
def test_a_malformed_line_is_named(line: str, says: str) -> None:
    with pytest.raises(PlanError) as caught:
        parse("# a comment", HOME, line)
    assert str(caught.value).startswith(f"m.waypoints:4: {says}")


@pytest.mark.parametrize(
    "header", ["QGC WPL 100", "QGC WPL", "QGC WPL 110 2", "QGC WPL 110\t0", "QGC WPLX 110"]
)
def test_other_versions_are_refused(header: str) -> None:
    with pytest.raises(PlanError, match=r":1: header .* expected 'QGC WPL 110'"):
        parse(HOME, header=header)


def test_a_header_alone_is_no_mission() -> None:
    with pytest.raises(PlanError, match="no item after the header"):
        parse()


def test_a_mission_longer_than_the_wire_can_number_is_refused() -> None:
    with pytest.raises(PlanError, match="more than 65536 items"):
        parse(HOME, *["1 0 3 16 0 0 0 0 47 8 20 1"] * 65536)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "an empty file"),
        (b" \n\t", "only blanks"),
        (b"\xa3\x95\x80\x80Y", "begins with"),
        (b"ULog\x01\x12\x35", "begins with"),
    ],
)
def test_what_is_no_plan_is_said(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "m.waypoints"
    path.write_bytes(data)
    with pytest.raises(PlanError, match=says):
        read_plan(path)


def test_what_cannot_be_opened_is_a_source_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read_plan(tmp_path)
    with pytest.raises(SourceError):
        read_plan(tmp_path / "absent.plan")


@given(st.binary(max_size=300), st.integers(0, 300))
def test_damage_raises_plan_errors_only(noise: bytes, at: int) -> None:
    good = "\n".join(["QGC WPL 110", HOME, TAKEOFF, THERE, LAND]).encode()
    data = good[:at] + noise + good[at:]
    if not data.startswith(b"QGC WPL"):
        data = b"QGC WPL" + data
    try:
        count, line = len(wpl.parse("m", data).items), 1
    except PlanError as error:
        count, line = 1, error.line
    assert count >= 1
    assert line >= 1


def test_positions_are_those_of_mavlink() -> None:
    commands = dialect.enums["MAV_CMD"]
    assert {n for n, c in commands.items() if getattr(c, "has_location", False)} == WITH_POSITION


def _text_missions() -> list[Path]:
    unpacked = flights()
    planned = sorted(unpacked.glob("*.waypoints")) if unpacked else []
    return [p for p in logs("mission") if p.suffix != ".plan"] + planned


@needs_shared
def test_every_real_mission_reads_as_pymavlink_reads_it() -> None:
    paths = _text_missions()
    assert len(paths) > 50
    for path in paths:
        loader = mavwp.MAVWPLoader()
        loader.load(str(path))
        items = read_plan(path).items
        assert len(items) == loader.count(), path.name
        for ours, theirs in zip(items, loader.wpoints, strict=True):
            assert (ours.seq, ours.command, ours.frame) == (
                *(theirs.seq, theirs.command, theirs.frame),
            )
            params = (theirs.param1, theirs.param2, theirs.param3, theirs.param4)
            assert ours.params == params, path.name
            assert ours.alt == theirs.z
            if ours.has_position:
                assert (ours.lat, ours.lon) == (theirs.x, theirs.y)
            elif ours.command in WITH_POSITION:
                assert (theirs.x, theirs.y) == (0.0, 0.0)
