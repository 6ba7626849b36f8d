"""Wald's sequential test of a failure probability, and its exact behaviour when truncated.

After n trials with d failures: accept if d <= s n - h1, reject if d >= s n + h2, else go on. Wald's
risks are approximate and a real trial ends: `TruncatedSprt` computes the exact acceptance
probability and expected number of trials by following every path.

References
----------
Wald (1947), Sequential Analysis. NIST/SEMATECH e-Handbook 6.2.6. Epstein (1954) for truncation.
"""

import math
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.estimate import require_count, require_open_probability, require_probability

_ROUNDING = 1e-9  # a line that meets a whole number is not missed for the last bit


@dataclass(frozen=True, slots=True)
class Sprt:
    """The two parallel lines of a sequential test.

    Attributes
    ----------
    good, bad : float
        Failure probabilities: acceptable, and to be rejected.
    producer_risk, consumer_risk : float
        Nominal chance of rejecting the good, of accepting the bad.
    """

    good: float
    bad: float
    producer_risk: float
    consumer_risk: float

    def __post_init__(self) -> None:
        for name, p in (
            ("acceptable failure probability", self.good),
            ("rejectable failure probability", self.bad),
            ("producer's risk", self.producer_risk),
            ("consumer's risk", self.consumer_risk),
        ):
            require_open_probability(name, p)
        if self.good >= self.bad:
            raise StatsError(f"acceptable failure probability {self.good} is not below {self.bad}")
        if self.producer_risk + self.consumer_risk >= 1.0:
            raise StatsError("producer's and consumer's risk together reach 1")

    @property
    def _scale(self) -> float:
        return math.log(self.bad * (1.0 - self.good) / (self.good * (1.0 - self.bad)))

    @property
    def accept_offset(self) -> float:
        """How far the acceptance line lies below s n: h1.

        Examples
        --------
        >>> round(Sprt(0.01, 0.10, 0.05, 0.10).accept_offset, 5)
        0.93886
        """
        return math.log((1.0 - self.producer_risk) / self.consumer_risk) / self._scale

    @property
    def reject_offset(self) -> float:
        """How far the rejection line lies above s n: h2."""
        return math.log((1.0 - self.consumer_risk) / self.producer_risk) / self._scale

    @property
    def slope(self) -> float:
        """Failures that both lines gain with each trial: s."""
        return math.log((1.0 - self.good) / (1.0 - self.bad)) / self._scale

    def accept_number(self, trials: int) -> int | None:
        """Accept with at most so many failures after `trials`; None if it is too early.

        Examples
        --------
        >>> plan = Sprt(0.01, 0.10, 0.05, 0.10)
        >>> plan.accept_number(23), plan.accept_number(24)
        (None, 0)
        """
        at_most = math.floor(self.slope * trials - self.accept_offset + _ROUNDING)
        return at_most if at_most >= 0 else None

    def reject_number(self, trials: int) -> int | None:
        """Reject with at least so many failures after `trials`; None if that is impossible."""
        at_least = math.ceil(self.slope * trials + self.reject_offset - _ROUNDING)
        return at_least if at_least <= trials else None

    def truncated(self, trials: int, accept_at_most: int) -> "TruncatedSprt":
        """End the test after `trials` by accepting with at most so many failures."""
        require_count("trials at truncation", trials, least=1)
        require_count("failures accepted at truncation", accept_at_most)
        return TruncatedSprt(self, trials, accept_at_most)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What a sequential plan does to a product of one true failure probability.

    Attributes
    ----------
    failure_probability : float
    accept_probability : float
    expected_trials : float
        Average sample number.
    """

    failure_probability: float
    accept_probability: float
    expected_trials: float


@dataclass(frozen=True, slots=True)
class TruncatedSprt:
    """A sequential test that ends at `trials` at the latest."""

    plan: Sprt
    trials: int
    accept_at_most: int

    def operating_point(self, failure_probability: float) -> OperatingPoint:
        """Follow the distribution of failures trial by trial; exact.

        Examples
        --------
        >>> plan = Sprt(0.01, 0.10, 0.05, 0.10).truncated(100, 3)
        >>> at = plan.operating_point(0.01)
        >>> round(at.accept_probability, 4), round(at.expected_trials, 1)
        (0.9756, 30.1)
        """
        require_probability("failure probability", failure_probability)
        still = np.zeros(self.trials + 2)  # chance of going on with d failures
        still[0] = 1.0
        accepted = expected = 0.0
        for n in range(1, self.trials + 1):
            expected += float(still.sum())
            moved = still * (1.0 - failure_probability)
            moved[1:] += still[:-1] * failure_probability
            accept, reject = self._limits(n)
            accepted += float(moved[: accept + 1].sum())
            moved[: accept + 1] = 0.0
            moved[reject:] = 0.0
            still = moved
        return OperatingPoint(failure_probability, accepted, expected)

    def _limits(self, n: int) -> tuple[int, int]:
        """Accept at or below the first, reject at or above the second, after trial `n`."""
        if n == self.trials:
            return self.accept_at_most, self.accept_at_most + 1
        accept, reject = self.plan.accept_number(n), self.plan.reject_number(n)
        return -1 if accept is None else accept, n + 1 if reject is None else reject
