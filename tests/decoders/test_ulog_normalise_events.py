"""PX4 events out of built logs: reasons by version, failsafes and their causes, bad time stamps."""

import warnings
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.decoders.ulog.causes import event_id
from flyoff.errors import DecodeError
from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Recording
from tests.decoders import px4

T = [10.0, 11.0, 12.0, 13.0, 14.0]
MANUAL, MISSION, LOITER, RTL, DESCEND, TAKEOFF = 0, 3, 4, 5, 12, 17


def status(
    mode: Sequence[int],
    *,
    arming: Sequence[int] = (2, 2, 2, 2, 2),
    wanted: Sequence[int] | None = None,
    failsafe: Sequence[int] = (0, 0, 0, 0, 0),
    disarmed_by: int | None = None,
) -> dict[str, Sequence[float]]:
    fields: dict[str, Sequence[float]] = {
        "timestamp": T,
        "uint8_t arming_state": arming,
        "uint8_t nav_state": mode,
        "bool failsafe": failsafe,
    }
    if wanted is not None:
        fields["uint8_t nav_state_user_intention"] = wanted
    if disarmed_by is not None:
        fields["uint8_t latest_disarming_reason"] = [disarmed_by] * 5
    return fields


def of(found: Recording, *kinds: EventKind) -> list[Event]:
    return found.events_of(*kinds)


@pytest.mark.parametrize(
    ("number", "is_new", "reason"),
    [(7, False, "landed"), (6, True, "landed"), (8, False, "timeout"), (7, True, "timeout")],
)
def test_disarm_reason_moved_up_by_one_in_1_14(number: int, is_new: bool, reason: str) -> None:
    wanted = [0] * 5 if is_new else None
    found = px4.recording(
        {
            "vehicle_status": status(
                [0] * 5, arming=[2, 2, 2, 1, 1], wanted=wanted, disarmed_by=number
            )
        }
    )
    (disarm,) = of(found, EventKind.DISARM)
    assert (disarm.t_s, disarm.reason) == (13.0, reason)


def test_what_the_commander_prints_is_believed_before_the_number() -> None:
    found = px4.recording(
        {"vehicle_status": status([0] * 5, arming=[1, 2, 2, 1, 1], wanted=[0] * 5, disarmed_by=6)},
        texts=[
            (11.0, 6, "[commander] Armed by RC switch\t"),
            (13.1, 6, "[commander] Disarmed by kill switch\t"),
        ],
    )
    assert [(e.kind, e.reason) for e in of(found, EventKind.ARM, EventKind.DISARM)] == [
        (EventKind.ARM, "operator"),
        (EventKind.DISARM, "kill"),
    ]


def test_a_log_that_opens_armed_says_so() -> None:
    found = px4.recording({"vehicle_status": status([0] * 5)})
    assert [e.t_s for e in of(found, EventKind.ARM)] == [10.0]


def test_failsafe_names_the_flag_that_changed_last() -> None:
    found = px4.recording(
        {
            "vehicle_status": status(
                [MISSION, MISSION, LOITER, RTL, RTL], wanted=[MISSION] * 5, failsafe=[0, 0, 1, 1, 1]
            ),
            "failsafe_flags": {
                "timestamp": T,
                "bool manual_control_signal_lost": [1, 1, 1, 1, 1],
                "bool gcs_connection_lost": [0, 0, 1, 1, 1],
                "uint8_t battery_warning": [0, 1, 1, 1, 1],
            },
        }
    )
    assert [(e.text, e.reason) for e in of(found, EventKind.MODE)] == [
        ("AUTO_MISSION", "unknown"),
        ("AUTO_LOITER", "gcs"),
        ("AUTO_RTL", "gcs"),
    ]
    assert [(e.t_s, e.text) for e in of(found, EventKind.FAILSAFE)] == [(12.0, "gcs")]
    assert [(e.t_s, e.text) for e in of(found, EventKind.ERROR)] == [
        (11.0, "battery"),
        (12.0, "gcs"),
    ]


