"""``flyoff warmup`` leaves nothing to compile for the first log."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipeline.flights import card
from tests.scenarios import ulog


def _flyoff(cache: Path, *words: str) -> None:
    env = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    env["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    command = [sys.executable, "-m", "flyoff", *words]
    subprocess.run(command, env=env, check=True, capture_output=True, timeout=600)


def _compiled(cache: Path) -> set[str]:
    return {p.name for p in cache.rglob("*.nbc")}


@pytest.mark.slow
def test_the_first_log_compiles_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    _flyoff(cache, "warmup")
    before = _compiled(cache)
    assert before, "the warm-up compiled nothing"
    (log,) = card(tmp_path / "card", 1)
    other = tmp_path / "card" / "a.ulg"
    other.write_bytes(ulog.sample())
    for path in (log, other):
        _flyoff(cache, "judge", str(path))
        _flyoff(cache, "export", str(path), "--to", "csv", "--out", str(tmp_path / "out"))
    assert _compiled(cache) == before
