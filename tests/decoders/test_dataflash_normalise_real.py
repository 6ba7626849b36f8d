"""Real and simulated ArduPilot logs: every channel within its range, and units that agree.

Units are checked without knowing the answer: quantities that reach the log by different ways
(receiver and estimator, gyro and rate controller, barometer and position) have to agree.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.source import Source
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.event import EventKind
from flyoff.model.frames import wrap_pi
from flyoff.model.recording import Recording
from tests.shared import REASON, flights, logs, shared

pytestmark = pytest.mark.skipif(shared() is None, reason=REASON)

#: One flight of each vehicle, and the faults that strain ranges most.
FLIGHTS = (
    "s0104", "s0072", "s0062", "s0584", "s0053", "s0147",
    "s0061", "s0035", "s0123", "s0084", "s0045", "s0115", "s0180", "s0157",
)  # fmt: skip
KINDS = {
    "ArduCopter": {"multirotor"},
    "ArduPlane": {"fixed_wing", "vtol"},
    "Rover": {"rover", "boat"},
}
FRAMES = {"motorboat": "boat", "plane": "fixed_wing", "plane-catapult": "fixed_wing",
          "quadplane": "vtol", "rover": "rover"}  # fmt: skip


def real() -> list[Path]:
    return [p for p in logs("dataflash") if p.suffix.lower() == ".bin"]


@cache
def read(path: Path) -> tuple[Recording, ...]:
    return tuple(DECODER.normalise(DECODER.decode(Source(str(path)))))


def flight(name: str) -> Recording:
    folder = flights()
    assert folder is not None, REASON
    (found,) = read(folder / f"{name}.BIN")
    return found


def truth(name: str) -> dict[str, object]:
    folder = flights()
    assert folder is not None, REASON
    found: dict[str, object] = json.loads((folder / f"{name}.json").read_text())
    return found


def violations(found: Recording) -> list[str]:
    """What breaks the catalogue's contract."""
    broken = []
    for name in found:
        quantity = CATALOGUE[base_name(name)]  # a channel outside the catalogue is an error
        channel = found[name]
        if (np.diff(channel.t_us) < 0).any():
            broken.append(f"{name}: time decreases")
        values = channel.values[np.isfinite(channel.values)]
        if values.size and not quantity.low <= values.min() <= values.max() <= quantity.high:
            broken.append(f"{name} from {channel.source}: {values.min():g} … {values.max():g}")
    return broken


@pytest.mark.parametrize("path", real(), ids=lambda p: p.stem[-40:])
def test_real_logs_keep_the_catalogues_ranges(path: Path) -> None:
    for found in read(path):
        assert violations(found) == []
        assert found.vehicle.kind != "unknown"
        assert found.vehicle.version > (3, 0, 0)
        assert found.start_us < found.end_us


@pytest.mark.parametrize("name", FLIGHTS)
def test_simulated_flights_keep_the_catalogues_ranges(name: str) -> None:
    assert violations(flight(name)) == []


@pytest.mark.parametrize("name", FLIGHTS)
def test_vehicle_and_mission_are_what_was_flown(name: str) -> None:
    found, known = flight(name), truth(name)
    frame = str(known["frame"])
    assert found.vehicle.kind == FRAMES.get(frame, "multirotor")
    assert found.vehicle.kind in KINDS[str(known["vehicle"])]
    assert found.vehicle.firmware == str(known["firmware"]).replace(" V", " ")
    planned = known["planned_waypoints"]
    assert isinstance(planned, list)
    assert found.mission is not None
    if not known["uploaded_differs"]:
        assert [i.command for i in found.mission.items] == [w["cmd"] for w in planned]
        for item, waypoint in zip(found.mission.items[1:], planned[1:], strict=True):
            if item.has_position:
                assert item.lat == pytest.approx(waypoint["lat"], abs=1e-6)
                assert item.alt == pytest.approx(waypoint["alt"], abs=0.01)


@pytest.mark.parametrize("name", [n for n in FLIGHTS if n != "s0157"])
def test_flights_arm_once(name: str) -> None:
    found = flight(name)
    assert len(found.events_of(EventKind.ARM)) == 1
    assert len(found.events_of(EventKind.DISARM)) <= 1


def test_a_flight_that_was_refused_never_arms() -> None:
    found = flight("s0157")
    assert truth("s0157")["fault_kind"] == "prearm_fail"
    assert not found.events_of(EventKind.ARM)
    assert found["arm.is_armed"].values.max() == 0


