"""What flew: from heartbeats, the autopilot's version message, its texts and parameters."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from flyoff.decoders.dataflash.modes import PLANE
from flyoff.decoders.dataflash.vehicle import describe
from flyoff.decoders.normalisation import Reader
from flyoff.decoders.tlog.systems import ARDUPILOT, PX4
from flyoff.model.recording import Vehicle

#: MAV_TYPE to kind and, where it says so, frame and number of motors. Source: common.xml.
_TYPES: Final[dict[int, tuple[str, str, int]]] = {
    1: ("fixed_wing", "", 1), 2: ("multirotor", "quad", 4), 3: ("multirotor", "coax", 2),
    4: ("helicopter", "heli", 1), 7: ("airship", "", 0), 10: ("rover", "rover", 0),
    11: ("boat", "boat", 0), 12: ("sub", "", 0), 13: ("multirotor", "hexa", 6),
    14: ("multirotor", "octa", 8), 15: ("multirotor", "tri", 3), 29: ("multirotor", "dodeca", 12),
    35: ("multirotor", "deca", 10), **dict.fromkeys(range(19, 26), ("vtol", "", 4)),
}  # fmt: skip
_FIRMWARE: Final = {
    "fixed_wing": "ArduPlane", "vtol": "ArduPlane", "multirotor": "ArduCopter",
    "helicopter": "ArduCopter", "rover": "ArduRover", "boat": "ArduRover", "sub": "ArduSub",
    "airship": "Blimp",
}  # fmt: skip
_NAMES: Final = {ARDUPILOT: "ardupilot", PX4: "px4", 0: "generic"}
_STAGES: Final = ((255, ""), (192, "rc"), (128, "beta"), (64, "alpha"), (0, "dev"))
#: A QuadPlane calls itself a fixed wing; its lift modes and its texts give it away.
_VTOL_MODES: Final = frozenset(n for n, name in PLANE.items() if name.startswith("Q"))
_VTOL_TEXTS: Final = re.compile(r"^(?:QuadPlane|Mission: \d+ VTOL|VTOL |Transition )")
_HIL: Final = 32  # MAV_MODE_FLAG_HIL_ENABLED


@dataclass(frozen=True, slots=True)
class Beat:
    """What a flight controller's heartbeats say throughout a boot."""

    type: int
    autopilot: int
    is_simulated: bool
    modes: frozenset[int]


def beat(reader: Reader) -> Beat:
    """The heartbeats' usual type and autopilot; zeros where there is none."""
    fields = ("type", "autopilot", "base_mode", "custom_mode")
    t_us, columns = reader.read("HEARTBEAT", fields)
    if not t_us.size:
        return Beat(0, -1, False, frozenset())
    kind, autopilot = (int(np.bincount(c.astype(np.int64)).argmax()) for c in columns[:2])
    is_simulated = bool((columns[2].astype(np.int64) & _HIL).any())
    return Beat(kind, autopilot, is_simulated, frozenset(np.unique(columns[3]).tolist()))


def vehicle_of(
    reader: Reader, said: Beat, texts: Sequence[str], params: Mapping[str, float]
) -> Vehicle:
    """The vehicle of one boot."""
    version, uid, uid2 = _version(reader)
    if said.autopilot == ARDUPILOT or (said.autopilot < 0 and "SYSID_THISMAV" in params):
        return _ardupilot(reader, said, texts, params, version, uid2)
    kind, frame, motors = _TYPES.get(said.type, ("unknown", "", 0))
    if said.autopilot == PX4:
        number = uid2.hex().upper() if uid2.strip(b"\0") else f"{uid:016X}" if uid else ""
        printed = f"PX4 {_printed(version)}".strip()
        name, motors = "px4", motors if kind in ("multirotor", "vtol") else 0
        id_ = f"px4:{number.lower()}" if number else "unknown"
    else:
        id_, name = "unknown", _NAMES.get(said.autopilot, "unknown")
        printed = _printed(version)
    numbers = (version >> 24 & 0xFF, version >> 16 & 0xFF, version >> 8 & 0xFF)
    return Vehicle(id_, kind, name, printed, numbers, frame, "", motors, said.is_simulated)


def _ardupilot(
    reader: Reader,
    said: Beat,
    texts: Sequence[str],
    params: Mapping[str, float],
    version: int,
    uid2: bytes,
) -> Vehicle:
    kind, frame, motors = _TYPES.get(said.type, ("unknown", "", 0))
    firmware = _FIRMWARE.get(kind, "")
    lines = list(texts)
    if not any(line.startswith(("Ardu", "Rover", "Blimp")) and " V" in line for line in lines):
        lines.insert(0, f"{firmware} V{_printed(version) or '0.0'}")
    if not any(_BOARD.match(line) for line in lines) and uid2.strip(b"\0"):
        words = np.frombuffer(uid2[:12], dtype="<u4")
        lines.append("board " + " ".join(f"{word:08X}" for word in words))
    found = describe(reader.raw, lines, params)
    if kind == "fixed_wing" and (params.get("Q_ENABLE", 0) > 0 or _hovers(said, texts)):
        kind, frame, motors = "vtol", found.frame, found.motors or 4
    elif found.kind == "helicopter" or (found.kind != "unknown" and kind == "unknown"):
        kind = found.kind
    return replace(
        found,
        kind=kind,
        frame=found.frame or frame,
        motors=found.motors or motors,
        firmware=found.firmware.removesuffix(" 0.0"),
        board="" if found.board == "board" else found.board,
        is_simulated=found.is_simulated or said.is_simulated or bool(reader.count("SIMSTATE")),
    )


_BOARD: Final = re.compile(r"^\S.*? [0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8}$")


def _hovers(said: Beat, texts: Sequence[str]) -> bool:
    return bool(said.modes & _VTOL_MODES) or any(_VTOL_TEXTS.match(line) for line in texts)


def _version(reader: Reader) -> tuple[int, int, bytes]:
    """flight_sw_version, uid and uid2 of the last AUTOPILOT_VERSION; zeros without one."""
    topic = "AUTOPILOT_VERSION"
    if not reader.has(topic, "flight_sw_version", "uid"):
        return 0, 0, b""
    _, (version, uid) = reader.read(topic, ("flight_sw_version", "uid"))
    if not version.size:
        return 0, 0, b""
    uid2 = b""
    if reader.has(topic, "uid2"):
        uid2 = reader.read(topic, ("uid2",))[1][0][-1].astype(np.uint8).tobytes()
    return int(version[-1]), int(uid[-1]), uid2


def _printed(version: int) -> str:
    """A packed version as it is printed.

    Examples
    --------
    >>> _printed(0x040603FF), _printed(0x01110040), _printed(0)
    ('4.6.3', '1.17.0 alpha', '')
    """
    if not version:
        return ""
    stage = next(name for least, name in _STAGES if version & 0xFF >= least)
    numbers = f"{version >> 24 & 0xFF}.{version >> 16 & 0xFF}.{version >> 8 & 0xFF}"
    return f"{numbers} {stage}".rstrip()
