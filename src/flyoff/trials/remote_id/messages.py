"""The messages that say who: basic id, authentication, self id, system, operator id."""

import struct
from dataclasses import dataclass
from typing import Final

from flyoff.errors import TrialError
from flyoff.trials.remote_id import layout
from flyoff.trials.remote_id import quantities as q
from flyoff.trials.remote_id.layout import PROTOCOL_VERSION, code_of, name_of
from flyoff.units import Degrees, Metres

#: Times in authentication and system messages count from 2019-01-01 00:00 UTC [Unix seconds].
EPOCH_UNIX_S: Final = 1_546_300_800

_ID_SIZE: Final = 20
_TEXT_SIZE: Final = 23
_FIRST_PAGE_SIZE: Final = 17
_SYSTEM: Final = struct.Struct("<BBiiHBHHBHIx")
_RADIUS_STEP_M: Final = 10


@dataclass(frozen=True, slots=True)
class BasicId:
    """Who the aircraft says it is.

    Attributes
    ----------
    id_type, ua_type : str
        Names of `flyoff.trials.remote_id.layout`; reserved codes are ``reserved_N``.
    uas_id : bytes
        As broadcast, without filling: text for serial numbers, binary for session ids and UUIDs.
    version : int
    """

    id_type: str
    ua_type: str
    uas_id: bytes
    version: int = PROTOCOL_VERSION

    @property
    def text(self) -> str:
        """The id as text."""
        return layout.get_text(self.uas_id)

    def encode(self) -> bytes:
        """Write the 25 bytes that are broadcast."""
        kinds = code_of(layout.ID_TYPES, self.id_type, 4) << 4
        kinds |= code_of(layout.UA_TYPES, self.ua_type, 4)
        head = bytes((layout.header(layout.BASIC_ID, self.version), kinds))
        return head + layout.put_bytes(self.uas_id, _ID_SIZE, "uas id") + bytes(3)

    @classmethod
    def decode(cls, message: bytes) -> "BasicId":
        """Read a message of 25 bytes."""
        version = layout.body(message, layout.BASIC_ID)
        return cls(
            name_of(layout.ID_TYPES, message[1] >> 4),
            name_of(layout.UA_TYPES, message[1] & 15),
            message[2 : 2 + _ID_SIZE].rstrip(b"\0"),
            version,
        )


@dataclass(frozen=True, slots=True)
class Authentication:
    """One page of authentication data.

    Attributes
    ----------
    kind : str
    page : int
        0 to 15.
    data : bytes
        The whole field: 17 bytes on page 0, 23 on the others.
    last_page, length, time_s : int or None
        On page 0 only; length of the data of all pages [byte], time since 2019-01-01 UTC [s].
    version : int
    """

    kind: str
    page: int
    data: bytes
    last_page: int | None = None
    length: int | None = None
    time_s: int | None = None
    version: int = PROTOCOL_VERSION

    def encode(self) -> bytes:
        """Write the 25 bytes that are broadcast."""
        if not 0 <= self.page <= 15:
            raise TrialError(f"authentication page {self.page}, expected 0 to 15")
        kind = code_of(layout.AUTHENTICATION_TYPES, self.kind, 4) << 4 | self.page
        head = bytes((layout.header(layout.AUTHENTICATION, self.version), kind))
        if self.page:
            return head + layout.put_bytes(self.data, _TEXT_SIZE, "authentication data")
        try:
            first = struct.pack("<BBI", self.last_page or 0, self.length or 0, self.time_s or 0)
        except struct.error as problem:
            raise TrialError(f"authentication page 0: {problem}") from problem
        return head + first + layout.put_bytes(self.data, _FIRST_PAGE_SIZE, "authentication data")

    @classmethod
    def decode(cls, message: bytes) -> "Authentication":
        """Read a message of 25 bytes."""
        version = layout.body(message, layout.AUTHENTICATION)
        kind, page = name_of(layout.AUTHENTICATION_TYPES, message[1] >> 4), message[1] & 15
        if page:
            return cls(kind, page, message[2:], version=version)
        last_page, length, time_s = struct.unpack_from("<BBI", message, 2)
        return cls(kind, page, message[8:], last_page, length, time_s, version)


