"""From figures to what JSON has: estimates, reasons, rounded numbers."""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.estimate import Estimate

#: Figures are told to so many digits: beyond them processors differ.
_DIGITS: Final = 9


def told(count: Callable[[], Any]) -> Any:
    """A score, or why there is none."""
    try:
        found = count()
    except StatsError as problem:
        return {"unknown": str(problem)}
    return shown(found) if isinstance(found, Estimate) else found


def shown(estimate: Estimate) -> dict[str, Any]:
    """An estimate with its interval, level and method."""
    return asdict(estimate)


def plain(value: Any) -> Any:
    """Only what JSON has: rounded numbers, null for what is not finite."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        number = float(value)
        return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else None
    return value if value is None else str(value)
