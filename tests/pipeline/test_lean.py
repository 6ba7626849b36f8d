"""Numba and Arrow load without what nothing here uses; whoever needs that later still gets it."""

import subprocess
import sys
from pathlib import Path

from flyoff.pipeline import forking

KERNELS = """
import sys
from flyoff.pipeline.lean import load_kernels
load_kernels()
missing = [name for name in ("scipy.linalg", "cffi") if name in sys.modules]
import numpy as np
from flyoff.decoders._kernels import u16
value = u16(np.array([1, 2], dtype=np.uint8), 0)
missing += [name for name in ("scipy.linalg", "cffi") if name in sys.modules]
import cffi, scipy.linalg
print(missing, value, scipy.linalg.det(np.eye(2)), cffi.FFI().sizeof("int"))
"""
#: The second process takes from the cache what the first compiled, then compiles what is new.
CACHED = """
import sys
from flyoff.pipeline.lean import load_kernels
load_kernels()
import numpy as np
import kernels
made = kernels.grown(3)
print(made.sum(), sum(kernels.grown.stats.cache_hits.values()))
if "new" in sys.argv:
    print(kernels.fresh(4.0))
"""
MODULE = """
import math
import numba, numpy as np
@numba.njit(cache=True)
def grown(count):
    return np.arange(count) * 2.0
@numba.njit
def fresh(x):
    return math.sqrt(x) + np.array([x, 1.0]).max()
"""
ARROW = """
import sys
from flyoff.pipeline.lean import load_arrow
load_arrow()
import pyarrow as pa, pyarrow.dataset
print(pa.array([1.0, None]).null_count, "pandas" in sys.modules)
import importlib.util
print(importlib.util.find_spec("pandas") is None or bool(__import__("pandas").Series))
"""
WORKER = """
import sys
import flyoff.pipeline.loaded.storing
print([name for name in ("pyarrow", "deltalake", "duckdb") if name in sys.modules])
"""


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_kernels_run_without_blas_and_scipy_still_has_it() -> None:
    assert _run(KERNELS).split() == ["[]", "513", "1.0", "4"]


def test_what_is_not_in_the_cache_is_compiled_all_the_same(tmp_path: Path) -> None:
    """A kernel that makes an array comes out of the cache; another is compiled after it."""
    (tmp_path / "kernels.py").write_text(MODULE)
    found = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n{CACHED}"
    assert _run(found).split() == ["6.0", "0"]
    assert _run(found, "new").split() == ["6.0", "1", "6.0"]


def test_arrow_finds_no_pandas_and_its_user_does() -> None:
    assert _run(ARROW).split() == ["1", "False", "True"]


def test_what_workers_are_copies_of_has_no_tables() -> None:
    """Arrow and Delta are for the one process that commits, and bring threads that a copy lacks."""
    assert _run(WORKER).strip() == "[]"


def test_a_server_is_for_much_work(tmp_path: Path) -> None:
    """Sizes are those of the files; holes in them cost nothing here."""
    inner = tmp_path / "card" / "day"
    inner.mkdir(parents=True)
    for at in range(3):
        with (inner / f"{at}.BIN").open("wb") as file:
            file.truncate(forking.WORTH_A_PROCESS)
    assert forking._is_much([tmp_path / "card"])
    assert forking._is_much(inner.iterdir())
    assert not forking._is_much([inner / "0.BIN", tmp_path / "none"])