@dataclass(frozen=True, slots=True)
class SelfId:
    """What the operator says the flight is for."""

    text: str
    kind: str = "text"
    version: int = PROTOCOL_VERSION

    def encode(self) -> bytes:
        """Write the 25 bytes that are broadcast."""
        kind = code_of(layout.SELF_ID_TYPES, self.kind, 8)
        head = bytes((layout.header(layout.SELF_ID, self.version), kind))
        return head + layout.put_text(self.text, _TEXT_SIZE, "self id")

    @classmethod
    def decode(cls, message: bytes) -> "SelfId":
        """Read a message of 25 bytes."""
        version = layout.body(message, layout.SELF_ID)
        return cls(layout.get_text(message[2:]), name_of(layout.SELF_ID_TYPES, message[1]), version)


@dataclass(frozen=True, slots=True)
class System:
    """Where the operator is, and the area that a group of aircraft uses.

    Attributes
    ----------
    operator_location : str
        What the place is: ``takeoff``, ``live_gnss``, ``fixed``.
    classification : str
    operator_lat, operator_lon : float [deg] or None
    operator_height_m : float [m above the ellipsoid] or None
    area_count : int
        Aircraft in the area.
    area_radius_m : float [m]
        In steps of 10 m.
    area_ceiling_m, area_floor_m : float [m above the ellipsoid] or None
    eu_category, eu_class : str
    time_s : int [s since 2019-01-01 UTC]
        0 in messages of the first version, which had no time.
    version : int
    """

    operator_location: str = "takeoff"
    classification: str = "undeclared"
    operator_lat: Degrees | None = None
    operator_lon: Degrees | None = None
    operator_height_m: Metres | None = None
    area_count: int = 1
    area_radius_m: Metres = 0.0
    area_ceiling_m: Metres | None = None
    area_floor_m: Metres | None = None
    eu_category: str = "undeclared"
    eu_class: str = "undeclared"
    time_s: int = 0
    version: int = PROTOCOL_VERSION

    def encode(self) -> bytes:
        """Write the 25 bytes that are broadcast."""
        if not 0.0 <= self.area_radius_m <= 255 * _RADIUS_STEP_M:
            raise TrialError(f"area radius {self.area_radius_m:g} m, expected 0 to 2550 m")
        flags = code_of(layout.CLASSIFICATIONS, self.classification, 3) << 2
        flags |= code_of(layout.OPERATOR_LOCATIONS, self.operator_location, 2)
        category = code_of(layout.EU_CATEGORIES, self.eu_category, 4) << 4
        try:
            return _SYSTEM.pack(
                layout.header(layout.SYSTEM, self.version),
                flags,
                *q.encode_place(self.operator_lat, self.operator_lon),
                self.area_count,
                int(self.area_radius_m // _RADIUS_STEP_M),
                q.encode_height(self.area_ceiling_m),
                q.encode_height(self.area_floor_m),
                category | code_of(layout.EU_CLASSES, self.eu_class, 4),
                q.encode_height(self.operator_height_m),
                self.time_s,
            )
        except struct.error as problem:
            raise TrialError(f"system message: {problem}") from problem

    @classmethod
    def decode(cls, message: bytes) -> "System":
        """Read a message of 25 bytes."""
        version = layout.body(message, layout.SYSTEM)
        _, flags, lat, lon, count, radius, ceiling, floor, eu, height, time_s = _SYSTEM.unpack(
            message
        )
        latitude, longitude = q.decode_place(lat, lon)
        return cls(
            name_of(layout.OPERATOR_LOCATIONS, flags & 3),
            name_of(layout.CLASSIFICATIONS, flags >> 2 & 7),
            latitude,
            longitude,
            q.decode_height(height),
            count,
            float(radius * _RADIUS_STEP_M),
            q.decode_height(ceiling),
            q.decode_height(floor),
            name_of(layout.EU_CATEGORIES, eu >> 4),
            name_of(layout.EU_CLASSES, eu & 15),
            time_s,
            version,
        )


@dataclass(frozen=True, slots=True)
class OperatorId:
    """The registration of the operator."""

    text: str
    kind: str = "operator_id"
    version: int = PROTOCOL_VERSION

    def encode(self) -> bytes:
        """Write the 25 bytes that are broadcast."""
        kind = code_of(layout.OPERATOR_ID_TYPES, self.kind, 8)
        head = bytes((layout.header(layout.OPERATOR_ID, self.version), kind))
        return head + layout.put_text(self.text, _ID_SIZE, "operator id") + bytes(3)

    @classmethod
    def decode(cls, message: bytes) -> "OperatorId":
        """Read a message of 25 bytes."""
        version = layout.body(message, layout.OPERATOR_ID)
        kind = name_of(layout.OPERATOR_ID_TYPES, message[1])
        return cls(layout.get_text(message[2 : 2 + _ID_SIZE]), kind, version)
