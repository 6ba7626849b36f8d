"""A lean start for the processes that are ours alone, where every second process pays it again."""

import sys
from importlib import import_module
from typing import Final

from flyoff.kernel_cache import prepare

#: What Numba looks for when it is first used, to offer it to kernels: SciPy's BLAS for dot products
#: and cffi for foreign functions. No kernel of ours has either, and finding them takes a fifth of
#: the start-up (0.2 s) and 17 MB.
UNUSED: Final = ("scipy.linalg", "cffi")
#: The modules of Numba that look; both go without what they do not find.
LOOKING: Final = ("numba.np.arraymath", "numba.core.typing.cffi_utils")


def load_kernels() -> None:
    """Load Numba without what no kernel of ours uses; once, and nothing if it is there already.

    Only for a command's own process or a worker's: in a process that imports Flyoff as a library,
    kernels of its user's own may need what is left out here.
    """
    if LOOKING[0] in sys.modules:
        return
    prepare()
    hidden = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: it is not found
    try:
        for name in LOOKING:
            import_module(name)
    finally:
        for name in hidden:
            del sys.modules[name]
