"""Kernels as plain Python, with the kernels that they call.

Compiled code reads other memory silently where an index is wrong; interpreted it raises. A kernel's
own ``py_func`` is not enough, since it calls the other kernels compiled.
"""

import importlib
from functools import cache
from types import FunctionType, ModuleType, SimpleNamespace
from typing import Any


@cache
def interpreted(module: ModuleType) -> SimpleNamespace:
    """Every name of a kernel module, its kernels interpreted all the way down."""
    scope: dict[str, Any] = dict(vars(module))
    for name, value in vars(module).items():
        body = getattr(value, "py_func", None)
        if body is None:
            continue
        if body.__module__ == module.__name__:
            scope[name] = FunctionType(body.__code__, scope, name, body.__defaults__)
        else:
            home = importlib.import_module(body.__module__)
            scope[name] = getattr(interpreted(home), body.__name__)
    return SimpleNamespace(**scope)
