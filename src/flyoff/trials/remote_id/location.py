"""The location message: where a drone says that it is, and how fast it moves."""

import struct
from dataclasses import dataclass
from typing import Final

from flyoff.trials.remote_id import quantities as q
from flyoff.trials.remote_id.layout import (
    HEIGHT_REFERENCES,
    LOCATION,
    PROTOCOL_VERSION,
    STATUSES,
    body,
    code_of,
    header,
    name_of,
)
from flyoff.units import Degrees, Metres, MetresPerSecond, Seconds

_LAYOUT: Final = struct.Struct("<BBBBbiiHHHBBHBx")


@dataclass(frozen=True, slots=True)
class Location:
    """One location message; None is what the transmitter does not know.

    Attributes
    ----------
    status : str
        ``undeclared``, ``ground``, ``airborne``, ``emergency``, ``remote_id_system_failure``.
    direction_deg : float [deg]
        Course over ground from true north.
    ground_speed_m_s, vertical_speed_m_s : float [m/s]
        Up is positive.
    lat, lon : float [deg]
    pressure_altitude_m, ellipsoid_height_m : float [m]
        Above 1013.25 hPa, and above the WGS-84 ellipsoid.
    height_m : float [m]
        Above `height_reference`: ``takeoff`` or ``ground``.
    horizontal_accuracy_m, vertical_accuracy_m, pressure_accuracy_m : float [m]
    speed_accuracy_m_s : float [m/s]
        Upper limits of the classes that are sent. A value must be below its class's limit, so that
        a limit that was read and is sent again goes out as the next class up.
    hour_time_s : float [s]
        Since the full hour, UTC; the hour itself is not sent.
    time_accuracy_s : float [s]
    version : int
        Of the protocol.
    """

    status: str = "undeclared"
    direction_deg: Degrees | None = None
    ground_speed_m_s: MetresPerSecond | None = None
    vertical_speed_m_s: MetresPerSecond | None = None
    lat: Degrees | None = None
    lon: Degrees | None = None
    pressure_altitude_m: Metres | None = None
    ellipsoid_height_m: Metres | None = None
    height_m: Metres | None = None
    height_reference: str = "takeoff"
    horizontal_accuracy_m: Metres | None = None
    vertical_accuracy_m: Metres | None = None
    pressure_accuracy_m: Metres | None = None
    speed_accuracy_m_s: MetresPerSecond | None = None
    hour_time_s: Seconds | None = None
    time_accuracy_s: Seconds | None = None
    version: int = PROTOCOL_VERSION

    def encode(self) -> bytes:
        """Write the 25 bytes that are broadcast."""
        direction, west = q.encode_direction(self.direction_deg)
        speed, coarse = q.encode_ground_speed(self.ground_speed_m_s)
        reference = code_of(HEIGHT_REFERENCES, self.height_reference, 1)
        flags = code_of(STATUSES, self.status, 4) << 4 | reference << 2 | west << 1 | coarse
        horizontal = q.encode_accuracy(self.horizontal_accuracy_m, q.HORIZONTAL_ACCURACY_M)
        vertical = q.encode_accuracy(self.vertical_accuracy_m, q.VERTICAL_ACCURACY_M)
        pressure = q.encode_accuracy(self.pressure_accuracy_m, q.VERTICAL_ACCURACY_M)
        return _LAYOUT.pack(
            header(LOCATION, self.version),
            flags,
            direction,
            speed,
            q.encode_vertical_speed(self.vertical_speed_m_s),
            *q.encode_place(self.lat, self.lon),
            q.encode_height(self.pressure_altitude_m),
            q.encode_height(self.ellipsoid_height_m),
            q.encode_height(self.height_m),
            vertical << 4 | horizontal,
            pressure << 4 | q.encode_accuracy(self.speed_accuracy_m_s, q.SPEED_ACCURACY_M_S),
            q.encode_hour_time(self.hour_time_s),
            q.encode_time_accuracy(self.time_accuracy_s),
        )

    @classmethod
    def decode(cls, message: bytes) -> "Location":
        """Read a message of 25 bytes."""
        version = body(message, LOCATION)
        _, flags, direction, speed, climb, lat, lon, *rest = _LAYOUT.unpack(message)
        pressure_altitude, ellipsoid, height, places, speeds, tenths, time_accuracy = rest
        latitude, longitude = q.decode_place(lat, lon)
        return cls(
            status=name_of(STATUSES, flags >> 4),
            direction_deg=q.decode_direction(direction, flags >> 1 & 1),
            ground_speed_m_s=q.decode_ground_speed(speed, flags & 1),
            vertical_speed_m_s=q.decode_vertical_speed(climb),
            lat=latitude,
            lon=longitude,
            pressure_altitude_m=q.decode_height(pressure_altitude),
            ellipsoid_height_m=q.decode_height(ellipsoid),
            height_m=q.decode_height(height),
            height_reference=HEIGHT_REFERENCES[flags >> 2 & 1],
            horizontal_accuracy_m=q.decode_accuracy(places & 15, q.HORIZONTAL_ACCURACY_M),
            vertical_accuracy_m=q.decode_accuracy(places >> 4, q.VERTICAL_ACCURACY_M),
            pressure_accuracy_m=q.decode_accuracy(speeds >> 4, q.VERTICAL_ACCURACY_M),
            speed_accuracy_m_s=q.decode_accuracy(speeds & 15, q.SPEED_ACCURACY_M_S),
            hour_time_s=q.decode_hour_time(tenths),
            time_accuracy_s=q.decode_time_accuracy(time_accuracy & 15),
            version=version,
        )
