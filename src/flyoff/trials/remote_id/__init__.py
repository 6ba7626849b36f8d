"""Remote ID messages as ASTM F3411-22a and ASD-STAN EN 4709-002 broadcast them.

`decode` reads one message or a pack; every message has `encode`. What a transmitter marks as
unknown is None here, never a number such as 361° or -1000 m.

Known gaps: authentication pages are not joined, and no signature in them is checked.
"""

from flyoff.trials.remote_id.location import Location
from flyoff.trials.remote_id.messages import Authentication, BasicId, OperatorId, SelfId, System
from flyoff.trials.remote_id.pack import Message, decode, encode_pack

__all__ = [
    "Authentication",
    "BasicId",
    "Location",
    "Message",
    "OperatorId",
    "SelfId",
    "System",
    "decode",
    "encode_pack",
]
