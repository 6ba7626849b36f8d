"""``flyoff link``, ``judge --link`` and ``export --with`` on a labelled flight with two logs."""

from pathlib import Path

import pyarrow.parquet
import pytest

from flyoff.decoders.tlog.framing import frame_bytes
from tests.cli.call import flyoff
from tests.shared import flights


@pytest.fixture(scope="module")
def pair() -> tuple[Path, Path]:
    folder = flights()
    if folder is None:
        pytest.skip("no labelled flights: FLYOFF_SHARED is not set and ../shared is not there")
    ground = next(p for p in sorted(folder.glob("*.tlog")) if p.with_suffix(".BIN").exists())
    return ground.with_suffix(".BIN"), ground


def test_link_tells_groups_offsets_and_grounds(pair: tuple[Path, Path]) -> None:
    done = flyoff("link", *pair, "--json")
    assert done.code == 0
    ((onboard, ground),) = done.lines[0]["groups"]
    assert onboard["path"] == str(pair[0])
    assert (onboard["offset_s"], onboard["by"]) == (0.0, None)
    assert abs(ground["offset_s"]) < 0.5  # both show the time since boot
    assert ground["by"] in ("signals", "clocks", "log name")
    assert 0 < ground["uncertainty_s"] < 0.5
    assert "1 flights" in flyoff("link", *pair).out


def test_judge_says_what_a_sortie_is_counted_as(pair: tuple[Path, Path]) -> None:
    plain = flyoff("judge", *pair, "--json").lines
    linked = flyoff("judge", *pair, "--json", "--link").lines
    for before, after in zip(plain, linked, strict=True):
        told = [s.pop("linked") for s in after["sorties"]]
        assert after == before
        counted = {t["counted_as"] for links in told for t in links}
        assert counted <= {s["id"] for s in linked[0]["sorties"]}
        assert told[0][0]["sha256"] != after["log"]["sha256"]


def test_export_puts_both_on_one_clock(pair: tuple[Path, Path], tmp_path: Path) -> None:
    onboard, ground = pair
    done = flyoff("export", onboard, "--with", ground, "--to", "parquet", "--out", tmp_path)
    assert done.code == 0
    other = tmp_path / ground.name
    assert (other / "attitude.parquet").exists()
    both = [pyarrow.parquet.read_table(f / "attitude.parquet") for f in (tmp_path, other)]
    spans = [(t["t_us"][0].as_py(), t["t_us"][-1].as_py()) for t in both]
    assert max(s[0] for s in spans) < min(s[1] for s in spans)


def test_one_clock_whatever_the_ground_stations_shows(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    """Its computer three hours off, and set by 47 s in the midst of the flight."""
    onboard, ground = pair
    wrong = tmp_path / "wrong.tlog"
    data = ground.read_bytes()
    out, at = bytearray(), 0
    while at + 8 < len(data):
        end = at + 8 + frame_bytes(data[at + 8 : at + 12], 0)
        stamp = int.from_bytes(data[at : at + 8], "big") + 3 * 3600 * 10**6
        out += (stamp - 47 * 10**6 * (2 * at > len(data))).to_bytes(8, "big") + data[at + 8 : end]
        at = end
    wrong.write_bytes(out)
    out_folder = tmp_path / "out"
    for log in (ground, wrong):
        command = ("export", onboard, "--with", log, "--to", "parquet", "--out", out_folder)
        assert flyoff(*command).code == 0
    compared = 0
    for group in ("attitude", "battery", "airspeed", "throttle"):
        right, moved = (out_folder / log.name / f"{group}.parquet" for log in (ground, wrong))
        if right.exists():
            tables = [pyarrow.parquet.read_table(p)["t_us"].to_numpy() for p in (right, moved)]
            assert tables[0].size == tables[1].size, group
            assert abs(tables[0] - tables[1]).max(initial=0) < 500_000, group
            compared += tables[0].size
    assert compared > 100


def test_export_refuses_what_is_of_another_flight(pair: tuple[Path, Path], tmp_path: Path) -> None:
    others = sorted(pair[0].parent.glob("*.BIN"))
    stranger = next(p for p in others if p != pair[0])
    done = flyoff("export", pair[0], "--with", stranger, "--to", "csv", "--out", tmp_path)
    assert done.code != 0
    assert "not of one flight" in done.err
