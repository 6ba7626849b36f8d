"""Numba loads without what no kernel uses, and whoever needs that later still gets it."""

import subprocess
import sys

PROGRAM = """
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


def test_kernels_run_without_blas_and_scipy_still_has_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["[]", "513", "1.0", "4"]
