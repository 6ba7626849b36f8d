"""Remote ID from captures of Wi-Fi and Bluetooth: ASTM F3411 / EN 4709-002, and DJI's own elements.

A location message says no more of its time than the seconds since the full hour; the hour is the
capture's. A transmitter's reports bear the id of its basic id message; the transmitter's address
stands in where none was heard. What a drone says of itself is no measurement: it can be spoofed.
"""

import math
import struct
from dataclasses import dataclass, replace
from typing import Final

from flyoff.errors import TrialError
from flyoff.trials.account import Accountant
from flyoff.trials.readers import capture, wireless
from flyoff.trials.readers.time_of_day import DayClock
from flyoff.trials.remote_id.location import Location
from flyoff.trials.remote_id.messages import BasicId
from flyoff.trials.remote_id.pack import Message, decode
from flyoff.trials.reports import Reading, Report, Reports

NAME: Final = "remote_id"
_NAN: Final = float("nan")
_HOUR: Final = 3600.0
#: DJI's flight telemetry: sub-command, version, sequence, state, serial number, longitude,
#: latitude, altitude, height, velocity north, east, up.
_DJI: Final = struct.Struct("<BBHH16siihhhhh")
_DJI_TELEMETRY: Final = 0x10
_DJI_DEGREES: Final = math.degrees(1e-7)


@dataclass(slots=True)
class _Transmitter:
    name: str = ""
    kind: str = ""


def sniff_link(data: bytes) -> bool:
    """Whether a capture is of a radio whose frames can carry Remote ID."""
    account = Accountant(len(data))
    first = next(iter(capture.packets(data, account)), None)
    return first is not None and first.link in wireless.LINKS


def read(data: bytes) -> Reading:
    """Read a capture."""
    account = Accountant(len(data))
    clock = DayClock(None, _HOUR)
    rows: list[tuple[Report, tuple[str, str]]] = []
    transmitters: dict[tuple[str, str], _Transmitter] = {}
    for packet in capture.packets(data, account):
        some = False
        for one in wireless.heard(packet.link, packet.data):
            by = transmitters.setdefault((one.protocol, one.transmitter), _Transmitter())
            try:
                found = _reports(one, by, packet.time_s, clock)
            except TrialError as problem:
                account.passed(f"a remote id message that cannot be read: {problem}")
                continue
            some = True
            for report in found:
                rows.append((report, (one.protocol, one.transmitter)))
        account.messages += some
        if not some:
            account.passed("a frame without remote id")
    named = [_named(report, transmitters[key], key[1]) for report, key in rows]
    return Reading(NAME, Reports.of(named), account.close())


def _reports(
    one: wireless.Heard, by: _Transmitter, heard_s: float, clock: DayClock
) -> list[Report]:
    if one.protocol == "dji":
        return _dji(one.data, by, heard_s)
    found = []
    for message in decode(one.data):
        if isinstance(message, BasicId) and message.text:
            by.name, by.kind = message.text, message.ua_type
        elif isinstance(message, Location) and message.lat is not None:
            found.append(_of_location(message, heard_s, clock))
    return found


def _of_location(said: Message, heard_s: float, clock: DayClock) -> Report:
    assert isinstance(said, Location)
    time_s = heard_s
    if said.hour_time_s is not None:
        time_s = clock.utc(said.hour_time_s, heard_s)
    course = math.radians(_known(said.direction_deg))
    speed = _known(said.ground_speed_m_s)
    height, above = _known(said.ellipsoid_height_m), "ellipsoid"
    if said.ellipsoid_height_m is None and said.pressure_altitude_m is not None:
        height, above = said.pressure_altitude_m, "pressure"
    # the classes are 95 % bounds: 2.4477 standard deviations in the plane, 1.96 of the height
    spread = _known(said.horizontal_accuracy_m) / 2.4477
    return Report(
        time_s,
        declared_s=heard_s,
        lat=_known(said.lat),
        lon=_known(said.lon),
        height_m=height,
        height_above=above,
        velocity_east=speed * math.sin(course),
        velocity_north=speed * math.cos(course),
        velocity_up=_known(said.vertical_speed_m_s),
        sigma_east=spread,
        sigma_north=spread,
        sigma_up=_known(said.vertical_accuracy_m) / 1.96,
    )


def _dji(data: bytes, by: _Transmitter, heard_s: float) -> list[Report]:
    if len(data) < _DJI.size or data[0] != _DJI_TELEMETRY:
        return []
    values = _DJI.unpack_from(data)
    serial, lon, lat, altitude = values[4:8]
    by.name = serial.split(b"\0")[0].decode("ascii", "replace")
    by.kind = "dji"
    if (lat, lon) == (0, 0):
        return []
    north, east, up = values[9:12]
    return [
        Report(
            heard_s,
            declared_s=heard_s,
            lat=lat * _DJI_DEGREES,
            lon=lon * _DJI_DEGREES,
            height_m=float(altitude),
            height_above="msl",
            velocity_north=north / 100.0,
            velocity_east=east / 100.0,
            velocity_up=up / 100.0,
        )
    ]


def _named(report: Report, by: _Transmitter, address: str) -> Report:
    return replace(report, track=by.name or address, label=by.kind or "uas", sensor=address)


def _known(value: float | None) -> float:
    return _NAN if value is None else value
