"""Turning our results into the forms that cases use."""

from collections.abc import Callable
from typing import Any

from flyoff.stats.estimate import Estimate

Inputs = dict[str, Any]
Method = Callable[[Inputs], dict[str, Any]]


class Figures(dict[str, Any]):
    """A result of several figures; a case that expects one number means the main one."""

    def __init__(self, figures: dict[str, Any], *, main: str) -> None:
        super().__init__(figures)
        self.main = figures[main]


def bounds(estimate: Estimate) -> dict[str, float]:
    return {"lower": estimate.low, "upper": estimate.high}


def pair(estimate: Estimate) -> list[float]:
    return [estimate.low, estimate.high]


def many(value: Any) -> list[Any]:
    """A list where a case gives either one value or several."""
    return value if isinstance(value, list) else [value]


def like(given: Any, results: list[Any]) -> Any:
    """The results in the form of the input: one value for one, a list for a list."""
    return results if isinstance(given, list) else results[0]


def each(function: Callable[[Any], Any], given: Any) -> Any:
    return like(given, [function(value) for value in many(given)])
