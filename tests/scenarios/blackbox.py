"""Builds blackbox logs, legal ones and damaged ones, frame by frame.

A ``BlackboxLog`` is told the values that a reader should see; it predicts and packs them as a
firmware would. ``log.data += …`` puts anything between the frames; ``quad`` gives a log with the
fields of a Betaflight quadcopter, ``fly`` lets it hover.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.scenarios.blackbox_encodings import GROUPS, pack, signed_vb, unsigned_vb

PRODUCT = b"H Product:Blackbox flight data recorder by Nicholas Sherlock\n"
END = b"E\xffEnd of log\0"
BETAFLIGHT = "Betaflight 4.5.1 (77d01ba3b) STM32F7X2"


@dataclass(frozen=True)
class Field:
    """One field: predictor and encoding in I frames (or the only ones), and in P frames."""

    name: str
    signed: int = 1
    predictor: int = 0
    encoding: int = 0
    p_predictor: int = 1
    p_encoding: int = 0


TIME = (Field("loopIteration", 0, 0, 1, 6, 9), Field("time", 0, 0, 1, 2, 0))
SLOW = (
    Field("flightModeFlags", 0, 0, 1),
    Field("stateFlags", 0, 0, 1),
    Field("failsafePhase", 0, 0, 7),
    Field("rxSignalReceived", 0, 0, 7),
    Field("rxFlightChannelsValid", 0, 0, 7),
)
GPS = (
    Field("time", 0, 10, 1),
    Field("GPS_numSat", 0, 0, 1),
    Field("GPS_coord[0]", 1, 7, 0),
    Field("GPS_coord[1]", 1, 7, 0),
    Field("GPS_altitude", 1, 0, 0),
    Field("GPS_speed", 0, 0, 1),
    Field("GPS_ground_course", 0, 0, 1),
)
HOME = (Field("GPS_home[0]", 1, 0, 0), Field("GPS_home[1]", 1, 0, 0))


class BlackboxLog:
    """A log in the making.

    Parameters
    ----------
    main : fields of I and P frames
    headers : more header lines, or other values for those below
    slow, gps, home : fields of the other frames
    """

    def __init__(
        self,
        main: Sequence[Field],
        headers: Mapping[str, object] | None = None,
        *,
        slow: Sequence[Field] = SLOW,
        gps: Sequence[Field] = (),
        home: Sequence[Field] = (),
    ) -> None:
        self.fields = {"I": main, "S": slow, "G": gps, "H": home}
        self.headers: dict[str, object] = {
            "Data version": 2,
            "I interval": 32,
            "P interval": "1/1",
            "Firmware type": "Cleanflight",
            "Firmware revision": BETAFLIGHT,
            "minthrottle": 1070,
            "maxthrottle": 2000,
            "gyro_scale": "0x3f800000",
            "motorOutput": "158,2047",
            "acc_1G": 2048,
            "vbatref": 1600,
        } | dict(headers or {})
        self.history: list[dict[str, int]] = [{}, {}]
        self.home_at = (0, 0)
        self.data = bytearray(self.header())

    def __bytes__(self) -> bytes:
        return bytes(self.data)

    def header(self) -> bytes:
        """All header lines."""
        lines = [PRODUCT]
        for kind, fields in self.fields.items():
            columns: dict[str, list[object]] = {
                "name": [f.name for f in fields],
                "signed": [f.signed for f in fields],
                "predictor": [f.predictor for f in fields],
                "encoding": [f.encoding for f in fields],
            }
            rows = [(kind, key, values) for key, values in columns.items()]
            if kind == "I":
                rows.append(("P", "predictor", [f.p_predictor for f in fields]))
                rows.append(("P", "encoding", [f.p_encoding for f in fields]))
            for letter, key, values in rows if fields else ():
                text = ",".join(map(str, values))
                lines.append(f"H Field {letter} {key}:{text}\n".encode())
        lines += [f"H {key}:{value}\n".encode() for key, value in self.headers.items()]
        return b"".join(lines)

    def _number(self, key: str) -> int:
        return int(str(self.headers[key]).split(",")[0])

    def _base(self, field: Field, predictor: int, values: Mapping[str, int], kind: str) -> int:
        """What a predictor says of a field."""
        last, older = (self.history[0].get(field.name, 0), self.history[1].get(field.name, 0))
        if kind != "P":
            last = older = 0
        return {
            0: 0,
            1: last,
            2: 2 * last - older,
            3: math.trunc((last + older) / 2),
            4: self._number("minthrottle"),
            5: values.get("motor[0]", 0),
            6: 0,
            7: self.home_at[field.name.endswith("[1]")],
            8: 1500,
            9: self._number("vbatref"),
            10: self.history[0].get("time", 0),
            11: self._number("motorOutput"),
        }[predictor]

    def frame(self, kind: str, values: Mapping[str, int]) -> bytes:
        """The bytes of one frame."""
        fields = self.fields["I" if kind == "P" else kind]
        codes, rest = [], []
        for f in fields:
            predictor = f.p_predictor if kind == "P" else f.predictor
            codes.append(9 if predictor == 6 else (f.p_encoding if kind == "P" else f.encoding))
            difference = values[f.name] - self._base(f, predictor, values, kind)
            rest.append((difference + 2**31) % 2**32 - 2**31)
        gamma = str(self.headers["Firmware revision"]).startswith(("INAV", "Cleanflight"))
        version, at, out = self._number("Data version"), 0, kind.encode()
        while at < len(codes):
            code, count = codes[at], 1
            if code in (7, 8) or (code == 10 and not gamma):
                count = min(GROUPS.get(code, 3), len(codes) - at)
            else:
                most = GROUPS.get(code, len(codes))
                while count < most and at + count < len(codes) and codes[at + count] == code:
                    count += 1
            out += pack(code, rest[at : at + count], gamma=gamma, version=version)
            at += count
        return out

    def write(self, kind: str, **values: int) -> int:
        """Append a frame, brackets in names written as ``name__0``; give its offset."""
        return self.put(kind, {_named(k): v for k, v in values.items()})

    def put(self, kind: str, values: Mapping[str, int]) -> int:
        """Append a frame; give its offset."""
        at = len(self.data)
        self.data += self.frame(kind, values)
        if kind in "IP":
            self.history = [dict(values), dict(values) if kind == "I" else self.history[0]]
        if kind == "H":
            self.home_at = (values["GPS_home[0]"], values["GPS_home[1]"])
        return at

    def event(self, number: int, payload: bytes = b"") -> int:
        """Append an event frame; give its offset."""
        at = len(self.data)
        self.data += bytes([ord("E"), number]) + payload
        return at

    def disarm(self, reason: int) -> None:
        self.event(15, unsigned_vb(reason))

    def resume(self, iteration: int, t_us: int) -> None:
        self.event(14, unsigned_vb(iteration) + unsigned_vb(t_us))

    def mode(self, new: int, old: int) -> None:
        self.event(30, unsigned_vb(new) + unsigned_vb(old))

    def adjust(self, function: int, value: float) -> None:
        """An in-flight adjustment: a float sets the function's high bit."""
        if isinstance(value, float):
            self.event(13, bytes([function | 128]) + struct.pack("<f", value))
        else:
            self.event(13, bytes([function]) + signed_vb(value))

    def end(self) -> None:
        self.data += END


