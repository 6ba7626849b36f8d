"""Reports from a CSV, by a mapping that says which column means what.

A mapping is a TOML file::

    [columns]                 # a field of a report = the column's name
    time = "UTC"
    lat = "Latitude"
    lon = "Longitude"
    track = "TrackNo"

    [time]
    format = "iso"            # iso, unix_s, unix_ms, seconds_of_day, or a strptime format
    utc_offset_s = 0          # what the column's clock is ahead of UTC

    [units]
    height = "ft"
    height_above = "msl"
"""

import csv
import io
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from flyoff.errors import TrialError
from flyoff.trials.account import Accountant
from flyoff.trials.readers.time_of_day import DayClock
from flyoff.trials.reports import HEIGHTS, Reading, Report, Reports

NAME: Final = "csv"
#: Name in a mapping to the field of a report.
FIELDS: Final = {
    "time": "time_s",
    "declared": "declared_s",
    "height": "height_m",
    "range": "range_m",
    "azimuth": "azimuth_deg",
    "elevation": "elevation_deg",
    "east": "east_m",
    "north": "north_m",
    **{
        name: name
        for name in (
            "lat lon velocity_east velocity_north velocity_up sigma_east sigma_north sigma_up "
            "sigma_range sigma_azimuth sigma_elevation track label confidence sensor"
        ).split()
    },
}
_UNITS: Final = {
    "m": 1.0,
    "km": 1000.0,
    "ft": 0.3048,
    "nm": 1852.0,
    "deg": 1.0,
    "rad": math.degrees(1.0),
    "mrad": math.degrees(1e-3),
    "m/s": 1.0,
    "kt": 1852.0 / 3600.0,
    "km/h": 1.0 / 3.6,
    "percent": 0.01,
}
_TEXTS: Final = ("track", "label", "sensor")
_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column means what.

    Attributes
    ----------
    columns : mapping of a field of `Report` to the column's name
    factors : mapping of a field to what its values are multiplied by
    time_format : str
    utc_offset_s : float [s]
        What the table's clock is ahead of UTC.
    height_above : str
    delimiter : str
        Found out where it is empty.
    """

    columns: dict[str, str]
    factors: dict[str, float]
    time_format: str = "iso"
    utc_offset_s: float = 0.0
    height_above: str = "unknown"
    delimiter: str = ""


def mapping(text: str, name: str = "mapping") -> Columns:
    """Read a mapping; every word that it does not know is an error."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise TrialError(f"{name}: {problem}") from None
    known = ("columns", "time", "units", "delimiter")
    if unknown := sorted(set(given) - set(known)):
        raise TrialError(f"{name}: unknown {', '.join(unknown)}; expected {', '.join(known)}")
    columns = given.get("columns", {})
    if unknown := sorted(set(columns) - set(FIELDS)):
        raise TrialError(f"{name}: no field {', '.join(unknown)}; expected {', '.join(FIELDS)}")
    if "time" not in columns:
        raise TrialError(f"{name}: no column for time")
    units = dict(given.get("units", {}))
    above = units.pop("height_above", "unknown")
    wrong = [f"{k} = {v!r}" for k, v in units.items() if k not in FIELDS or v not in _UNITS]
    if wrong or above not in HEIGHTS:
        shown = ", ".join(wrong) or f"height_above = {above!r}"
        raise TrialError(f"{name}: unit {shown}; expected one of {', '.join([*_UNITS, *HEIGHTS])}")
    time = given.get("time", {})
    return Columns(
        {FIELDS[k]: str(v) for k, v in columns.items()},
        {FIELDS[k]: _UNITS[v] for k, v in units.items()},
        str(time.get("format", "iso")),
        float(time.get("utc_offset_s", 0.0)),
        above,
        str(given.get("delimiter", "")),
    )


def read(data: bytes, how: Columns, *, start_s: float | None = None) -> Reading:
    """Read a table."""
    account = Accountant(len(data))
    text = data.decode("utf-8-sig", "replace")
    lines = text.splitlines()
    if not lines:
        return Reading(NAME, Reports.of([]), account.close(), ("the table is empty",))
    delimiter = how.delimiter or max(",;\t|", key=lines[0].count)
    header = next(csv.reader([lines[0]], delimiter=delimiter))
    missing = sorted(set(how.columns.values()) - set(header))
    if missing:
        raise TrialError(f"no column {', '.join(missing)}; the table has {', '.join(header)}")
    at = {field: header.index(name) for field, name in how.columns.items()}
    to_utc = _clock(how, start_s)
    rows, offset = [], len(lines[0].encode()) + 1
    for line in io.StringIO(text).readlines()[1:]:
        size = len(line.encode())
        if line.strip():
            cells = _cells(line, delimiter)
            report = _report(cells, at, how, to_utc) if cells else None
            if report is None:
                is_cut = not line.endswith("\n")
                account.gap(offset, size, "a row without a readable time", is_cut=is_cut)
            else:
                account.messages += 1
                rows.append(report)
        offset += size
    return Reading(NAME, Reports.of(rows), account.close())


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return []


def _report(
    cells: list[str], at: Mapping[str, int], how: Columns, to_utc: Callable[[str], float]
) -> Report | None:
    values: dict[str, Any] = {}
    for field, index in at.items():
        cell = cells[index].strip() if index < len(cells) else ""
        if field in ("time_s", "declared_s"):
            values[field] = to_utc(cell)
        elif field in _TEXTS:
            values[field] = cell
        else:
            values[field] = _number(cell) * how.factors.get(field, 1.0)
    if not math.isfinite(values["time_s"]):
        return None
    return Report(height_above=how.height_above, **values)


def _number(cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        return _NAN
    return value if math.isfinite(value) else _NAN


def _clock(how: Columns, start_s: float | None) -> Callable[[str], float]:
    """From a cell to UTC."""
    if how.time_format in ("unix_s", "unix_ms"):
        unit = 1e-3 if how.time_format == "unix_ms" else 1.0
        return lambda cell: _number(cell) * unit - how.utc_offset_s
    if how.time_format == "seconds_of_day":
        days = DayClock(start_s)
        return lambda cell: days.utc(_number(cell)) - how.utc_offset_s
    return lambda cell: _date(cell, how.time_format) - how.utc_offset_s


def _date(cell: str, form: str) -> float:
    try:
        shown = datetime.fromisoformat(cell) if form == "iso" else datetime.strptime(cell, form)
    except ValueError:
        return _NAN
    return (shown if shown.tzinfo else shown.replace(tzinfo=UTC)).timestamp()
