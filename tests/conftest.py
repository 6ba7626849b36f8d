"""Settings that every test shares: the kernel cache's place and Hypothesis's profiles."""

import os
import sys
from pathlib import Path

# Before flyoff is imported: kernels compile once for all runs and workers, inside the tree.
if Path(sys.prefix).is_relative_to(Path(__file__).resolve().parent.parent):
    os.environ.setdefault("NUMBA_CACHE_DIR", str(Path(sys.prefix) / "var" / "numba"))

from hypothesis import HealthCheck, settings

# No deadline: the first call of a kernel compiles it.
_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("dev", max_examples=30, **_COMMON)
# CI asks the same examples every time: whether a change is sound must not depend on luck. New ones
# are found by whoever works here, with the other profile, and written down as examples.
settings.register_profile(
    "ci", max_examples=150, derandomize=True, print_blob=True, database=None, **_COMMON
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))
