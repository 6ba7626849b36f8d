"""Builds DataFlash logs, legal ones and damaged ones, record by record.

``DataFlashLog`` writes what it is told and nothing else; ``opened()`` gives one that starts as
ArduPilot starts its logs. Values are given as a reader should see them (degrees, not the 1e-7 of a
degree that ``L`` stores); bytes are given as they stand in the file.
"""

import struct
from dataclasses import dataclass

HEAD = b"\xa3\x95"
FMT_TYPE = 0x80

#: struct code of each format character, and its multiplier where it has one.
CODES = {
    "a": ("32h", None), "b": ("b", None), "B": ("B", None), "h": ("h", None), "H": ("H", None),
    "i": ("i", None), "I": ("I", None), "q": ("q", None), "Q": ("Q", None), "g": ("e", None),
    "f": ("f", None), "d": ("d", None), "n": ("4s", None), "N": ("16s", None), "Z": ("64s", None),
    "c": ("h", 100), "C": ("H", 100), "e": ("i", 100), "E": ("I", 100), "L": ("i", 10_000_000),
    "M": ("B", None),
}  # fmt: skip

UNITS = {"s": "s", "d": "deg", "m": "m", "v": "V", "A": "A", "#": "instance", "D": "deglatitude"}
MULTIPLIERS = {"-": 0.0, "?": 1.0, "0": 1.0, "B": 1e-2, "C": 1e-3, "F": 1e-6, "!": 3.6}


@dataclass(frozen=True)
class Format:
    """One message's layout."""

    kind: int
    name: str
    characters: str
    labels: str

    @property
    def length(self) -> int:
        return 3 + struct.calcsize("<" + "".join(CODES[c][0] for c in self.characters))


class DataFlashLog:
    """A log in the making.

    Attributes
    ----------
    data : bytearray
        The bytes so far; ``data += b"..."`` puts anything between the records.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.formats: dict[str, Format] = {}

    def __bytes__(self) -> bytes:
        return bytes(self.data)

    def fmt(self, kind: int, length: int, name: str, characters: str, labels: str) -> None:
        """A FMT record that says just this, true or not."""
        self.data += HEAD + struct.pack(
            "<BBB4s16s64s",
            FMT_TYPE, kind, length, name.encode(), characters.encode(), labels.encode(),
        )  # fmt: skip

    def define(
        self, kind: int, name: str, characters: str, labels: str, units: str = "", mults: str = ""
    ) -> Format:
        """Describe a message; with ``units`` also by FMTU, which must have been defined."""
        layout = self.expect(kind, name, characters, labels)
        self.fmt(kind, layout.length, name, characters, labels)
        if units:
            self.write("FMTU", 0, kind, units, mults or "-" * len(units))
        return layout

    def expect(self, kind: int, name: str, characters: str, labels: str) -> Format:
        """Know a message's layout without writing a FMT record."""
        layout = self.formats[name] = Format(kind, name, characters, labels)
        return layout

    def record(self, name: str, *values: object) -> bytes:
        """The bytes of one record."""
        layout = self.formats[name]
        out = HEAD + bytes((layout.kind,))
        for character, value in zip(layout.characters, values, strict=True):
            code, multiplier = CODES[character]
            if character == "a":
                out += struct.pack("<32h", *value)
                continue
            if isinstance(value, str):
                value = value.encode()
            if multiplier is not None:
                value = round(value * multiplier)
            out += struct.pack("<" + code, value)
        return out

    def write(self, name: str, *values: object) -> int:
        """Append one record; give its offset."""
        at = len(self.data)
        self.data += self.record(name, *values)
        return at

    def legend(self) -> None:
        """UNIT, MULT and FMTU, and what their characters mean."""
        self.define(119, "UNIT", "QbZ", "TimeUS,Id,Label")
        self.define(120, "MULT", "Qbd", "TimeUS,Id,Mult")
        self.define(118, "FMTU", "QBNN", "TimeUS,FmtType,UnitIds,MultIds")
        for character, label in UNITS.items():
            self.write("UNIT", 0, ord(character), label)
        for character, factor in MULTIPLIERS.items():
            # firmware keeps these as floats and logs them as doubles
            single = struct.unpack("<f", struct.pack("<f", factor))[0]
            self.write("MULT", 0, ord(character), single)

    def banner(self, t_us: int, firmware: str = "ArduCopter V4.6.3 (3fc7011a)") -> None:
        """The texts with which a vehicle introduces itself."""
        for text in (
            firmware,
            "ChibiOS: 88b84600",
            "CubeOrange 0032001F 31335108 37363235",
            "Frame: QUAD/X",
        ):
            self.write("MSG", t_us, text)


def opened(*, start_us: int = 1_000_000) -> DataFlashLog:
    """A log that begins as ArduPilot's do: descriptions, then parameters, then texts."""
    log = DataFlashLog()
    open_boot(log, start_us=start_us)
    return log


def open_boot(log: DataFlashLog, *, start_us: int = 1_000_000) -> None:
    """Write the start of a boot."""
    log.define(FMT_TYPE, "FMT", "BBnNZ", "Type,Length,Name,Format,Columns")
    log.legend()
    log.define(32, "PARM", "QNff", "TimeUS,Name,Value,Default", "s---", "F---")
    log.define(59, "MSG", "QZ", "TimeUS,Message", "s-", "F-")
    log.define(
        94,
        "GPS",
        "QBBIHBcLLeffffB",
        "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U",
        "s#-s-S-DUmnhnh-",
        "F--C-0BGGB000--",
    )
    log.define(163, "IMU", "QBffffff", "TimeUS,I,GyrX,GyrY,GyrZ,AccX,AccY,AccZ", "s#------")
    log.define(88, "BAT", "QBff", "TimeUS,Inst,Volt,Curr", "s#vA", "F-00")
    log.define(72, "ATT", "Qcccc", "TimeUS,DesRoll,Roll,DesPitch,Pitch", "sdddd", "FBBBB")
    log.write("PARM", start_us, "FRAME_CLASS", 1.0, 0.0)
    log.write("PARM", start_us, "BATT_CAPACITY", 5000.0, 3300.0)
    log.banner(start_us)


def fly(log: DataFlashLog, *, start_us: int = 2_000_000, seconds: float = 2.0) -> None:
    """Write a quiet stretch at the rates of a real log: two IMUs, one battery, GPS at 5 Hz."""
    for tick in range(round(seconds * 50)):
        t_us = start_us + tick * 20_000
        for imu in (0, 1):
            log.write("IMU", t_us + imu, imu, 0.01, -0.02, tick * 1e-3, 0.1, 0.2, -9.81 + imu)
        log.write("ATT", t_us + 5, 1.5, 1.25, -2.0, -1.75)
        if tick % 5 == 0:
            log.write("BAT", t_us + 6, 0, 16.0 - tick * 0.001, 12.5)
        if tick % 10 == 0:
            gms = 302_400_000 + (t_us - start_us) // 1000
            log.write(
                "GPS",
                t_us + 7, 0, 6, gms, 2370, 18, 0.61, -35.3632620, 149.1652370, 584.1,
                0.1, 90.0, 0.0, 0.0, 1,
            )  # fmt: skip


def sample(seconds: float = 2.0) -> bytes:
    """A small whole log."""
    log = opened()
    fly(log, seconds=seconds)
    return bytes(log)
