"""All that judging a log needs: Numba, the kernels of every format, the rules."""

import os

# A process with threads of BLAS cannot be copied; NumPy reads this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from flyoff.decoders.source import Source
from flyoff.pipeline import tiny
from flyoff.pipeline.lean import load_kernels
from flyoff.pipeline.steps import Planned, judge_source

load_kernels()
for make in tiny.LOGS.values():
    judge_source(Source("", make()), Planned())
