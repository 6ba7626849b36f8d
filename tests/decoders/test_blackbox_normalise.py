"""Blackbox fields become catalogue channels with their units, by firmware."""

import numpy as np
import pytest

from flyoff.decoders.blackbox import DECODER
from flyoff.decoders.source import Source
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.event import EventKind
from flyoff.units import GRAVITY
from tests.scenarios.blackbox import SLOW, TIME, BlackboxLog, Field, fly, quad, sample
from tests.shared import logs, needs_shared

INAV = "INAV 8.0.1 (ae47bcba) MATEKF722"


def recordings(data):
    return DECODER.normalise(DECODER.decode(Source("built", bytes(data))))


def flown(headers=None, **other):
    """The recording of a second's hover."""
    log = quad(headers, **other)
    fly(log)
    log.disarm(4)
    log.end()
    return recordings(log)[0]


def written(fields, values, *, slow=None, more=(), **headers):
    """The recording of some frames that all say the same."""
    log = BlackboxLog((*TIME, *fields), headers, slow=(*SLOW, *more))
    frame = dict(zip((f.name for f in fields), values, strict=True))
    log.put("S", {f.name: 0 for f in (*SLOW, *more)} | (slow or {}))
    for i in range(50):
        log.put("I" if i % 32 == 0 else "P", {"loopIteration": i, "time": 10_000 * i + 1} | frame)
    log.end()
    return recordings(log)[0]


def last(recording, name: str) -> float:
    return float(recording[name].values[-1])


def test_a_hovering_quad_in_si_units() -> None:
    r = flown()
    assert r.vehicle.kind == "multirotor"
    assert (r.vehicle.motors, r.vehicle.frame) == (4, "quad")
    assert (r.vehicle.autopilot, r.vehicle.version) == ("betaflight", (4, 5, 1))
    assert last(r, "battery.voltage") == pytest.approx(15.81)
    assert last(r, "battery.current") == pytest.approx(12.0, abs=0.3)
    assert last(r, "baro.height") == pytest.approx(10.0, abs=0.3)
    assert last(r, "throttle.demand") == pytest.approx(0.4)
    assert last(r, "throttle.input") == pytest.approx(0.4)
    assert last(r, "accel.z") == pytest.approx(-GRAVITY, rel=0.02)  # z points down
    assert r["motor.command[1]"].values.mean() == pytest.approx(
        (900 - 158) / (2047 - 158), abs=0.01
    )
    assert last(r, "esc.rpm[1]") == pytest.approx(1500 * 200 / 14, rel=0.02)
    assert last(r, "gnss.lat") == pytest.approx(50.0, abs=1e-4)
    assert last(r, "gnss.lon") == pytest.approx(8.0, abs=1e-4)
    assert last(r, "gnss.alt_msl") == pytest.approx(123.4)
    assert last(r, "gnss.speed") == pytest.approx(1.5)
    assert last(r, "gnss.course") == pytest.approx(np.pi / 2)
    assert last(r, "home.lat") == pytest.approx(50.0)
    assert last(r, "rc.rssi") == pytest.approx(1000 / 1023)
    assert not r.ends_cut


def test_pitch_and_yaw_turn_their_sign_and_roll_does_not() -> None:
    fields = [Field(f"gyroADC[{i}]") for i in range(3)] + [
        Field(f"setpoint[{i}]") for i in range(3)
    ]
    r = written(fields, (10, 20, 30, 40, 50, 60))
    for name, degrees in zip(
        ("rate.roll", "rate.pitch", "rate.yaw", "rate_demand.roll", "rate_demand.pitch"),
        (10, -20, -30, 40, -50),
        strict=True,
    ):
        assert np.degrees(last(r, name)) == pytest.approx(degrees)


