"""Identity, clock and mission of PX4 logs."""

import numpy as np
import pytest

from flyoff.decoders.leap import GPS_EPOCH_UNIX_S, LEAP_SECONDS, gps_to_unix_us, leap_seconds
from tests.decoders import px4

T = [10.0, 11.0, 12.0, 13.0, 14.0]
UTC_US = 1_753_858_017_000_000


@pytest.mark.parametrize(
    ("release", "version", "printed"),
    [
        (0x010F01FF, (1, 15, 1), "PX4 1.15.1"),
        (0x01100140, (1, 16, 1), "PX4 1.16.1 alpha"),
        (0x011001C0, (1, 16, 1), "PX4 1.16.1 rc"),
        (0x01080080, (1, 8, 0), "PX4 1.8.0 beta"),
        (0x010D0000, (1, 13, 0), "PX4 1.13.0 dev"),
        (0, (0, 0, 0), "PX4 fd483321"),
    ],
)
def test_firmware(release: int, version: tuple[int, int, int], printed: str) -> None:
    found = px4.recording({}, release=release, info={"ver_sw": "fd483321a5cf50ea"})
    assert (found.vehicle.version, found.vehicle.firmware) == (version, printed)


@pytest.mark.parametrize(
    ("params", "kind", "motors"),
    [
        ({"MAV_TYPE": 2, "CA_ROTOR_COUNT": 4}, "multirotor", 4),
        ({"MAV_TYPE": 13}, "multirotor", 6),
        ({"CA_AIRFRAME": 2, "CA_ROTOR_COUNT": 5}, "vtol", 5),
        ({"MAV_TYPE": 22}, "vtol", 4),
        ({"MAV_TYPE": 1}, "fixed_wing", 0),
        ({"MAV_TYPE": 11}, "boat", 0),
        ({"MAV_TYPE": 10}, "rover", 0),
        ({"MAV_TYPE": 12}, "sub", 0),
        ({"MAV_TYPE": 4}, "helicopter", 0),
        ({"MAV_TYPE": 7}, "airship", 0),
        ({"SYS_AUTOSTART": 13014}, "vtol", 4),
        ({"SYS_AUTOSTART": 50000}, "rover", 0),
        ({}, "unknown", 0),
    ],
)
def test_kind(params: dict[str, float], kind: str, motors: int) -> None:
    vehicle = px4.recording({}, params=params).vehicle
    assert (vehicle.kind, vehicle.motors) == (kind, motors)


def test_identity_and_simulation() -> None:
    real = px4.recording({}, info={"sys_uuid": "000600000000353532"}).vehicle
    assert (real.id, real.is_simulated, real.board) == (
        "px4:000600000000353532",
        False,
        "PX4_FMU_V6C",
    )
    assert px4.recording({}, info={"ver_hw": "PX4_SITL"}).vehicle.is_simulated
    assert px4.recording({}).vehicle.id == "unknown"


def receiver(utc_us: list[int], fix: list[int]) -> dict[str, object]:
    return {"timestamp": T, "uint64_t time_utc_usec": utc_us, "uint8_t fix_type": fix}


def test_utc_from_the_receiver_is_the_median_of_what_has_a_fix() -> None:
    times = [UTC_US + round(t * 1e6) for t in T]
    times[0] = 1_000_000  # 1970, before the fix
    times[3] += 3_600_000_000  # one wild value
    found = px4.recording({"sensor_gps": receiver(times, [0, 3, 3, 3, 3])})
    assert found.utc is not None
    assert found.utc.offset_us == UTC_US
    assert found.utc.source == "sensor_gps.time_utc_usec"
    assert found.utc.uncertainty_s < 1.0


def test_utc_of_1970_is_none_and_the_file_name_is_the_last_resort() -> None:
    topics = {"sensor_gps": receiver([5_000_000] * 5, [3] * 5)}
    assert px4.recording(topics).utc is None
    found = px4.recording(
        topics,
        params={"SDLOG_UTC_OFFSET": 120},
        texts=[(10.0, 6, "[logger] [logger] /fs/microsd/log/2025-07-30/06_49_36.ulg\t")],
    )
    assert found.utc is not None
    at = np.datetime64(found.utc.offset_us + 10_000_000, "us")
    assert at == np.datetime64("2025-07-30T04:49:36")
    assert found.utc.uncertainty_s >= 1.0


def test_mission_is_what_was_flown_and_never_complete() -> None:
    item = "navigator_mission_item"
    found = px4.recording(
        {
            "vehicle_status": {
                "timestamp": T,
                "uint8_t arming_state": [2] * 5,
                "uint8_t nav_state": [3, 3, 3, 5, 5],
            },
            "home_position": {
                "timestamp": [9.0],
                "double lat": [47.0],
                "double lon": [8.0],
                "float alt": [400.0],
            },
            item: {
                "timestamp": [10.0, 11.0, 11.5, 12.0, 13.0],
                "uint16_t sequence_current": [0, 0, 1, 2, 3],
                "uint16_t nav_cmd": [22, 16, 16, 21, 21],
                "float latitude": [47.0, 47.0, 47.001, 47.002, 47.0],
                "float longitude": [8.0] * 5,
                "float altitude": [430.0, 30.0, 30.0, 0.0, 400.0],
                "bool altitude_is_relative": [0, 1, 1, 1, 0],
                "float time_inside": [0.0] * 5,
                "float acceptance_radius": [2.0] * 5,
                "float yaw": [0.0] * 5,
            },
        }
    )
    mission = found.mission
    assert mission is not None
    assert not mission.is_complete
    assert [(i.seq, i.command, i.frame) for i in mission.items] == [
        (0, 16, 0),
        (1, 22, 0),
        (2, 16, 3),
        (3, 21, 3),  # what the return to launch flew is no item of the mission
    ]
    assert mission.destination == pytest.approx((47.002, 8.0), abs=1e-5)


def test_leap_seconds_step_at_midnight_utc() -> None:
    day, leap = LEAP_SECONDS[-1]
    step = int((np.datetime64(day, "s") - np.datetime64(0, "s")).astype(int)) - GPS_EPOCH_UNIX_S
    at_us = (step + leap) * 1_000_000
    assert leap_seconds(np.array([at_us - 1, at_us])).tolist() == [leap - 1, leap]
    week, ms = divmod((step + leap) * 1000, 604_800_000)
    assert np.datetime64(int(gps_to_unix_us(week, ms)), "us") == np.datetime64("2017-01-01")
