"""Builds DataFlash text logs: what the binary form holds, as a console or a converter prints it."""

from flyoff.decoders.dataflash import DECODER
from flyoff.decoders.source import Source

#: Descriptions as a boot writes them: type, length, name, format, columns.
FORMATS = """\
FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format,Columns
FMT, 129, 23, PARM, QNf, TimeUS,Name,Value
FMT, 130, 67, MSG, QZ, TimeUS,Message
FMT, 131, 45, GPS, QBIHBcLLeeE, TimeUS,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs
FMT, 132, 17, ATT, QccccCC, TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw
FMT, 133, 6, MODE, QMBB, TimeUS,Mode,ModeNum,Rsn
FMT, 134, 12, EV, QB, TimeUS,Id
"""


def sample(seconds: float = 4.0) -> bytes:
    """A small whole log: descriptions, a parameter, a flight of so many seconds at 5 Hz."""
    lines = [FORMATS, "PARM, 1000000, FRAME_CLASS, 1\n"]
    lines.append("MSG, 1000100, ArduCopter V4.6.3 (3fc7011a)\n")
    lines.append("MODE, 1000200, Stabilize, 0, 1\nEV, 1500000, 10\n")
    for tick in range(round(seconds * 5)):
        t_us = 2_000_000 + tick * 200_000
        lines.append(f"ATT, {t_us}, 0.00, {tick / 10:.2f}, 0.00, -1.25, 90.00, 89.50\n")
        lines.append(
            f"GPS, {t_us + 50}, 3, {302_400_000 + tick * 200}, 2370, 14, 0.80, -35.3632621, "
            f"149.1652374, {584 + tick / 5:.2f}, 1.25, 90.00\n"
        )
    lines.append("EV, 9000000, 11\n")
    return "".join(lines).encode()


def printed(binary: bytes) -> bytes:
    """A binary log as a console prints it: each record a line, in the order of the file."""
    raw = DECODER.decode(Source("binary", binary))
    lines: list[tuple[int, str]] = []
    for topic in raw.topics.values():
        columns = topic.columns()
        cells = [[_cell(value) for value in column.tolist()] for column in columns.values()]
        rows = zip(topic.offsets.tolist(), *cells, strict=True)
        lines += [(at, f"{topic.name}, {', '.join(row)}") for at, *row in rows]
    return "".join(f"{line}\n" for _, line in sorted(lines)).encode()


def _cell(value: object) -> str:
    if isinstance(value, bytes):
        return value.split(b"\0")[0].decode()
    return f"{value:.7f}" if isinstance(value, float) else str(value)
