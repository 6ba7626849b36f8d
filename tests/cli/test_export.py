"""``flyoff export``: every format that is read, to every format that is written."""

import json
import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest
from scipy.spatial import cKDTree

import flyoff as face
from flyoff.model.recording import Recording
from tests.cli.call import flyoff
from tests.decoders.test_csv import airdata
from tests.shared import needs_shared, shared

#: One log of each format; those with a position.
LOGS = {
    "ulog": "ulog/PX4__pyulog__sample_px4_events.ulg",
    "dataflash": "dataflash/DependableSystemsLab__DeLorean__00000006.BIN",
    "dataflash_text": "dataflash/AirboundInc__ardupilot__nan.log",
    "tlog": "tlog/wlichon__masterthesis-target-system__telemetry.tlog",
    "blackbox": "blackbox/ilya-epifanov__fc-blackbox__LOG00037.BFL",
}


@pytest.fixture(scope="module", params=[*LOGS, "csv"])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param == "csv":
        path = tmp_path_factory.mktemp("csv") / "Flight-Airdata.csv"
        path.write_text(airdata())
        return path
    folder = shared()
    assert folder is not None
    path = folder / "logs" / LOGS[request.param]
    if not path.is_file():
        pytest.skip(f"{LOGS[request.param]} is not among the shared logs")
    assert face.decode(str(path)).format == request.param
    return path


pytestmark = needs_shared


def _folder(out: Path, recording: Recording, of: int) -> Path:
    return out if of == 1 else out / f"boot{recording.boot}"


@pytest.mark.parametrize("to", ["parquet", "csv"])
def test_every_channel_is_written_as_it_is_read(log: Path, to: str, tmp_path: Path) -> None:
    assert flyoff("export", log, "--to", to, "--out", tmp_path).code == 0
    recordings = face.read(str(log))
    compared = 0
    for recording in recordings:
        folder = _folder(tmp_path, recording, len(recordings))
        for group in {name.partition(".")[0] for name in recording}:
            path = folder / f"{group}.{to}"
            read = pyarrow.parquet.read_table if to == "parquet" else pyarrow.csv.read_csv
            table = read(path)
            own = pyarrow.table(recording.stream(group))
            assert table.column_names == own.column_names
            for name in own.column_names:
                _alike(table[name].to_pylist(), own[name].to_pylist(), f"{group}: {name}")
                compared += 1
    assert compared > 5


def _alike(found: list[object], wanted: list[object], where: str) -> None:
    """Equal; a number that is none is none in every way of writing it."""
    assert len(found) == len(wanted), where
    for a, b in zip(found, wanted, strict=True):
        if not _is_none(b):
            assert a == b or (isinstance(b, bool) and str(a).lower() == str(b).lower()), where
        else:
            assert _is_none(a), where


def _is_none(value: object) -> bool:
    return value in (None, "") or (isinstance(value, float) and math.isnan(value))


@pytest.mark.parametrize("to", ["geojson", "kml", "gpx"])
def test_every_track_is_where_the_log_says_or_there_is_none(
    log: Path, to: str, tmp_path: Path
) -> None:
    done = flyoff("export", log, "--to", to, "--out", tmp_path / "out", "--json")
    placed = [r for r in face.read(str(log)) if _places(r)]
    if not placed:
        assert done.code == 1
        assert "the log holds no position" in done.err
        assert not (tmp_path / "out").exists()
        return
    assert done.code == 0
    (path,) = done.lines[0]["written"]
    tracks = _tracks(Path(path).read_text(encoding="utf-8"), to)
    assert len(tracks) == len(placed)
    for track, recording in zip(tracks, placed, strict=True):
        places = _places(recording)
        assert track
        away, _ = cKDTree(np.array(sorted(places))).query(np.array(track))
        assert away.max() <= 2e-5  # thinned to whole steps of time, between two logged places: 2 m


def _places(recording: Recording) -> set[tuple[float, float]]:
    """All places of a recording's position: longitude, latitude [deg]."""
    found = set()
    for group in ("position", "gnss"):
        if f"{group}.lat" in recording and f"{group}.lon" in recording:
            lat = recording[f"{group}.lat"]
            lon = recording[f"{group}.lon"].at(lat.t_us)
            found |= {
                (b, a)
                for a, b in zip(lat.values.tolist(), lon.tolist(), strict=True)
                if math.isfinite(a) and math.isfinite(b)
            }
    return found


def _tracks(text: str, to: str) -> list[list[tuple[float, float]]]:
    if to == "geojson":
        lines = [f["geometry"]["coordinates"] for f in json.loads(text)["features"]]
        return [[(p[0], p[1]) for p in line] for line in lines]
    root = ElementTree.fromstring(text)
    if to == "kml":
        lines = [
            (e.text or "").split() for e in root.iter("{http://www.opengis.net/kml/2.2}coordinates")
        ]
        return [[(float(a), float(b)) for a, b, *_ in (p.split(",") for p in x)] for x in lines]
    space = "{http://www.topografix.com/GPX/1/1}"
    return [
        [(float(p.attrib["lon"]), float(p.attrib["lat"])) for p in trk.iter(f"{space}trkpt")]
        for trk in root.iter(f"{space}trk")
    ]