def test_high_resolution_is_ten_times_finer() -> None:
    r = written(
        [Field("gyroADC[0]"), Field("rcCommand[3]")], (100, 13_000), blackbox_high_resolution=1
    )
    assert np.degrees(last(r, "rate.roll")) == pytest.approx(10)
    assert last(r, "throttle.input") == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("firmware", "headers", "volts"),
    [
        ("Betaflight 4.4.0 (x) F7", {}, 1.68),
        ("Betaflight 2026.6.0-alpha (x) H7", {}, 1.68),
        ("Betaflight 3.2.0 (x) F4", {}, 16.8),
        ("Betaflight 3.0.1 (x) F3", {"vbatscale": 110}, 168 * 3.3 / 4095 * 11),
        ("INAV 2.6.0 (x) F4", {}, 1.68),
        ("INAV 1.9.0 (x) F3", {"vbatscale": 110}, 168 * 3.3 / 4095 * 11),
        ("EmuFlight 0.4.1 (x) F7", {}, 16.8),
        ("EmuFlight 0.4.1 (x) F7", {"vbatcellvoltage": "330,350,430"}, 1.68),
        ("Rotorflight 4.3.0 (x) F7", {}, 1.68),
        ("Indiflight 5.0.0 (x) H7", {}, 1.68),
        ("c49bd40", {"vbatscale": 110}, 168 * 3.3 / 4095 * 11),  # Cleanflight names a commit
    ],
)
def test_the_unit_of_the_battery_depends_on_the_firmware(firmware, headers, volts) -> None:
    r = written([Field("vbatLatest")], (168,), **{"Firmware revision": firmware, **headers})
    assert last(r, "battery.voltage") == pytest.approx(volts)


def test_without_its_firmware_no_unit_is_guessed() -> None:
    log = quad()
    fly(log)
    log.end()
    data = bytes(log)
    cut = data[: data.index(b"e type:Clean")] + data[data.index(b"H minthrottle") :]
    (r,) = recordings(cut)
    assert "battery.voltage" not in r
    assert "gnss.alt_msl" not in r
    assert "rate.roll" in r
    assert r.vehicle.autopilot == "unknown"


@pytest.mark.parametrize(
    ("firmware", "metres"),
    [
        ("Betaflight 4.2.0 (x) F7", 12.3),
        ("Betaflight 3.5.7 (x)", 1.23),
        ("Betaflight 3.4.0 (x)", 123),
        (INAV, 123),
    ],
)
def test_altitude_is_in_metres_or_tenths(firmware: str, metres: float) -> None:
    log = quad({"Firmware revision": firmware})
    log.put("H", {"GPS_home[0]": 500_000_000, "GPS_home[1]": 80_000_000})
    frame = {f.name: 0 for f in log.fields["I"]}
    log.put("I", frame | {"time": 1_000_000})
    log.put("S", dict(zip((f.name for f in SLOW), (1, 3, 0, 1, 1), strict=True)))
    values = (1_000_100, 9, 500_000_000, 80_000_000, 123, 0, 0)
    log.put("G", dict(zip((f.name for f in log.fields["G"]), values, strict=True)))
    log.put("P", frame | {"time": 1_010_000, "loopIteration": 1})
    assert last(recordings(log)[0], "gnss.alt_msl") == pytest.approx(metres)


def test_a_distance_from_a_home_that_was_lost_is_no_position() -> None:
    log = quad()
    fly(log)
    start, end = log.data.index(b"H\x80"), log.data.index(b"I\0")
    log.home_at = (0, 0)
    del log.data[start:end]
    (r,) = recordings(log)
    assert len(r["gnss.lat"]) == 0
    assert len(r["gnss.speed"]) == 10


@pytest.mark.parametrize(
    ("low", "high", "raw", "command"),
    [
        (158, 2047, 158, 0.0), (158, 2047, 2047, 1.0), (158, 2047, 0, None), (158, 2047, 150, 0.0),
        (1070, 2000, 1535, 0.5), (1070, 2000, 1000, None), (1070, 2000, 1060, 0.0),
    ],
)  # fmt: skip
def test_motors_by_their_protocol(low, high, raw, command) -> None:
    fields = [Field("motor[0]", 0, 0, 1, 1, 0), Field("motor[1]", 0, 0, 1, 1, 0)]
    r = written(fields, (raw, high), motorOutput=f"{low},{high}")
    if command is None:
        assert r.get("motor.command[1]") is None
    else:
        assert last(r, "motor.command[1]") == pytest.approx(command)
    assert last(r, "motor.command[2]") == 1.0


