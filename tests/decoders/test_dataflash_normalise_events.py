"""What an ArduPilot log tells of itself: arming, modes, failsafes, mission, identity, UTC."""

from datetime import UTC, datetime

import pytest

from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Recording
from tests.decoders.ardupilot import opened, recording

S = 1_000_000
PLANE = "ArduPlane V4.6.3 (3fc7011a)"


def of(found: Recording, *kinds: EventKind) -> list[Event]:
    return found.events_of(*kinds)


def arms(found: Recording) -> list[tuple[str, float, str]]:
    return [(e.kind.value, e.t_s, e.reason) for e in of(found, EventKind.ARM, EventKind.DISARM)]


def test_arming_is_told_once_by_the_sign_that_knows_why() -> None:
    log = opened(LOG_DISARMED=1)
    log.say(3 * S, "Arming motors")
    log.put("EV", 3 * S + 1000, 10)
    log.put("ARM", 3 * S + 2000, 1, 0, 0, 2)
    log.put("EV", 5 * S, 15)
    log.put("EV", 9 * S, 11)
    log.put("ARM", 9 * S + 1000, 0, 0, 1, 12)
    found = recording(log)
    assert arms(found) == [("arm", 3.0, "operator"), ("disarm", 9.0, "crash")]
    state = found["arm.is_armed"]
    assert state.between(0, 2 * S).values.tolist() == [0]
    assert state.between(3 * S, 8 * S).values.tolist() == [1]
    assert state.values[-1] == 0


def test_a_log_that_only_runs_while_armed_starts_armed() -> None:
    log = opened(LOG_DISARMED=0)
    log.put("ARM", 9 * S, 0, 0, 0, 13)
    assert arms(recording(log)) == [("arm", 1.0, "unknown"), ("disarm", 9.0, "landed")]


def test_a_log_begun_by_a_refusal_never_arms() -> None:
    log = opened(LOG_DISARMED=0)
    log.say(2 * S, "Arm: GPS 1: Bad fix")
    found = recording(log)
    assert arms(found) == []
    assert found["arm.is_armed"].values.max() == 0


def test_plane_tells_arming_by_its_status_alone() -> None:
    log = opened(PLANE, LOG_DISARMED=1)
    for tick in range(20):
        log.put("STAT", (tick + 1) * S, int(8 <= tick < 15), 0.0, int(5 <= tick < 18))
    found = recording(log)
    assert arms(found) == [("arm", 6.0, "unknown"), ("disarm", 19.0, "unknown")]
    assert [(e.kind.value, e.t_s) for e in of(found, EventKind.TAKEOFF, EventKind.LANDED)] == [
        ("takeoff", 9.0),
        ("landed", 16.0),
    ]


def test_auto_armed_again_after_a_disarming_arms_nothing() -> None:
    log = opened(LOG_DISARMED=1)
    log.put("EV", 3 * S, 10)
    log.put("EV", 9 * S, 11)
    log.put("EV", 9 * S + 5000, 15)
    assert [a[0] for a in arms(recording(log))] == ["arm", "disarm"]


@pytest.mark.parametrize(
    ("firmware", "params", "number", "name"),
    [
        ("ArduCopter V4.6.3 (3fc7011a)", {}, 6, "RTL"),
        (PLANE, {}, 6, "FBWB"),
        (PLANE, {"Q_ENABLE": 1}, 21, "QRTL"),
        ("ArduRover V4.6.3 (3fc7011a)", {}, 4, "HOLD"),
        ("ArduSub V4.1.0 (89639005)", {}, 19, "MANUAL"),
        ("ArduCopter V4.6.3 (3fc7011a)", {}, 77, "MODE 77"),
    ],
)
def test_modes_are_named_by_vehicle(
    firmware: str, params: dict[str, float], number: int, name: str
) -> None:
    log = opened(firmware, **params)
    log.put("MODE", 2 * S, number, number, 4)
    log.put("MODE", 3 * S, number, number, 4)  # logged again, no change
    (mode,) = of(recording(log), EventKind.MODE)
    assert (mode.text, mode.value, mode.reason) == (name, number, "battery")


