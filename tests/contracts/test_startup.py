"""``flyoff --help`` and ``import flyoff`` load nothing heavy (DESIGN.md, section 10)."""

import subprocess
import sys

from tests.contracts.source_tree import ROOT

HEAVY = ("numba", "llvmlite", "pyarrow", "duckdb", "deltalake", "scipy", "matplotlib", "fastapi",
         "uvicorn", "pydantic", "starlette")  # fmt: skip

PROBE = """
import sys
{action}
heavy = [name for name in {heavy!r} if name in sys.modules]
print("loaded:", ",".join(heavy), file=sys.stderr)
"""

HELP = """
sys.argv = ["flyoff", "--help"]
from flyoff.cli.main import app
try:
    app()
except SystemExit as stop:
    assert not stop.code, stop.code
"""


def _loaded(action: str) -> str:
    code = PROBE.format(action=action, heavy=HEAVY)
    command = [
        sys.executable,
        "-c",
        f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n{code}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr.strip().splitlines()[-1]


def test_importing_flyoff_loads_nothing_heavy() -> None:
    assert _loaded("import flyoff") == "loaded:"


def test_help_loads_nothing_heavy() -> None:
    assert _loaded(HELP) == "loaded:"


def test_the_probe_sees_what_is_loaded() -> None:
    """The two tests above could not fail if the probe were blind."""
    assert _loaded("import scipy") == "loaded: scipy"