def test_an_accelerometer_that_is_off_is_no_free_fall() -> None:
    fields = [Field(f"accSmooth[{i}]") for i in range(3)]
    assert written(fields, (0, 0, 0)).get("accel.z") is None
    assert "accel.z" not in written(fields, (0, 0, 2048), acc_1G=0)


def test_betaflights_quaternion_is_an_attitude() -> None:
    """Roll right 30°, then the nose up 20°, heading 60°: y and z of the quaternion are turned."""
    half = np.radians([30, -20, -60]) / 2
    (cr, cp, cy), (sr, sp, sy) = np.cos(half), np.sin(half)
    x, y, z = sr * cp * cy - cr * sp * sy, cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy
    fields = [Field(f"imuQuaternion[{i}]") for i in range(3)]
    r = written(fields, [round(v * 32767) for v in (x, y, z)])
    angles = [np.degrees(last(r, f"attitude.{a}")) for a in ("roll", "pitch", "yaw")]
    assert angles == pytest.approx([30, 20, 60], abs=0.02)


def test_inavs_attitude_and_estimate() -> None:
    fields = [
        *(Field(f"attitude[{i}]") for i in range(3)),
        *(Field(f"navPos[{i}]") for i in range(3)),
        *(Field(f"navVel[{i}]") for i in range(3)),
        Field("navEPH"), Field("navEPV"),
    ]  # fmt: skip
    values = (100, 200, 2700, 1500, -2500, 3000, 100, 200, -300, 120, 1000)
    r = written(fields, values, **{"Firmware revision": INAV})
    angles = [np.degrees(last(r, f"attitude.{a}")) for a in ("roll", "pitch", "yaw")]
    assert angles == pytest.approx([10, -20, 270])
    assert last(r, "position.north") == 15.0
    assert last(r, "position.east") == -25.0
    assert last(r, "velocity.north") == 1.0
    assert r.get("position.down") is None  # its error is at the limit: INAV does not believe it
    assert r.vehicle.autopilot == "inav"


@pytest.mark.parametrize(
    ("bit", "kind"), [(17, "fixed_wing"), (18, "multirotor"), (19, "rover"), (20, "boat")]
)
def test_inav_says_what_it_flies(bit: int, kind: str) -> None:
    r = written([Field("v")], (1,), slow={"stateFlags": 1 << bit}, **{"Firmware revision": INAV})
    assert r.vehicle.kind == kind


@pytest.mark.parametrize(
    ("code", "reason"),
    [(0, "system"), (1, "radio"), (2, "timeout"), (4, "operator"), (5, "crash"), (6, "system"),
     (9, "landed"), (77, "unknown")],
)  # fmt: skip
def test_disarm_reasons_of_betaflight(code: int, reason: str) -> None:
    log = quad()
    fly(log)
    log.disarm(code)
    log.end()
    (r,) = recordings(log)
    (disarm,) = r.events_of(EventKind.DISARM)
    assert (disarm.reason, disarm.value) == (reason, code)
    assert [e.t_us for e in r.events_of(EventKind.ARM)] == [r.start_us]
    assert r["arm.is_armed"].values[0] == 1


def test_a_log_without_its_end_marker_was_cut() -> None:
    log = quad()
    fly(log)
    (r,) = recordings(log)
    assert r.ends_cut
    assert r.events_of(EventKind.DISARM) == []
    assert last(r, "arm.is_armed") == 1


def test_a_motor_test_is_logged_without_arming() -> None:
    r = written([Field("v")], (1,), slow={"flightModeFlags": 0})
    assert r.events_of(EventKind.ARM) == [] or r.events_of(EventKind.DISARM) != []