def test_the_ground_stations_command_is_the_operators_and_its_loss_is_not() -> None:
    log = opened()
    log.put("MODE", 2 * S, 3, 3, 2)
    log.put("MODE", 3 * S, 6, 6, 5)
    assert [e.reason for e in of(recording(log), EventKind.MODE)] == ["operator", "gcs"]


def test_rover_names_the_failsafe_behind_a_mode_change_in_words_only() -> None:
    log = opened("ArduRover V4.6.3 (3fc7011a)")
    log.say(4 * S, "Radio Failsafe")
    log.put("MODE", 4 * S, 11, 11, 25)
    found = recording(log)
    assert [e.reason for e in of(found, EventKind.MODE)] == ["radio"]
    assert found["rc.is_lost"].values.tolist() == [0, 1, 1]


@pytest.mark.parametrize(("later_s", "reason"), [(19, "radio"), (21, "system")])
def test_a_failsafe_long_gone_is_not_behind_a_mode_change(later_s: int, reason: str) -> None:
    log = opened("ArduRover V4.6.3 (3fc7011a)")
    log.say(4 * S, "Radio Failsafe")
    log.put("MODE", (4 + later_s) * S, 11, 11, 25)
    assert [e.reason for e in of(recording(log), EventKind.MODE)] == [reason]


def test_errors_and_failsafes_with_their_clearing() -> None:
    log = opened()
    for t, subsystem, code in (
        (2, 5, 1), (3, 5, 0), (4, 12, 1), (5, 16, 2), (6, 16, 0), (7, 24, 0), (8, 9, 2), (9, 9, 0),
    ):  # fmt: skip
        log.put("ERR", t * S, subsystem, code)
    found = recording(log)
    told = [(e.kind.value, e.text, e.t_s) for e in found.events if e.source.startswith("ERR")]
    assert told == [
        ("failsafe", "radio", 2.0),
        ("failsafe_cleared", "radio", 3.0),
        ("error", "crash", 4.0),
        ("error", "ekf", 5.0),
        ("error_cleared", "ekf", 6.0),
        ("error", "ekf_primary", 7.0),  # core 0 is a core, and clears nothing
        ("failsafe", "fence", 8.0),
        ("fence_breach", "", 8.0),
        ("failsafe_cleared", "fence", 9.0),
    ]
    assert found["fence.breach"].at(found["fence.breach"].t_us[[1]]).tolist() == [2]


@pytest.mark.parametrize(
    ("text", "kind", "subsystem", "value"),
    [
        ("RC Short Failsafe On", "failsafe", "radio", None),
        ("RC Long Failsafe On: RTL", "failsafe", "radio", None),
        ("Throttle failsafe off", "failsafe_cleared", "radio", None),
        ("GCS Failsafe", "failsafe", "gcs", None),
        ("Battery 1 is critical 10.40V used 1200 mAh", "failsafe", "battery", 1),
        ("Crash: Disarming: AngErr=83>30, Accel=1.2<3.0", "error", "crash", None),
        ("Potential Thrust Loss (3)", "error", "thrust_loss", 3),
        ("EKF3 IMU1 stopped aiding", "error", "aiding", None),
        ("EKF primary changed:1", "error", "ekf_primary", 1),
        ("Airspeed sensor 1 now OK. Re-enabled", "error_cleared", "airspeed", None),
        ("Fence breach cleared", "failsafe_cleared", "fence", None),
        ("Reached command #4", "mission_reached", "", 4),
        ("Reached waypoint #7 dist 57m", "mission_reached", "", 7),
        ("Mission: 5 WP", "mission_current", "", 5),
    ],
)
def test_texts_that_report_something(
    text: str, kind: str, subsystem: str, value: float | None
) -> None:
    log = opened()
    log.say(4 * S, text)
    told = [e for e in recording(log).events if e.source == "MSG" and e.kind is not EventKind.TEXT]
    assert [(e.kind.value, e.text, e.value) for e in told] == [(kind, subsystem, value)]


