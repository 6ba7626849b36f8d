"""Asking whether a file is a ULog must not load what decoding it needs."""

import subprocess
import sys

from tests.scenarios.ulog import sample


def test_sniffing_imports_no_numba():
    code = (
        "import sys; from flyoff.decoders.ulog import DECODER; "
        f"assert DECODER.sniff({sample()[:64]!r}); assert not DECODER.sniff(bytes(64)); "
        "sys.exit('numba' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
