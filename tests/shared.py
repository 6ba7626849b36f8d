"""Where flight data outside the repository is, for the tests that need real logs.

``FLYOFF_SHARED`` names the folder; without it, ``../shared`` beside the repository is taken. Where
neither is there, a test skips and says so.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
REASON = "no shared flight data: set FLYOFF_SHARED, or put it at ../shared"


def shared() -> Path | None:
    """Give the folder of shared data, or None."""
    named = os.environ.get("FLYOFF_SHARED")
    folder = Path(named) if named else ROOT.parent / "shared"
    return folder.resolve() if (folder / "logs").is_dir() else None


needs_shared = pytest.mark.skipif(shared() is None, reason=REASON)


def logs(kind: str) -> list[Path]:
    """List the shared files of one format, such as ``"ulog"``; empty without shared data."""
    folder = shared()
    of_kind = folder / "logs" / kind if folder else None
    if of_kind is None or not of_kind.is_dir():
        return []
    return sorted(p for p in of_kind.iterdir() if p.is_file())


@cache
def flights() -> Path | None:
    """Give the folder of simulated flights, unpacked once for each user; None without shared data.

    Unpacked beside its final place and renamed, so that parallel workers and a killed run can
    never leave half of it behind.
    """
    folder = shared()
    if folder is None or not (folder / "sitl").is_dir():
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    for cache_home in (Path(home), Path(tempfile.gettempdir())):
        target = cache_home / "flyoff-flights"
        if target.is_dir():
            return target
        try:
            cache_home.mkdir(parents=True, exist_ok=True)
            return _unpack(folder, target)
        except OSError:
            continue  # a read-only home: the temporary folder does as well
    return None


def _unpack(folder: Path, target: Path) -> Path:
    part = Path(tempfile.mkdtemp(prefix="flyoff-flights-", dir=target.parent))
    tool = folder / "tools" / "flightpack.py"
    command = [sys.executable, str(tool), "unpack", str(folder / "sitl"), str(part)]
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        part.rename(target)
    except OSError:
        if not target.is_dir():  # else another worker was faster, and its result is as good
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return target
