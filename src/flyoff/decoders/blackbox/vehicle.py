"""Which vehicle wrote a log: kind, identity, firmware, board, motors."""

import hashlib
from collections.abc import Mapping
from typing import Final

from flyoff.decoders.blackbox.firmware import Firmware
from flyoff.decoders.normalisation import Reader
from flyoff.model.recording import Vehicle

_PREFIX: Final = {"betaflight": "bf", "unknown": "blackbox"}
_FRAMES: Final = {3: "tri", 4: "quad", 6: "hexa", 8: "octa"}
_MOST_MOTORS: Final = 12
#: Bits of INAV's stateFlags. Source: its ``runtime_config.h``.
_INAV_KINDS: Final = ((17, "fixed_wing"), (18, "multirotor"), (19, "rover"), (20, "boat"))
_FIXED_WING: Final = 1 << 4  # of Betaflight's and older firmware's


def vehicle_of(text: Mapping[str, str], reader: Reader, firmware: Firmware) -> Vehicle:
    """What a log says of its vehicle."""
    motors = max(_count(reader, "motor"), _count(reader, "eRPM"))
    kind = _kind(reader, firmware, motors)
    board = text.get("Board information", "")
    if not board:
        # INAV and older firmware end their revision with the target
        words = text.get("Firmware revision", "").split()
        board = words[-1] if len(words) > 3 else ""
    return Vehicle(
        id=_identity(text, firmware, board),
        kind=kind,
        autopilot=firmware.family,
        firmware=firmware.printed,
        version=firmware.version,
        frame=_FRAMES.get(motors, "") if kind == "multirotor" else "",
        board=board,
        motors=motors,
        is_simulated="SITL" in board or "SITL" in text.get("Firmware revision", ""),
    )


def _identity(text: Mapping[str, str], firmware: Firmware, board: str) -> str:
    """The processor's number where it is logged (Betaflight 2025.12); else board and craft's name.

    Two vehicles of one name and board cannot be told apart; a vehicle without a name has none.
    """
    prefix = _PREFIX.get(firmware.family, firmware.family)
    number = text.get("DeviceUID", "")
    if number.strip("0"):
        return f"{prefix}:{number}"
    craft = text.get("Craft name", "").strip()
    if not craft:
        return "unknown"
    named = hashlib.sha256(f"{board}\0{craft}".encode()).hexdigest()[:16]
    return f"{prefix}:craft-{named}"


def _count(reader: Reader, field: str) -> int:
    return sum(reader.has("main", f"{field}[{i}]") for i in range(_MOST_MOTORS))


def _kind(reader: Reader, firmware: Firmware, motors: int) -> str:
    flags = 0
    if reader.has("slow", "stateFlags"):
        _, (column,) = reader.read("slow", ("stateFlags",))
        flags = int(column[-1]) if column.size else 0
    if firmware.family == "rotorflight":
        return "helicopter"
    if firmware.family == "inav":
        named = next((kind for bit, kind in _INAV_KINDS if flags >> bit & 1), "")
        if named:
            return named
    if firmware.betaflight < (4, 0, 0) and flags & _FIXED_WING:
        return "fixed_wing"
    if motors >= 3:
        return "multirotor"
    return "fixed_wing" if reader.has("main", "servo[3]") and motors else "unknown"