def test_a_fence_breach_in_words_is_failsafe_and_breach() -> None:
    log = opened(PLANE)
    log.say(4 * S, "Circle fence breached")
    log.say(9 * S, "Fence breach cleared")
    found = recording(log)
    assert [e.text for e in of(found, EventKind.FAILSAFE)] == ["fence"]
    assert len(of(found, EventKind.FENCE_BREACH)) == 1
    assert found["fence.breach"].values.tolist() == [0, 1, 0, 0]


def test_a_refusal_is_a_text_and_no_failsafe() -> None:
    log = opened()
    log.say(4 * S, "PreArm: Radio failsafe on")
    log.say(5 * S, "Arm: Battery 1 is low")
    found = recording(log)
    assert not of(found, EventKind.FAILSAFE)
    assert {"PreArm: Radio failsafe on", "Arm: Battery 1 is low"} <= {
        e.text for e in of(found, EventKind.TEXT)
    }


def test_a_code_and_its_text_are_one_event() -> None:
    log = opened()
    log.put("ERR", 4 * S, 25, 1)
    log.say(4 * S + 100, "Potential Thrust Loss (2)")
    assert len(of(recording(log), EventKind.ERROR)) == 1


def test_landing_and_taking_off() -> None:
    log = opened()
    log.put("EV", 5 * S, 28)
    log.put("EV", 15 * S, 18)
    found = recording(log)
    landed = found["land.is_landed"]
    assert landed.values.tolist() == [1, 0, 1, 1]
    assert [e.kind.value for e in of(found, EventKind.TAKEOFF, EventKind.LANDED)] == [
        "takeoff",
        "landed",
    ]


def plan(log: object, t_us: int, total: int, lat: float) -> None:
    for number in range(total):
        place = (lat + number * 1e-3, 149.0, 20.0)
        command = 16 if 0 < number < total - 1 or not number else 20
        where = (0.0, 0.0, 0.0) if command == 20 else place
        log.put("CMD", t_us, total, number, command, 0, 0, 0, 0, *where, 3)


def test_the_mission_is_the_list_that_was_flown() -> None:
    log = opened(LOG_DISARMED=1)
    plan(log, 1 * S, 5, -35.0)
    plan(log, 2 * S, 4, -34.0)  # uploaded again, shorter
    log.put("ORGN", 1 * S, 1, -34.5, 149.5, 600.0)
    log.put("ORGN", 3 * S, 1, -34.6, 149.6, 601.0)  # at arming
    log.put("EV", 3 * S, 10)
    log.put("EV", 9 * S, 11)
    plan(log, 12 * S, 3, -33.0)  # for the next flight
    found = recording(log)
    assert found.mission is not None
    assert found.mission.is_complete
    assert [i.seq for i in found.mission.items] == [0, 1, 2, 3]
    assert found.mission.items[1].lat == pytest.approx(-33.999)
    assert not found.mission.items[3].has_position
    assert found.mission.home == pytest.approx((-34.6, 149.6, 601.0))
    assert found.mission.destination == pytest.approx((-34.6, 149.6))
    assert [e.t_s for e in of(found, EventKind.HOME_SET)] == [1.0, 3.0]


def test_a_mission_with_items_missing_says_so() -> None:
    log = opened()
    log.put("CMD", 1 * S, 9, 3, 16, 0, 0, 0, 0, -35.0, 149.0, 20.0, 3)
    mission = recording(log).mission
    assert mission is not None
    assert not mission.is_complete


def test_items_begun_in_old_firmware_are_those_listed_again() -> None:
    log = opened()
    plan(log, 1 * S, 3, -35.0)
    log.put("CMD", 5 * S, 3, 1, 16, 0, 0, 0, 0, -34.999, 149.0, 20.0, 3)
    current = of(recording(log), EventKind.MISSION_CURRENT)
    assert [(e.t_s, e.value) for e in current] == [(5.0, 1.0)]


