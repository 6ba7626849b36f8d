"""Builds tlogs, legal ones and damaged ones, frame by frame, without any MAVLink library.

``Tlog`` writes what it is told and nothing else: MAVLink 1 or 2, signed or not, trimmed as MAVLink
2 trims, with any time stamp and any sender. ``data += b"…"`` puts anything between the records.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

V1, V2 = 0xFE, 0xFD
EPOCH_US = 1_700_000_000_000_000

#: Message id, struct format in the order of the wire, CRC_EXTRA, names in that order, and how many
#: of them MAVLink 1 knows. Written down from the published MAVLink definitions.
MESSAGES: dict[str, tuple[int, str, int, str, int]] = {
    "HEARTBEAT": (
        0, "<IBBBBB", 50, "custom_mode type autopilot base_mode system_status mavlink_version", 6,
    ),
    "SYS_STATUS": (
        1, "<IIIHHhHHHHHHb", 124,
        "onboard_control_sensors_present onboard_control_sensors_enabled "
        "onboard_control_sensors_health load voltage_battery current_battery drop_rate_comm "
        "errors_comm errors_count1 errors_count2 errors_count3 errors_count4 battery_remaining", 13,
    ),
    "SYSTEM_TIME": (2, "<QI", 137, "time_unix_usec time_boot_ms", 2),
    "PARAM_VALUE": (
        22, "<fHH16sB", 220, "param_value param_count param_index param_id param_type", 5,
    ),
    "GPS_RAW_INT": (
        24, "<QiiiHHHHBBiIIIIH", 24,
        "time_usec lat lon alt eph epv vel cog fix_type satellites_visible alt_ellipsoid h_acc "
        "v_acc vel_acc hdg_acc yaw", 10,
    ),
    "ATTITUDE": (
        30, "<Iffffff", 39, "time_boot_ms roll pitch yaw rollspeed pitchspeed yawspeed", 7,
    ),
    "GLOBAL_POSITION_INT": (
        33, "<IiiiihhhH", 104, "time_boot_ms lat lon alt relative_alt vx vy vz hdg", 9,
    ),
    "SERVO_OUTPUT_RAW": (
        36, "<IHHHHHHHHBHHHHHHHH", 222,
        "time_usec servo1_raw servo2_raw servo3_raw servo4_raw servo5_raw servo6_raw servo7_raw "
        "servo8_raw port servo9_raw servo10_raw servo11_raw servo12_raw servo13_raw servo14_raw "
        "servo15_raw servo16_raw", 10,
    ),
    "MISSION_CURRENT": (42, "<H", 28, "seq", 1),
    "MISSION_COUNT": (44, "<HBBB", 221, "count target_system target_component mission_type", 3),
    "MISSION_ITEM_REACHED": (46, "<H", 11, "seq", 1),
    "MISSION_ITEM_INT": (
        73, "<ffffiifHHBBBBBB", 38,
        "param1 param2 param3 param4 x y z seq command target_system target_component frame "
        "current autocontinue mission_type", 14,
    ),
    "VFR_HUD": (74, "<ffffhH", 20, "airspeed groundspeed alt climb heading throttle", 6),
    "BATTERY_STATUS": (
        147, "<iih10HhBBBbiB4HBI", 154,
        "current_consumed energy_consumed temperature voltages current_battery id battery_function "
        "type battery_remaining time_remaining charge_state voltages_ext mode fault_bitmask", 9,
    ),
    "AUTOPILOT_VERSION": (
        148, "<QQIIIIHH8s8s8s18s", 178,
        "capabilities uid flight_sw_version middleware_sw_version os_sw_version board_version "
        "vendor_id product_id flight_custom_version middleware_custom_version os_custom_version "
        "uid2", 11,
    ),
    "EXTENDED_SYS_STATE": (245, "<BB", 130, "vtol_state landed_state", 2),
    "STATUSTEXT": (253, "<B50sHB", 83, "severity text id chunk_seq", 2),
}  # fmt: skip


def crc(data: bytes) -> int:
    """MAVLink's checksum, bit by bit."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ 0x8408 if value & 1 else value >> 1
    return value


def payload(name: str, values: Mapping[str, object], version: int) -> bytes:
    """Body of a message; fields not given are 0. MAVLink 1 leaves the extension fields out."""
    _, layout, _, names, base = MESSAGES[name]
    codes = _codes(layout)
    kept = names.split()[: base if version == V1 else None]
    out = b""
    for field_name, code in zip(names.split(), codes, strict=True):
        if field_name in kept:
            value = values.get(field_name, b"" if code.endswith("s") else 0)
            many = code[:-1].isdigit() and not code.endswith("s")
            items = list(value) if many and value else [0] * int(code[:-1]) if many else [value]
            out += struct.pack("<" + code, *items)
    return out


