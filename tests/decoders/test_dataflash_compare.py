"""A sample of the value-for-value comparison with pymavlink; ``make compare`` runs all of it."""

import importlib
from pathlib import Path

import pytest

from tests.compare.__main__ import FORMATS
from tests.compare.dataflash import compare
from tests.scenarios.dataflash import fly, opened
from tests.shared import logs, needs_shared


def smallest(count: int) -> list[Path]:
    """The smallest real logs, so that the sample takes seconds."""
    paths = [path for path in logs("dataflash") if path.suffix.lower() == ".bin"]
    return sorted(paths, key=lambda path: path.stat().st_size)[:count]


@needs_shared
@pytest.mark.parametrize("path", smallest(4), ids=lambda path: path.name)
def test_a_real_log_reads_as_pymavlink_reads_it(path: Path) -> None:
    assert compare(path) == []


def test_a_built_log_reads_as_pymavlink_reads_it(tmp_path: Path) -> None:
    log = opened()
    fly(log)
    path = tmp_path / "built.BIN"
    path.write_bytes(bytes(log))
    assert compare(path) == []


def test_the_comparison_sees_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that cannot fail proves nothing: mislead it and it must say where."""
    from tests.compare import dataflash

    log = opened()
    fly(log)
    path = tmp_path / "built.BIN"
    path.write_bytes(bytes(log))
    read = dataflash.peer_rows

    def misread(path: Path):
        rows, counts = read(path)
        rows["IMU"]["GyrZ"][7] += 1e-6
        counts["BAT"] += 1
        return rows, counts

    monkeypatch.setattr(dataflash, "peer_rows", misread)
    problems = compare(path)
    assert len(problems) == 2
    assert problems[0].startswith("BAT: 20 rows, pymavlink 21")
    assert problems[1].startswith("IMU.GyrZ: 1 of 200 rows differ, first row 7")


def test_every_format_can_be_asked_by_make_compare() -> None:
    """The program runs over all of them; one without its two functions ended it in the middle."""
    for kind in FORMATS:
        peer = importlib.import_module(f"tests.compare.{kind}")
        assert callable(peer.is_clean), kind
        assert callable(peer.compare), kind
