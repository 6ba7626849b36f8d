"""The named result of every statistic that has an interval, and the checks that all share.

A figure without its level, sides and method is how arguments are lost: the lower end of a two-sided
90 % interval is a one-sided 95 % bound, not a one-sided 90 % one. An `Estimate` carries all three.
"""

import math
from dataclasses import dataclass
from typing import Final, Literal

from flyoff.errors import StatsError

Sides = Literal["two-sided", "lower", "upper"]

_SIDES: Final = ("two-sided", "lower", "upper")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A point estimate with its interval, and how both were made.

    Attributes
    ----------
    value : float
        The point estimate; infinite where it has no finite value (no failure, no mean time).
    low, high : float
        The interval. One-sided bounds have the end of the parameter's range on the other side.
    level : float
        Nominal confidence (or credibility), between 0 and 1.
    sides : {"two-sided", "lower", "upper"}
        "lower" means that only `low` is a bound.
    method : str
        Name of the method, as a report prints it.
    n : float
        What the interval rests on: trials, failures or, for clustered data, the effective
        number of independent trials.

    Examples
    --------
    >>> print(Estimate(0.9, 0.7, 0.98, 0.9, "two-sided", "Wilson", 20))
    0.9 (0.7 to 0.98; 90 % two-sided, Wilson, n = 20)
    """

    value: float
    low: float
    high: float
    level: float
    sides: Sides
    method: str
    n: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise StatsError(f"{self.method}: lower end {self.low} is not below {self.high}")
        require_level(self.level)
        require_sides(self.sides)

    def __str__(self) -> str:
        return (
            f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g}; "
            f"{100 * self.level:.4g} % {self.sides}, {self.method}, n = {self.n:.4g})"
        )

    @property
    def width(self) -> float:
        """Distance between both ends; infinite for an unbounded side."""
        return self.high - self.low


def require_level(level: float) -> None:
    """Refuse a confidence that is not strictly between 0 and 1.

    Examples
    --------
    >>> require_level(95)
    Traceback (most recent call last):
    flyoff.errors.StatsError: level 95 is not between 0 and 1; write 95 % as 0.95
    """
    if not 0.0 < level < 1.0:
        hint = f"; write {level:g} % as {level / 100:g}" if 1.0 < level < 100.0 else ""
        raise StatsError(f"level {level:g} is not between 0 and 1{hint}")


def require_sides(sides: str) -> None:
    """Refuse anything but "two-sided", "lower" and "upper"."""
    if sides not in _SIDES:
        raise StatsError(f"sides {sides!r} is not one of {', '.join(_SIDES)}")


def require_probability(name: str, p: float) -> None:
    """Refuse a probability outside [0, 1], NaN included."""
    if not 0.0 <= p <= 1.0:
        raise StatsError(f"{name} {p:g} is not a probability between 0 and 1")


def require_open_probability(name: str, p: float) -> None:
    """Refuse a probability that is not strictly between 0 and 1."""
    if not 0.0 < p < 1.0:
        raise StatsError(f"{name} {p:g} is not strictly between 0 and 1")


def require_positive(name: str, x: float) -> None:
    """Refuse a quantity that is not finite and above zero."""
    if not (math.isfinite(x) and x > 0.0):
        raise StatsError(f"{name} {x:g} is not a finite number above 0")


def require_count(name: str, k: float, *, least: int = 0) -> None:
    """Refuse a count that is not whole or is below `least`."""
    if not (math.isfinite(k) and k == int(k) and k >= least):
        raise StatsError(f"{name} {k:g} is not a whole number of at least {least}")


def require_trials(successes: float, trials: float) -> None:
    """Refuse impossible counts of successes in trials.

    Examples
    --------
    >>> require_trials(21, 20)
    Traceback (most recent call last):
    flyoff.errors.StatsError: 21 successes in 20 trials is impossible
    """
    whole = all(math.isfinite(k) and k == int(k) for k in (successes, trials))
    if not whole or trials < 1 or not 0 <= successes <= trials:
        raise StatsError(f"{successes:g} successes in {trials:g} trials is impossible")


def tails(level: float, sides: Sides) -> float:
    """Return the error probability that each bounded side may take.

    Examples
    --------
    >>> round(tails(0.90, "two-sided"), 12), round(tails(0.90, "lower"), 12)
    (0.05, 0.1)
    """
    require_level(level)
    require_sides(sides)
    return (1.0 - level) / 2.0 if sides == "two-sided" else 1.0 - level


def interval(
    value: float,
    low: float,
    high: float,
    *,
    level: float,
    sides: Sides,
    method: str,
    n: float,
    floor: float = -math.inf,
    ceiling: float = math.inf,
) -> Estimate:
    """Build an estimate: clip both ends to the parameter's range, free the side without a bound."""
    bounded_low = floor if sides == "upper" else min(max(low, floor), ceiling)
    bounded_high = ceiling if sides == "lower" else max(min(high, ceiling), floor)
    return Estimate(value, bounded_low, bounded_high, level, sides, method, n)
