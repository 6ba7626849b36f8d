"""Where Numba keeps compiled kernels; ``prepare()`` comes before the import of ``_kernels``."""

from flyoff.kernel_cache import prepare

__all__ = ["prepare"]
