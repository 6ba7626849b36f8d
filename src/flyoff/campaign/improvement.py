"""Whether a candidate got better from one configuration to the next: reliability growth.

Failures over the hours in the air of all vehicles together, in the order of flying (Crow-AMSAA). A
failure's instant is the end of its sortie. A trend is stated only where a test finds one.
"""

from dataclasses import dataclass

import numpy as np

from flyoff.campaign.flown import NONE, Flown, one_of
from flyoff.model.sortie import BAD_OUTCOMES
from flyoff.stats.estimate import Estimate
from flyoff.stats.growth import power_law
from flyoff.stats.rates import garwood
from flyoff.stats.trend import laplace, military_handbook

LEVEL = 0.90
#: Fewer failures do not show a trend.
LEAST_FAILURES = 5
#: More are summarised by configuration only.
MOST_FAILURES = 100_000


@dataclass(frozen=True, slots=True)
class ConfigurationRate:
    """Failures per hour of one configuration."""

    configuration: str
    sorties: int
    failures: int
    hours: float
    rate: Estimate | None


@dataclass(frozen=True, slots=True)
class Growth:
    """Reliability growth of one candidate.

    Attributes
    ----------
    candidate : str
    failures : int
    hours : float [h]
    shape : Estimate or None
        Below 1: failures get rarer. None with fewer than five failures.
    mtbf_now : Estimate or None [h]
    mtbf_start_to_end : float or None [h]
        Hours over failures, as if nothing had changed.
    laplace_p, military_handbook_p : float or None
        One-sided p-values that failures get rarer; the two tests see different things.
    configurations : tuple of ConfigurationRate, in the order flown
    says : str
    """

    candidate: str
    failures: int
    hours: float
    shape: Estimate | None
    mtbf_now: Estimate | None
    mtbf_start_to_end: float | None
    laplace_p: float | None
    military_handbook_p: float | None
    configurations: tuple[ConfigurationRate, ...]
    says: str


def growth(candidate: str, flown: Flown) -> Growth:
    """Fit the power law to one candidate's sorties, in the order of time."""
    attempts = flown.rows(np.flatnonzero(flown.attempts))
    hours = np.where(np.isnan(attempts.airborne_s), 0.0, attempts.airborne_s) / 3600.0
    failed = one_of(attempts.outcome, BAD_OUTCOMES)
    ends = np.cumsum(hours)
    total = float(ends[-1]) if ends.size else 0.0
    by = _by_configuration(attempts, hours, failed)
    times = ends[failed & (ends > 0.0)]
    count = int(failed.sum())
    mean = total / count if count else None
    if not LEAST_FAILURES <= times.size <= MOST_FAILURES or total <= float(times[0]):
        says = f"{count} failures in {total:.3g} h: too few to show a trend"
        if times.size > MOST_FAILURES:
            says = f"{count} failures in {total:.3g} h: shown by configuration only"
        return Growth(candidate, count, total, None, None, mean, None, None, by, says)
    fit = power_law(times.tolist(), end=total)
    first, second = laplace(times.tolist(), end=total), military_handbook(times.tolist(), end=total)
    return Growth(
        candidate,
        count,
        total,
        fit.shape_estimate(level=LEVEL),
        fit.mtbf_now_estimate(level=LEVEL) if times.size < 1_000 else None,
        mean,
        first.improving,
        second.improving,
        by,
        _says(fit.shape_estimate(level=LEVEL), min(first.improving, first.worsening)),
    )


def _says(shape: Estimate, p: float) -> str:
    if shape.high < 1.0:
        return f"failures get rarer (shape {shape.value:.2f}, Laplace p {p:.3f})"
    if shape.low > 1.0:
        return f"failures get more frequent (shape {shape.value:.2f}, Laplace p {p:.3f})"
    return f"no trend is shown (shape {shape.value:.2f}, interval holds 1)"


def _by_configuration(
    attempts: Flown,
    hours: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
    failed: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]",
) -> tuple[ConfigurationRate, ...]:
    label = attempts.labels.get("configuration")
    if label is None:
        return ()
    written = label.codes[label.codes != NONE]
    _, first = np.unique(written, return_index=True)
    made = []
    for code in written[np.sort(first)].tolist():
        mine = label.codes == code
        events, exposure = int(failed[mine].sum()), float(hours[mine].sum())
        rate = garwood(events, exposure, level=LEVEL) if exposure > 0.0 else None
        made.append(ConfigurationRate(label.names[code], int(mine.sum()), events, exposure, rate))
    return tuple(made)
