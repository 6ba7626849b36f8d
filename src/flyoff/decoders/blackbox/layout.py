"""What the head of a blackbox log says: its lines, and how its frames are made.

A header is text: ``H key:value`` lines, of which ``H Field I name:…`` and its kin describe the
frames. Values are kept as the log has them; only what reading the frames needs is interpreted.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from flyoff.units import ByteArray

PRODUCT: Final = b"H Product:Blackbox"
#: No firmware writes a header this long; what goes on longer is no header.
MAX_HEADER: Final = 256 << 10
MAX_LINE: Final = 16 << 10
#: Firmware describes up to about 250 fields (Indiflight); each costs memory for every frame.
MAX_FIELDS: Final = 512
#: The kinds of frames that a header describes, P by I's names.
KINDS: Final = "IPSGH"

#: A line of a header is text; a byte below these means that the frames have begun inside it.
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class FrameLayout:
    """The fields of one kind of frame, all of one length."""

    names: tuple[str, ...]
    signed: tuple[int, ...]
    predictors: tuple[int, ...]
    encodings: tuple[int, ...]


@dataclass(slots=True)
class Header:
    """The header of one log.

    Attributes
    ----------
    start, end : int
        Its bytes; frames begin at ``end``.
    text : dict of key to value, as logged
    frames : dict of kind (``"I"`` …) to FrameLayout, those that are whole
    cuts : list of (offset, length)
        Bytes inside that are no line: the header was damaged there.
    is_cut : bool
        A line breaks off and the frames begin somewhere inside it.
    """

    start: int
    end: int
    text: dict[str, str] = field(default_factory=dict)
    frames: dict[str, FrameLayout] = field(default_factory=dict)
    cuts: list[tuple[int, int]] = field(default_factory=list)
    is_cut: bool = False

    def integer(self, key: str, default: int) -> int:
        """First number of a value, or the default."""
        found = re.match(r"\s*(-?\d{1,9})\b", self.text.get(key, ""))
        return int(found[1]) if found else default

    @property
    def firmware(self) -> str:
        """First word of the revision, such as ``Betaflight``; empty if the header lost it.

        The type alone says nothing: all of them write ``Cleanflight`` there for the sake of old
        readers. It counts where the revision is no more than a commit, as Cleanflight's own is.
        """
        words = self.text.get("Firmware revision", "").split()
        if words and not words[0].isalpha():
            return self.text.get("Firmware type", "")
        return words[0] if words else ""

    @property
    def version(self) -> tuple[int, int, int]:
        """Version in the revision; (0, 0, 0) where it names none."""
        found = _VERSION.search(self.text.get("Firmware revision", ""))
        return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else (0, 0, 0)


def read_header(data: ByteArray, start: int, stop: int) -> Header:
    """Read the lines from ``start``, where a product line stands.

    Parameters
    ----------
    data : uint8, shape (size,)
    start, stop : int
        The log's bytes; a product line in the midst of the header repeats it.
    """
    header = Header(start, start)
    stop = min(stop, start + MAX_HEADER)
    block = data[start:stop].tobytes()
    at = 0
    while at < len(block):
        line_end = block.find(b"\n", at, at + MAX_LINE)
        line = block[at : line_end if line_end >= 0 else at + MAX_LINE]
        is_text = line_end >= 0 and not _CONTROL.search(line.rstrip(b"\r"))
        if is_text and line[:2] == b"H " and b":" in line:
            key, _, value = line[2:].decode(errors="replace").partition(":")
            header.text[key.strip()] = value.strip()
        elif is_text and (b":" in line or not line.strip()) and _goes_on(block, line_end):
            header.cuts.append((start + at, line_end + 1 - at))
        else:
            header.is_cut = line[:2] == b"H " and len(line) > 2 and 32 < line[2] < 127
            break
        at = line_end + 1
    header.end = start + at
    header.frames = _frames(header.text)
    return header


def _goes_on(block: bytes, line_end: int) -> bool:
    """Whether a line of the header follows what is none."""
    return block[line_end + 1 : line_end + 3] == b"H "


def _frames(text: dict[str, str]) -> dict[str, FrameLayout]:
    names = tuple(n.strip() for n in text.get("Field I name", "").split(",") if n.strip())
    found: dict[str, FrameLayout] = {}
    for kind in KINDS:
        own = names
        if kind != "P":
            listed = text.get(f"Field {kind} name", "").split(",")
            own = tuple(n.strip() for n in listed if n.strip())
        described = "I" if kind == "P" else kind
        predictors = _numbers(text.get(f"Field {kind} predictor", ""))
        encodings = _numbers(text.get(f"Field {kind} encoding", ""))
        signed = _numbers(text.get(f"Field {described} signed", ""))
        is_whole = 0 < len(own) <= MAX_FIELDS and len(own) == len(predictors) == len(encodings)
        if is_whole and len(set(own)) == len(own):
            signs = (*signed, *[0] * len(own))[: len(own)]
            found[kind] = FrameLayout(own, signs, predictors, encodings)
    if "I" not in found:
        found.pop("P", None)
    return found


def _numbers(value: str) -> tuple[int, ...]:
    """Integers between commas; what is no small number is -1, which no code is."""
    parts = value.split(",") if value.strip() else []
    return tuple(int(p) if p.strip().isdecimal() and len(p) < 6 else -1 for p in parts)
