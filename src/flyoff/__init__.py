"""Flyoff: from a folder of raw drone logs to a verdict that stands up to an argument.

Examples
--------
``flyoff.decode(path)`` gives the topics of a log and the receipt for its bytes,
``flyoff.read(path)`` its recordings, ``flyoff.judge(path)`` its sorties.
"""

from typing import TYPE_CHECKING, Any

from flyoff import kernel_cache

if TYPE_CHECKING:
    from flyoff.pipeline.steps import decode, judge, read

__all__ = ["__version__", "decode", "judge", "read"]

__version__ = "0.1.0"

kernel_cache.prepare()


def __getattr__(name: str) -> Any:
    """Import the pipeline when it is first asked for: ``import flyoff`` stays cheap (PEP 562)."""
    if name not in ("decode", "judge", "read"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from flyoff.pipeline import steps

    found = globals()[name] = getattr(steps, name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
