"""tlog to recordings: whose clock, which vehicle, which boot, and what was said."""

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.model.event import EventKind
from flyoff.model.recording import Recording
from tests.scenarios.tlog import EPOCH_US, Tlog

ARMED, DISARMED = 209, 81
S = 1_000_000


def normalise(log: Tlog) -> list[Recording]:
    return DECODER.normalise(DECODER.decode(Source("built.tlog", bytes(log))))


def fly(
    log: Tlog,
    seconds: int = 20,
    *,
    boot_s: float = 100.0,
    record_us: int = EPOCH_US,
    delays_us: tuple[int, ...] = (0,),
    armed: tuple[int, int] = (5, 15),
    autopilot: int = 3,
    mode: int = 5,
) -> Tlog:
    """Ten samples of attitude and position and one heartbeat a second; armed for a while."""
    for i in range(seconds * 10):
        boot_us = round(boot_s * S) + i * S // 10
        at = record_us + i * S // 10 + delays_us[i % len(delays_us)]
        ms = boot_us // 1000
        log.write("ATTITUDE", at, time_boot_ms=ms, roll=0.001 * i, yaw=1.0)
        log.write(
            "GLOBAL_POSITION_INT", at, time_boot_ms=ms, lat=440000000 + i, lon=260000000,
            alt=100_000 + 10 * i, relative_alt=10 * i, vx=100, vz=-50,
        )  # fmt: skip
        if i % 10 == 0:
            state = armed[0] <= i // 10 < armed[1]
            log.write(
                "HEARTBEAT", at, type=2, autopilot=autopilot, custom_mode=mode,
                base_mode=ARMED if state else DISARMED, system_status=4 if state else 3,
            )  # fmt: skip
    return log


def test_times_are_on_the_vehicles_clock() -> None:
    log = fly(Tlog(), delays_us=(40_000, 300_000, 0, 90_000))
    (recording,) = normalise(log)
    roll = recording["attitude.roll"]
    assert roll.t_us[:3].tolist() == [100 * S, 100 * S + 100_000, 100 * S + 200_000]
    assert roll.values[10] == pytest.approx(0.01)
    assert recording["velocity.north"].values[0] == pytest.approx(1.0)
    assert recording["position.lat"].values[1] == pytest.approx(44.0000001, abs=1e-9)
    # heartbeats carry no time: what stands around them bounds when they were sent
    arm, disarm = recording.events_of(EventKind.ARM, EventKind.DISARM)
    assert arm.t_us == pytest.approx(105 * S, abs=100_000)
    assert disarm.t_us == pytest.approx(115 * S, abs=100_000)


