"""``flyoff inspect`` and ``export``: one log, for people and for other tools."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.csv
import pyarrow.parquet
import pytest

import flyoff as face
from tests.cli.call import flyoff
from tests.pipeline.flights import card


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return card(tmp_path / "card", 1)[0]


def test_inspect_tells_what_is_in_a_log(log: Path) -> None:
    words = ("--receipt", "--topics", "--params", "--messages")
    (facts,) = flyoff("inspect", log, *words, "--json").lines
    assert facts["receipt"]["decoded_bytes"] == log.stat().st_size
    assert {"BAT", "GPS", "EV"} <= {t["name"] for t in facts["topics"]}
    assert facts["params"]["BATT_CAPACITY"] == 5000.0
    assert any("ArduCopter" in m["text"] for m in facts["messages"])
    assert facts["recordings"][0]["vehicle"]["kind"] == "multirotor"
    table = flyoff("inspect", log, *words)
    assert table.code == 0
    for word in ("BATT_CAPACITY 5000", "ArduCopter", "multirotor", "complete", "GPS"):
        assert word in table.out


def test_channels_become_tables(log: Path, tmp_path: Path) -> None:
    done = flyoff("export", log, "--to", "parquet", "--out", tmp_path / "out", "--json")
    assert done.code == 0
    written = [Path(p) for p in done.lines[0]["written"]]
    battery = pyarrow.parquet.read_table(tmp_path / "out" / "battery.parquet")
    channel = face.read(log)[0]["battery.voltage"]
    assert battery["battery.voltage"].to_pylist() == channel.values.tolist()
    assert battery["t_us"].to_pylist() == channel.t_us.tolist()
    assert tmp_path / "out" / "events.parquet" in written
    assert all(p.exists() for p in written)


def test_raw_topics_become_tables(log: Path, tmp_path: Path) -> None:
    words = ("--to", "csv", "--topic", "BAT", "--topic", "MSG", "--out", tmp_path / "out")
    assert flyoff("export", log, *words).code == 0
    table = pyarrow.csv.read_csv(tmp_path / "out" / "BAT.csv")
    own = face.decode(log).topics["BAT", 0].columns()
    assert table.column_names == list(own)
    assert table["Volt"].to_pylist() == pytest.approx(own["Volt"].tolist())
    assert "ArduCopter" in (tmp_path / "out" / "MSG.csv").read_text()


@pytest.mark.parametrize("to", ["geojson", "kml", "gpx"])
def test_tracks_are_where_the_log_says(to: str, log: Path, tmp_path: Path) -> None:
    (path,) = flyoff("export", log, "--to", to, "--out", tmp_path, "--json").lines[0]["written"]
    text = Path(path).read_text()
    if to == "geojson":
        (feature,) = json.loads(text)["features"]
        points = feature["geometry"]["coordinates"]
    else:
        root = ElementTree.fromstring(text)
        points = (
            [
                [float(x) for x in p.split(",")]
                for p in (root.findtext(".//{*}coordinates") or "").split()
            ]
            if to == "kml"
            else [[float(p.attrib["lon"]), float(p.attrib["lat"])] for p in root.iter("{*}trkpt")]
        )
        if to == "gpx":
            points = [
                [float(p.attrib["lon"]), float(p.attrib["lat"])]
                for p in root.iter("{http://www.topografix.com/GPX/1/1}trkpt")
            ]
    assert len(points) > 5
    for point in points:
        assert point[:2] == pytest.approx([149.165237, -35.363262])


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--to", "xlsx"], 2, "expected one of parquet, csv"),
        (["--to", "kml", "--topic", "GPS"], 2, "use --to parquet"),
        (["--to", "csv", "--topic", "NOPE"], 1, "no topic 'NOPE'"),
    ],
)
def test_what_cannot_be_written_is_one_line(
    words: list[str], code: int, says: str, log: Path, tmp_path: Path
) -> None:
    done = flyoff("export", log, "--out", tmp_path / "out", *words)
    assert done.code == code
    assert says in done.err
    assert done.err.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_line(log: Path) -> None:
    done = flyoff("export", log, "--to", "csv", "--out", log / "below-a-file")
    assert done.code == 1
    assert "cannot be made" in done.err


def test_doctor_finds_this_machine_fit() -> None:
    done = flyoff("doctor", "--json")
    checks = {c["name"]: c for c in done.lines[0]["checks"]}
    assert done.code == 0
    assert checks["formats"]["found"].startswith("ulog, dataflash")
    assert [n for n, c in checks.items() if c["state"] == "missing"] == []
    assert checks["kernel cache"]["state"] in ("ok", "warning")
    assert "python" in flyoff("doctor").out


def test_doctor_names_what_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "file" / "below"))
    (tmp_path / "file").touch()
    done = flyoff("doctor", "--json")
    assert done.code == 1
    (missing,) = (c for c in done.lines[0]["checks"] if c["state"] == "missing")
    assert missing["name"] == "kernel cache"
    assert "NUMBA_CACHE_DIR" in missing["mend"]


def test_warmup_names_every_format() -> None:
    done = flyoff("warmup", "--json")
    assert done.code == 0
    assert [d["name"] for d in done.lines[0]["decoders"]][:2] == ["ulog", "dataflash"]
