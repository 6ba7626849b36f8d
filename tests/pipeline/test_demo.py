"""``flyoff demo`` on a few of the samples: whole, repeatable, and honest about damage."""

import lzma
import shutil
from pathlib import Path

import pytest

from flyoff.errors import FlyoffError
from flyoff.pipeline import demo
from tests.cli.call import flyoff
from tests.contracts.source_tree import ROOT

SAMPLES = ROOT / "samples" / "campaign"
#: Small ones, with the end that the simulation's truth gives them.
CHOSEN = {
    "kestrel/K-02_2024-12-15_02.BIN": "failed launch",
    "kestrel/K-03_2025-02-02_02.BIN": "not flown",
    "swift/S-03_2024-09-18_02.BIN": "crashed",
}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign folder with the chosen samples alone."""
    home = tmp_path_factory.mktemp("samples") / "campaign"
    for name in CHOSEN:
        packed = SAMPLES / "logs" / f"{name}.xz"
        (home / "logs" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(packed, home / "logs" / f"{name}.xz")
        shutil.copy(packed.with_suffix("").with_suffix(".waypoints"), (home / "logs" / name).parent)
    shutil.copy(SAMPLES / "campaign.toml", home)
    lines = (SAMPLES / "cards.csv").read_text().splitlines(keepends=True)
    cards = [lines[0], *(line for line in lines if any(name in line for name in CHOSEN))]
    (home / "cards.csv").write_text("".join(cards))
    return home


def test_the_demo_ends_with_a_report_and_can_be_run_again(few: Path, tmp_path: Path) -> None:
    out = tmp_path / "demo"
    first = flyoff("demo", "--out", out, "--samples", few)
    assert first.code == 0, first.err
    for name, outcome in CHOSEN.items():
        (line,) = [s for s in first.out.splitlines() if s.startswith(Path(name).name)]
        assert outcome in line
    assert "Wilson" in first.out
    assert "90 %" in first.out
    report = out / "report.html"
    assert report.as_uri() in first.out
    before = report.read_bytes()
    again = flyoff("demo", "--out", out, "--samples", few)
    assert again.code == 0
    assert "0 new logs" in again.out
    assert report.read_bytes() == before


def test_for_machines(few: Path, tmp_path: Path) -> None:
    done = flyoff("demo", "--out", tmp_path / "demo", "--samples", few, "--json")
    told = done.lines[-1]
    kestrel = told["standings"][0]
    assert kestrel["outcomes"] == {"failed_launch": 1, "not_flown": 1}
    assert kestrel["launch"]["estimate"]["method"] == "Wilson"
    assert kestrel["launch"]["decided"] == 1
    assert Path(told["report"]).is_file()


def test_samples_unpack_byte_for_byte_and_only_once(few: Path, tmp_path: Path) -> None:
    logs = list(demo.unpack(few, tmp_path))
    assert len(logs) == len(CHOSEN)
    for log in logs:
        packed = few / "logs" / f"{log.relative_to(tmp_path)}.xz"
        assert log.read_bytes() == lzma.decompress(packed.read_bytes())
        assert log.with_suffix(".waypoints").is_file()
    times = [log.stat().st_mtime_ns for log in logs]
    assert list(demo.unpack(few, tmp_path)) == logs
    assert [log.stat().st_mtime_ns for log in logs] == times


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"not xz at all"])
def test_a_damaged_sample_is_named_and_leaves_nothing(tmp_path: Path, damage) -> None:
    packed = tmp_path / "campaign" / "logs" / "a.BIN.xz"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(damage(lzma.compress(b"x" * 100_000)))
    with pytest.raises(FlyoffError, match=r"a\.BIN\.xz: damaged"):
        list(demo.unpack(tmp_path / "campaign", tmp_path / "out"))
    assert not list((tmp_path / "out").iterdir())


def test_a_sample_cannot_explode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "MAX_BYTES", 1 << 20)
    packed = tmp_path / "campaign" / "logs" / "a.BIN.xz"
    packed.parent.mkdir(parents=True)
    packed.write_bytes(lzma.compress(bytes(3 << 20)))
    with pytest.raises(FlyoffError, match="more than"):
        list(demo.unpack(tmp_path / "campaign", tmp_path / "out"))
    assert not list((tmp_path / "out").iterdir())


def test_without_samples_it_says_where_they_come_from(tmp_path: Path) -> None:
    done = flyoff("demo", "--out", tmp_path / "demo", "--samples", tmp_path)
    assert done.code == 1
    assert "clone" in done.err


def test_the_samples_are_what_their_list_says() -> None:
    """Sizes and names; the sums themselves are for ``sha256sum -c``."""
    listed = (SAMPLES.parent / "SHA256SUMS").read_text().splitlines()
    whole = [p for p in SAMPLES.parent.glob("*/**/*") if p.is_file()]
    files = {p.relative_to(SAMPLES.parent).as_posix() for p in whole}
    assert {line.split("  ", 1)[1] for line in listed} == files
    assert sum((SAMPLES.parent / f).stat().st_size for f in files) < 25_000_000
