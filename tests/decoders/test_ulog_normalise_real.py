"""Contract on real PX4 logs: catalogue ranges, times, and physics that a wrong unit would break."""

from pathlib import Path

import numpy as np
import pytest

from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.event import EventKind
from flyoff.model.frames import to_local
from flyoff.model.recording import Recording
from flyoff.units import GRAVITY
from tests.shared import REASON, flights, logs, needs_shared


def read(path: Path) -> Recording:
    (found,) = DECODER.normalise(DECODER.decode(Source(str(path))))
    return found


def some_flights() -> list[Path]:
    folder = flights()
    return sorted(folder.glob("*.ulg"))[:4] if folder else []


def flown(name: str) -> Recording:
    folder = flights()
    if folder is None:
        pytest.skip(REASON)
    return read(folder / f"{name}.ulg")


@pytest.mark.parametrize("path", logs("ulog"), ids=lambda path: path.stem)
def test_every_channel_is_in_range_and_in_order(path: Path) -> None:
    found = read(path)
    assert found.start_us < found.end_us
    for name in found:
        channel, quantity = found[name], CATALOGUE[base_name(name)]
        assert not (np.diff(channel.t_us) < 0).any(), name
        known = channel.values[np.isfinite(channel.values)]
        assert known.size or not len(channel), f"{name} has samples but no value"
        if known.size:
            assert known.min() >= quantity.low, f"{name}: {known.min()} {quantity.unit}"
            assert known.max() <= quantity.high, f"{name}: {known.max()} {quantity.unit}"
    times = [event.t_us for event in found.events]
    assert times == sorted(times)


@needs_shared
def test_accelerometer_feels_gravity() -> None:
    """Standing or in steady flight the median vector is one g long: g or milli-g would not be."""
    checked = 0
    for path in logs("ulog"):
        found = read(path)
        axes = [found.get(f"accel.{axis}") for axis in "xyz"]
        medians = [float(np.nanmedian(axis.values)) for axis in axes if axis is not None]
        if len(medians) == 3:
            assert float(np.linalg.norm(medians)) == pytest.approx(GRAVITY, rel=0.15), path.name
            checked += 1
    assert checked >= 10


@needs_shared
def test_pressure_falls_as_the_barometers_height_rises() -> None:
    """Hydrostatic: about 12 Pa a metre at sea level and 10 at 2 km; hPa would be a hundredth."""
    checked = 0
    for path in [*logs("ulog"), *some_flights()]:
        found = read(path)
        height, pressure = found.get("baro.height"), found.get("baro.pressure")
        if height is None or pressure is None or np.ptp(height.values) < 3.0:
            continue
        fall = float(np.ptp(pressure.values)) / float(np.ptp(height.values))
        assert 8.0 < fall < 14.0, path.name
        checked += 1
    assert checked >= 4


@needs_shared
def test_receiver_and_estimate_agree_on_place_and_speed() -> None:
    checked = 0
    for path in [*logs("ulog"), *some_flights()]:
        found = read(path)
        names = ("position.lat", "position.lon", "gnss.lat", "gnss.lon", "gnss.speed")
        got = [channel for name in names if (channel := found.get(name)) is not None]
        if len(got) < len(names):
            continue
        lat, lon, gnss_lat, gnss_lon, speed = got
        at_us, origin = gnss_lat.t_us, (float(gnss_lat.values[-1]), float(gnss_lon.values[-1]))
        fused = to_local(lat.interpolated(at_us), lon.interpolated(at_us), origin)
        received = to_local(gnss_lat.values, gnss_lon.values, origin)
        apart = np.hypot(fused[0] - received[0], fused[1] - received[1])
        assert float(np.nanmedian(apart)) < 10.0, path.name
        north, east = found.get("velocity.north"), found.get("velocity.east")
        if north is not None and east is not None:
            over = np.hypot(north.interpolated(speed.t_us), east.interpolated(speed.t_us))
            assert float(np.nanmedian(np.abs(over - speed.values))) < 1.5, path.name
        checked += 1
    assert checked >= 6


def test_wrong_time_stamps_do_not_lengthen_a_log() -> None:
    """One garbage stamp of 1194 s stands in this log of 6.6 s."""
    path = next((p for p in logs("ulog") if "sample_log_small" in p.name), None)
    if path is None:
        pytest.skip(REASON)
    found = read(path)
    assert found.duration_s == pytest.approx(6.6, abs=0.2)


@pytest.mark.parametrize(
    ("name", "cause", "modes"),
    [
        ("s0009", "gcs", ["AUTO_MISSION", "AUTO_LOITER", "AUTO_RTL"]),
        ("s0151", "gnss", ["AUTO_MISSION", "DESCEND"]),
    ],
)
def test_injected_faults_are_named(name: str, cause: str, modes: list[str]) -> None:
    found = flown(name)
    assert [e.text for e in found.events_of(EventKind.FAILSAFE)] == [cause]
    changes = found.events_of(EventKind.MODE)
    assert [e.text for e in changes][: len(modes)] == modes
    assert {e.reason for e in changes[1 : len(modes)]} == {cause}


@pytest.mark.parametrize("name", ["s0552", "s0600"])
def test_an_operators_abort_is_his_own(name: str) -> None:
    found = flown(name)
    assert not found.events_of(EventKind.FAILSAFE)
    assert found.events_of(EventKind.MODE)[1].reason == "operator"


@pytest.mark.parametrize(("name", "planned_m"), [("s0473", 25.0), ("s0543", 20.0)])
def test_height_is_the_one_that_was_planned(name: str, planned_m: float) -> None:
    found = flown(name)
    height = found["position.height"]
    assert float(np.nanmax(height.values)) == pytest.approx(planned_m, abs=2.0)
    assert float(np.nanmax(found["baro.height"].values)) == pytest.approx(planned_m, abs=3.0)
