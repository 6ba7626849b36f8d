"""Judge a requirement that is a share of sorties, or a quantile, which is one in disguise.

That 90 % of all sorties arrive within 5 m says the same as that the 90 % quantile of the arrival
error is at most 5 m; so quantiles are decided by the share of sorties within the limit, with the
same care for vehicles, looking and unknowns, and shown in their own unit beside.
"""

import functools
import math
from collections.abc import Mapping

from flyoff.campaign.bounds import (
    LARGE,
    Bound,
    ByVehicle,
    OneSided,
    any_time,
    bound,
    by_jeffreys,
    by_wilson,
    deciding,
    design_effect,
    independent,
    independent_any_time,
    once,
)
from flyoff.campaign.configuration import Settings
from flyoff.campaign.further import (
    Further,
    ProducerRisk,
    at_any_time,
    at_once,
    further,
    implied_trials,
    producer_risk,
    verdict_at_any_time,
    verdict_at_once,
)
from flyoff.campaign.judgement import Clustering
from flyoff.campaign.requirement import Direction, Requirement, Verdict
from flyoff.stats.clustered_sequence import clustered_evidence_above
from flyoff.stats.clustering import FEW_CLUSTERS
from flyoff.stats.estimate import Estimate
from flyoff.stats.proportions import clopper_pearson


def share_limit(requirement: Requirement) -> tuple[float, Direction]:
    """The limit on the share of sorties that succeed, or keep the limit."""
    if requirement.definition.form == "value":
        return requirement.share_within, "at_least"
    return requirement.limit, requirement.direction


def methods(settings: Settings) -> Mapping[str, OneSided]:
    """All ways to bound a share, by the name under which they are shown."""
    most = settings.vehicle_correlation_at_most
    return {
        "independent, one look": independent,
        "Wilson, one look": by_wilson,
        "Jeffreys, one look": by_jeffreys,
        "by vehicle, one look": once(most),
        "independent, any time": independent_any_time,
        "by vehicle, any time": any_time(most),
    }


def intervals(counts: ByVehicle, requirement: Requirement, settings: Settings) -> dict[str, Bound]:
    """The share bounded in every way, for comparison."""
    return {
        name: bound(counts, requirement.confidence, method)
        for name, method in methods(settings).items()
    }


def decide(counts: ByVehicle, requirement: Requirement, settings: Settings) -> Bound:
    """The interval that decides."""
    # the order of vehicles does not matter, and sorted counts are found again
    rows = sorted(
        zip(
            counts.successes.tolist(),
            counts.failures.tolist(),
            counts.unknown.tolist(),
            strict=True,
        )
    )
    won, lost, unknown = (tuple(column) for column in zip(*rows, strict=True))
    key = (won, lost, unknown)
    return _decide(key, requirement.confidence, settings)


Key = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


@functools.lru_cache(maxsize=65_536)
def _decide(key: Key, level: float, settings: Settings) -> Bound:
    import numpy as np

    counts = ByVehicle(*(np.asarray(column, dtype=np.int64) for column in key))
    return bound(counts, level, deciding(settings))


def verdict_of(counts: ByVehicle, requirement: Requirement, settings: Settings) -> Verdict:
    """Met, missed or undecided; undecided too while fewer than the planned number have flown."""
    won, lost, unknown = counts.totals
    total = won + lost + unknown
    if not total or (settings.looks == "once" and total < settings.planned_sorties):
        return Verdict.UNDECIDED
    limit, direction = share_limit(requirement)
    # an interval holds its own shares, so most verdicts need no end of it at all
    if won / total <= limit <= (won + unknown) / total:
        return Verdict.UNDECIDED
    if settings.looks == "once" or total > LARGE:
        return decide(counts, requirement, settings).verdict(limit, direction)
    is_above = won / total > limit
    successes = counts.successes if is_above else counts.failures
    evidence = clustered_evidence_above(
        successes.tolist(),
        counts.trials.tolist(),
        limit if is_above else 1.0 - limit,
        most_icc=settings.vehicle_correlation_at_most,
    )
    if evidence < 1.0 / (1.0 - requirement.confidence):
        return Verdict.UNDECIDED
    return Verdict.MET if is_above == (direction == "at_least") else Verdict.MISSED


def estimate(counts: ByVehicle, requirement: Requirement) -> Estimate | None:
    """The share of the decided sorties, with both one-sided bounds as one two-sided interval."""
    won, lost, _ = counts.totals
    if not won + lost:
        return None
    level = 2.0 * requirement.confidence - 1.0
    return clopper_pearson(won, won + lost, level=max(level, 1e-9))


def extremes(counts: ByVehicle, requirement: Requirement) -> tuple[Estimate, Estimate]:
    """The estimate if everything unknown had failed, and if it had succeeded."""
    won, lost, unknown = counts.totals
    n, level = won + lost + unknown, max(2.0 * requirement.confidence - 1.0, 1e-9)
    worst = clopper_pearson(won, n, level=level)
    return worst, clopper_pearson(won + unknown, n, level=level)


def clustering(counts: ByVehicle, settings: Settings) -> Clustering:
    """How much the sorties of one vehicle resemble each other, among those decided."""
    decided = counts.successes + counts.failures
    flown = decided > 0
    x, n = counts.successes[flown].tolist(), decided[flown].tolist()
    icc, factor = design_effect(x, n, settings.vehicle_correlation_at_most)
    note = ""
    if len(n) == 1:
        note = "one vehicle: nothing shows how vehicles differ, so the most thought possible counts"
    elif math.isnan(icc) and n:
        note = "all outcomes alike, or one sortie each: the correlation cannot be measured"
    elif 0 < len(n) < FEW_CLUSTERS:
        note = f"{len(n)} vehicles only: their differences are barely identified"
    return Clustering(
        vehicles=len(n),
        icc=None if math.isnan(icc) else icc,
        design_effect=factor,
        effective_n=sum(n) / factor,
        icc_at_most=settings.vehicle_correlation_at_most,
        note=note,
    )


def outlook(
    counts: ByVehicle, requirement: Requirement, settings: Settings, decides: Bound
) -> tuple[Further | None, ProducerRisk]:
    """Further sorties expected (None once decided), and the producer's risk at this size."""
    limit, direction = share_limit(requirement)
    won, lost, unknown = counts.totals
    total = won + lost + unknown
    is_once = settings.looks == "once"
    interval = at_once if is_once else at_any_time
    decision = verdict_at_once if is_once else verdict_at_any_time
    share = won / (won + lost) if won + lost else 0.5
    n = implied_trials(share, total, decides, interval)
    good = requirement.good
    if good is None or requirement.definition.form == "value":
        good = (limit + (0.0 if direction == "at_most" else 1.0)) / 2.0
    risk = producer_risk(n, limit, direction, requirement.confidence, good, decision)
    if verdict_of(counts, requirement, settings) is not Verdict.UNDECIDED:
        return None, risk
    if is_once:
        return _planned(total, settings), risk
    ahead = further(
        round(share * n),
        n,
        limit,
        direction,
        requirement.confidence,
        decision=decision,
        scale=total / n,
    )
    return ahead, risk


def _planned(total: int, settings: Settings) -> Further | None:
    left = settings.planned_sorties - total
    if left <= 0:
        return None
    sorties = "sortie" if left == 1 else "sorties"
    says = f"{left} further {sorties} until the planned number"
    return Further(left, 0.0, 0.0, 1.0, left, says)
