"""A lean start for the processes that are ours alone, where every second process pays it again."""

import sys
from importlib import import_module
from typing import Any, Final

from flyoff.absent import absent
from flyoff.kernel_cache import prepare
from flyoff.lake.lean import load_arrow

__all__ = ["load_arrow", "load_kernels"]

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
    with absent(*UNUSED):
        for name in LOOKING:
            import_module(name)
    _ask_the_cache_first()


def _ask_the_cache_first() -> None:
    """Make Numba learn what it can compile when something has to be compiled, and not before.

    Before it looks for a kernel in its cache it registers every function that a kernel might call:
    a quarter of the start-up (0.2 s). What comes out of the cache is compiled and calls nothing but
    Numba's memory functions; the compiler registers all the others by itself.
    """
    memory = import_module("numba.core.runtime").rtsys

    def load_overload(self: Any, signature: Any, target: Any) -> Any:
        memory.initialize(target)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(signature, target)

    import_module("numba.core.caching").Cache.load_overload = load_overload
