"""Every firmware and version by its own dialect: names, units, modes, reasons.

What each row of ``DIALECTS`` claims comes from the firmware's source (named there), not from the
decoder; the clock passes its 32 bits in the midst of each log.
"""

import numpy as np
import pytest

from flyoff.decoders.blackbox import DECODER
from flyoff.decoders.blackbox.navigation import navigation_modes
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.model.event import EventKind
from flyoff.units import GRAVITY
from tests.scenarios.blackbox import END, SLOW, TIME, BlackboxLog, Field
from tests.scenarios.blackbox_dialects import DIALECTS, Dialect


def decode(data: bytes):
    return DECODER.decode(Source("built", data))


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_log_is_whole_and_says_what_was_written(dialect: Dialect) -> None:
    log = dialect.log()
    raw = decode(bytes(log))
    assert raw.receipt.status is Status.COMPLETE, (raw.receipt.gaps, raw.receipt.notes)
    main = raw.topics["main", 0].columns()
    frames = [dialect._frame(i) for i in range(80)]
    for f in dialect.main:
        if f.name != "time":
            assert main[f.name].tolist() == [frame[f.name] for frame in frames], f.name
    assert main["time"].tolist() == [4_294_000_000 + 10_000 * i for i in range(80)]  # unwrapped
    assert raw.topics["gps", 0].column("GPS_coord[1]").tolist() == [-710_000_200] * 8


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_channels_have_the_units_of_the_firmware(dialect: Dialect) -> None:
    (r,) = DECODER.normalise(decode(bytes(dialect.log())))
    assert (r.vehicle.autopilot, r.vehicle.kind) == (dialect.autopilot, dialect.kind)
    expected = {
        "battery.voltage": dialect.volts, "battery.current": dialect.amperes,
        "gnss.alt_msl": dialect.metres, "gnss.lat": 48.00001, "gnss.lon": -71.00002,
        "gnss.speed": 1.5, "baro.height": 10.0, "rate.roll": np.radians(30), "accel.z": -GRAVITY,
    }  # fmt: skip
    for name, value in expected.items():
        assert float(np.nanmedian(r[name].values)) == pytest.approx(value, rel=2e-3), name
    command = "motor.command[1]" if "motor.command[1]" in r else "motor.command"
    assert float(np.median(r[command].values)) == pytest.approx(dialect.command, abs=0.005)


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_modes_and_the_end_by_the_firmwares_own_numbers(dialect: Dialect) -> None:
    (r,) = DECODER.normalise(decode(bytes(dialect.log())))
    assert [e.text for e in r.events_of(EventKind.MODE)] == [dialect.mode]
    (disarm,) = r.events_of(EventKind.DISARM)
    assert disarm.reason == dialect.disarm
    (arm,) = r.events_of(EventKind.ARM)
    assert arm.t_us == r.start_us
    assert not r.ends_cut


def test_all_of_them_in_one_file() -> None:
    """A card that went from vehicle to vehicle: every log keeps its own firmware's meaning."""
    data = b"\xff\xff\0".join(bytes(d.log(40)) for d in DIALECTS)
    found = DECODER.normalise(decode(data))
    assert [r.vehicle.autopilot for r in found] == [d.autopilot for d in DIALECTS]
    volts = [float(np.nanmedian(r["battery.voltage"].values)) for r in found]
    assert volts == pytest.approx([d.volts for d in DIALECTS])


