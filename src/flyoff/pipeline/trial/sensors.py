"""A sensor's files, read, selected and put into metres; what looks wrong in them is suspected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from flyoff.errors import TrialError, reason_of
from flyoff.pipeline.trial.setup import SensorSetup, Setup
from flyoff.trials import readers
from flyoff.trials.readers import table
from flyoff.trials.reports import NUMBERS, Reading, Reports
from flyoff.trials.site import Placed, place

#: A sensor's recording above this is read in pieces by nobody: refuse it with a reason [byte].
_MOST_BYTES: Final = 2 << 30


@dataclass(frozen=True, slots=True, eq=False)
class SensorData:
    """What a sensor reported.

    Attributes
    ----------
    readings : tuple of (file name, Reading)
    reports : Reports
        Of all files, those without a time or a place left out.
    placed : Placed
    dropped : mapping of why to how many reports
    notes : tuple of str
    suspected : tuple of str
        What looks wrong at first sight, before anything is compared.
    """

    setup: SensorSetup
    readings: tuple[tuple[str, Reading], ...]
    reports: Reports
    placed: Placed
    dropped: Mapping[str, int]
    notes: tuple[str, ...]
    suspected: tuple[str, ...] = ()


def read_sensor(sensor: SensorSetup, setup: Setup) -> SensorData:
    """Read a sensor's files."""
    readings = read_files(
        sensor.files, sensor.format, sensor.columns, setup.start_s, sensor.editions
    )
    reports = joined([reading.reports for _, reading in readings])
    dropped: dict[str, int] = {}
    if sensor.select:
        other = reports.texts["sensor"] != sensor.select
        dropped["of another sensor"] = int(other.sum())
        reports = reports.take(~other)
    timeless = ~np.isfinite(reports.time_s)
    says_where = reports.has_place | np.isfinite(reports.numbers["azimuth_deg"])
    dropped["without a time"] = int(timeless.sum())
    dropped["without a place or bearing"] = int((~says_where & ~timeless).sum())
    suspected = off_the_earth(reports)
    reports = reports.take(~timeless & says_where)
    placed = place(reports, sensor.post, setup.site)
    notes = [*placed.notes, *(n for _, reading in readings for n in reading.notes)]
    if len(reports) and not (placed.track >= 0).any():
        notes.append(
            "reports carry no track id: each counts as its own, and tracks are not assessed"
        )
    if not len(reports):
        notes.append("the sensor reported nothing that says when and where")
    return SensorData(
        sensor,
        tuple(readings),
        reports,
        placed,
        {why: count for why, count in dropped.items() if count},
        tuple(dict.fromkeys(notes)),
        suspected,
    )


def off_the_earth(reports: Reports) -> tuple[str, ...]:
    """What latitudes beyond 90° mean, where most are."""
    lat = reports.numbers["lat"][np.isfinite(reports.numbers["lat"])]
    if not lat.size or (np.abs(lat) > 90.0).mean() < 0.5:
        return ()
    return (
        f"latitudes lie beyond 90° (median {np.median(lat):.1f}°): latitude and longitude are "
        "swapped, or are no degrees",
    )


def read_files(
    files: Sequence[Path],
    form: str,
    columns: Path | None,
    start_s: float,
    editions: Mapping[int, str],
) -> list[tuple[str, Reading]]:
    """Read files of one sensor."""
    how = (
        table.mapping(_bytes(columns).decode("utf-8", "replace"), columns.name) if columns else None
    )
    found = []
    for file in files:
        options = readers.Options(start_s, how, editions)
        try:
            found.append((file.name, readers.read(_bytes(file), form, options)))
        except TrialError as problem:
            raise TrialError(f"{file.name}: {problem}") from None
    return found


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise TrialError(f"{file.name}: above {_MOST_BYTES >> 30} GB; split the recording")
        return file.read_bytes()
    except OSError as error:
        raise TrialError(f"{file.name}: {reason_of(error)}") from None


def joined(parts: Sequence[Reports]) -> Reports:
    """Reports of several files, ordered by time."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Reports.of([])
    whole = Reports(
        {n: np.concatenate([p.numbers[n] for p in parts]) for n in NUMBERS},
        {n: np.concatenate([p.texts[n] for p in parts]) for n in parts[0].texts},
        np.concatenate([p.ends for p in parts]),
    )
    return whole.take(np.argsort(whole.time_s, kind="stable"))