def _named(key: str) -> str:
    name, _, index = key.partition("__")
    return f"{name}[{index}]" if index else name


def small(**headers: object) -> BlackboxLog:
    """A log of iteration, time and one value."""
    return BlackboxLog((*TIME, Field("value")), {_header(k): v for k, v in headers.items()})


def _header(key: str) -> str:
    return key.replace("_", " ") if key[0].isupper() else key


def run(log: BlackboxLog, count: int, *, first: int = 0, t_us: int = 1_000_000) -> list[int]:
    """Write main frames, an I frame at each interval; give their offsets."""
    interval = int(str(log.headers["I interval"]))
    out = []
    for i in range(first, first + count):
        kind = "I" if i % interval == 0 or not log.history[0] else "P"
        out.append(log.write(kind, loopIteration=i, time=t_us + 1000 * i, value=i * i % 97 - 40))
    return out


QUAD = (
    *TIME,
    *(Field(f"axisP[{i}]") for i in range(3)),
    *(Field(f"axisI[{i}]", p_encoding=7) for i in range(3)),
    *(Field(f"rcCommand[{i}]", p_encoding=8) for i in range(3)),
    Field("rcCommand[3]", 0, 0, 1, 1, 8),
    *(Field(f"setpoint[{i}]", p_encoding=8) for i in range(4)),
    Field("vbatLatest", 0, 9, 3, 1, 6),
    Field("amperageLatest", p_encoding=6),
    Field("baroAlt", p_encoding=6),
    Field("rssi", 0, 0, 1, 1, 6),
    *(Field(f"gyroADC[{i}]", p_predictor=3) for i in range(3)),
    *(Field(f"accSmooth[{i}]", p_predictor=3) for i in range(3)),
    Field("motor[0]", 0, 11, 1, 3, 0),
    *(Field(f"motor[{i}]", 0, 5, 0, 3, 0) for i in range(1, 4)),
    *(Field(f"eRPM[{i}]", 0, 0, 1, 1, 0) for i in range(4)),
)


def quad(headers: Mapping[str, object] | None = None, **other: Sequence[Field]) -> BlackboxLog:
    """A log with the fields of a quadcopter that has a receiver."""
    return BlackboxLog(QUAD, headers, **({"gps": GPS, "home": HOME} | other))


def fly(log: BlackboxLog, seconds: float = 1.0, *, t_us: int = 5_000_000, hz: int = 100) -> int:
    """Hover at 10 m; the time of the last frame."""
    frame: dict[str, int] = {f.name: 0 for f in QUAD}
    log.put("H", {"GPS_home[0]": 500_000_000, "GPS_home[1]": 80_000_000})
    for i in range(round(seconds * hz)):
        now = t_us + i * 1_000_000 // hz
        sway = round(20 * math.sin(i / 7))
        frame |= {
            "loopIteration": i, "time": now, "axisP[0]": sway, "axisI[2]": i % 5 - 2,
            "rcCommand[0]": sway, "rcCommand[3]": 1400, "setpoint[0]": 2 * sway,
            "setpoint[3]": 400, "vbatLatest": 1590 - i // 10, "amperageLatest": 1200 + sway,
            "baroAlt": 1000 + sway, "rssi": 1000, "gyroADC[0]": sway, "gyroADC[1]": -sway,
            "accSmooth[2]": 2048 + sway,
        }  # fmt: skip
        frame |= {f"motor[{k}]": 900 + 3 * k + sway for k in range(4)}
        frame |= {f"eRPM[{k}]": 1500 + k + sway for k in range(4)}
        log.put("I" if i % 32 == 0 else "P", frame)
        if i % 50 == 0:
            log.put("S", dict(zip((f.name for f in SLOW), (1, 3, 0, 1, 1), strict=True)))
        if i % 10 == 0:
            place = (500_000_100 + i, 80_000_200 - i)
            log.put(
                "G",
                dict(zip((f.name for f in GPS), (now, 12, *place, 1234, 150, 900), strict=True)),
            )
    return now


def sample(seconds: float = 1.0) -> bytes:
    """A small whole log."""
    log = quad()
    fly(log, seconds)
    log.disarm(4)
    log.end()
    return bytes(log)
