"""Texts of autopilots, kept word by word: known words and small numbers, nothing else.

A text of the firmware is needed to judge a flight, and is the same on every vehicle; what an
operator, a script or a serial number adds is not. So a text is cut into words, and what is no word
of the firmware becomes ``?``; so does a number that is large or fine enough to name a place.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

UNKNOWN: Final = "?"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_]+(?:\.[0-9]+)*")
#: Two dots, or a V before it: a coordinate has neither.
_VERSION: Final = re.compile(
    r"(?:[vV]\d{1,2}(?:\.\d{1,2}){1,2}|\d{1,2}\.\d{1,2}\.\d{1,2})(?:dev|beta|rc)?\d?$"
)
#: Four digits, but not those of a year.
_WHOLE: Final = re.compile(r"(?!(?:19|20)\d\d$)\d{1,4}$")
#: A tenth of a degree is 11 km: one such number names no place, two of them do.
_DECIMAL: Final = re.compile(r"(?:\d{1,4}\.\d|0\.\d\d)$")
_MEASURED: Final = re.compile(
    r"\d{1,4}(?:\.\d{1,2})?(?:m|s|V|A|mAh|Wh|deg|ms|us|Hz|kHz|cm|km|DOF|d|B)$"
)
_NUMBERED: Final = re.compile(r"([A-Za-z_]+)(\d{1,2})$")
_CUT_START: Final = re.compile(r"^[A-Za-z0-9_.]+")
_CUT_END: Final = re.compile(r"[A-Za-z0-9_.]+$")
#: With these stands a place, a height above the sea, a date or an address.
_TELLING: Final = re.compile(
    r"\b(?:elevation|alt|altitude|height|amsl|asl|msl|lat|lng|lon|latitude|longitude|origin at"
    r"|hpa|mbar|pressure|qnh|qfe|temp|temperature|heading|hdg|yaw|course|bearing|track"
    r"|declination|inclination|ip|uid|serial|sn|id|port)\b"
    r"|\d{2,4}[-_/.]\d{1,2}[-_/.]\d{1,4}|\d\d:\d\d|log/",
    re.IGNORECASE,
)
#: Characters that a format may put between words; any other becomes a blank.
_BETWEEN: Final = re.compile(r"[^A-Za-z0-9_ .,:;#()\[\]/=<>!%+\-?]")


@cache
def words() -> frozenset[str]:
    """The vocabulary, lower case."""
    text = (files("flyoff.exchange.redaction") / "words.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return frozenset(" ".join(lines).split())


@lru_cache(maxsize=8192)
def template(line: str) -> str:
    """What may stay of a text; empty if not one word of it is known.

    Examples
    --------
    >>> template("EKF3 IMU0 origin set")
    'EKF3 IMU0 origin set'
    >>> template("Hello from Kirkenes 69.7271, 30.0454")
    '? from ? ?, ?'
    >>> template("Field Elevation Set: 584m")
    'Field Elevation Set: ?'
    >>> template("fmuv3 003A0029 34345106 37353237")
    ''
    """
    is_telling = _TELLING.search(line) is not None
    decimals = sum(_DECIMAL.match(token) is not None for token in _TOKEN.findall(line))
    known = 0

    def keep(found: re.Match[str]) -> str:
        nonlocal known
        token = found[0]
        if token.lower() in words():
            known += 1
            return token
        if is_telling and token[:1].isdigit():
            return UNKNOWN
        is_compared = line[: found.start()].endswith(("=", "<", ">"))
        if decimals > 1 and not is_compared and _DECIMAL.match(token):
            return UNKNOWN
        return token if _is_plain(token) else UNKNOWN

    told = _TOKEN.sub(keep, _BETWEEN.sub(" ", line)).strip()
    return told if known else ""


def _is_plain(token: str) -> bool:
    """Whether a token is a version, a small number, a measure, or a numbered word."""
    numbered = _NUMBERED.match(token)
    if numbered is not None:
        return numbered[1].lower() in words()
    return any(form.match(token) for form in (_VERSION, _WHOLE, _DECIMAL, _MEASURED))


def templates(lines: Sequence[str], width: int) -> list[str]:
    """The same for lines in the order in which they were written.

    A text that is longer than its field goes on in the next line: what is cut there would be two
    words that look harmless, or two numbers of which each is too short for a place.

    Examples
    --------
    >>> templates(["GPS is at home 69.7", "27 degrees north"], 19)
    ['GPS is at home ?', '? degrees ?']
    """
    told, goes_on = [], False
    for line in lines:
        cut = _CUT_START.sub(UNKNOWN, line) if goes_on else line
        goes_on = len(line) >= width
        told.append(template(_CUT_END.sub(UNKNOWN, cut) if goes_on else cut))
    return told