def test_the_failsafe_machine_is_believed_before_the_flags() -> None:
    arguments = [0] * 25
    arguments[5] = 1  # failsafe_cause_t: manual control loss
    found = px4.recording(
        {
            "vehicle_status": status(
                [MISSION, MISSION, RTL, RTL, RTL], wanted=[MISSION] * 5, failsafe=[0, 0, 1, 1, 1]
            ),
            "failsafe_flags": {"timestamp": T, "bool gcs_connection_lost": [0, 0, 1, 1, 1]},
            "event": {
                "timestamp": [12.0],
                "uint32_t id": [1 << 24 | event_id("commander_failsafe_enter")],
                "uint8_t[25] arguments": [arguments],
            },
        }
    )
    assert [e.text for e in of(found, EventKind.FAILSAFE)] == ["radio"]


def test_estimate_lost_without_satellites_is_the_satellites_fault() -> None:
    topics = {
        "vehicle_status": status(
            [MISSION, MISSION, DESCEND, DESCEND, DESCEND],
            wanted=[MISSION] * 5,
            failsafe=[0, 0, 1, 1, 1],
        ),
        "failsafe_flags": {"timestamp": T, "bool local_position_invalid": [0, 0, 1, 1, 1]},
    }
    with_fix = px4.recording(
        {**topics, "sensor_gps": {"timestamp": T, "uint8_t fix_type": [3, 3, 3, 3, 3]}}
    )
    without = px4.recording(
        {**topics, "sensor_gps": {"timestamp": T, "uint8_t fix_type": [3, 0, 0, 0, 0]}}
    )
    assert [e.text for e in of(with_fix, EventKind.FAILSAFE)] == ["ekf"]
    assert [e.text for e in of(without, EventKind.FAILSAFE)] == ["gnss"]


def test_operator_and_autopilot_change_modes_without_a_failsafe() -> None:
    modes = [TAKEOFF, LOITER, RTL, RTL, LOITER]
    found = px4.recording(
        {"vehicle_status": status(modes, wanted=modes, arming=[2, 2, 2, 2, 1], disarmed_by=6)}
    )
    assert [(e.text, e.reason) for e in of(found, EventKind.MODE)][1:] == [
        ("AUTO_LOITER", "system"),  # the take-off was over
        ("AUTO_RTL", "operator"),
        ("AUTO_LOITER", "system"),  # the landing was over
    ]
    assert not of(found, EventKind.FAILSAFE)


def test_old_firmware_returned_for_its_battery_without_a_failsafe_flag() -> None:
    found = px4.recording(
        {"vehicle_status": status([MISSION, MISSION, RTL, RTL, RTL])},
        texts=[(11.9, 1, "[commander] Critical battery, returning to launch")],
        release=0x010A00FF,
    )
    assert of(found, EventKind.MODE)[1].reason == "battery"
    assert [e.text for e in of(found, EventKind.FAILSAFE)] == ["battery"]


@pytest.mark.parametrize(
    ("number", "is_new", "name"),
    [(6, True, "POSITION_SLOW"), (6, False, "AUTO_RCRECOVER"), (15, True, "STABILIZED")],
)
def test_mode_numbers_drift(number: int, is_new: bool, name: str) -> None:
    modes = [number] * 5
    found = px4.recording({"vehicle_status": status(modes, wanted=modes if is_new else None)})
    assert of(found, EventKind.MODE)[0].text == name


def test_landing_mission_home_and_texts() -> None:
    found = px4.recording(
        {
            "vehicle_land_detected": {"timestamp": T, "bool landed": [1, 0, 0, 0, 1]},
            "mission_result": {
                "timestamp": T,
                "int32_t seq_reached": [-1, -1, 0, 1, 1],
                "uint16_t seq_current": [0, 0, 1, 2, 2],
                "bool finished": [0, 0, 0, 0, 1],
                "bool failure": [0] * 5,
            },
            "home_position": {
                "timestamp": [9.0],
                "double lat": [47.0],
                "double lon": [8.0],
                "float alt": [400.0],
            },
        },
        texts=[(12.5, 4, "\x1b[32mReady\x1b[0m\t")],
    )
    assert [e.t_s for e in of(found, EventKind.TAKEOFF)] == [11.0]
    assert [e.t_s for e in of(found, EventKind.LANDED)] == [14.0]
    # numbered as in a plan, where home is item 0
    assert [e.value for e in of(found, EventKind.MISSION_REACHED)] == [1.0, 2.0]
    assert [e.value for e in of(found, EventKind.MISSION_CURRENT)] == [1.0, 2.0, 3.0]
    assert [e.t_s for e in of(found, EventKind.HOME_SET)] == [9.0]
    (text,) = of(found, EventKind.TEXT)
    assert (text.text, text.value) == ("Ready", 4.0)


