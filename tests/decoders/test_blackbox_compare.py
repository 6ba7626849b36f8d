"""A sample of the value-for-value comparison with orangebox; ``make compare`` runs all of it."""

from pathlib import Path

import pytest

from tests.compare import blackbox
from tests.compare.blackbox import compare, is_clean
from tests.scenarios.blackbox import sample
from tests.shared import logs, needs_shared


def clean(count: int) -> list[Path]:
    """The smallest real logs that are whole, so that the sample takes seconds."""
    paths = sorted(logs("blackbox"), key=lambda path: path.stat().st_size)
    return [path for path in paths if is_clean(path)][:count]


@needs_shared
@pytest.mark.parametrize("path", clean(3), ids=lambda path: path.name[-30:])
def test_a_real_log_reads_as_orangebox_reads_it(path: Path) -> None:
    assert compare(path) == []


def test_a_built_log_reads_as_orangebox_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "built.bbl"
    path.write_bytes(_for_orangebox())
    assert compare(path) == []


def _for_orangebox() -> bytes:
    """It cannot read a log whose first frame is no I frame: the home frame goes."""
    data = sample(1.0)
    start = data.index(b"H vbatref:1600\n") + len(b"H vbatref:1600\n")
    return data[:start] + data[data.index(b"I\0", start) :]


def test_the_comparison_sees_a_difference(tmp_path: Path, monkeypatch) -> None:
    """A comparison that cannot fail proves nothing: mislead it and it must say where."""
    path = tmp_path / "built.bbl"
    path.write_bytes(_for_orangebox())
    read = blackbox.peer_rows

    def misread(path: Path, number: int):
        names, rows = read(path, number)
        place = names.index("gyroADC[0]")
        rows[7] = (*rows[7][:place], rows[7][place] + 1, *rows[7][place + 1 :])
        return names, rows

    monkeypatch.setattr(blackbox, "peer_rows", misread)
    problems = compare(path)
    assert len(problems) == 1
    assert problems[0].startswith("log 0: gyroADC[0]: 1 of 100 rows differ, first row 7")
