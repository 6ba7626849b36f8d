"""Eight ingests of the same logs into one store leave what one leaves."""

import os
import subprocess
import sys

from tests.contracts.source_tree import ROOT


def test_eight_ingests_at_once_are_as_one() -> None:
    paths = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-m", "tests.lake.crowd", "8", "4"],
        env={**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "equal" in done.stdout
