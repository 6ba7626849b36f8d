"""DataFlash topics become catalogue channels in its units, whatever firmware wrote them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from flyoff.model.recording import Recording
from flyoff.units import RAD_PER_DEGREE
from tests.decoders.ardupilot import LAYOUTS, open_boot, opened, recording, recordings

S = 1_000_000


def only(found: Recording, channel: str) -> float:
    """The one value that a channel has."""
    values = np.unique(found[channel].values)
    assert values.size == 1
    return float(values[0])


def test_degrees_become_radians_and_frames_stay() -> None:
    log = opened(samples=False)
    log.put("ATT", 2 * S, 10.0, -20.0, 5.0, 30.0, 350.0, 90.0, 3)
    found = recording(log)
    assert only(found, "attitude.roll") == pytest.approx(-20 * RAD_PER_DEGREE)
    assert only(found, "attitude.pitch") == pytest.approx(30 * RAD_PER_DEGREE)
    assert only(found, "attitude_demand.yaw") == pytest.approx(350 * RAD_PER_DEGREE)


@pytest.mark.parametrize(
    ("characters", "volt", "amperes"),
    [("IhIhhhf", 1180, 1520), ("Qhhfff", 1180, 1520), ("Qfffff", 11.8, 15.2)],
    ids=["3.1 centivolt", "3.4 centivolt", "3.6 volt"],
)
def test_old_current_message_in_each_of_its_units(
    characters: str, volt: float, amperes: float
) -> None:
    log = opened(samples=False)
    if characters[0] == "I":
        log.layout("CURR", characters, "TimeMS,ThrOut,ThrInt,Volt,Curr,Vcc,CurrTot")
        log.write("CURR", 2000, 500, 1, volt, amperes, 4980, 321.0)
        assert only(recording(log), "board.voltage") == pytest.approx(4.98)
    else:
        log.layout("CURR", characters, "TimeUS,Volt,Curr,CurrTot,Temp,Res")
        log.write("CURR", 2 * S, volt, amperes, 321.0, 0.0, 0.0)
    found = recording(log)
    assert only(found, "battery.voltage") == pytest.approx(11.8)
    assert only(found, "battery.current") == pytest.approx(15.2)
    assert only(found, "battery.consumed") == pytest.approx(321.0)
    assert found["battery.voltage"].t_us.tolist() == [2 * S]


def test_battery_share_and_what_is_not_measured() -> None:
    log = opened(samples=False)
    log.put("BAT", 2 * S, 0, 12.5, 12.6, 3.0, 10.0, 0.1, 0.0, 0.004, 87)
    log.put("BAT", 3 * S, 0, 12.5, 12.6, 3.0, 10.0, 0.1, 0.0, 0.004, 255)
    log.put("BAT", 3 * S, 1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 255)
    found = recording(log)
    share = found["battery.remaining"].values
    assert share[0] == pytest.approx(0.87)
    assert np.isnan(share[1])
    assert found.get("battery.temperature") is None
    assert found.get("battery.voltage[1]") is None, "a monitor that never measured is none"


@pytest.mark.parametrize(
    ("layout", "row", "demand", "climb"),
    [
        (("Ihhhffecchh", "TimeMS,ThrIn,AngBst,ThrOut,DAlt,Alt,BarAlt,DSAlt,SAlt,DCRt,CRt"),
         (2000, 500, 0, 420, 5.0, 4.5, 4.4, 0.0, 0.0, 120, -80), 0.42, -0.8),
        (("Qffffffefffhh", "TimeUS,ThI,ABst,ThO,ThH,DAlt,Alt,BAlt,DSAlt,SAlt,TAlt,DCRt,CRt"),
         (2 * S, 0.5, 0.0, 0.42, 0.4, 5.0, 4.5, 4.4, 0.0, 0.0, 0.0, 120, -80), 0.42, -0.8),
    ],
    ids=["3.3", "4.6"],
)  # fmt: skip
def test_throttle_and_climb_of_a_copter(
    layout: tuple[str, str], row: tuple[float, ...], demand: float, climb: float
) -> None:
    log = opened(samples=False)
    log.layout("CTUN", *layout)
    log.write("CTUN", *row)
    found = recording(log)
    assert only(found, "throttle.demand") == pytest.approx(demand)
    assert only(found, "nav.climb_rate") == pytest.approx(climb)
    assert only(found, "nav.target_height") == pytest.approx(5.0)
    assert only(found, "position.height") == pytest.approx(4.5)


def test_motors_are_numbered_by_function_and_scaled_by_their_range() -> None:
    log = opened(
        samples=False,
        FRAME_CLASS=1,
        MOT_PWM_MIN=1100,
        MOT_PWM_MAX=1900,
        SERVO1_FUNCTION=34,
        SERVO2_FUNCTION=33,
        SERVO3_FUNCTION=35,
        SERVO4_FUNCTION=36,
        SERVO5_FUNCTION=0,
    )
    log.put("RCOU", 2 * S, 1100, 1500, 1900, 0, 1500)
    found = recording(log)
    commands = [found[f"motor.command[{k}]"].values[0] for k in (1, 2, 3)]
    assert commands == pytest.approx([0.5, 0.0, 1.0])
    assert found.get("motor.command[4]") is None, "an output without pulses commands nothing"
    assert only(found, "servo.output[3]") == 1900
    assert "motor.command[5]" not in found


def test_motors_of_firmware_without_servo_functions_use_the_throttle_range() -> None:
    log = opened("ArduCopter V3.3.3 (acf4dc4a)", samples=False, RC3_MIN=1000, RC3_MAX=2000)
    log.say(2 * S, "Frame: QUAD")
    log.layout("RCOU", "IhhhhhH", "TimeMS,Ch1,Ch2,Ch3,Ch4,Ch5,Ch6")
    log.write("RCOU", 2000, 1250, 1500, 2000, 900, -11703, 100)
    found = recording(log)
    commands = [found[f"motor.command[{k}]"].values[0] for k in (1, 2, 3, 4)]
    assert commands == pytest.approx([0.25, 0.5, 1.0, 0.0])
    assert found.get("servo.output[5]") is None, "uninitialised memory is no pulse"


def test_elevons_are_unmixed_and_reversed_outputs_turned() -> None:
    servo = {f"SERVO{n}_{k}": v for n in (1, 2) for k, v in
             (("MIN", 1000), ("TRIM", 1500), ("MAX", 2000))}  # fmt: skip
    log = opened(
        "ArduPlane V4.6.3 (3fc7011a)",
        samples=False,
        SERVO1_FUNCTION=77,
        SERVO2_FUNCTION=78,
        SERVO2_REVERSED=1,
        SERVO3_FUNCTION=70,
        SERVO3_MIN=1000,
        SERVO3_MAX=2000,
        **servo,
    )
    log.put("RCOU", 2 * S, 1400, 1300, 1750)  # left -0.2, right +0.4 as it is mounted reversed
    found = recording(log)
    assert only(found, "surface.elevator") == pytest.approx(0.1)
    assert only(found, "surface.aileron") == pytest.approx(0.3)
    assert only(found, "motor.command[1]") == pytest.approx(0.75)


def test_a_boat_steers_and_drives_around_the_middle() -> None:
    log = opened(
        "ArduRover V4.6.3 (3fc7011a)", samples=False, FRAME_CLASS=2,
        SERVO1_FUNCTION=26, SERVO1_MIN=1000, SERVO1_TRIM=1400, SERVO1_MAX=2000,
        SERVO3_FUNCTION=70, SERVO3_MIN=1000, SERVO3_TRIM=1500, SERVO3_MAX=2000,
    )  # fmt: skip
    log.put("RCOU", 2 * S, 1700, 0, 1250)
    found = recording(log)
    assert found.vehicle.kind == "boat"
    assert only(found, "steering.demand") == pytest.approx(0.5)
    assert only(found, "motor.command[1]") == pytest.approx(-0.5)


def test_the_primary_core_is_followed_when_it_changes() -> None:
    log = opened(samples=False)
    for tick in range(10):
        t_us = 2 * S + tick * 100_000
        for core in (0, 1):
            log.put("XKF1", t_us, core, 10.0 * core + tick, 0.0, 0.0)
            log.put("XKF4", t_us, core, 0.1, 0.2, 0.3, -0.01, 0.0, 1 << 4, int(tick >= 6))
    found = recording(log)
    north = found["velocity.north"]
    assert north.values.tolist() == [0, 1, 2, 3, 4, 5, 16, 17, 18, 19]
    assert (np.diff(north.t_us) > 0).all()
    assert only(found, "estimator.ratio_height") == pytest.approx(0.3)
    assert only(found, "estimator.ratio_mag") == pytest.approx(655.35), "int16 that wrapped"
    assert only(found, "estimator.position_lost") == 0


def test_innovations_are_measured_minus_inertial() -> None:
    log = opened(samples=False)
    log.put("XKF1", 2 * S, 0, 0.0, 0.0, 0.0)
    log.put("XKF3", 2 * S, 0, 1.5, -2.0, 0.5, 3.0, 4.0, -6.0)
    found = recording(log)
    assert only(found, "estimator.innovation_velocity_north") == pytest.approx(-1.5)
    assert only(found, "estimator.innovation_position_east") == pytest.approx(-4.0)
    # inertial down minus measured down is measured height minus inertial height
    assert only(found, "estimator.innovation_height") == pytest.approx(-6.0)


def test_no_fix_is_no_place() -> None:
    log = opened(samples=False)
    log.put("GPS", 2 * S, 0, 1, 0, 0, 0, 99.99, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    log.put("GPS", 3 * S, 0, 3, 1000, 2300, 9, 0.8, -35.0, 149.0, 584.0, 5.0, 270.0, -1.0)
    found = recording(log)
    assert np.isnan(found["gnss.lat"].values[0])
    assert np.isnan(found["gnss.alt_msl"].values[0])
    assert found["gnss.lat"].values[1] == pytest.approx(-35.0)
    assert found["gnss.course"].values[1] == pytest.approx(-np.pi / 2)


def test_range_finder_that_sees_nothing_says_nothing() -> None:
    log = opened(samples=False)
    log.put("RFND", 2 * S, 0, 3.0, 4, 25, 100)
    log.put("RFND", 3 * S, 0, 0.0, 2, 25, 0)
    values = recording(log)["range.distance"].values
    assert values[0] == pytest.approx(3.0)
    assert np.isnan(values[1])


def test_motor_speeds_that_nobody_measures_are_left_out() -> None:
    dummy, one_dead = opened(samples=False), opened(samples=False)
    for motor in range(4):
        dummy.put("ESC", 2 * S, motor, 0.0)
        one_dead.put("ESC", 2 * S, motor, 0.0 if motor == 2 else 5000.0)
    assert not recording(dummy).instances("esc.rpm")
    speeds = recording(one_dead).instances("esc.rpm")
    assert sorted(speeds) == [1, 2, 3, 4]
    assert speeds[3].values[0] == 0, "one motor that stands still is a finding"


def test_channels_are_decoded_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from flyoff.decoders.dataflash.topic import DataFlashTopic

    log = opened()
    log.put("PM", 2 * S, 400, 1, 4000, 2500, 100_000, 421)
    gathered: list[str] = []
    gather = DataFlashTopic.gather

    def counted(self: DataFlashTopic, fields: object) -> object:
        gathered.append(self.name)
        return gather(self, fields)

    monkeypatch.setattr(DataFlashTopic, "gather", counted)
    found = recording(log)
    assert "PM" not in gathered
    assert only(found, "cpu.load") == pytest.approx(0.421)
    assert "PM" in gathered


def test_each_boot_is_a_recording_with_its_own_parameters() -> None:
    log = opened(start_us=100 * S, BATT_CAPACITY=1000.0)
    open_boot(log, "ArduCopter V4.6.3 (3fc7011a)", 3 * S, {"BATT_CAPACITY": 2000.0})
    for tick in range(500):
        log.put("ATT", 3 * S + tick * 40_000, 0.0, 8.0, 0.0, 0.0, 0.0, 0.0, 3)
    first, second = recordings(log)
    assert (first.boot, second.boot) == (0, 1)
    assert first.params["BATT_CAPACITY"] == 1000
    assert second.params["BATT_CAPACITY"] == 2000
    assert second.start_us == 3 * S
    assert first.start_us == 100 * S
    assert only(second, "attitude.roll") == pytest.approx(8 * RAD_PER_DEGREE)
    assert only(first, "attitude.roll") == 0


def test_records_without_time_take_the_time_of_the_record_before() -> None:
    log = opened("ArduCopter V3.3-dev (834f90e8)")
    log.layout("MODE", "Mh", "Mode,ThrCrs")
    log.layout("EV", "B", "Id")
    log.write("MODE", 3, 500)
    log.write("EV", 11)
    found = recording(log)
    last = found["attitude.roll"].t_us[-1]
    assert [(e.t_us, e.text) for e in found.events if e.source == "MODE"] == [(last, "AUTO")]


def test_silence_of_the_logger_is_a_gap_and_of_one_topic_is_none() -> None:
    log = opened()
    for tick in range(10):
        log.put("RCOU", 2 * S + tick * 40_000, 1500)
    log.put("RCOU", 18 * S, 1500)  # silent for 16 s, while attitude goes on
    assert recording(log).gaps == ()
    for tick in range(100):
        log.put("ATT", 40 * S + tick * 40_000)
    ((start_us, end_us),) = recording(log).gaps
    assert (start_us, end_us) == (21 * S - 40_000, 40 * S)


def test_garbage_stamps_move_no_bound() -> None:
    log = opened()
    log.put("EV", 2**60, 28)
    log.put("ATT", 2**61)
    found = recording(log)
    assert (found.start_us, found.end_us) == (1 * S, 21 * S - 40_000)
    assert (np.diff(found["attitude.roll"].t_us) >= 0).all()


def test_every_layout_of_the_builder_is_one_that_firmware_uses() -> None:
    for characters, labels in LAYOUTS.values():
        assert len(characters) == len(labels.split(","))


def busy() -> bytes:
    """A log that has something for every rule."""
    log = opened(LOG_DISARMED=1, FRAME_CLASS=1, RCMAP_THROTTLE=float("nan"))
    for name, (characters, _) in LAYOUTS.items():
        for tick in range(3):
            values = [b"x" if c in "nNZ" else 1 for c in characters[1:]]
            log.put(name, (2 + tick) * S, *values)
    return bytes(log)


@given(
    cut=st.floats(0.02, 1),
    flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=60),
)
@settings(deadline=None, max_examples=60)
def test_damage_never_stops_normalisation(cut: float, flips: list[tuple[float, int]]) -> None:
    data = bytearray(busy())
    for where, byte in flips:
        data[min(round(where * len(data)), len(data) - 1)] = byte
    try:
        raw = DECODER.decode(Source("damaged", bytes(data[: round(cut * len(data))])))
    except DecodeError:
        return
    for found in DECODER.normalise(raw):
        for name in found:
            channel = found[name]
            assert (np.diff(channel.t_us) >= 0).all(), name
