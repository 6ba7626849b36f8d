"""What a log gives away: places, names, numbers, dates, collected from the original."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from flyoff.decoders.rawlog import RawLog
from flyoff.exchange.audit import contents
from flyoff.exchange.redaction.texts import words
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.units import FloatArray

Place = tuple[float, float]
#: Places closer than this to one another are looked for as one [deg]; about 200 m.
CELL_DEG: Final = 0.002
_MOST_PLACES: Final = 300
_MOST_NAMES: Final = 400
_MOST_NUMBERS: Final = 64
#: Smaller numbers are met by chance.
_LEAST_NUMBER: Final = 1 << 16
#: Shorter words are met by chance.
_LEAST_LETTERS: Final = 5
_LEAST_HEX: Final = 8
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{3,63}")
_HEX_GROUPS: Final = re.compile(r"(?:[0-9A-Fa-f]{8}[ \-:]?){2,6}")
#: Info lines and what they hold; versions and build hashes name a firmware, not a vehicle.
_TELLING_KEYS: Final = re.compile(
    r"uuid|uid|serial|craft|pilot|name$|device|callsign|ssid|boot_time|datetime", re.IGNORECASE
)
_HARMLESS_KEYS: Final = frozenset(
    {"sys_name", "sys_os_name", "ver_hw", "Firmware type", "Firmware revision", "Product"}
)
#: A longer value is a list of words that the firmware was built with.
_MOST_VALUE: Final = 100
_NUMERIC: Final = re.compile(r"(?:0x[0-9a-fA-F]{1,8}|[-0-9.,/: ])*")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be found again.

    Attributes
    ----------
    places : tuple of (lat, lon) [deg]
        Of the launch, the homes, the plan and the way; one for each cell.
    names : tuple of str
        Serial numbers, call signs, file names, words that no firmware knows.
    start_us, end_us : int [µs since 1970]
        Both 0 where the log has no UTC.
    height_m : float
        Of the launch above the sea, NaN where not logged.
    numbers : tuple of int
        Of devices, vehicles and aircraft, each of five digits or more.
    """

    places: tuple[Place, ...]
    names: tuple[str, ...]
    start_us: int = 0
    end_us: int = 0
    height_m: float = float("nan")
    numbers: tuple[int, ...] = ()


def secrets_of(
    raw: RawLog, recordings: Sequence[Recording], plan: Mission | None = None
) -> Secrets:
    """Collect what an original gives away."""
    start, end, height = 0, 0, float("nan")
    places: dict[tuple[int, int], Place] = {}
    for one in recordings:
        if one.utc is not None:
            start = start or one.utc.offset_us + one.start_us
            end = max(end, one.utc.offset_us + one.end_us)
        for place in _places(one):
            places.setdefault(_cell(place), place)
        alt = one.get("gnss.alt_msl") or one.get("position.alt_msl")
        if alt is not None and np.isfinite(alt.values).any() and not np.isfinite(height):
            height = float(alt.values[np.isfinite(alt.values)][0])
    others: dict[tuple[int, int], Place] = {}
    for lat, lon in contents.places(raw):
        for place in _distinct(lat, lon):
            if _cell(place) not in places:
                others.setdefault(_cell(place), place)
    for place in _planned(plan):
        others.setdefault(_cell(place), place)
    if not start:
        start, end = contents.stamps(raw)
    kept = [*_thinned(list(places.values())), *_thinned(list(others.values()))]
    numbers = {n for n in contents.numbers(raw) if _is_telling(n)}
    return Secrets(
        tuple(kept),
        tuple(_distinct_names(raw, recordings)),
        start,
        end,
        height,
        tuple(sorted(numbers)[:_MOST_NUMBERS]),
    )


