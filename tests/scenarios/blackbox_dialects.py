"""Logs as each firmware and version writes them: its header lines, its fields, its end.

Fields, predictors and encodings stand in the order in which the firmware's ``blackbox.c`` has them,
shortened to what a channel is made of; ``tests.scenarios.blackbox`` encodes them. A ``Dialect``
hovers at 10 m and says what a reader should make of it.

Source: ``blackbox.c``, ``rc_modes.h``, ``runtime_config.h`` and ``core.h`` of Betaflight, INAV,
Cleanflight, EmuFlight, Rotorflight and Indiflight; the lists of boxes by version in
blackbox-log-viewer and in Rotorflight's viewer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.scenarios.blackbox import END, GPS, HOME, SLOW, TIME, BlackboxLog, Field

_PID = (
    *(Field(f"axisP[{i}]") for i in range(3)),
    *(Field(f"axisI[{i}]", p_encoding=7) for i in range(3)),
)
_STICKS = (
    *(Field(f"rcCommand[{i}]", p_encoding=8) for i in range(3)),
    Field("rcCommand[3]", 0, 4, 1, 1, 8),
)
_SETPOINT = tuple(Field(f"setpoint[{i}]", p_encoding=8) for i in range(4))
_SENSED = (
    *(Field(f"gyroADC[{i}]", p_predictor=3) for i in range(3)),
    *(Field(f"accSmooth[{i}]", p_predictor=3) for i in range(3)),
)


def _power(suffix: str = "Latest", baro: str = "BaroAlt") -> tuple[Field, ...]:
    return (
        Field(f"vbat{suffix}", 0, 9, 3, 1, 6),
        Field(f"amperage{suffix}", 1, 0, 0, 1, 6),
        Field(baro, 1, 0, 0, 1, 6),
        Field("rssi", 0, 0, 1, 1, 6),
    )


def _motors(least: int, count: int = 4) -> tuple[Field, ...]:
    """Motors on the firmware's own base: the least throttle (4) or the least output (11)."""
    others = (Field(f"motor[{i}]", 0, 5, 0, 3, 0) for i in range(1, count))
    return (Field("motor[0]", 0, least, 1, 3, 0), *others)


_BF_OLD = (*TIME, *_PID, *_STICKS, *_power(), *_SENSED, *_motors(4))
_BF_3 = (*TIME, *_PID, *_STICKS, *_power(), *_SENSED, *_motors(11))
_BF_4 = (*TIME, *_PID, *_STICKS, *_SETPOINT, *_power(), *_SENSED, *_motors(11))
_BF_4_4 = (*TIME, *_PID, *_STICKS, *_SETPOINT, *_power(baro="baroAlt"), *_SENSED, *_motors(11))
_CLEANFLIGHT = (*TIME, *_PID, *_STICKS, *_power(), *_SENSED, *_motors(4))
_INAV = (
    *TIME,
    *(Field(f"axisRate[{i}]") for i in range(3)),
    *_PID,
    *(Field(f"rcData[{i}]", p_encoding=8) for i in range(4)),
    *_STICKS,
    *_power(""),
    *_SENSED,
    *(Field(f"attitude[{i}]", p_predictor=3) for i in range(3)),
    *_motors(4),
    Field("navState"),
    Field("navEPH", 0, 0, 1),
    Field("navEPV", 0, 0, 1),
    *(Field(f"navPos[{i}]") for i in range(3)),
)
_ROTORFLIGHT_4_3 = (
    *TIME,
    *(Field(f"rcCommand[{i}]", p_encoding=8) for i in range(4)),
    *_SETPOINT,
    *(Field(f"axisP[{i}]", p_encoding=7) for i in range(3)),
    *(Field(f"attitude[{i}]") for i in range(3)),
    *(Field(f"gyroADC[{i}]", p_predictor=3) for i in range(3)),
    *(Field(f"accADC[{i}]", p_predictor=3) for i in range(3)),
    Field("altitude", 1, 0, 0, 1, 6),
    Field("Vbat", 0, 0, 1, 1, 6),
    Field("Ibat", 0, 0, 1, 1, 6),
    Field("headspeed", 0, 0, 1, 3, 0),
    Field("motor[0]", 1, 0, 0, 3, 0),
    *(Field(f"servo[{i}]", 0, 8, 0, 3, 0) for i in range(4)),
)
#: Rotorflight's first version still had Betaflight's names for the battery and the barometer.
_ROTORFLIGHT_4_2 = (
    *TIME,
    *(Field(f"rcCommand[{i}]", p_encoding=8) for i in range(4)),
    *_SETPOINT,
    *_power(),
    *(Field(f"gyroADC[{i}]", p_predictor=3) for i in range(3)),
    *(Field(f"accADC[{i}]", p_predictor=3) for i in range(3)),
    Field("headspeed", 0, 0, 1, 3, 0),
    Field("motor[0]", 1, 0, 0, 3, 0),
    *(Field(f"servo[{i}]", 0, 8, 0, 3, 0) for i in range(4)),
)
_INAV_SLOW = (Field("activeWpNumber", 0, 0, 1), *SLOW)
_INAV_8_SLOW = (
    *_INAV_SLOW[:2],
    Field("flightModeFlags2", 0, 0, 1),
    Field("activeFlightModeFlags", 0, 0, 1),
    *SLOW[1:],
)
_INAV_GPS = (
    Field("time", 0, 10, 1),
    Field("GPS_fixType", 0, 0, 1),
    *GPS[1:],
    Field("GPS_hdop", 0, 0, 1),
    Field("GPS_eph", 0, 0, 1),
    Field("GPS_epv", 0, 0, 1),
    *(Field(f"GPS_velned[{i}]") for i in range(3)),
)