@pytest.mark.parametrize(
    ("firmware", "code", "reason"),
    [("Betaflight 4.5.1 (x) F7", code, reason) for code, reason in (
        (0, "system"), (1, "radio"), (2, "timeout"), (3, "operator"), (4, "operator"), (5, "crash"),
        (6, "system"), (7, "system"), (8, "gcs"), (9, "landed"), (10, "operator"))]
    + [("Rotorflight 4.3.0 (x) F7", 1, "radio"), ("Rotorflight 4.3.0 (x) F7", 8, "gcs")]
    + [("INAV 7.1.2 (x) F7", code, reason) for code, reason in (
        (0, "unknown"), (1, "timeout"), (2, "operator"), (3, "operator"), (4, "operator"),
        (5, "kill"), (6, "radio"), (7, "landed"), (8, "landed"))],
)  # fmt: skip
def test_disarm_reasons(firmware: str, code: int, reason: str) -> None:
    """Betaflight's stand in an event, INAV's in the text that ends the log."""
    log = BlackboxLog((*TIME, Field("v")), {"Firmware revision": firmware})
    for i in range(3):
        log.write("P" if i else "I", loopIteration=i, time=1000 * i, v=0)
    if firmware.startswith("INAV"):
        log.data += f"E\xffEnd of log (disarm reason:{code})\0".encode("latin-1")
    else:
        log.disarm(code)
        log.end()
    (r,) = DECODER.normalise(decode(bytes(log)))
    assert [e.reason for e in r.events_of(EventKind.DISARM)] == [reason]


def test_inav_before_8_tells_a_return_by_failsafe_in_its_state_of_navigation() -> None:
    """No box is switched on: the failsafe flies home, then lands where it is."""
    fields = (*TIME, Field("navState"))
    log = BlackboxLog(fields, {"Firmware revision": "INAV 6.1.1 (x) F7"})
    names = [f.name for f in SLOW]
    told = [(1, 1, 0), (1, 1, 0), (1, 10, 3), (1, 40, 3), (1, 12, 3), (1, 23, 4)]
    for i, (boxes, state, phase) in enumerate(told):
        log.write("I", loopIteration=32 * i, time=1_000_000 * (i + 1), navState=state)
        log.put("S", dict(zip(names, (boxes, 3, phase, phase == 0, phase == 0), strict=True)))
    log.data += END
    (r,) = DECODER.normalise(decode(bytes(log)))
    modes = [(e.t_us, e.text, e.reason) for e in r.events_of(EventKind.MODE)]
    assert modes == [
        (1_000_000, "ACRO", "operator"), (3_000_000, "RTL", "radio"), (6_000_000, "LAND", "radio")
    ]  # fmt: skip


def test_states_that_pass_belong_to_what_was_flown_before() -> None:
    states = [(0, 1), (1, 8), (2, 29), (3, 36), (4, 39), (5, 12), (6, 1), (7, 29), (8, 30)]
    assert list(navigation_modes(states)) == [(0, ""), (1, "RTL"), (6, ""), (8, "COURSE_HOLD")]


def test_cleanflight_2_has_betaflights_encoding_10() -> None:
    """Cleanflight 1 would have read these bytes as Elias gamma."""
    fields = tuple(Field(f"v[{i}]", encoding=10, p_encoding=10) for i in range(3))
    log = BlackboxLog((*TIME, *fields), {"Firmware revision": "Betaflight 3.2.0 (abc) X"})
    for i in range(8):
        row = {f"v[{k}]": (-1) ** i * 11 * (i + k) for k in range(3)}
        log.put("P" if i else "I", {"loopIteration": i, "time": i} | row)
    log.end()
    data = bytes(log).replace(b"Betaflight 3.2.0", b"Cleanflight 2.2.0")
    raw = decode(data)
    assert raw.receipt.status is Status.COMPLETE
    assert raw.topics["main", 0].column("v[2]").tolist() == [
        (-1) ** i * 11 * (i + 2) for i in range(8)
    ]


@pytest.mark.parametrize("name", ["surfaceRaw", "sonarRaw"])
def test_nothing_in_range_is_no_distance(name: str) -> None:
    """Centimetres, and -1 beyond the range; Betaflight 3.2 and Cleanflight called it sonar."""
    log = BlackboxLog((*TIME, Field(name)), {"Firmware revision": "Betaflight 3.2.0 (abc) X"})
    for i, raw in enumerate((150, -1, 0, 220)):
        log.put("P" if i else "I", {"loopIteration": i, "time": 10_000 * i, name: raw})
    log.end()
    (r,) = DECODER.normalise(decode(bytes(log)))
    np.testing.assert_array_equal(r["range.distance"].values, [1.5, np.nan, 0.0, 2.2])