def test_identity_from_the_board_and_from_calibration_without_it() -> None:
    with_board = recording(opened())
    assert with_board.vehicle.id == "ap:0032001F3133510837363235"
    assert with_board.vehicle.board == "CubeOrange"
    assert with_board.vehicle.version == (4, 6, 3)
    assert with_board.vehicle.firmware == "ArduCopter 4.6.3"
    calibrated = {"INS_ACCOFFS_X": 0.12, "INS_ACC_ID": 3081250.0, "MOT_SPIN_ARM": 0.1}
    one = recording(opened("", **calibrated)).vehicle
    other = recording(opened("", **{**calibrated, "INS_ACCOFFS_X": 0.13})).vehicle
    assert one.id.startswith("ap:p-")
    assert one.id != other.id
    assert one.id == recording(opened("", **calibrated)).vehicle.id
    assert one.kind == "multirotor"
    assert recording(opened("")).vehicle.id == "unknown"


@pytest.mark.parametrize(
    ("firmware", "params", "kind", "frame", "motors"),
    [
        ("ArduCopter V4.6.3 (3fc7011a)", {"FRAME_CLASS": 2}, "multirotor", "hexa", 6),
        ("ArduCopter V4.6.3 (3fc7011a)", {"FRAME_CLASS": 6}, "helicopter", "heli", 1),
        ("ArduCopter V3.3.3 (acf4dc4a)", {}, "multirotor", "quad", 4),
        (PLANE, {"Q_ENABLE": 0}, "fixed_wing", "", 1),
        (PLANE, {"Q_ENABLE": 1, "Q_FRAME_CLASS": 1}, "vtol", "quad", 4),
        ("ArduRover V4.6.3 (3fc7011a)", {"FRAME_CLASS": 1}, "rover", "rover", 0),
        ("ArduRover V4.6.3 (3fc7011a)", {"FRAME_CLASS": 2}, "boat", "boat", 0),
        ("ArduSub V4.1.0 (89639005)", {"FRAME_CONFIG": 2}, "sub", "", 8),
    ],
)
def test_kind_of_vehicle(
    firmware: str, params: dict[str, float], kind: str, frame: str, motors: int
) -> None:
    vehicle = recording(opened(firmware, **params)).vehicle
    assert (vehicle.kind, vehicle.frame, vehicle.motors) == (kind, frame, motors)


def test_one_computer_simulates_many_vehicles() -> None:
    log = opened("", FRAME_CLASS=2)
    log.say(1 * S, "ArduCopter V4.6.3 (92b0cd78)")
    log.put("VER", 1 * S, 3, 0, 4, 6, 3, 255, 0, "ArduCopter V4.6.3", 0, 2, 2)
    vehicle = recording(log).vehicle
    assert vehicle.is_simulated
    log.say(1 * S, "3d1219c7c4c5404aaa1f6d2a48adfda4")
    assert recording(log).vehicle.id == "ap:3D1219C7C4C5404AAA1F6D2A48ADFDA4-hexa"


def test_utc_survives_the_receivers_week_rollover() -> None:
    log = opened()
    week, ms_per_week = 2370, 604_800_000
    for tick in range(40):
        ms = ms_per_week - 2000 + tick * 200
        # the time of week wraps some epochs before the week's number does
        wrapped = ms % ms_per_week
        number = week + (1 if ms >= ms_per_week + 1000 else 0)
        log.put("GPS", 2 * S + tick * 200_000, 0, 3, wrapped, number, 9, 0.8, -35.0, 149.0, 584.0)
    clock = recording(log).utc
    assert clock is not None
    end_of_week = datetime(2025, 6, 15, tzinfo=UTC).timestamp() - 18  # GPS runs 18 s ahead
    assert clock.offset_us == round((end_of_week - 2.0 - 2.0) * 1e6)
    assert clock.source == "GPS.GWk/GMS"
    assert clock.uncertainty_s < 1


def test_no_fix_no_utc() -> None:
    log = opened()
    log.put("GPS", 2 * S, 0, 1, 100, 0)
    assert recording(log).utc is None
