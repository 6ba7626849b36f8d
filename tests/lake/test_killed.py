"""Killed at every named step and done again, a store is as if nothing had happened."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests.contracts.source_tree import ROOT, SRC

#: Steps of an import are in the tests of bundles, those of a cluster and of a bucket in their own.
_ELSEWHERE = ("import.", "stage.", "bucket.")


def _named_steps() -> set[str]:
    """Every ``step("…")`` of the source, a table's name in it as ``*``."""
    found = set()
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "step":
                (said,) = node.args
                parts = said.values if isinstance(said, ast.JoinedStr) else [said]
                found.add("".join(getattr(part, "value", "*") if isinstance(part, ast.Constant)
                                  else "*" for part in parts))  # fmt: skip
    return found


@pytest.mark.slow
def test_killed_at_every_step_and_done_again_nothing_is_lost() -> None:
    paths = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-m", "tests.lake.killed", "--briefly"],
        env={**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    visited = set(re.findall(r"[a-z]+\.[a-z.]+[a-z]", done.stdout))
    missed = [
        step
        for step in _named_steps()
        if not step.startswith(_ELSEWHERE)
        and not any(re.fullmatch(step.replace("*", "[a-z_]+"), one) for one in visited)
    ]
    assert not missed, "no work of tests/lake/killed.py comes to these steps"
