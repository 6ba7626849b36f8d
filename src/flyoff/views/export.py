"""Channels and topics as Parquet and CSV, tracks as GeoJSON, KML and GPX."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from flyoff.errors import FlyoffError
from flyoff.model.recording import Recording
from flyoff.units import FloatArray, IntArray

TABLE_FORMATS = ("parquet", "csv")
TRACK_FORMATS = ("geojson", "kml", "gpx")


@dataclass(frozen=True, slots=True, eq=False)
class TrackLine:
    """A flown line.

    Attributes
    ----------
    name : str
    lat, lon : float64, shape (n,) [deg]
    alt : float64, shape (n,) [m above mean sea level]
        NaN where unknown.
    utc_us : int64, shape (n,) [µs, UNIX] or None
    """

    name: str
    lat: FloatArray
    lon: FloatArray
    alt: FloatArray
    utc_us: IntArray | None = None


def write_table(table: Any, path: Path, to: str) -> Path:
    """Write anything that speaks Arrow's PyCapsule protocol; returns the file's path."""
    made = pa.table(table)
    target = path.with_name(f"{path.name}.{to}")
    try:
        if to == "parquet":
            pyarrow.parquet.write_table(made, target)
        else:
            pyarrow.csv.write_csv(made, target)
    except OSError as error:
        raise FlyoffError(f"{target}: cannot be written: {error}") from error
    return target


def columns_table(columns: Mapping[str, npt.NDArray[Any]]) -> pa.Table:
    """A topic's columns as they are; texts of fixed length lose their padding."""
    arrays = {}
    for name, values in columns.items():
        if values.dtype.kind == "S":
            texts = [bytes(v).rstrip(b"\0").decode("utf-8", "replace") for v in values]
            arrays[name] = pa.array(texts, type=pa.string())
        else:
            arrays[name] = pa.array(values)
    return pa.table(arrays)


def rows_table(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows of plain values under their column names."""
    return pa.table({n: [row[i] for row in rows] for i, n in enumerate(names)})


def write_channels(recording: Recording, to: str, folder: Path) -> Iterator[Path]:
    """Write a file for each group of channels, and one for the events; gives each file's path."""
    for group in dict.fromkeys(name.partition(".")[0] for name in recording):
        yield write_table(recording.stream(group), folder / file_name(group), to)
        recording.forget()  # one group at a time in memory
    if recording.events:
        names = ("t_us", "kind", "text", "value", "reason", "source")
        rows = [
            (e.t_us, str(e.kind), e.text, e.value, e.reason, e.source) for e in recording.events
        ]
        yield write_table(rows_table(names, rows), folder / "events", to)


def file_name(name: str) -> str:
    """A name that is safe as a file's: what a log calls its topics is the log's choice.

    Examples
    --------
    >>> file_name("../etc/passwd"), file_name("battery")
    ('_etc_passwd', 'battery')
    """
    return re.sub(r"[^\w.\[\]-]+", "_", name).lstrip(".") or "_"


def write_track(lines: list[TrackLine], path: Path, to: str) -> Path:
    """Write flown lines as GeoJSON, KML or GPX; returns the file's path."""
    target = path.with_name(f"{path.name}.{to}")
    text = {"geojson": _geojson, "kml": _kml, "gpx": _gpx}[to](lines)
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FlyoffError(f"{target}: cannot be written: {error}") from error
    return target


def _geojson(lines: list[TrackLine]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": {"name": line.name, "times": _times(line)},
            "geometry": {"type": "LineString", "coordinates": _coordinates(line)},
        }
        for line in lines
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, allow_nan=False)


def _coordinates(line: TrackLine) -> list[list[float]]:
    """Longitude first (RFC 7946); the height only where it is known."""
    return [
        [round(lon, 7), round(lat, 7), *([round(alt, 2)] if np.isfinite(alt) else [])]
        for lat, lon, alt in zip(
            line.lat.tolist(), line.lon.tolist(), line.alt.tolist(), strict=True
        )
    ]


def _times(line: TrackLine) -> list[str] | None:
    return None if line.utc_us is None else [_iso(t) for t in line.utc_us.tolist()]


def _kml(lines: list[TrackLine]) -> str:
    marks = []
    for line in lines:
        # KML without a height lies on the ground, and one without any height must say so
        mode = "absolute" if np.isfinite(line.alt).all() else "clampToGround"
        points = " ".join(",".join(map(str, c)) for c in _coordinates(line))
        marks.append(
            f"<Placemark><name>{_xml(line.name)}</name><LineString>"
            f"<altitudeMode>{mode}</altitudeMode><coordinates>{points}</coordinates>"
            "</LineString></Placemark>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">'
        f"<Document>{''.join(marks)}</Document></kml>\n"
    )


def _gpx(lines: list[TrackLine]) -> str:
    tracks = []
    for line in lines:
        times: Sequence[str | None] = _times(line) or [None] * line.lat.size
        points = "".join(
            f'<trkpt lat="{c[1]}" lon="{c[0]}">'
            + (f"<ele>{c[2]}</ele>" if len(c) > 2 else "")
            + (f"<time>{time}</time>" if time else "")
            + "</trkpt>"
            for c, time in zip(_coordinates(line), times, strict=True)
        )
        tracks.append(f"<trk><name>{_xml(line.name)}</name><trkseg>{points}</trkseg></trk>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gpx version="1.1" creator="flyoff" xmlns="http://www.topografix.com/GPX/1/1">'
        f"{''.join(tracks)}</gpx>\n"
    )


def _iso(utc_us: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=utc_us)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _xml(text: str) -> str:
    """Escaped, and without the control characters that XML forbids."""
    return escape("".join(c for c in text if c.isprintable()))
