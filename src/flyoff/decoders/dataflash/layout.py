"""DataFlash as ArduPilot writes it: frame header, format characters, and what a FMT record says.

Format reference: AP_Logger's ``LogStructure.h``. A record is ``A3 95 type`` and then the fields
that the FMT record of that type lists; it carries no length and no checksum itself.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np

HEAD: Final = b"\xa3\x95"
FMT_TYPE: Final = 0x80
#: A FMT record: header, type, length, name[4], format[16], labels[64].
FMT_SIZE: Final = 89
FMT_LABELS: Final = "Type,Length,Name,Format,Columns"
#: pymavlink and every tool before it take so much after the last record as normal: block-based
#: loggers write whole flash pages and leave the rest of the last ones as it was.
TAIL: Final = 528


@dataclass(frozen=True, slots=True)
class Code:
    """One format character: how wide, of what type, and by what its integers are divided.

    The divisor is the float reciprocal of the published multiplier, not a power of ten typed in:
    dividing by it gives the nearest double to the decimal that the logger meant.
    """

    dtype: np.dtype[Any]
    divisor: float
    shape: tuple[int, ...]
    width: int


def _code(dtype: str, multiplier: float = 0.0, shape: tuple[int, ...] = ()) -> Code:
    kind = np.dtype(dtype)
    divisor = 1 / multiplier if multiplier else 0.0
    return Code(kind, divisor, shape, kind.itemsize * math.prod(shape))


CODES: Final[dict[str, Code]] = {
    "a": _code("<i2", shape=(32,)),
    "b": _code("i1"),
    "B": _code("u1"),
    "h": _code("<i2"),
    "H": _code("<u2"),
    "i": _code("<i4"),
    "I": _code("<u4"),
    "q": _code("<i8"),
    "Q": _code("<u8"),
    "g": _code("<f2"),
    "f": _code("<f4"),
    "d": _code("<f8"),
    "n": _code("S4"),
    "N": _code("S16"),
    "Z": _code("S64"),
    "c": _code("<i2", 0.01),
    "C": _code("<u2", 0.01),
    "e": _code("<i4", 0.01),
    "E": _code("<u4", 0.01),
    "L": _code("<i4", 1.0e-7),
    "M": _code("u1"),  # uint8_t in the firmware; mode numbers reach above 127 in none so far
}


@dataclass(frozen=True, slots=True)
class Field:
    """Where one field lies in its record.

    Attributes
    ----------
    at : int [byte]
        From the start of the record, header included.
    """

    name: str
    char: str
    at: int
    code: Code


@dataclass(frozen=True, slots=True)
class Definition:
    """What one FMT record says of a message, whatever type number it is given.

    Attributes
    ----------
    length : int [byte]
        Whole record, header included.
    fields : tuple of Field
        Those that can be read; a label met again hides the earlier one.
    order : tuple of int
        Position of each of ``fields`` in the format string, for FMTU's unit characters.
    names : tuple of str
        Of ``fields``.
    problems : tuple of str
        What the FMT record promises and cannot keep.
    index : mapping of name to Field
    plans : dict
        How ``topic`` reads some of them, by their names; every log of a firmware asks for the same.
    """

    name: str
    length: int
    format: str
    labels: str
    fields: tuple[Field, ...] = field(compare=False)
    order: tuple[int, ...] = field(compare=False)
    names: tuple[str, ...] = field(compare=False)
    problems: tuple[str, ...] = field(compare=False)
    index: Mapping[str, Field] = field(compare=False, repr=False)
    plans: dict[tuple[str, ...], Any] = field(default_factory=dict, compare=False, repr=False)


def text(raw: bytes) -> str:
    """Text up to the first NUL; bytes that are no UTF-8 are taken as Latin-1."""
    cut = raw.split(b"\0", 1)[0] if b"\0" in raw else raw
    try:
        return cut.decode()
    except UnicodeDecodeError:
        return cut.decode("latin-1")


def texts(raw: list[bytes]) -> list[str]:
    """``text`` of each, at once if they are clean: without NUL inside, and UTF-8."""
    try:
        found = b"\0".join(raw).decode().split("\0")
    except UnicodeDecodeError:
        return [text(item) for item in raw]
    return found if len(found) == len(raw) else [text(item) for item in raw]


@lru_cache(maxsize=4096)  # every log of one firmware brings the same records again
def parse_fmt(body: bytes) -> Definition | None:
    """Read a FMT record behind its type byte (85 bytes); None if it cannot be one.

    A length below the header's 3 bytes or a name that is not printable means damage: believing it
    would misframe everything that follows.
    """
    length = body[0]
    name = text(body[1:5]).rstrip(" ")  # PX4's sdlog2 fills up with blanks
    if length < 3 or not name or not all(" " < c <= "~" for c in name):
        return None
    characters, labels = (text(part).rstrip(" ") for part in (body[5:21], body[21:85]))
    return define(name, length, characters, labels)


def define(name: str, length: int, characters: str, labels: str) -> Definition:
    """Lay out the fields of a message."""
    names = labels.split(",") if labels else []
    problems = []
    placed: dict[str, tuple[int, Field]] = {}
    at = 3
    for i, char in enumerate(characters):
        code = CODES.get(char)
        if code is None:
            problems.append(
                f"{name}: format character {char!r} is unknown, fields from there unread"
            )
            break
        if at + code.width > length:
            problems.append(
                f"{name}: format {characters!r} is longer than the {length} bytes stated"
            )
            break
        if i < len(names):
            placed[names[i]] = (i, Field(names[i], char, at, code))
        at += code.width
    else:
        if at < length:
            problems.append(f"{name}: {length - at} of {length} bytes are not described")
    if len(names) != len(characters):
        problems.append(f"{name}: {len(names)} labels for {len(characters)} format characters")
    kept = sorted(placed.values(), key=lambda pair: pair[0])
    return Definition(
        name,
        length,
        characters,
        labels,
        tuple(f for _, f in kept),
        tuple(i for i, _ in kept),
        tuple(f.name for _, f in kept),
        tuple(problems),
        {f.name: f for _, f in kept},
    )


#: What PX4's first logger (sdlog2, ``.px4log``) wrote in the same framing: a message that says the
#: time for all others, which no ArduPilot has. Source: sdlog2_messages.h.
SDLOG2_TIME: Final = ("TIME", "Q")

FMT_DEFINITION: Final = define("FMT", FMT_SIZE, "BBnNZ", FMT_LABELS)


def first_fmt(data: bytes) -> int:
    """Offset of the first FMT record that can be one, -1 if there is none.

    It need not stand at the start (a transfer may have put zeros before it), nor describe FMT
    itself (logs of foreign tools); but its fields must add up to the length that it states.
    """
    at = data.find(HEAD + bytes((FMT_TYPE,)))
    while 0 <= at <= len(data) - FMT_SIZE:
        found = parse_fmt(data[at + 4 : at + FMT_SIZE])
        if found is not None and (found.fields or _adds_up(found)):
            return at
        at = data.find(HEAD + bytes((FMT_TYPE,)), at + 1)
    return -1


def _adds_up(found: Definition) -> bool:
    """Whether the format is as long as stated, labelled or not (some px4log label nothing)."""
    widths = [CODES[c].width for c in found.format if c in CODES]
    return len(widths) == len(found.format) and 3 + sum(widths) == found.length
