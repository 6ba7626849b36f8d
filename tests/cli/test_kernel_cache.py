"""Kernels can be imported whatever the home folder is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from flyoff import kernel_cache

IMPORT = """
import flyoff.decoders._kernels, os
print(os.environ["NUMBA_CACHE_DIR"])
"""


def _import_kernels(**env: str) -> Path:
    paths = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", IMPORT],
        env={"PATH": os.defpath, "PYTHONPATH": paths, **env},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return Path(done.stdout.strip())


def test_a_home_that_cannot_be_written_gives_a_private_folder(tmp_path: Path) -> None:
    folder = _import_kernels(HOME="/dev/null", TMPDIR=str(tmp_path))
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_users_cache_is_taken(tmp_path: Path) -> None:
    assert _import_kernels(HOME=str(tmp_path)) == tmp_path / ".cache" / "flyoff" / "numba"
    xdg = tmp_path / "xdg"
    found = _import_kernels(HOME=str(tmp_path), XDG_CACHE_HOME=str(xdg))
    assert found == xdg / "flyoff" / "numba"


def test_what_the_user_set_is_kept(tmp_path: Path) -> None:
    assert (
        _import_kernels(HOME=str(tmp_path), NUMBA_CACHE_DIR=str(tmp_path / "x")) == tmp_path / "x"
    )


def test_a_folder_that_others_can_write_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled code is loaded from it."""
    monkeypatch.setattr(kernel_cache.tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(kernel_cache.tempfile, "tempdir", str(tmp_path))
    mine = kernel_cache._private_temporary()
    assert kernel_cache._private_temporary() == mine
    mine.chmod(0o777)
    other = kernel_cache._private_temporary()
    assert other != mine
    assert other.stat().st_mode & 0o777 == 0o700