def test_a_failsafe_and_what_follows() -> None:
    log = quad()
    frame = {f.name: 0 for f in log.fields["I"]}
    names = [f.name for f in SLOW]
    for i, slow in enumerate([(3, 3, 0, 1, 1), (3, 3, 1, 0, 0), (3, 3, 2, 0, 0), (3, 3, 0, 1, 1)]):
        log.put("I", frame | {"loopIteration": 32 * i, "time": 1_000_000 * (i + 1)})
        log.put("S", dict(zip(names, slow, strict=True)))
    log.end()
    (r,) = recordings(log)
    told = [(e.t_us, e.kind, e.text) for e in r.events if "failsafe" in e.kind]
    assert told == [
        (2_000_000, EventKind.FAILSAFE, "radio"), (4_000_000, EventKind.FAILSAFE_CLEARED, "radio")
    ]  # fmt: skip
    assert r["rc.is_lost"].values.tolist() == [0, 1, 1, 0]
    assert [e.text for e in r.events_of(EventKind.MODE)] == ["ANGLE"]


@pytest.mark.parametrize(
    ("firmware", "bit", "name"),
    [
        ("Betaflight 2025.12.0 (x)", 10, "GPS_RESCUE"), ("Betaflight 4.3.0 (x)", 7, "GPS_RESCUE"),
        ("Betaflight 3.5.0 (x) F7", 9, "FAILSAFE"), ("Betaflight 3.4.0 (x) F7", 10, "FAILSAFE"),
        ("Betaflight 3.1.3 (x) F7", 26, "FAILSAFE"), ("Betaflight 3.2.0 (x) F7", 27, "FAILSAFE"),
        ("Betaflight 4.3.0 (x) F7", 19, "ACRO"),
    ],
)  # fmt: skip
def test_mode_bits_moved_with_the_versions(firmware: str, bit: int, name: str) -> None:
    flags = {"flightModeFlags": 1 | 1 << bit}
    r = written([Field("v")], (1,), slow=flags, **{"Firmware revision": firmware})
    assert [e.text for e in r.events_of(EventKind.MODE)] == [name]


def test_inav_is_heard_by_what_it_flies_not_by_its_switches() -> None:
    more = (Field("activeFlightModeFlags", 0, 0, 1),)
    slow = {"flightModeFlags": 1 | 1 << 8, "activeFlightModeFlags": 1 << 4 | 1}
    r = written([Field("v")], (1,), slow=slow, more=more, **{"Firmware revision": INAV})
    assert [e.text for e in r.events_of(EventKind.MODE)] == ["RTL"]


@pytest.mark.parametrize(
    ("date", "utc_s"),
    [
        ("0000-01-01T00:00:00.000+00:00", None),
        ("2024-06-12T10:51:48.041+00:00", 1_718_189_508.041),
        ("2024-06-12T12:51:48.041+02:00", 1_718_189_508.041),
        ("2041-06-28T01:04:00.000+00:00", None),  # of a clock that nothing set
        ("rubbish", None),
    ],
)
def test_utc_from_the_header_if_its_clock_was_set(date: str, utc_s) -> None:
    r = flown({"Log start datetime": date, "Firmware date": "Jun 12 2023 11:45:34"})
    if utc_s is None:
        assert r.utc is None
    else:
        assert (r.start_us + r.utc.offset_us) / 1e6 == pytest.approx(utc_s)


def test_a_slow_sensor_is_sampled_when_it_has_a_new_value() -> None:
    """A barometer of 50 Hz in a log of 1 kHz: repeated values slope by nought, or as walls."""
    log = quad()
    frame = {f.name: 0 for f in log.fields["I"]}
    for i in range(100):
        height = 1000 + i // 20  # rises by 1 cm each 20 ms
        log.put("I" if i % 32 == 0 else "P", frame | {
            "loopIteration": i, "time": 1000 * i + 1, "baroAlt": height
        })  # fmt: skip
    (r,) = recordings(log)
    baro = r["baro.height"]
    assert baro.values.tolist() == pytest.approx([10.0, 10.01, 10.02, 10.03, 10.04, 10.04])
    slope = np.diff(baro.values) / np.diff(baro.t_s)
    assert slope.max() == pytest.approx(0.5)


def test_identity_is_the_processors_number_or_the_crafts_name() -> None:
    assert flown({"DeviceUID": "003e0036"}).vehicle.id == "bf:003e0036"
    named = flown({"Craft name": "AR8"}).vehicle.id
    assert named.startswith("bf:craft-")
    assert (
        named == flown({"Craft name": "AR8"}).vehicle.id != flown({"Craft name": "AR9"}).vehicle.id
    )
    assert flown({"Craft name": ""}).vehicle.id == "unknown"