def _thinned(places: list[Place]) -> list[Place]:
    return places[:: max(1, len(places) // _MOST_PLACES)]


def _is_telling(number: int) -> bool:
    """Whether a number is large, and not so round that its bytes are met everywhere."""
    if not _LEAST_NUMBER <= number < 1 << 64:
        return False
    return sum(byte != 0 for byte in number.to_bytes(8, "little")) > 2


def _distinct_names(raw: RawLog, recordings: Iterable[Recording]) -> list[str]:
    """Names, the vehicle's own first; not the words that the log's own structure is made of."""
    structure = {name for name, _ in raw.topics} | {name for name in raw.params if "_" in name}
    structure |= {f for topic in raw.topics.values() for f in topic.fields}
    # parts of them too: a file that was sent in pieces holds pieces of parameters' names
    joined = "\n".join(structure).lower()
    own = dict.fromkeys(_names(raw, recordings))
    for line in contents.texts(raw):
        own.update(dict.fromkeys(_of_text(line)))
    return [name for name in own if name.lower() not in joined][:_MOST_NAMES]


def _cell(place: Place) -> tuple[int, int]:
    return round(place[0] / CELL_DEG), round(place[1] / CELL_DEG)


def _places(one: Recording) -> Iterator[Place]:
    for group in ("home", "gnss", "position", "nav.target"):
        joint = "_" if group == "nav.target" else "."
        lat, lon = one.get(f"{group}{joint}lat"), one.get(f"{group}{joint}lon")
        if lat is not None and lon is not None and lat.values.size == lon.values.size:
            yield from _distinct(lat.values, lon.values)
    yield from _planned(one.mission)


def _distinct(lat: FloatArray, lon: FloatArray) -> Iterator[Place]:
    # an estimator without a position reports some metres from 0°, 0°
    good = np.isfinite(lat) & np.isfinite(lon) & (np.maximum(np.abs(lat), np.abs(lon)) > 0.01)
    good &= (np.abs(lat) <= 90.0) & (np.abs(lon) <= 180.0)
    cells = np.stack([np.rint(lat[good] / CELL_DEG), np.rint(lon[good] / CELL_DEG)], axis=1)
    _, first = np.unique(cells, axis=0, return_index=True)
    for i in sorted(first.tolist()):
        yield float(lat[good][i]), float(lon[good][i])


def _planned(plan: Mission | None) -> Iterator[Place]:
    if plan is None:
        return
    if plan.home is not None:
        yield plan.home[0], plan.home[1]
    for item in plan.items:
        if item.has_position:
            yield item.lat, item.lon


def _names(raw: RawLog, recordings: Iterable[Recording]) -> Iterator[str]:
    for one in recordings:
        yield from _long(one.vehicle.id.partition(":")[2].partition("-")[0], _LEAST_HEX)
    yield from _long(Path(raw.path).name.partition(".")[0], _LEAST_LETTERS)
    for key, value in raw.info.items():
        if key.startswith("Field ") or key in _HARMLESS_KEYS:
            continue  # names of fields, and of the firmware
        if _TELLING_KEYS.search(key):
            yield from _long(value.strip(), _LEAST_LETTERS)
        elif len(value) < _MOST_VALUE and not _NUMERIC.fullmatch(value):
            yield from _of_text(value)
    for message in raw.messages:
        yield from _of_text(message.text)


def _long(word: str, least: int) -> Iterator[str]:
    if len(word) >= least and word.strip("0") and word.lower() != "unknown":
        yield word


def _of_text(text: str) -> Iterator[str]:
    """Words that no firmware writes, and numbers in groups of eight hexadecimal digits."""
    for found in _HEX_GROUPS.finditer(text):
        yield found[0].strip()
    for found in _WORD.finditer(text):
        word = found[0]
        least = _LEAST_HEX if word.isdigit() else _LEAST_LETTERS
        if len(word) >= least and not _is_common(word):
            yield word


def _is_common(word: str) -> bool:
    if word.lower() in words():
        return True
    parts = [part for part in re.split(r"[\d_\-]+", word.lower()) if part]
    digits = sum(letter.isdigit() for letter in word)
    return all(part in words() for part in parts) and digits <= 4