def test_the_ground_stations_clock_may_jump() -> None:
    log = fly(Tlog(), 10, armed=(3, 99))
    fly(log, 10, boot_s=110.0, record_us=EPOCH_US + 3600 * S, armed=(0, 4))
    (recording,) = normalise(log)
    assert recording.end_us - recording.start_us == pytest.approx(19.9 * S, abs=S // 5)
    disarm = recording.events_of(EventKind.DISARM)[0]
    assert disarm.t_us == pytest.approx(114 * S, abs=200_000)


def test_a_restart_begins_another_recording() -> None:
    log = fly(Tlog(), 12)
    log.write("STATUSTEXT", EPOCH_US + 29 * S + S // 2, severity=6, text=b"ArduPilot Ready")
    fly(log, 12, boot_s=2.0, record_us=EPOCH_US + 30 * S)
    raw = DECODER.decode(Source("x", bytes(log)))
    assert raw.receipt.boots == len(raw.boots) == 2
    assert raw.boots[0][1] == raw.boots[1][0]
    first, second = DECODER.normalise(raw)
    assert (first.boot, second.boot) == (0, 1)
    assert first.start_us == 100 * S
    assert second.start_us == 2 * S
    texts = second.events_of(EventKind.TEXT)
    assert [e.text for e in texts] == ["ArduPilot Ready"]
    assert 1 * S < texts[0].t_us <= 2 * S
    assert not first.events_of(EventKind.TEXT)


def test_without_a_clock_of_its_own_the_ground_stations_counts() -> None:
    log = Tlog()
    for i in range(30):
        log.write("VFR_HUD", EPOCH_US + i * S, airspeed=float(i))
        log.write("HEARTBEAT", EPOCH_US + i * S, type=1, autopilot=3, base_mode=DISARMED)
    (recording,) = normalise(log)
    assert recording.start_us == EPOCH_US
    assert recording.utc is not None
    assert recording.utc.offset_us == 0
    assert recording.utc.uncertainty_s >= 10


def test_utc_is_the_vehicles_word_before_the_computers() -> None:
    log = fly(Tlog(), 5)
    for i in range(5):
        boot_us = 105 * S + i * S
        log.write(
            "SYSTEM_TIME", EPOCH_US + 5 * S + i * S, time_boot_ms=boot_us // 1000,
            time_unix_usec=EPOCH_US + 77 * S + boot_us,
        )  # fmt: skip
    (recording,) = normalise(log)
    assert recording.utc is not None
    assert recording.utc.offset_us == EPOCH_US + 77 * S
    assert recording.utc.uncertainty_s < 1
    (without,) = normalise(fly(Tlog(), 5))
    assert without.utc is not None
    assert without.utc.offset_us == EPOCH_US - 100 * S
    assert without.utc.source == "the ground station's clock"


def test_every_flight_controller_has_its_own_recording() -> None:
    log = fly(Tlog(sender=(1, 1)), 10)
    other = fly(Tlog(sender=(2, 1)), 12, boot_s=500.0, autopilot=12, mode=4 << 16 | 4 << 24)
    ground = Tlog(sender=(255, 190))
    for i in range(10):
        ground.write("HEARTBEAT", EPOCH_US + i * S, type=6, autopilot=8)
    log.data += other.data + ground.data
    found = {r.vehicle.autopilot: r for r in normalise(log)}
    assert found.keys() == {"ardupilot", "px4"}
    assert found["px4"].start_us == 500 * S
    assert found["ardupilot"].start_us == 100 * S
    modes = {name: r.events_of(EventKind.MODE)[0].text for name, r in found.items()}
    assert modes == {"ardupilot": "LOITER", "px4": "AUTO_MISSION"}


def test_signs_of_life_alone_are_no_recording() -> None:
    log = Tlog()
    for i in range(10):
        log.write("HEARTBEAT", EPOCH_US + i * S, type=2, autopilot=3, base_mode=ARMED)
    assert normalise(log) == []


def test_32_bits_of_microseconds_wrap() -> None:
    log = Tlog()
    boot_s = 2**32 / 1e6 - 5
    for i in range(100):
        boot_us = round(boot_s * S) + i * S // 10
        at = EPOCH_US + i * S // 10
        log.write("ATTITUDE", at, time_boot_ms=boot_us // 1000)
        log.write("SERVO_OUTPUT_RAW", at, time_usec=boot_us % 2**32, servo1_raw=1000 + i)
    (recording,) = normalise(log)
    output = recording["servo.output[1]"]
    assert len(output) == 100
    assert np.diff(output.t_us).tolist() == [S // 10] * 99


def test_long_texts_are_joined_and_told_apart() -> None:
    log = fly(Tlog(), 5)
    at = EPOCH_US + 5 * S
    long = b"Arming denied: " + b"x" * 35
    log.write("STATUSTEXT", at, severity=2, text=long, id=7, chunk_seq=0)
    log.write("STATUSTEXT", at + 1, severity=2, text=b"yz\t", id=7, chunk_seq=1)
    log.write("STATUSTEXT", at + 2, severity=6, text=b"alone", id=8, chunk_seq=0)
    (recording,) = normalise(log)
    texts = [e.text for e in recording.events_of(EventKind.TEXT)]
    assert texts == ["Arming denied: " + "x" * 35 + "yz", "alone"]


def test_parameters_by_the_autopilots_own_custom() -> None:
    for autopilot, sent in ((3, 7.0), (12, float(np.int32(7).view(np.float32)))):
        log = fly(Tlog(), 5, autopilot=autopilot)
        for i, value in enumerate((sent, sent)):
            log.write(
                "PARAM_VALUE", EPOCH_US + 5 * S + i, param_id=b"COUNT", param_value=value,
                param_type=6,
            )  # fmt: skip
        raw = DECODER.decode(Source("x", bytes(log)))
        assert dict(raw.params) == {"COUNT": 7.0}
        (recording,) = DECODER.normalise(raw)
        assert dict(recording.params) == {"COUNT": 7.0}
        assert not recording.events_of(EventKind.PARAMETER)


@pytest.mark.parametrize("autopilot", [3, 12])
def test_the_uploaded_mission_is_the_one_flown(autopilot: int) -> None:
    log = Tlog(sender=(255, 190))
    for upload, north in ((3, 1), (2, 5)):
        log.write("MISSION_COUNT", EPOCH_US - S, count=upload, target_system=1)
        for seq in range(upload):
            log.write(
                "MISSION_ITEM_INT", EPOCH_US - S, target_system=1, seq=seq, command=16, frame=6,
                x=440000000 + north * 1000 * seq, y=260000000, z=30.0,
            )  # fmt: skip
    log.sender = (1, 1)
    fly(log, 10, autopilot=autopilot)
    (recording,) = normalise(log)
    mission = recording.mission
    assert mission is not None
    assert mission.is_complete
    shift = 0 if autopilot == 3 else 1  # PX4's items have no home in front
    last = mission.items[-1]
    assert (last.seq, last.frame, last.alt) == (1 + shift, 3, 30.0)
    assert last.lat == pytest.approx(44.0005, abs=1e-7)


def test_a_fence_or_rally_list_is_no_mission() -> None:
    log = fly(Tlog(), 5)
    log.write("MISSION_COUNT", EPOCH_US + S, count=1, mission_type=1)
    log.write("MISSION_ITEM_INT", EPOCH_US + S, seq=0, command=5003, mission_type=1, x=1, y=1)
    (recording,) = normalise(log)
    assert recording.mission is None


def test_the_text_of_an_arming_is_earlier_than_the_heartbeat() -> None:
    log = Tlog()
    for i in range(100):
        at, ms = EPOCH_US + i * S // 10, 1000 + i * 100
        log.write("ATTITUDE", at, time_boot_ms=ms)
        if i == 42:
            log.write("STATUSTEXT", at, severity=6, text=b"Arming motors")
        if i % 10 == 0:
            state = ARMED if i >= 42 else DISARMED
            log.write("HEARTBEAT", at, type=2, autopilot=3, base_mode=state)
    (recording,) = normalise(log)
    (arm,) = recording.events_of(EventKind.ARM)
    assert arm.t_us == pytest.approx(1000_000 + 4.2 * S, abs=100_000)
    assert arm.source == "STATUSTEXT"


def test_unknown_is_nan_and_never_a_number() -> None:
    log = fly(Tlog(), 5)
    for i in range(5):
        at = EPOCH_US + 5 * S + i * S
        log.write(
            "GPS_RAW_INT", at, fix_type=0, eph=65535, epv=65535, vel=65535, cog=65535,
            satellites_visible=255,
        )  # fmt: skip
        log.write("SYS_STATUS", at, voltage_battery=65535, current_battery=-1, battery_remaining=-1)
    (recording,) = normalise(log)
    for name in (
        "gnss.lat", "gnss.speed", "gnss.course", "gnss.satellites", "gnss.hdop", "gnss.hacc",
        "battery.voltage", "battery.current", "battery.remaining",
    ):  # fmt: skip
        assert recording.get(name) is None, name
    fix = recording.get("gnss.fix")
    assert fix is not None
    assert np.diff(fix.t_us).min() > 0  # no fix has no time of its own: when it was sent counts
