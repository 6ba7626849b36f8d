"""Look for places among the decoded values: packed formats hide them from a search of the bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.rawlog import RawLog, Topic
from flyoff.exchange.audit.encodings import Place
from flyoff.exchange.audit.search import Hit
from flyoff.exchange.audit.secrets import CELL_DEG
from flyoff.units import RAD_PER_DEGREE, BoolArray, FloatArray, IntArray

#: Units of a coordinate: degrees, 1e-7 degrees, radians.
_SCALES: Final = (1.0, 1e7, RAD_PER_DEGREE)
#: A coordinate so near to zero is any number [deg].
_LEAST_DEG: Final = 0.05
_ELSEWHERE_DEG: Final = 0.5


#: Looked for at most; each is compared with every row.
_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows of one pair of columns that hold a place."""

    fields: str
    rows: IntArray
    place: int


def search_decoded(raw: RawLog, places: Sequence[Place]) -> Iterator[Hit]:
    """Rows of any topic that hold both coordinates of a place, in whatever fields."""
    telling = [place for place in places if min(map(abs, place)) > _LEAST_DEG][:_MOST]
    if not telling:
        return
    for topic in raw.topics.values():
        hit = _of_topic(topic, np.array(telling))
        if hit is not None:
            yield hit


def _of_topic(topic: Topic, places: FloatArray) -> Hit | None:
    columns = {
        name: column.astype(np.float64)
        for name, column in topic.columns().items()
        if column.dtype.kind in "iuf" and column.ndim == 1
    }
    for scale in _SCALES:
        degrees = {name: values / scale for name, values in columns.items()}
        found = _pair(degrees, places)
        if found is None:
            continue
        # as many rows hold a place where nobody was: chance, or columns that hold anything
        elsewhere = [_pair(degrees, places + away) for away in (-_ELSEWHERE_DEG, _ELSEWHERE_DEG)]
        chance = sum(len(one.rows) for one in elsewhere if one is not None) / 2.0
        lat, lon = places[found.place]
        form = f"decoded values of {topic.name}: {found.fields}"
        first = int(topic.offsets[found.rows[0]])
        return Hit("place", form, found.rows.size, first, chance, f"{lat:.4f}, {lon:.4f}")
    return None


def _pair(degrees: dict[str, FloatArray], places: FloatArray) -> _Found | None:
    lats, lons = (_near(degrees, places[:, axis]) for axis in (0, 1))
    for lat, of_lat in lats.items():
        for lon, of_lon in lons.items():
            both = of_lat & of_lon
            rows = np.flatnonzero(both.any(axis=0))
            if rows.size and lat != lon:
                return _Found(f"{lat}, {lon}", rows, int(np.argmax(both[:, rows[0]])))
    return None


def _near(degrees: dict[str, FloatArray], wanted: FloatArray) -> dict[str, BoolArray]:
    """Columns with values near to one of the wanted: for each of those, in which rows."""
    found: dict[str, BoolArray] = {}
    low, high = wanted.min() - CELL_DEG / 2, wanted.max() + CELL_DEG / 2
    for name, values in degrees.items():
        with np.errstate(invalid="ignore"):
            if not ((values >= low) & (values <= high)).any():
                continue
            near = np.abs(values[np.newaxis, :] - wanted[:, np.newaxis]) <= CELL_DEG / 2
        if near.any():
            found[name] = near
    return found