#: How a firmware ends a log after disarming by a switch.
BETAFLIGHT_END = b"E\x0f\x04" + END
INAV_END = b"E\xffEnd of log (disarm reason:4)\0"


@dataclass(frozen=True)
class Dialect:
    """A firmware's way to write, and what it writes.

    Attributes
    ----------
    revision : str
        The firmware's line of that name.
    autopilot, kind, mode, disarm : what a reader should call the vehicle, its mode, its disarming
    main, slow, gps : fields
    boxes : int
        ``flightModeFlags``, as this version numbers its boxes.
    vbat, amperage, altitude, motor : int
        As written.
    volts, amperes, metres, command : float
        As meant; ``command`` is the share of full that the first motor is given.
    """

    revision: str
    autopilot: str
    main: tuple[Field, ...]
    boxes: int
    mode: str
    vbat: int
    volts: float
    amperage: int
    altitude: int
    metres: float
    motor: int
    command: float
    amperes: float = 12.0
    kind: str = "multirotor"
    disarm: str = "operator"
    slow: tuple[Field, ...] = SLOW
    gps: tuple[Field, ...] = GPS
    slow_values: Mapping[str, int] = field(default_factory=dict)
    nav_state: int = 0
    end: bytes = BETAFLIGHT_END
    headers: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join(self.revision.split()[:2])

    def log(self, frames: int = 80) -> BlackboxLog:
        """The bytes that this firmware writes in ``frames`` loops of 10 ms."""
        headers = {"Firmware revision": self.revision, **self.headers}
        log = BlackboxLog(self.main, headers, slow=self.slow, gps=self.gps, home=HOME)
        log.put("H", {"GPS_home[0]": 480_000_000, "GPS_home[1]": -710_000_000})
        slow = {f.name: 0 for f in self.slow} | {
            "flightModeFlags": self.boxes, "stateFlags": 3, "rxSignalReceived": 1,
            "rxFlightChannelsValid": 1,
        }  # fmt: skip
        slow = {
            k: v for k, v in (slow | dict(self.slow_values)).items() if k in dict.fromkeys(slow)
        }
        for i in range(frames):
            log.put("I" if i % 32 == 0 else "P", self._frame(i))
            if i == 0:
                log.put("S", slow)
            if i % 10 == 0:
                log.put("G", self._fix(i))
        log.data += self.end
        return log

    def _frame(self, i: int) -> dict[str, int]:
        said = {
            "loopIteration": i, "time": 4_294_000_000 + 10_000 * i & 0xFFFFFFFF,
            "rcCommand[0]": i % 7, "rcCommand[3]": 1400, "rcData[3]": 1400, "setpoint[3]": 400,
            "vbatLatest": self.vbat, "vbat": self.vbat, "Vbat": self.vbat,
            "amperageLatest": self.amperage, "amperage": self.amperage, "Ibat": self.amperage,
            "BaroAlt": 1000 + i % 3, "baroAlt": 1000 + i % 3, "altitude": 1000 + i % 3,
            "navPos[2]": 1000, "navEPH": 200, "navEPV": 200, "navState": self.nav_state,
            "gyroADC[0]": 30, "accSmooth[2]": 2048, "accADC[2]": 2048, "rssi": 1023,
        }  # fmt: skip
        said |= {f"motor[{k}]": self.motor + i % 5 for k in range(4)}
        return {f.name: 1500 if f.name.startswith("servo") else 0 for f in self.main} | {
            name: value for name, value in said.items() if any(f.name == name for f in self.main)
        }

    def _fix(self, i: int) -> dict[str, int]:
        said = {
            "time": 4_294_000_000 + 10_000 * i & 0xFFFFFFFF, "GPS_fixType": 2, "GPS_numSat": 14,
            "GPS_coord[0]": 480_000_100, "GPS_coord[1]": -710_000_200, "GPS_speed": 150,
            "GPS_altitude": self.altitude, "GPS_ground_course": 900, "GPS_eph": 120,
        }  # fmt: skip
        return {f.name: said.get(f.name, 0) for f in self.gps}


