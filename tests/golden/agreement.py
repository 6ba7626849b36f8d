"""Whether what we got agrees with what a case expects, within its tolerance."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.golden.bindings.form import Figures


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Absolute, plus relative to what is expected."""

    absolute: float
    relative: float

    @classmethod
    def of(cls, given: float | dict[str, float]) -> "Tolerance":
        if isinstance(given, dict):
            unknown = given.keys() - {"abs", "rel"}
            if unknown:
                raise ValueError(f"tolerance has unknown keys {sorted(unknown)}")
            return cls(given.get("abs", 0.0), given.get("rel", 0.0))
        return cls(float(given), 0.0)

    def holds(self, expected: float, got: float) -> bool:
        if math.isinf(expected) or math.isinf(got):
            return expected == got
        return abs(got - expected) <= self.absolute + self.relative * abs(expected)


def differences(expected: Any, got: Any, tolerance: Tolerance, at: str = "") -> Iterator[str]:
    """Yield a line for everything that disagrees; keys that are not expected are not looked at."""
    got = got.tolist() if isinstance(got, np.ndarray | np.generic) else got
    if isinstance(got, Figures) and not isinstance(expected, dict):
        got = got.main
    if isinstance(expected, dict):
        yield from _in_mapping(expected, got, tolerance, at)
    elif isinstance(expected, list):
        yield from _in_list(expected, got, tolerance, at)
    elif not _same(_number(expected), _number(got), tolerance):
        yield f"{at or 'value'}: expected {expected!r}, got {got!r}"


def _in_mapping(expected: dict[str, Any], got: Any, tolerance: Tolerance, at: str) -> Iterator[str]:
    if not isinstance(got, dict):
        yield f"{at or 'value'}: expected keys {sorted(expected)}, got {got!r}"
        return
    for key, value in expected.items():
        where = f"{at}.{key}" if at else key
        if key in got:
            yield from differences(value, got[key], tolerance, where)
        else:
            yield f"{where}: expected {value!r}, got nothing"


def _in_list(expected: list[Any], got: Any, tolerance: Tolerance, at: str) -> Iterator[str]:
    if not isinstance(got, list | tuple) or len(got) != len(expected):
        yield f"{at or 'value'}: expected {expected!r}, got {got!r}"
        return
    for i, (value, found) in enumerate(zip(expected, got, strict=True)):
        yield from differences(value, found, tolerance, f"{at}[{i}]")


def _number(value: Any) -> Any:
    """Infinities are written as text, and what is not defined as null."""
    if value in ("inf", "Infinity"):
        return math.inf
    if value in ("-inf", "-Infinity"):
        return -math.inf
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def _same(expected: Any, got: Any, tolerance: Tolerance) -> bool:
    numbers = (int, float)
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, numbers) and isinstance(got, numbers):
        return tolerance.holds(float(expected), float(got))
    return type(expected) is type(got) and bool(expected == got)