def _codes(layout: str) -> list[str]:
    codes, number = [], ""
    for char in layout[1:]:
        if char.isdigit():
            number += char
        else:
            codes.append(number + char)
            number = ""
    return codes


@dataclass
class Tlog:
    """A log in the making.

    Attributes
    ----------
    data : bytearray
        The bytes so far.
    version : int
        ``V1`` or ``V2`` of the frames to come.
    sender : (system, component)
    signed, trimmed : bool
        MAVLink 2 only.
    form : str
        ``stamped``, ``planner`` or ``bare``.
    """

    data: bytearray = field(default_factory=bytearray)
    version: int = V2
    sender: tuple[int, int] = (1, 1)
    signed: bool = False
    trimmed: bool = True
    form: str = "stamped"
    sequence: int = 0

    def __bytes__(self) -> bytes:
        return bytes(self.data)

    def write(self, name: str, t_us: int, **values: object) -> int:
        """Write one record; give the offset where it starts."""
        number, _, seed, _, _ = MESSAGES[name]
        return self.raw(t_us, number, payload(name, values, self.version), seed)

    def raw(self, t_us: int, number: int, body: bytes, seed: int) -> int:
        """Write a record of any message id, payload and seed."""
        at = len(self.data)
        self.data += self.stamp(t_us) + self.frame(number, body, seed)
        if self.form == "planner":
            self.data += b"\n"
        return at

    def stamp(self, t_us: int) -> bytes:
        """The time as this form of log writes it."""
        if self.form == "stamped":
            return struct.pack(">Q", t_us % 2**64)
        if self.form == "planner":
            ticks = (t_us + 62_135_596_800_000_000) * 10
            return b"-%019d:" % (2**63 - ticks)
        return b""

    def frame(self, number: int, body: bytes, seed: int) -> bytes:
        """One frame with the right checksum for ``seed``."""
        self.sequence = (self.sequence + 1) % 256
        system, component = self.sender
        if self.version == V1:
            head = bytes((len(body), self.sequence, system, component, number))
        else:
            if self.trimmed:
                body = body.rstrip(b"\0") or body[:1]
            flags = int(self.signed)
            head = bytes((len(body), flags, 0, self.sequence, system, component))
            head += number.to_bytes(3, "little")
        checked = head + body
        out = bytes((self.version,)) + checked + struct.pack("<H", crc(checked + bytes((seed,))))
        return out + (bytes(13) if self.signed and self.version == V2 else b"")


def sample(seconds: float = 6.0) -> bytes:
    """A small whole log: a copter and its ground station, MAVLink 1, 2 and signed frames."""
    log = Tlog()
    for tick in range(round(seconds * 4)):
        ms = 20_000 + tick * 250
        t_us = EPOCH_US + ms * 1000
        log.version, log.signed, log.sender = (V1 if tick % 8 == 3 else V2), tick % 8 == 5, (1, 1)
        log.write(
            "ATTITUDE", t_us, time_boot_ms=ms, roll=0.01 * tick, pitch=-0.02, yaw=0.5, rollspeed=0.1
        )
        log.write(
            "GLOBAL_POSITION_INT", t_us + 900, time_boot_ms=ms, lat=473977420 + tick,
            lon=85455940 - tick, alt=488_000 + 100 * tick, relative_alt=100 * tick, vx=30, hdg=9000,
        )  # fmt: skip
        if tick % 4 == 0:
            log.write(
                "HEARTBEAT", t_us + 1500, type=2, autopilot=3, base_mode=0x81, custom_mode=3,
                system_status=4, mavlink_version=3,
            )  # fmt: skip
            log.write("SYSTEM_TIME", t_us + 1600, time_unix_usec=t_us, time_boot_ms=ms)
            log.write("SYS_STATUS", t_us + 1700, voltage_battery=15_800 - tick, current_battery=900)
            log.sender = (255, 190)
            log.write("HEARTBEAT", t_us + 2000, type=6, autopilot=8, mavlink_version=3)
    log.sender = (1, 1)
    log.write("STATUSTEXT", EPOCH_US + 30_000_000, severity=6, text=b"ArduCopter V4.6.3 (3fc7011a)")
    return bytes(log)
