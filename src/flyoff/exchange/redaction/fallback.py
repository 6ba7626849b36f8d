"""Where and how high a log was flown when no receiver says so: by any field that is a place.

A log without a fix can still hold a home, an origin, a mission. With the launch unknown, those
would be turned about a wrong point, which hides nothing; so the first of them is taken for it.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from flyoff.decoders.rawlog import RawLog, Topic
from flyoff.exchange.redaction.release import Launch, Place
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.units import FloatArray, Metres

_FIRST: Final = 20
#: A format's unit of a place where it is a whole number.
_PER_DEGREE: Final = 1e7
#: Nearer to 0°, 0° than this is an estimator without a position [deg].
_LEAST_DEG: Final = 1e-3
_MOST_M: Final = 20_000.0
_MILLI: Final = 1e-3


def completed(launch: Launch, raw: RawLog) -> Launch:
    """The same launch, with a place and a height from anywhere in the log where it has none."""
    if launch.place is None:
        launch = replace(launch, place=_place(raw))
    if not math.isfinite(launch.height_m):
        launch = replace(launch, height_m=_height(raw))
    return launch


def _described(raw: RawLog) -> Iterator[tuple[Topic, Contents]]:
    known = table(raw.format)
    for (name, _), topic in sorted(raw.topics.items()):
        contents = known.get(name)
        if contents is not None and len(topic):
            yield topic, contents


def places_of(raw: RawLog) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Latitudes and longitudes [deg] of all fields that the table calls a place."""
    for topic, contents in _described(raw):
        for names in contents.groups["place"]:
            if topic.has(*names):
                columns = topic.gather(names)
                lat, lon = (_degrees(columns[name]) for name in names)
                yield lat, lon


def _place(raw: RawLog) -> Place | None:
    for topic, contents in _described(raw):
        for names in contents.groups["place"]:
            if not topic.has(*names):
                continue
            columns = topic.gather(names)
            lat, lon = (_degrees(columns[name]) for name in names)
            good = np.isfinite(lat) & np.isfinite(lon) & (np.abs(lat) <= 90.0)
            good &= np.maximum(np.abs(lat), np.abs(lon)) > _LEAST_DEG
            if good.any():
                first = np.flatnonzero(good)[:_FIRST]
                return float(np.median(lat[first])), float(np.median(lon[first]))
    return None


def _degrees(column: npt.NDArray[np.generic]) -> FloatArray:
    values = column.astype(np.float64)
    return values / _PER_DEGREE if column.dtype.kind in "iu" else values


def _height(raw: RawLog) -> Metres:
    for kind, unit in (("height", 1.0), ("height_mm", _MILLI)):
        for topic, contents in _described(raw):
            for name in contents.single[kind]:
                if not topic.has(name):
                    continue
                values = topic.column(name).astype(np.float64) * unit
                good = np.isfinite(values) & (values != 0.0) & (np.abs(values) < _MOST_M)
                if good.any():
                    return float(np.median(values[good][:_FIRST]))
    return math.nan
