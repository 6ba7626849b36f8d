"""Finding the plan that belongs to a log."""

from pathlib import Path

import pytest

from flyoff.decoders.plans import find_plan


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("QGC WPL 110\n")


@pytest.mark.parametrize(
    ("log", "files", "found"),
    [
        ("a.BIN", ["a.waypoints"], "a.waypoints"),
        ("a.BIN", ["a.plan"], "a.plan"),
        ("a.BIN", ["a.BIN.waypoints", "a.waypoints"], "a.BIN.waypoints"),
        ("a.BIN", ["a.BIN.plan", "a.waypoints"], "a.BIN.plan"),
        ("a.BIN", ["a.waypoints", "a.plan"], "a.waypoints"),
        ("a.b.ulg", ["a.b.plan", "a.plan"], "a.b.plan"),
        ("a", ["a.plan"], "a.plan"),
        ("a.BIN", ["b.plan", "a.json"], None),
        ("a.BIN", ["a.txt"], "a.txt"),
        ("a.plan", ["a.plan"], None),
    ],
)
def test_the_plan_of_the_same_name(
    tmp_path: Path, log: str, files: list[str], found: str | None
) -> None:
    touch(tmp_path, *files)
    result = find_plan(tmp_path / log)
    assert (result and result.name) == found


def test_a_note_of_the_same_name_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("windy, second battery")
    assert find_plan(tmp_path / "a.BIN") is None


def test_a_folder_of_that_name_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "a.plan").mkdir()
    assert find_plan(str(tmp_path / "a.BIN")) is None


def test_a_name_of_the_greatest_length_has_no_plan_beside_it(tmp_path: Path) -> None:
    log = tmp_path / ("x" * 251 + ".BIN")
    log.touch()
    assert find_plan(log) is None
