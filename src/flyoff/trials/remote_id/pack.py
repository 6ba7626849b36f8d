"""Any message by its first byte, and packs of up to nine."""

from collections.abc import Sequence
from typing import Any, Final

from flyoff.errors import TrialError
from flyoff.trials.remote_id import layout
from flyoff.trials.remote_id.location import Location
from flyoff.trials.remote_id.messages import Authentication, BasicId, OperatorId, SelfId, System

Message = BasicId | Location | Authentication | SelfId | System | OperatorId

_KINDS: Final[dict[int, Any]] = {
    layout.BASIC_ID: BasicId,
    layout.LOCATION: Location,
    layout.AUTHENTICATION: Authentication,
    layout.SELF_ID: SelfId,
    layout.SYSTEM: System,
    layout.OPERATOR_ID: OperatorId,
}
_MOST: Final = 9
_HEAD: Final = 3


def decode(data: bytes) -> tuple[Message, ...]:
    """Read one message, or all messages of a pack.

    Parameters
    ----------
    data : bytes
        25 bytes, or a pack; bytes after a pack are not looked at (a beacon is filled up).

    Examples
    --------
    >>> (who,) = decode(BasicId("serial_number", "aeroplane", b"1596F3").encode())
    >>> who.text, who.ua_type
    ('1596F3', 'aeroplane')
    """
    if not data:
        raise TrialError("a remote id message has 25 bytes, got none")
    if data[0] >> 4 != layout.PACK:
        return (_one(data),)
    if len(data) < _HEAD or data[1] != layout.SIZE or not 1 <= data[2] <= _MOST:
        raise TrialError(f"pack begins {data[:3].hex()}, expected messages of 25 bytes, 1 to 9")
    end = _HEAD + layout.SIZE * data[2]
    if len(data) < end:
        raise TrialError(f"pack of {data[2]} messages needs {end} bytes, got {len(data)}")
    return tuple(_one(data[at : at + layout.SIZE]) for at in range(_HEAD, end, layout.SIZE))


def encode_pack(messages: Sequence[Message], version: int = layout.PROTOCOL_VERSION) -> bytes:
    """Write up to nine messages as one pack."""
    if not 1 <= len(messages) <= _MOST:
        raise TrialError(f"a pack holds 1 to {_MOST} messages, got {len(messages)}")
    head = bytes((layout.header(layout.PACK, version), layout.SIZE, len(messages)))
    return head + b"".join(message.encode() for message in messages)


def _one(message: bytes) -> Message:
    kind = _KINDS.get(message[0] >> 4)
    if kind is None:  # a pack inside a pack too
        raise TrialError(f"message type {message[0] >> 4} is not known")
    read: Message = kind.decode(message)
    return read