_PWM = {"minthrottle": 1070, "maxthrottle": 2000, "motorOutput": "1070,2000", "vbatref": 168}
_DSHOT = {"minthrottle": 1070, "maxthrottle": 2000, "motorOutput": "158,2047", "vbatref": 1680}
_ARMED = 1


def _betaflight(version: str, boxes: int, mode: str, main: tuple[Field, ...], **more) -> Dialect:
    """Betaflight from 4.0 on: hundredths of a volt, tenths of a metre, DShot."""
    given = {
        "vbat": 1660, "volts": 16.6, "amperage": 1200, "altitude": 1234, "metres": 123.4,
        "motor": 1102, "command": 0.5, "headers": _DSHOT,
    } | more  # fmt: skip
    return Dialect(
        f"Betaflight {version} (77d01ba3b) STM32F7X2", "betaflight", main, boxes, mode, **given
    )


def _inav(version: str, **more) -> Dialect:
    given = {
        "boxes": 1 | 1 << 1, "mode": "ANGLE", "slow": _INAV_SLOW, "vbat": 1660, "volts": 16.6,
        "amperage": 1200, "altitude": 123, "metres": 123.0, "motor": 1500, "command": 430 / 930,
        "gps": _INAV_GPS, "end": INAV_END, "slow_values": {"stateFlags": 3 | 1 << 18},
        "headers": _PWM | {"vbatref": 1680},
    } | more  # fmt: skip
    return Dialect(f"INAV {version} (ae47bcba) MATEKF722", "inav", _INAV, **given)


#: A divided voltage at a 12-bit converter, as all wrote it before Betaflight 3.1 and INAV 2.
_RAW = round(16.6 / (3.3 / 4095 * 11))
_RAW_VOLTS = _RAW * 3.3 / 4095 * 11