def test_garbage_stamps_move_neither_bounds_nor_order() -> None:
    good = [10.0 + 0.1 * i for i in range(40)]
    stamps = [*good]
    stamps[5] = 0.0
    stamps[11] = (2**63 + 1) / 1e6
    stamps[17] = 5000.0
    stamps[23], stamps[24] = stamps[24], stamps[23]
    found = px4.recording(
        {
            "vehicle_angular_velocity": {
                "timestamp": stamps,
                "float[3] xyz": [[float(i), 0.0, 0.0] for i in range(40)],
            },
            "vehicle_attitude": {"timestamp": good, "float[4] q": [(1.0, 0.0, 0.0, 0.0)] * 40},
        }
    )
    rate = found["rate.roll"]
    assert (found.start_us, found.end_us) == (10_000_000, 13_900_000)
    assert not (np.diff(rate.t_us) < 0).any()
    kept = [i for i in range(40) if i not in (5, 11, 17, 23, 24)]
    assert rate.values.tolist() == [*kept[:20], 24, 23, *kept[20:]]
    assert all(found.start_us - 86_400_000_000 < e.t_us < 2**62 for e in found.events)


def test_silence_of_the_steady_topics_is_a_gap() -> None:
    t_s = [10.0 + 0.1 * i for i in range(30)] + [20.0 + 0.1 * i for i in range(30)]
    found = px4.recording(
        {"vehicle_attitude": {"timestamp": t_s, "float[4] q": [(1.0, 0.0, 0.0, 0.0)] * 60}}
    )
    assert found.gaps == ((12_900_000, 20_000_000),)


@pytest.mark.parametrize(("outside", "reason"), [(1, "operator"), (0, "system")])
def test_old_mode_change_belongs_to_who_commanded_it(outside: int, reason: str) -> None:
    found = px4.recording(
        {
            "vehicle_status": status([MISSION, MISSION, RTL, RTL, RTL]),
            "vehicle_command": {
                "timestamp": [11.9],
                "uint32_t command": [20],
                "float param1": [0.0],
                "bool from_external": [outside],
            },
        }
    )
    assert of(found, EventKind.MODE)[1].reason == reason
    (command,) = of(found, EventKind.COMMAND)
    assert (command.text, command.value) == ("NAV_RETURN_TO_LAUNCH", 20.0)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_never_raises(data: st.DataObject) -> None:
    """Whatever bytes a log loses or changes: a recording in order, or a refused header."""
    log = bytearray(_rich())
    for _ in range(data.draw(st.integers(0, 12))):
        log[data.draw(st.integers(0, len(log) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(log)))
    try:
        raw = DECODER.decode(Source("damaged.ulg", bytes(log[:cut])))
    except DecodeError:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (found,) = DECODER.normalise(raw)
        for name in found:
            assert not (np.diff(found[name].t_us) < 0).any()


def _rich() -> bytes:
    q = [(1.0, 0.0, 0.0, 0.0)] * 5
    return px4.log(
        {
            "vehicle_status": status([MISSION] * 5, wanted=[MISSION] * 5, failsafe=[0, 1, 1, 0, 0]),
            "failsafe_flags": {"timestamp": T, "bool gcs_connection_lost": [0, 1, 1, 0, 0]},
            "vehicle_attitude": {"timestamp": T, "float[4] q": q},
            "vehicle_attitude 1": {"timestamp": T, "float[4] q": q},
            "actuator_outputs": {"timestamp": T, "float[16] output": [[1500.0] * 16] * 5},
            "vehicle_gps_position": {
                "timestamp": T,
                "int32_t lat": [473977420] * 5,
                "int32_t lon": [85455940] * 5,
                "uint64_t time_utc_usec": [1_753_858_017_000_000] * 5,
                "uint8_t fix_type": [3] * 5,
                "float cog_rad": [1.0] * 5,
            },
            "home_position": {
                "timestamp": [9.0],
                "double lat": [47.0],
                "double lon": [8.0],
                "float alt": [400.0],
            },
        },
        params={"MAV_TYPE": 2, "COM_FAIL_ACT_T": 5.0},
        texts=[(10.0, 6, "[commander] Armed by RC switch")],
    )