def test_each_log_of_a_file_is_a_recording() -> None:
    found = recordings(sample(0.5) + sample(1.0))
    assert [r.boot for r in found] == [0, 1]
    assert [round(r.duration_s, 2) for r in found] == [0.49, 0.99]


@needs_shared
@pytest.mark.parametrize("path", logs("blackbox"), ids=lambda p: p.name[-40:])
def test_real_logs_stay_within_the_catalogue(path) -> None:
    for r in DECODER.normalise(DECODER.decode(Source(str(path)))):
        for name in r:
            channel, quantity = r[name], CATALOGUE[base_name(name)]
            values = channel.values[np.isfinite(channel.values)]
            assert (np.diff(channel.t_us) >= 0).all(), name
            if values.size:
                assert quantity.low <= values.min(), name
                assert values.max() <= quantity.high, name


def _smooth(values: np.ndarray, count: int = 40) -> np.ndarray:
    return np.convolve(values, np.ones(count) / count, "same")[count:-count]


@needs_shared
@pytest.mark.parametrize("path", logs("blackbox"), ids=lambda p: p.name[-40:])
def test_attitude_turns_as_the_gyro_says(path) -> None:
    """The derivative of pitch is the pitch rate: a wrong sign, axis or factor cannot hide."""
    for r in DECODER.normalise(DECODER.decode(Source(str(path)))):
        if not {"attitude.roll", "rate.roll"} <= set(r):
            continue
        roll, pitch = r["attitude.roll"].values, r["attitude.pitch"].values
        rate = r["rate.pitch"].values * np.cos(roll) - r["rate.yaw"].values * np.sin(roll)
        turned = _smooth(np.gradient(pitch, r["attitude.pitch"].t_s))
        calm = (np.abs(roll) < 0.5)[40:-40] & (np.abs(pitch) < 0.5)[40:-40]
        if calm.sum() > 1000 and turned[calm].std() > 0.05:
            assert np.corrcoef(turned[calm], _smooth(rate)[calm])[0, 1] > 0.8


@needs_shared
def test_indiflights_position_moves_as_its_velocity_says() -> None:
    slopes = []
    for path in logs("blackbox"):
        for r in DECODER.normalise(DECODER.decode(Source(str(path)))):
            if r.vehicle.autopilot == "indiflight":
                down, speed = r["position.down"], r["velocity.down"].values
                moved = _smooth(np.gradient(down.values, down.t_s))
                slopes.append(float(moved @ _smooth(speed) / (_smooth(speed) @ _smooth(speed))))
    assert 0.8 < np.median(slopes) < 1.25, slopes


def test_rotorflight_by_its_own_names_and_units() -> None:
    """Field names and units of its firmware; the fourth setpoint is collective, not throttle."""
    said = {
        "Vbat": 2480, "Ibat": 2150, "EscV": 2470, "EscI": 2200, "Tesc": 61, "altitude": 1234,
        "vario": -250, "motor[0]": 725, "servo[0]": 1520, "setpoint[3]": 480, "rcCommand[3]": 300,
        "gyroADC[0]": 30, "gyroRAW[2]": 10, "accADC[2]": 2048, "attitude[1]": -55,
    }  # fmt: skip
    fields = [Field(name) for name in said]
    r = written(fields, tuple(said.values()), **{"Firmware revision": "Rotorflight 4.3.0 (x) F7"})
    assert r.vehicle.kind == "helicopter"
    expected = {
        "battery.voltage": 24.8, "battery.current": 21.5, "esc.voltage[1]": 24.7,
        "esc.current[1]": 22.0, "esc.temperature[1]": 61.0, "baro.height": 12.34,
        "velocity.down": 2.5, "motor.command[1]": 0.725, "throttle.demand": 0.725,
        "servo.output[1]": 1520.0, "rate.roll": np.radians(30), "gyro.z": -np.radians(10),
        "accel.z": -GRAVITY, "attitude.pitch": np.radians(5.5),
    }  # fmt: skip
    for name, value in expected.items():
        assert last(r, name) == pytest.approx(value), name
    assert "throttle.input" not in r
