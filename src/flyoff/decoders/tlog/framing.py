"""How a frame lies in the file: the three ways in which MAVLink is stored, seen without kernels.

Format references: MAVLink developer guide, "Packet Serialization" and "Telemetry logs".
"""

from dataclasses import dataclass
from typing import Final

#: First byte of a MAVLink 1 and of a MAVLink 2 frame.
V1: Final = 0xFE
V2: Final = 0xFD
#: A signed frame carries link, time stamp and signature behind its checksum.
SIGNATURE: Final = 13
#: The only incompatibility flag there is: signed. A reader has to refuse frames with others.
SIGNED: Final = 0x01

#: Stamps are believed up to 2112 [µs since 1970]: their first byte is 0, their second at most 15,
#: which garbage seldom is. A companion computer without a clock of its own begins in 1970.
LATEST_US: Final = 1 << 52
#: .NET counts from the year 1 in steps of 100 ns; so many µs lie between that and 1970.
DOTNET_EPOCH_US: Final = 62_135_596_800_000_000


@dataclass(frozen=True, slots=True)
class Form:
    """One way of storing frames.

    Attributes
    ----------
    name : str
    stamp : int [byte]
        Before each frame.
    trail : int [byte]
        Behind each frame.
    least : int
        Frames that must follow one another for a file to be taken for it.
    reach : int [byte]
        How far into the file the first of them may stand.
    """

    name: str
    stamp: int
    trail: int
    least: int
    reach: int


#: 64-bit big-endian µs since 1970 before each frame: the form that all ground stations write.
STAMPED: Final = Form("64-bit stamps", 8, 0, 2, 1024)
#: ``-`` and 19 digits and ``:`` before each frame, a line feed behind it.
PLANNER: Final = Form("Mission Planner's text stamps", 21, 1, 1, 1)
#: Frames alone, as they came over the wire.
BARE: Final = Form("no stamps", 0, 0, 3, 1)
FORMS: Final = (STAMPED, PLANNER, BARE)


def frame_bytes(head: bytes, at: int) -> int:
    """Length of the frame that may start at ``at``; 0 if none can, -1 if ``head`` ends before.

    Examples
    --------
    >>> frame_bytes(bytes.fromhex("fe09"), 0), frame_bytes(b"x", 0), frame_bytes(b"", 0)
    (17, 0, -1)
    """
    if at + 3 > len(head):
        if at < len(head) and head[at] not in (V1, V2):
            return 0
        return 8 + head[at + 1] if at + 2 <= len(head) and head[at] == V1 else -1
    if head[at] == V1:
        return 8 + head[at + 1]
    if head[at] == V2 and head[at + 2] & ~SIGNED == 0:
        return 12 + head[at + 1] + (SIGNATURE if head[at + 2] else 0)
    return 0


def is_stamp(head: bytes, at: int, form: Form) -> bool:
    """Whether a believable time stamp of this form stands at ``at``."""
    if form.stamp == 8:
        return head[at : at + 1] == b"\0" and head[at + 1] < 16
    if form.stamp == 21:
        return head[at] == 0x2D and head[at + 20] == 0x3A and head[at + 1 : at + 20].isdigit()
    return True


def is_chain(head: bytes, form: Form) -> bool:
    """Whether frames of this form follow one another somewhere near the start of ``head``."""
    for start in range(min(form.reach, len(head))):
        # garbage holds a single frame by chance much more often than two
        least = form.least if start == 0 else form.least + 2
        if _chained(head, start, form) >= least:
            return True
    return False


def _chained(head: bytes, at: int, form: Form) -> int:
    """How many frames follow one another from ``at`` on; the end of ``head`` counts as enough."""
    count = 0
    while at + form.stamp < len(head) and is_stamp(head, at, form):
        size = frame_bytes(head, at + form.stamp)
        if size == 0:
            return 0
        end = at + form.stamp + size + form.trail
        if size < 0 or end > len(head):
            break
        at, count = end, count + 1
        if count > form.least + 2:
            break
    rest = len(head) - at
    # a file of one frame, or of one and the beginning of the next
    is_end = count > 0 and rest <= form.stamp
    return max(count, form.least) if is_end else count