def test_utc_is_the_receivers_time() -> None:
    found = flight("s0104")
    assert found.utc is not None
    raw = DECODER.decode(Source(found.log.path))
    gps = raw.topics["GPS", 0]
    row = gps.gather(("GWk", "GMS"))
    gps_s = int(row["GWk"][-1]) * 604_800 + int(row["GMS"][-1]) / 1000
    unix_s = gps_s + 315_964_800 - 18  # 1980-01-06, and GPS − UTC since 2017
    utc_s = (int(gps.time_us()[-1]) + found.utc.offset_us) / 1e6
    assert utc_s == pytest.approx(unix_s, abs=found.utc.uncertainty_s + 0.2)


#: Channel, the other way to know it, the other's factor, and how far apart their medians may be.
AGREE = (
    ("rate.roll", "gyro.x", 1.0, 0.01),
    ("rate.pitch", "gyro.y", 1.0, 0.01),
    ("rate.yaw", "gyro.z", 1.0, 0.01),
    ("nav.climb_rate", "velocity.down", -1.0, 0.05),
    ("gnss.velocity_down", "velocity.down", 1.0, 0.1),
    ("position.height", "position.down", -1.0, 1.0),
    ("baro.height", "position.down", -1.0, 1.0),
    ("gnss.alt_msl", "position.alt_msl", 1.0, 1.0),
    ("nav.target_north", "position.north", 1.0, 0.5),
    ("nav.target_height", "position.height", 1.0, 1.0),
    ("attitude_demand.roll", "attitude.roll", 1.0, 0.05),  # a boat rolls in the waves
    ("steering.turn_rate", "gyro.z", 1.0, 0.01),
    ("airspeed.true", "airspeed.indicated", 1.0, 2.0),
)


@pytest.mark.parametrize("name", ["s0104", "s0072", "s0062", "s0053", "s0147"])
def test_independent_channels_agree_in_unit_and_sign(name: str) -> None:
    found = flight(name)
    compared = 0
    for one, other, factor, limit in AGREE:
        a, b = found.get(one), found.get(other)
        if a is None or b is None:
            continue
        apart = a.values - factor * b.interpolated(a.t_us, max_gap_s=0.5)
        assert np.nanmedian(np.abs(apart)) < limit, f"{one} against {other}"
        compared += 1
    assert compared >= 6


@pytest.mark.parametrize("name", ["s0104", "s0062", "s0053", "s0147"])
def test_receiver_and_estimator_move_the_same_way(name: str) -> None:
    found = flight(name)
    north, east = found["velocity.north"], found["velocity.east"]
    speed = np.hypot(north.values, east.values)
    moving = speed > 2
    assert moving.any()
    received = found["gnss.speed"].interpolated(north.t_us, max_gap_s=1.0)
    assert np.nanmedian(np.abs(received - speed)[moving]) < 0.3
    course = found["gnss.course"].at(north.t_us)
    apart = wrap_pi(course - np.arctan2(east.values, north.values))
    assert np.nanmedian(np.abs(apart)[moving]) < 0.05


@pytest.mark.parametrize("name", ["s0104", "s0062", "s0053", "s0147"])
def test_innovations_have_the_catalogues_sign(name: str) -> None:
    """The receiver's velocity reaches the filter late by some 0.1 … 0.2 s."""
    found = flight(name)
    speed, course = found["gnss.speed"], found["gnss.course"]
    measured = speed.values * np.cos(course.values)
    best = max(
        _correlation(
            measured - found["velocity.north"].interpolated(speed.t_us - late_us),
            found["estimator.innovation_velocity_north"].interpolated(speed.t_us),
        )
        for late_us in range(0, 300_000, 50_000)
    )
    assert best > 0.3


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    known = np.isfinite(a) & np.isfinite(b)
    return float(np.corrcoef(a[known], b[known])[0, 1])


def test_old_firmware_is_read_in_its_own_units() -> None:
    """ArduCopter 3.3: throttle in thousandths, climb in cm/s, time in ms, no time on modes."""
    path = next(p for p in real() if p.name.endswith("logs__181.BIN"))
    (found,) = read(path)
    assert found.vehicle.firmware == "ArduCopter 3.3-dev"
    assert 0 <= found["throttle.demand"].values.max() <= 1
    assert np.median(found["accel.z"].values) == pytest.approx(-9.8, abs=1.5)
    assert [e.text for e in found.events_of(EventKind.MODE)][:2] == ["STABILIZE", "ALT_HOLD"]
    assert found.events_of(EventKind.MODE)[1].t_us > found.start_us
    motors = [found[f"motor.command[{k}]"].values for k in (1, 2, 3, 4)]
    mean = np.mean(motors, axis=0)
    demand = found["throttle.demand"].interpolated(found["motor.command[1]"].t_us)
    assert _correlation(mean, demand) > 0.9
