"""Raw files are there whole or not at all."""

import fcntl
import hashlib
from pathlib import Path

import pytest

from flyoff.errors import SourceError
from flyoff.lake import raw


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "a.BIN"
    path.write_bytes(bytes(range(256)) * 40_000)
    return path


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_file_lies_under_its_digest(tmp_path: Path, log: Path) -> None:
    sha = _sha(log)
    kept = raw.put(tmp_path / "raw", str(log), sha)
    assert kept.relative_to(tmp_path / "raw").as_posix() == f"{sha[:2]}/{sha[2:]}"
    assert kept.read_bytes() == log.read_bytes()
    assert kept.stat().st_mode & 0o222 == 0
    assert raw.put(tmp_path / "raw", str(log), sha) == kept


def test_a_file_that_changes_meanwhile_does_not_get_in(tmp_path: Path, log: Path) -> None:
    sha = _sha(log)
    log.write_bytes(b"other")
    with pytest.raises(SourceError, match="changed"):
        raw.put(tmp_path / "raw", str(log), sha)
    assert not [p for p in (tmp_path / "raw").rglob("*") if p.is_file()]


def test_a_sweep_takes_what_the_dead_left_and_no_more(tmp_path: Path, log: Path) -> None:
    kept = raw.put(tmp_path / "raw", str(log), _sha(log))
    left, under_way = (tmp_path / "raw" / raw.INCOMING / n for n in ("dead", "alive"))
    left.write_bytes(b"half")
    with under_way.open("wb") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        raw.sweep(tmp_path / "raw")
        assert under_way.exists()
    assert not left.exists()
    assert kept.exists()
