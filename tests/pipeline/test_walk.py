"""What the paths on a command line mean."""

import os
from pathlib import Path

from flyoff.pipeline.walk import walk


def _names(paths: list[Path], root: Path) -> list[tuple[str, bool]]:
    return [(os.path.relpath(f.path, root), f.is_meant) for f in walk(paths).files]


def test_folders_are_walked_in_order_and_companions_passed_over(tmp_path: Path) -> None:
    for name in ("b/2.BIN", "b/1.ulg", "a/x.waypoints", "a/x.log", "notes.md", "strange.dat"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "3.BIN").touch()
    found = _names([tmp_path], tmp_path)
    expected = [("a/x.log", True), ("b/1.ulg", True), ("b/2.BIN", True), ("strange.dat", False)]
    assert found == expected


def test_a_file_that_is_named_is_meant_whatever_its_name(tmp_path: Path) -> None:
    files = [tmp_path / "z.md", tmp_path / "a.BIN"]
    assert _names(files, tmp_path) == [("z.md", True), ("a.BIN", True)]


def test_an_empty_folder_is_a_problem(tmp_path: Path) -> None:
    found = walk([tmp_path])
    assert found.files == ()
    assert found.problems == (f"{tmp_path}: no log in this folder",)


def test_a_fifo_without_a_logs_name_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    os.mkfifo(tmp_path / "pipe.BIN")  # claims to be a log: reading says what it is
    assert _names([tmp_path], tmp_path) == [("pipe.BIN", True)]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "1.BIN").touch()
    (tmp_path / "self").symlink_to(tmp_path)
    assert _names([tmp_path], tmp_path) == [("1.BIN", True)]