DIALECTS = (
    _betaflight("3.0.1", _ARMED | 1 << 26, "FAILSAFE", _BF_OLD, vbat=_RAW, volts=_RAW_VOLTS,
                altitude=123, metres=123.0, motor=1535, command=0.5, amperage=596,
                amperes=596 * 3.3 / 4095 * 1e4 / 400,
                headers=_PWM | {"vbatscale": 110, "vbatref": _RAW, "currentMeter": "0,400"}),
    _betaflight("3.1.7", _ARMED | 1 << 3, "ALTHOLD", _BF_3, vbat=166, altitude=123, metres=123.0,
                motor=1535, headers=_PWM),
    _betaflight("3.2.5", _ARMED | 1 << 27, "FAILSAFE", _BF_3, vbat=166, altitude=123, metres=123.0,
                headers=_DSHOT | {"vbatref": 168}),
    _betaflight("3.3.3", _ARMED | 1 << 10, "FAILSAFE", _BF_3, vbat=166, altitude=123, metres=123.0,
                headers=_DSHOT | {"vbatref": 168}),
    _betaflight("3.4.1", _ARMED | 1 << 11, "GPS_RESCUE", _BF_3, vbat=166, altitude=123,
                metres=123.0, headers=_DSHOT | {"vbatref": 168}),
    _betaflight("3.5.7", _ARMED | 1 << 10, "GPS_RESCUE", _BF_3, vbat=166, altitude=12340,
                headers=_DSHOT | {"vbatref": 168}),
    _betaflight("4.0.6", _ARMED | 1 << 6, "FAILSAFE", _BF_3),
    _betaflight("4.2.11", _ARMED | 1 << 7, "GPS_RESCUE", _BF_4),
    _betaflight("4.3.2", _ARMED | 1 << 1 | 1 << 20, "ANGLE", _BF_4),
    _betaflight("4.4.3", _ARMED | 1 << 20, "ACRO", _BF_4_4),
    _betaflight("4.5.1", _ARMED | 1 << 2, "HORIZON", _BF_4_4),
    _betaflight("4.6.0", _ARMED | 1 << 9, "FLAGS_0X200", _BF_4_4),
    _betaflight("2025.12.1", _ARMED | 1 << 9 | 1 << 1, "POSHOLD", _BF_4_4),
    _betaflight("2026.6.0-beta", _ARMED | 1 << 11, "MISSION", _BF_4_4),
    _inav("2.0.0", boxes=1 | 1 << 8, mode="RTL", nav_state=10,
          slow_values={"stateFlags": 3 | 1 << 4}, kind="fixed_wing"),
    _inav("2.6.1", boxes=1 | 1 << 9, mode="POSHOLD", nav_state=7),
    _inav("3.0.2", boxes=1 | 1 << 1, mode="LAND", nav_state=23),
    _inav("4.1.0", boxes=1 | 1 << 19, mode="MISSION", nav_state=17),
    _inav("5.1.0", boxes=1 | 1 << 9 | 1 << 1, mode="ANGLE", nav_state=1),  # asked for, not given
    _inav("6.1.1", boxes=1 | 1 << 10, mode="MANUAL", nav_state=1),
    _inav("7.1.2", boxes=1, mode="ACRO", nav_state=1),
    _inav("8.0.1", boxes=1 | 1 << 8, mode="RTL", slow=_INAV_8_SLOW,
          slow_values={"stateFlags": 3 | 1 << 18, "activeFlightModeFlags": 1 << 4 | 1}),
    _inav("9.0.0", boxes=1, mode="AUTO_LAND", slow=_INAV_8_SLOW, kind="fixed_wing",
          slow_values={"stateFlags": 3 | 1 << 17, "activeFlightModeFlags": 1 << 18}),
    Dialect("c49bd40", "cleanflight", _CLEANFLIGHT, 1 << 0, "ANGLE", _RAW, _RAW_VOLTS, 596, 123,
            123.0, 1535, 0.5, amperes=596 * 3.3 / 4095 * 1e4 / 400, disarm="unknown", end=END,
            headers=_PWM | {"vbatscale": 110, "vbatref": _RAW, "currentMeter": "0,400"}),
    Dialect("Cleanflight 2.2.0 (b2cb0f9) OMNIBUSF4", "cleanflight", _BF_3, _ARMED | 1 << 27,
            "FAILSAFE", 166, 16.6, 1200, 123, 123.0, 1102, 0.5, headers=_DSHOT | {"vbatref": 168}),
    Dialect("EmuFlight 3.7.0 (e0270d5fd) FURYF4OSD", "emuflight", _BF_4, _ARMED | 1 << 6,
            "FAILSAFE", 1660, 16.6, 1200, 1234, 123.4, 1102, 0.5, disarm="unknown", end=END,
            headers=_DSHOT | {"vbatcellvoltage": "330,350,430"}),
    Dialect("EmuFlight 0.4.1 (d1b5e1c) HELIOSPRING", "emuflight", _BF_4, _ARMED | 1 << 9, "ACRO",
            166, 16.6, 1200, 1234, 123.4, 1102, 0.5, disarm="unknown", end=END,
            headers=_DSHOT | {"vbatref": 168, "vbatcellvoltage": "33,35,43"}),
    Dialect("Rotorflight 4.2.9 (0e1f2a3) STM32F7X2", "rotorflight", _ROTORFLIGHT_4_2,
            _ARMED | 1 << 5, "RESCUE", 1660, 16.6, 1200, 1234, 123.4, 500, 0.5, kind="helicopter",
            headers={"Firmware type": "Rotorflight", "P interval": 1, "vbatref": 1680}),
    Dialect("Rotorflight 4.3.0 (0e1f2a3) STM32F7X2", "rotorflight", _ROTORFLIGHT_4_3,
            _ARMED | 1 << 5 | 1 << 1, "RESCUE", 1660, 16.6, 1200, 1234, 123.4, 500, 0.5,
            kind="helicopter", headers={"Firmware type": "Rotorflight", "P interval": 1}),
    Dialect("Rotorflight 4.6.0 (0e1f2a3) STM32H743", "rotorflight", _ROTORFLIGHT_4_3,
            _ARMED | 1 << 7, "FAILSAFE", 1660, 16.6, 1200, 1234, 123.4, 500, 0.5,
            kind="helicopter", headers={"Firmware type": "Rotorflight", "P interval": 1}),
    Dialect("Indiflight 5.0.0 (9a126cbb7) STM32H743", "indiflight", _BF_4, 0xE03, "POSITION", 1660,
            16.6, 1200, 1234, 123.4, 1102, 0.5, headers=_DSHOT),
)  # fmt: skip
