"""Which vehicle wrote a PX4 log: kind, identity, firmware, board, motors."""

import re
from collections.abc import Mapping
from typing import Final

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import RawLog
from flyoff.model.recording import Vehicle

#: MAV_TYPE to kind. Source: MAVLink common.xml.
_MAV_KIND: Final = {
    1: "fixed_wing",
    **dict.fromkeys((2, 13, 14, 15, 29, 35), "multirotor"),
    3: "helicopter",
    4: "helicopter",
    7: "airship",
    10: "rover",
    11: "boat",
    12: "sub",
    **dict.fromkeys(range(19, 26), "vtol"),
}
_MAV_MOTORS: Final = {2: 4, 13: 6, 14: 8, 15: 3, 19: 2, 20: 4, 29: 12, 35: 10}
#: CA_AIRFRAME to kind. Source: PX4 control_allocator/module.yaml.
_ALLOCATED_KIND: Final = {
    0: "multirotor",
    1: "fixed_wing",
    2: "vtol",
    3: "vtol",
    4: "vtol",
    5: "rover",
    6: "rover",
    7: "sub",
    8: "multirotor",
    10: "helicopter",
    11: "helicopter",
    12: "helicopter",
    13: "rover",
}
#: SYS_AUTOSTART: last number of each range, and its kind. Source: PX4 airframe reference.
_AUTOSTART: Final = (
    (1999, "unknown"),
    (3999, "fixed_wing"),
    (9999, "multirotor"),
    (10999, "unknown"),
    (12999, "multirotor"),
    (13999, "vtol"),
    (14999, "multirotor"),
    (16999, "helicopter"),
    (49999, "unknown"),
    (59999, "rover"),
    (69999, "sub"),
)
#: vehicle_status.vehicle_type, for lack of anything better.
_STATUS_KIND: Final = {1: "multirotor", 2: "fixed_wing", 3: "rover", 4: "airship"}
_FRAMES: Final = {3: "tri", 4: "quad", 6: "hexa", 8: "octa", 12: "dodeca"}
_STAGE: Final = ((255, ""), (192, "rc"), (128, "beta"), (64, "alpha"), (0, "dev"))


def vehicle_of(raw: RawLog, reader: Reader) -> Vehicle:
    """What the log says of the vehicle.

    Parameters
    ----------
    raw : RawLog
    reader : Reader
        For the few rows of ``vehicle_status`` that name a type.
    """
    status = _status(reader)
    version, printed = _firmware(raw.info)
    kind = _kind(raw.params, status)
    motors = _motors(raw.params, status, kind)
    uuid = raw.info.get("sys_uuid", "")
    return Vehicle(
        id=f"px4:{uuid}" if uuid.strip("0") else "unknown",
        kind=kind,
        autopilot="px4",
        firmware=printed,
        version=version,
        frame=_FRAMES.get(motors, "") if kind in ("multirotor", "vtol") else "",
        board=raw.info.get("ver_hw", ""),
        motors=motors,
        is_simulated=_is_simulated(raw, status),
    )


def _status(reader: Reader) -> dict[str, int]:
    """Type fields of the last row of ``vehicle_status``: the first may precede the parameters."""
    names = ("system_type", "vehicle_type", "is_vtol", "hil_state", "is_rotary_wing")
    fields = [name for name in names if reader.has("vehicle_status", name)]
    if not fields:
        return {}
    t_us, columns = reader.read("vehicle_status", fields)
    return {f: int(c[-1]) for f, c in zip(fields, columns, strict=True)} if t_us.size else {}


def _kind(params: Mapping[str, float], status: Mapping[str, int]) -> str:
    if status.get("is_vtol"):
        return "vtol"
    for number in (status.get("system_type", 0), int(params.get("MAV_TYPE", 0))):
        if number in _MAV_KIND:
            return _MAV_KIND[number]
    if "CA_AIRFRAME" in params and int(params["CA_AIRFRAME"]) in _ALLOCATED_KIND:
        return _ALLOCATED_KIND[int(params["CA_AIRFRAME"])]
    if status.get("vehicle_type") in _STATUS_KIND:
        return _STATUS_KIND[status["vehicle_type"]]
    airframe = int(params.get("SYS_AUTOSTART", 0))
    return next((kind for last, kind in _AUTOSTART if airframe <= last), "unknown")


def _motors(params: Mapping[str, float], status: Mapping[str, int], kind: str) -> int:
    count = int(params.get("CA_ROTOR_COUNT", 0))
    if 0 < count <= 12:
        return count
    if kind not in ("multirotor", "vtol"):
        return 0
    number = status.get("system_type") or int(params.get("MAV_TYPE", 0))
    # a VTOL's type counts its rotors badly (22 is "octo or other"), so it is believed only below
    return _MAV_MOTORS.get(number, 4 if kind == "vtol" else 0)


def _firmware(info: Mapping[str, str]) -> tuple[tuple[int, int, int], str]:
    """Version and how it prints: ``PX4 1.16.1 rc``, or the commit where no release is named.

    Examples
    --------
    >>> _firmware({"ver_sw_release": "17826240"})
    ((1, 16, 1), 'PX4 1.16.1 rc')
    """
    try:
        release = int(info.get("ver_sw_release", ""), 0)
    except ValueError:
        release = 0
    if release <= 0:
        found = re.fullmatch(r"v?(\d+)\.(\d+)\.(\d+)\S*", info.get("ver_sw_branch", ""))
        if found:
            version = (int(found[1]), int(found[2]), int(found[3]))
            return version, f"PX4 {'.'.join(found.groups())}"
        return (0, 0, 0), f"PX4 {info['ver_sw'][:8]}" if info.get("ver_sw") else "PX4"
    version = (release >> 24 & 0xFF, release >> 16 & 0xFF, release >> 8 & 0xFF)
    stage = next(name for least, name in _STAGE if release & 0xFF >= least)
    return version, f"PX4 {'.'.join(map(str, version))} {stage}".rstrip()


def _is_simulated(raw: RawLog, status: Mapping[str, int]) -> bool:
    board = raw.info.get("ver_hw", "")
    # only a simulator knows the ground truth, and only its build has no board's name
    return (
        "SITL" in board
        or (not board and raw.info.get("sys_os_name") == "Linux")
        or status.get("hil_state") == 1
        or raw.params.get("SYS_HITL", 0) > 0
        or any(name.endswith("_groundtruth") for name, _ in raw.topics)
    )
