"""Judge a requirement on losses per hour, or on hours between failures.

Undetermined sorties bring hours, and may or may not have failed: the upper end counts them all as
failed. Hours of sorties without a log are unknown and count as none.
"""

import math
from dataclasses import dataclass

import numpy as np

from flyoff.campaign.bounds import Bound
from flyoff.campaign.configuration import Settings
from flyoff.campaign.flown import FAILURE, UNKNOWN, Codes, Trials
from flyoff.campaign.further import Further
from flyoff.campaign.judgement import Clustering
from flyoff.campaign.requirement import Requirement, Verdict
from flyoff.stats.estimate import Estimate
from flyoff.stats.rate_sequence import clustered_rate, rate_dispersion, rate_sequence
from flyoff.stats.rates import garwood
from flyoff.units import FloatArray, rounded_hours

HORIZON_H = 10_000.0


@dataclass(frozen=True, slots=True, eq=False)
class Exposure:
    """Events, unknowns and hours of every vehicle.

    Attributes
    ----------
    events, unknown : int64, shape (vehicles,)
    hours : float64, shape (vehicles,) [h]
    """

    events: Codes
    unknown: Codes
    hours: FloatArray

    @classmethod
    def of(cls, vehicle: Codes, trials: Trials) -> "Exposure":
        """Add up by vehicle."""
        size = int(vehicle.max()) + 1 if vehicle.size else 0
        events = np.bincount(vehicle[trials.result == FAILURE], minlength=size)
        unknown = np.bincount(vehicle[trials.result == UNKNOWN], minlength=size)
        summed = np.bincount(vehicle, weights=trials.hours, minlength=size)
        hours: FloatArray = summed.astype(np.float64)
        flown = (hours > 0.0) | (events > 0) | (unknown > 0)
        return cls(events[flown].astype(np.int64), unknown[flown].astype(np.int64), hours[flown])

    @property
    def total_h(self) -> float:
        """Hours of all vehicles."""
        return float(self.hours.sum())


def rate_bounds(
    exposure: Exposure, requirement: Requirement, settings: Settings
) -> dict[str, Bound]:
    """The rate bounded in every way; the last but one and the last decide."""
    level, scale = requirement.confidence, _rate_limit(requirement)
    low_k, high_k = exposure.events, exposure.events + exposure.unknown
    total = exposure.total_h
    first = garwood(int(low_k.sum()), total, level=level, sides="lower")
    last = garwood(int(high_k.sum()), total, level=level, sides="upper")
    low, low_factor = _clustered(low_k, exposure, level, lower=True)
    high, high_factor = _clustered(high_k, exposure, level, lower=False)
    sequence_low = rate_sequence(
        math.floor(int(low_k.sum()) / low_factor),
        total / low_factor,
        scale=scale,
        level=level,
        sides="lower",
    )
    sequence_high = rate_sequence(
        math.ceil(int(high_k.sum()) / high_factor),
        total / high_factor,
        scale=scale,
        level=level,
        sides="upper",
    )
    return {
        "independent, one look": Bound(first.low, last.high, level, first.method),
        "by vehicle, one look": Bound(low.low, high.high, level, low.method),
        "by vehicle, any time": Bound(
            sequence_low.low,
            sequence_high.high,
            level,
            f"{sequence_high.method} on counts divided by their dispersion",
        ),
    }


def _clustered(
    counts: Codes, exposure: Exposure, level: float, *, lower: bool
) -> tuple[Estimate, float]:
    shown, factor = clustered_rate(
        counts.tolist(), exposure.hours.tolist(), level=level, sides="lower" if lower else "upper"
    )
    return shown, 1.0 if math.isnan(factor) else factor


def deciding_rate(bounds: dict[str, Bound], settings: Settings) -> Bound:
    """The one that is valid for how people look."""
    return bounds["by vehicle, " + ("one look" if settings.looks == "once" else "any time")]


def in_hours(bound: Bound) -> Bound:
    """A bound on hours for each event, from one on events per hour."""
    high = 1.0 / bound.low if bound.low > 0.0 else math.inf
    return Bound(1.0 / bound.high, high, bound.level, bound.method)


def shown_rate(events: int, hours: float, requirement: Requirement) -> Estimate:
    """The rate, or the hours between events, with Garwood's exact interval."""
    level = max(2.0 * requirement.confidence - 1.0, 1e-9)
    rate = garwood(events, hours, level=level)
    if requirement.definition.form == "rate":
        return rate
    value = hours / events if events else math.inf
    high = 1.0 / rate.low if rate.low > 0.0 else math.inf
    return Estimate(value, 1.0 / rate.high, high, level, "two-sided", "χ², time truncated", events)


def rate_clustering(exposure: Exposure, settings: Settings) -> Clustering:
    """How much the vehicles' rates differ, beyond chance."""
    known = exposure.hours > 0.0
    dispersion = rate_dispersion(exposure.events.tolist(), exposure.hours.tolist())
    factor = 1.0 if math.isnan(dispersion) else max(dispersion, 1.0)
    note = "" if not math.isnan(dispersion) else "no two vehicles with events: cannot be measured"
    return Clustering(
        vehicles=int(known.sum()),
        icc=None,
        design_effect=factor,
        effective_n=float(exposure.events.sum()) / factor,
        icc_at_most=settings.vehicle_correlation_at_most,
        note=note,
    )


def further_hours(
    exposure: Exposure, requirement: Requirement, settings: Settings
) -> Further | None:
    """Further sorties of the usual length that decide, if events go on at the rate seen."""
    sorties_h = exposure.total_h
    events = int(exposure.events.sum())
    rate = max(events, 0.5) / sorties_h
    limit = _rate_limit(requirement)
    _, factor = _clustered(exposure.events, exposure, requirement.confidence, lower=False)
    hours = min(sorties_h / 8.0, 1.0)  # of a campaign of minutes, minutes more may decide
    while hours < HORIZON_H:
        k, total = math.ceil((events + rate * hours) / factor), (sorties_h + hours) / factor
        low = rate_sequence(k, total, scale=limit, level=requirement.confidence, sides="lower").low
        high = rate_sequence(
            k, total, scale=limit, level=requirement.confidence, sides="upper"
        ).high
        if high <= limit or low > limit:
            met = 1.0 if high <= limit else 0.0
            text = f"about {further_words(hours)} in the air, if it goes on as so far"
            return Further(None, met, 1.0 - met, 0.0, int(HORIZON_H), text, hours)
        hours *= 1.25
    text = f"more than {HORIZON_H:.0f} further hours: the truth seems to lie close to the limit"
    return Further(None, 0.0, 0.0, 1.0, int(HORIZON_H), text)


def further_words(hours: float) -> str:
    """Further hours in words.

    Examples
    --------
    >>> further_words(1.0), further_words(2.4414), further_words(1234.5), further_words(0.28)
    ('1 further hour', '2.4 further hours', '1200 further hours', '17 further minutes')
    """
    value, unit = rounded_hours(hours)
    word = "minute" if unit == "min" else "hour"
    return f"{value:g} further {word}{'' if value == 1 else 's'}"


def rate_verdict(decides: Bound, requirement: Requirement) -> Verdict:
    """Met, missed or undecided; `decides` in the requirement's own unit."""
    return decides.verdict(requirement.limit, requirement.direction)


def _rate_limit(requirement: Requirement) -> float:
    if requirement.definition.form == "rate":
        return requirement.limit
    return 1.0 / requirement.limit
