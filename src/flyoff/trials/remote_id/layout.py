"""What all messages share: sizes, header, names of codes, texts in a field of fixed length."""

from typing import Final

from flyoff.errors import TrialError

SIZE: Final = 25
PROTOCOL_VERSION: Final = 2  # F3411-22a
BASIC_ID, LOCATION, AUTHENTICATION, SELF_ID, SYSTEM, OPERATOR_ID, PACK = 0, 1, 2, 3, 4, 5, 15

UA_TYPES: Final = (
    "none",
    "aeroplane",
    "helicopter_or_multirotor",
    "gyroplane",
    "hybrid_lift",
    "ornithopter",
    "glider",
    "kite",
    "free_balloon",
    "captive_balloon",
    "airship",
    "free_fall_parachute",
    "rocket",
    "tethered_powered_aircraft",
    "ground_obstacle",
    "other",
)
ID_TYPES: Final = (
    "none",
    "serial_number",
    "caa_registration_id",
    "utm_assigned_uuid",
    "specific_session_id",
)
STATUSES: Final = (
    "undeclared",
    "ground",
    "airborne",
    "emergency",
    "remote_id_system_failure",
)
HEIGHT_REFERENCES: Final = ("takeoff", "ground")
AUTHENTICATION_TYPES: Final = (
    "none",
    "uas_id_signature",
    "operator_id_signature",
    "message_set_signature",
    "network_remote_id",
    "specific_authentication",
)
SELF_ID_TYPES: Final = ("text", "emergency", "extended_status")
OPERATOR_LOCATIONS: Final = ("takeoff", "live_gnss", "fixed")
CLASSIFICATIONS: Final = ("undeclared", "eu")
EU_CATEGORIES: Final = ("undeclared", "open", "specific", "certified")
EU_CLASSES: Final = ("undeclared", "c0", "c1", "c2", "c3", "c4", "c5", "c6")
OPERATOR_ID_TYPES: Final = ("operator_id",)


def name_of(names: tuple[str, ...], code: int) -> str:
    """Name of a code; one that the standard reserves keeps its number.

    Examples
    --------
    >>> name_of(STATUSES, 2), name_of(STATUSES, 9)
    ('airborne', 'reserved_9')
    """
    return names[code] if code < len(names) else f"reserved_{code}"


def code_of(names: tuple[str, ...], name: str, bits: int) -> int:
    """Code of a name; the inverse of `name_of`."""
    if name in names:
        return names.index(name)
    number = name.removeprefix("reserved_")
    if number != name and number.isascii() and number.isdigit():
        code = int(number)
        if len(names) <= code < 1 << bits:
            return code
    raise TrialError(f"{name!r} is none of {', '.join(names)}")


def header(kind: int, version: int) -> int:
    """First byte of a message."""
    if not 0 <= version <= 15:
        raise TrialError(f"protocol version {version} does not fit 4 bits")
    return kind << 4 | version


def body(message: bytes, kind: int) -> int:
    """Check size and kind of a message; return its protocol version."""
    if len(message) != SIZE:
        raise TrialError(f"a remote id message has {SIZE} bytes, got {len(message)}")
    if message[0] >> 4 != kind:
        raise TrialError(f"message type {message[0] >> 4}, expected {kind}")
    return message[0] & 0x0F


def put_text(text: str, size: int, what: str) -> bytes:
    """Text as ASCII in a field of fixed length, filled up with zeros."""
    try:
        encoded = text.encode("ascii")
    except UnicodeEncodeError:
        raise TrialError(f"{what} {text!r} is not ASCII") from None
    return put_bytes(encoded, size, what)


def put_bytes(given: bytes, size: int, what: str) -> bytes:
    """Bytes in a field of fixed length, filled up with zeros."""
    if len(given) > size:
        raise TrialError(f"{what} has {len(given)} bytes, at most {size} fit")
    return given.ljust(size, b"\0")


def get_text(field: bytes) -> str:
    """Text up to the first zero; bytes that are not ASCII show as escapes, never as an error."""
    return field.split(b"\0", 1)[0].decode("ascii", errors="backslashreplace")
