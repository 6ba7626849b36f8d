"""What flew: firmware, kind, frame, motors and identity, from the log's banner and parameters."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final

from flyoff.decoders.dataflash.params import whole
from flyoff.decoders.rawlog import RawLog
from flyoff.model.recording import Vehicle

_FIRMWARE: Final = re.compile(
    r"^(?P<name>Ardu(?:Copter|Plane|Rover|Sub)|APM:?\s?\w+|AntennaTracker|Blimp|Rover)\b.*?"
    r"V?(?P<version>\d+\.\d+(?:\.\d+)?(?:[-.]?(?:dev|beta|rc)\w*)?)",
    re.IGNORECASE,
)
_BOARD: Final = re.compile(r"^(?P<board>\S.*?) (?P<uid>[0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8})$")
#: Boards that run Linux, and the simulator, print the machine's own id.
_MACHINE: Final = re.compile(r"^[0-9a-f]{12,32}$")
_FRAME: Final = re.compile(r"^(?:QuadPlane )?Frame:\s*(?P<frame>\w+)")

#: VER.BU, for logs without a banner.
_BUILDS: Final = {1: "ArduRover", 2: "ArduCopter", 3: "ArduPlane", 5: "ArduSub", 7: "Blimp"}
_BOARD_TYPE_SIMULATOR: Final = 3  # VER.BT
#: A parameter that only one firmware has.
_TELLING: Final = (
    ("Q_ENABLE", "ArduPlane"),
    ("TRIM_ARSPD_CM", "ArduPlane"),
    ("AIRSPEED_CRUISE", "ArduPlane"),
    ("SURFACE_DEPTH", "ArduSub"),
    ("CRUISE_SPEED", "ArduRover"),
    ("MOT_SPIN_ARM", "ArduCopter"),
    ("MOT_SPIN_ARMED", "ArduCopter"),
)

_QUAD, _HEXA, _OCTA = ("quad", 4), ("hexa", 6), ("octa", 8)
#: FRAME_CLASS and Q_FRAME_CLASS to frame and number of lift motors.
_CLASSES: Final = {
    1: _QUAD, 2: _HEXA, 3: _OCTA, 4: ("octaquad", 8), 5: ("y6", 6), 6: ("heli", 1), 7: ("tri", 3),
    8: ("single", 1), 9: ("coax", 2), 10: ("tailsitter", 2), 11: ("dual heli", 2),
    12: ("dodecahexa", 12), 13: ("quad heli", 4), 14: ("deca", 10),
}  # fmt: skip
_HELICOPTERS: Final = frozenset({6, 11, 13})
#: FRAME_CONFIG of a submarine to its number of thrusters.
_THRUSTERS: Final = {0: 6, 1: 6, 2: 8, 3: 8, 4: 3, 5: 4, 6: 5}
_BOAT: Final = 2  # FRAME_CLASS of a rover

#: Calibrations that differ between any two boards and seldom change on one.
_FINGERPRINT: Final = re.compile(
    r"^(INS_(ACC|ACC2|ACC3|GYR|GYR2|GYR3)(OFFS|SCAL)_[XYZ]|INS_ACC\d?_ID|COMPASS_DEV_ID\d?|"
    r"BARO\d?_DEVID|BARO\d_GND_PRESS_ID)$"
)


def describe(raw: RawLog, texts: Iterable[str], params: Mapping[str, float]) -> Vehicle:
    """The vehicle that wrote a boot of a log.

    Parameters
    ----------
    raw : RawLog
    texts : of str
        The boot's messages, in order.
    params : mapping of parameter name to value
    """
    lines = list(texts)
    name, version = _firmware(raw, lines, params)
    simulated = _is_simulated(raw, lines)
    kind, frame, motors = _build(name, params, lines)
    board, uid = _identity(lines)
    if uid and simulated:
        # one computer simulates many airframes
        uid = f"{uid}-{frame or kind}"
    if not uid:
        uid = _fingerprint(params)
    return Vehicle(
        id=f"ap:{uid}" if uid else "unknown",
        kind=kind,
        autopilot="ardupilot",
        firmware=f"{name} {version}".strip(),
        version=_numbers(version),
        frame=frame,
        board=board or ("SITL" if simulated else ""),
        motors=motors,
        is_simulated=simulated,
    )


def _firmware(raw: RawLog, lines: list[str], params: Mapping[str, float]) -> tuple[str, str]:
    for line in [*lines, raw.info.get("ver.FWS", ""), raw.info.get("firmware", "")]:
        found = _FIRMWARE.match(line)
        if found:
            return _canonical(found["name"]), found["version"]
    name = _BUILDS.get(_integer(raw.info.get("ver.BU", "")), "")
    if not name:
        name = next((firmware for key, firmware in _TELLING if key in params), "")
    version = [raw.info.get(f"ver.{k}", "") for k in ("Maj", "Min", "Pat")]
    return name, ".".join(version) if all(version) else ""


def _canonical(name: str) -> str:
    for word in ("Copter", "Plane", "Rover", "Sub"):
        if word.lower() in name.lower():
            return f"Ardu{word}"
    return name


def _integer(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _numbers(version: str) -> tuple[int, int, int]:
    found = re.match(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    if not found:
        return 0, 0, 0
    return int(found[1]), int(found[2]), int(found[3] or 0)


def _build(firmware: str, params: Mapping[str, float], lines: list[str]) -> tuple[str, str, int]:
    """Kind, frame and number of motors."""
    frame_class = whole(params, "FRAME_CLASS", 0)
    if firmware == "ArduCopter":
        frame, motors = _CLASSES.get(frame_class) or _frame_text(lines)
        is_heli = frame_class in _HELICOPTERS or "H_RSC_MODE" in params
        return ("helicopter" if is_heli else "multirotor"), frame, motors
    if firmware == "ArduPlane":
        if params.get("Q_ENABLE", 0) > 0:
            return "vtol", *_CLASSES.get(whole(params, "Q_FRAME_CLASS", 0), _frame_text(lines))
        return "fixed_wing", "", 1
    if firmware == "ArduRover":
        return ("boat", "boat", 0) if frame_class == _BOAT else ("rover", "rover", 0)
    if firmware == "ArduSub":
        return "sub", "", _THRUSTERS.get(whole(params, "FRAME_CONFIG", -1), 0)
    if firmware == "Blimp":
        return "airship", "", 0
    return "unknown", "", 0


def _frame_text(lines: list[str]) -> tuple[str, int]:
    """Frame from ``Frame: QUAD/X`` where no parameter tells it (until 3.5)."""
    by_name = {frame: (frame, motors) for frame, motors in _CLASSES.values()}
    for line in lines:
        found = _FRAME.match(line)
        if found:
            name = found["frame"].lower()
            return by_name.get(name, (name, 0))
    return "", 0


def _identity(lines: list[str]) -> tuple[str, str]:
    """Board and its unique id, from the line that the firmware prints at start."""
    for line in lines:
        found = _BOARD.match(line)
        if found:
            return found["board"], found["uid"].replace(" ", "")
    for line in lines:
        if _MACHINE.match(line):
            return "", line.upper()
    return "", ""


def _is_simulated(raw: RawLog, lines: list[str]) -> bool:
    if _integer(raw.info.get("ver.BT", "")) == _BOARD_TYPE_SIMULATOR:
        return True
    return ("SIM", 0) in raw.topics or any("SITL" in line for line in lines)


def _fingerprint(params: Mapping[str, float]) -> str:
    """A stable stand-in for the board's id, of its sensors' calibration; ``""`` if it has none."""
    telling = {k: v for k, v in params.items() if _FINGERPRINT.match(k)}
    calibrated = [v for k, v in telling.items() if "OFFS" in k and v not in (0.0, 0.001)]
    if not calibrated:
        return ""
    text = ";".join(f"{k}={v:.6g}" for k, v in sorted(telling.items()))
    return "p-" + hashlib.sha256(text.encode()).hexdigest()[:16].upper()
