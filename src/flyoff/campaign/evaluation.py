"""Evaluate a campaign: for each candidate and requirement a verdict with all that it rests on."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from flyoff.campaign.bounds import ByVehicle
from flyoff.campaign.configuration import Settings
from flyoff.campaign.flown import (
    CODE,
    FAILURE,
    NONE,
    SUCCESS,
    UNKNOWN,
    VALID,
    Flown,
    Trials,
    trials,
)
from flyoff.campaign.judgement import Case, Counts, Judgement, LeftOut, Quantile
from flyoff.campaign.rates import (
    Exposure,
    deciding_rate,
    further_hours,
    in_hours,
    rate_bounds,
    rate_clustering,
    rate_verdict,
    shown_rate,
)
from flyoff.campaign.requirement import Requirement, Verdict, quantile_of
from flyoff.campaign.shares import (
    clustering,
    decide,
    estimate,
    extremes,
    intervals,
    outlook,
    share_limit,
    verdict_of,
)
from flyoff.stats.order_statistics import quantile_interval

#: So many sorties are named one by one; of more, the number is told.
MOST_NAMED = 1_000
#: Quantiles that are shown of every value: R50 and R95 for a miss, and what was required.
SHOWN = (0.5, 0.95)
#: What people dispute, in words, and the sorties as they would be if it were otherwise.
DisputedCase = tuple[str, Flown]


def judge(
    flown: Flown,
    candidate: str,
    requirement: Requirement,
    settings: Settings,
    cases: Sequence[DisputedCase] | None = None,
) -> Judgement:
    """Judge one requirement by one candidate's sorties.

    Parameters
    ----------
    flown : Flown
        Of the candidate only.
    candidate : str
    requirement : Requirement
    settings : Settings
    cases : sequence, optional
        The candidate's ``disputed_cases``, where several requirements are judged.
    """
    cases = disputed_cases(flown) if cases is None else cases
    counting = trials(flown, requirement)
    if settings.looks == "once":
        counting = counting.first(settings.planned_sorties)
    start = _start(flown, candidate, requirement, counting)
    form = requirement.definition.form
    if form in ("rate", "hours"):
        made = _judged_rate(start, flown, counting, requirement, settings)
    elif form == "value" and not np.isfinite(counting.values).any():
        made = _not_measured(start, flown, counting, requirement)
    else:
        made = _judged_share(start, flown, counting, requirement, settings)
    if made.decides is None:
        return made
    return replace(made, sensitivity=_sensitivity(cases, requirement, settings))


def _start(flown: Flown, candidate: str, requirement: Requirement, counting: Trials) -> Judgement:
    """All that does not depend on the form: undecided so far."""
    result = counting.result
    counts = Counts(*(int((result == what).sum()) for what in (SUCCESS, FAILURE, UNKNOWN)))
    return Judgement(
        candidate=candidate,
        requirement=requirement.id,
        measure=requirement.measure,
        says=requirement.says,
        unit=requirement.unit,
        limit=requirement.limit,
        direction=requirement.direction,
        confidence=requirement.confidence,
        verdict=Verdict.UNDECIDED,
        because="no sortie counts",
        counts=counts,
        counted=tuple(flown.ids[int(i)] for i in counting.rows[:MOST_NAMED]),
        left_out=tuple(
            LeftOut(why, int(at.size), tuple(_named(flown, int(i)) for i in at[:MOST_NAMED]))
            for why, at in counting.left_out.items()
        ),
    )


def _named(flown: Flown, row: int) -> str:
    said = flown.set_aside.get(row, "")
    return f"{flown.ids[row]} ({said})" if said else flown.ids[row]


def _not_measured(
    start: Judgement, flown: Flown, counting: Trials, requirement: Requirement
) -> Judgement:
    needs = requirement.definition.needs
    lacking = f"not measured: no log of this candidate carries {', '.join(needs) or 'it'}"
    because = lacking if counting.rows.size else start.because
    return replace(start, because=because, missing=needs)


def _judged_share(
    start: Judgement, flown: Flown, counting: Trials, requirement: Requirement, settings: Settings
) -> Judgement:
    counts = ByVehicle.of(flown.vehicle[counting.rows], counting.result)
    if not counting.rows.size:
        return start
    verdict = verdict_of(counts, requirement, settings)
    decides = decide(counts, requirement, settings)
    limit, direction = share_limit(requirement)
    ahead, risk = outlook(counts, requirement, settings, decides)
    worst, best = extremes(counts, requirement)
    is_value = requirement.definition.form == "value"
    quantiles = _quantiles(counting, requirement) if is_value else ()
    p = quantile_of(requirement.statistic)
    shown = next((q.estimate for q in quantiles if q.p == p), None)
    return replace(
        start,
        verdict=verdict,
        because=_because(counts, requirement, settings, verdict),
        decides=decides,
        decides_about="share of sorties within the limit" if is_value else "share of sorties",
        decides_limit=limit,
        decides_direction=direction,
        estimate=shown if is_value else estimate(counts, requirement),
        worst=worst,
        best=best,
        intervals=intervals(counts, requirement, settings),
        clustering=clustering(counts, settings),
        producer_risk=risk,
        further=ahead,
        quantiles=quantiles,
    )


def _quantiles(counting: Trials, requirement: Requirement) -> tuple[Quantile, ...]:
    measured = counting.values[np.isfinite(counting.values) & (counting.result != UNKNOWN)]
    measured.sort()  # once for all
    if not measured.size:
        return ()
    level = max(2.0 * requirement.confidence - 1.0, 1e-9)
    wanted = sorted({*SHOWN, quantile_of(requirement.statistic) or 0.5})
    return tuple(Quantile(p, quantile_interval(measured, p, level=level)) for p in wanted)


def _because(
    counts: ByVehicle, requirement: Requirement, settings: Settings, verdict: Verdict
) -> str:
    won, lost, unknown = counts.totals
    total = won + lost + unknown
    if settings.looks == "once" and total < settings.planned_sorties:
        return f"{total} of {settings.planned_sorties} planned sorties flown"
    shown = decide(counts, requirement, settings)
    limit, _ = share_limit(requirement)
    ends = f"{100 * shown.low:.1f} % to {100 * shown.high:.1f} %"
    side = "holds the limit" if verdict is Verdict.UNDECIDED else "lies on one side of the limit"
    return (
        f"the interval {ends} {side} of {100 * limit:g} % ({won} of {won + lost} decided sorties)"
    )


def _judged_rate(
    start: Judgement, flown: Flown, counting: Trials, requirement: Requirement, settings: Settings
) -> Judgement:
    exposure = Exposure.of(flown.vehicle[counting.rows], counting)
    hours = exposure.total_h
    counts = replace(start.counts, hours=hours)
    if hours <= 0.0:
        because = "no hours in the air are known" if counting.rows.size else start.because
        return replace(start, counts=counts, because=because)
    in_unit = in_hours if requirement.definition.form == "hours" else lambda b: b
    bounds = rate_bounds(exposure, requirement, settings)
    decides = in_unit(deciding_rate(bounds, settings))
    verdict = rate_verdict(decides, requirement)
    events, unknown = int(exposure.events.sum()), int(exposure.unknown.sum())
    if settings.looks == "once" and counting.rows.size < settings.planned_sorties:
        verdict = Verdict.UNDECIDED
    side = "holds the limit" if verdict is Verdict.UNDECIDED else "lies on one side of the limit"
    high = f"{decides.high:.3g}" if math.isfinite(decides.high) else "∞"
    ends = f"{decides.low:.3g} to {high} {requirement.definition.unit}"
    because = f"the interval {ends} {side} of {requirement.limit:g} ({events} in {hours:.3g} h)"
    undecided = verdict is Verdict.UNDECIDED
    extremes_ = (events + unknown, events)
    worst, best = (shown_rate(k, hours, requirement) for k in extremes_)
    return replace(
        start,
        counts=counts,
        verdict=verdict,
        because=because,
        decides=decides,
        decides_about=requirement.measure.replace("_", " "),
        decides_limit=requirement.limit,
        decides_direction=requirement.direction,
        estimate=shown_rate(events, hours, requirement),
        worst=worst,
        best=best,
        intervals={name: in_unit(b) for name, b in bounds.items()},
        clustering=rate_clustering(exposure, settings),
        further=further_hours(exposure, requirement, settings) if undecided else None,
    )


def verdict_by(flown: Flown, requirement: Requirement, settings: Settings) -> Verdict:
    """The verdict alone."""
    counting = trials(flown, requirement, is_told=False)
    if settings.looks == "once":
        counting = counting.first(settings.planned_sorties)
    vehicle = flown.vehicle[counting.rows]
    form = requirement.definition.form
    if form not in ("rate", "hours"):
        if form == "value" and not np.isfinite(counting.values).any():
            return Verdict.UNDECIDED
        return verdict_of(ByVehicle.of(vehicle, counting.result), requirement, settings)
    exposure = Exposure.of(vehicle, counting)
    if exposure.total_h <= 0.0:
        return Verdict.UNDECIDED
    decides = deciding_rate(rate_bounds(exposure, requirement, settings), settings)
    return rate_verdict(in_hours(decides) if form == "hours" else decides, requirement)


def disputed_cases(flown: Flown) -> tuple[DisputedCase, ...]:
    """One candidate's sorties as they would be if what people dispute were otherwise."""
    disputed = disputes(flown)
    cases: list[DisputedCase] = []
    if disputed.any():
        for word, outcome in (("failed", "crashed"), ("succeeded", "completed")):
            forced = np.where(disputed, np.int8(CODE[outcome]), flown.reviewed)
            case = replace(flown, reviewed=forced, flew=flown.flew | disputed)
            cases.append((f"the {int(disputed.sum())} disputed sorties counted as {word}", case))
        judged = np.full(flown.size, NONE, dtype=np.int8)
        cases.append(("as the program judged, without people", replace(flown, reviewed=judged)))
    if (flown.disposition != VALID).any():
        every = np.full(flown.size, VALID, dtype=np.int8)
        cases.append(("with the sorties that people set aside", replace(flown, disposition=every)))
    known = flown.outcome != CODE["undetermined"]
    if not known.all() and known.any():
        cases.append(("without the undetermined sorties", flown.rows(np.flatnonzero(known))))
    return tuple(cases)


def _sensitivity(
    cases: Sequence[DisputedCase], requirement: Requirement, settings: Settings
) -> tuple[Case, ...]:
    """What the verdict would be in each of them."""
    return tuple(Case(says, verdict_by(case, requirement, settings)) for says, case in cases)


def disputes(flown: Flown) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Sorties of which two of program, reviewer and test director say different things."""
    undetermined = CODE["undetermined"]
    words = [
        np.where(w == undetermined, NONE, w) for w in (flown.judged, flown.told, flown.reviewed)
    ]
    apart = np.zeros(flown.size, dtype=np.bool_)
    for i, one in enumerate(words):
        for other in words[i + 1 :]:
            apart |= (one != NONE) & (other != NONE) & (one != other)
    return apart
