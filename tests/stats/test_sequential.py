"""Plans that look again and again: exact behaviour, and validity under peeking."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats import confidence_sequence as sequence
from flyoff.stats import exponential_plans, predictive
from flyoff.stats.proportions import clopper_pearson
from flyoff.stats.sequential import Sprt

LIMIT = 0.9


@pytest.mark.parametrize("p", [0.0, 0.1, 0.4, 1.0])
def test_truncated_plan_against_every_path(p):
    """Follow all 2^10 sequences of outcomes by hand."""
    plan = Sprt(0.1, 0.4, 0.1, 0.1).truncated(10, 2)
    accepted = expected = 0.0
    for path in itertools.product((0, 1), repeat=10):
        weight = math.prod(p if failed else 1 - p for failed in path)
        for n in range(1, 11):
            d = sum(path[:n])
            accept, reject = plan._limits(n)
            if d <= accept or d >= reject:
                accepted += weight * (d <= accept)
                expected += weight * n
                break
    point = plan.operating_point(p)
    assert point.accept_probability == pytest.approx(accepted, abs=1e-12)
    assert point.expected_trials == pytest.approx(expected, abs=1e-9)


def test_published_plan():
    plan = Sprt(0.01, 0.10, 0.05, 0.10).truncated(100, 3)
    bad = plan.operating_point(0.10)
    assert bad.accept_probability == pytest.approx(0.0994, abs=5e-5)
    assert bad.expected_trials == pytest.approx(22.3, abs=0.05)


@given(st.floats(0.01, 0.3), st.floats(1.2, 3.0), st.integers(1, 300))
def test_acceptance_stays_below_rejection(good, ratio, trials):
    plan = Sprt(good, min(good * ratio, 0.95), 0.1, 0.1)
    accept, reject = plan.accept_number(trials), plan.reject_number(trials)
    if accept is not None and reject is not None:
        assert accept < reject


def test_plans_that_contradict_themselves_are_refused():
    with pytest.raises(StatsError, match="not below"):
        Sprt(0.2, 0.1, 0.1, 0.1)
    with pytest.raises(StatsError, match="together reach 1"):
        Sprt(0.1, 0.2, 0.5, 0.5)
    with pytest.raises(StatsError, match="discrimination ratio"):
        exponential_plans.FixedDurationPlan(5.0, 2, 0.5)
    with pytest.raises(StatsError, match="discrimination ratio"):
        exponential_plans.duration_plan(3000, 2500, consumer_risk=0.2, producer_risk=0.2)


def test_duration_plan_keeps_both_risks_unless_told_otherwise():
    strict = exponential_plans.duration_plan(100, 200, consumer_risk=0.1, producer_risk=0.1)
    short = exponential_plans.duration_plan(
        100, 200, consumer_risk=0.1, producer_risk=0.1, step_back=True
    )
    assert strict.producer_risk < 0.1 < short.producer_risk
    assert short.accept_at_most == strict.accept_at_most - 1


def test_published_exponential_plan():
    plan = exponential_plans.FixedDurationPlan(9.3, 5, 3.0)  # XV-D
    assert (plan.consumer_risk, plan.producer_risk) == pytest.approx((0.0986, 0.0943), abs=5e-5)


@st.composite
def counts(draw: st.DrawFn) -> tuple[int, int]:
    trials = draw(st.integers(1, 300))
    return draw(st.integers(0, trials)), trials


@given(counts(), st.floats(0.6, 0.98))
@settings(max_examples=25)
def test_sequence_is_wider_than_the_fixed_interval(count, level):
    """Peeking has its price at every sample size."""
    shown, fixed = (
        sequence.confidence_sequence(*count, level=level),
        clopper_pearson(*count, level=level),
    )
    value = count[0] / count[1]
    assert shown.low <= value <= shown.high
    if count[1] > 3:
        assert shown.width >= 0.9 * fixed.width


@given(counts(), st.floats(0.6, 0.98))
@settings(max_examples=25)
def test_sequence_mirrors_failures(count, level):
    successes, trials = count
    seen = sequence.confidence_sequence(successes, trials, level=level)
    mirrored = sequence.confidence_sequence(trials - successes, trials, level=level)
    assert seen.low == pytest.approx(1 - mirrored.high, abs=1e-9)
    one = sequence.confidence_sequence(successes, trials, level=level, sides="lower")
    other = sequence.confidence_sequence(trials - successes, trials, level=level, sides="upper")
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)


@given(counts())
@settings(max_examples=25)
def test_evidence_falls_as_the_limit_rises(count):
    """The bound is where evidence meets the threshold; that needs a falling curve."""
    limits = [i / 50 for i in range(1, 50)]
    evidence = [sequence.evidence_against(*count, limit) for limit in limits]
    share = count[0] / count[1]
    below = [e for limit, e in zip(limits, evidence, strict=True) if limit < share]
    assert all(a >= b - 1e-9 for a, b in itertools.pairwise(below))


def _ever_excluded(p: float, level: float, looks: int, sides: str) -> float:
    """Exact chance that the sequence excludes `p` at any of the first looks."""
    inside = {0: 1.0}
    excluded = 0.0
    for n in range(1, looks + 1):
        moved: dict[int, float] = {}
        for x, chance in inside.items():
            moved[x] = moved.get(x, 0.0) + chance * (1 - p)
            moved[x + 1] = moved.get(x + 1, 0.0) + chance * p
        inside = {}
        for x, chance in moved.items():
            shown = sequence.confidence_sequence(x, n, level=level, sides=sides)
            if shown.low <= p <= shown.high:
                inside[x] = chance
            else:
                excluded += chance
    return excluded


@pytest.mark.parametrize("sides", ["two-sided", "lower", "upper"])
@pytest.mark.parametrize("p", [0.3, 0.9])
def test_sequence_covers_at_all_looks_together(p, sides):
    assert _ever_excluded(p, 0.8, 40, sides) <= 0.2


def test_fixed_interval_does_not_survive_peeking():
    """Looking after each of 100 trials, a 90 % interval misses the truth far more than 10 %."""
    p, inside, excluded = 0.7, {0: 1.0}, 0.0
    for n in range(1, 101):
        moved: dict[int, float] = {}
        for x, chance in inside.items():
            moved[x] = moved.get(x, 0.0) + chance * (1 - p)
            moved[x + 1] = moved.get(x + 1, 0.0) + chance * p
        ends = {x: clopper_pearson(x, n, level=0.9) for x in moved}
        inside = {x: c for x, c in moved.items() if ends[x].low <= p <= ends[x].high}
        excluded += sum(c for x, c in moved.items() if x not in inside)
    assert excluded > 0.25


@given(st.lists(st.booleans(), min_size=1, max_size=40))
@settings(max_examples=20)
def test_path_only_narrows(outcomes):
    path = sequence.confidence_path(outcomes)
    assert len(path) == len(outcomes)
    for before, after in itertools.pairwise(path):
        assert before.low <= after.low <= after.high <= before.high


def test_sequence_of_extremes_is_finite():
    shown = sequence.confidence_sequence(100_000, 100_000, level=0.999)
    assert 0.999 < shown.low < shown.high == 1.0
    assert sequence.confidence_sequence(0, 100_000, level=0.999).high < 0.001
    with pytest.raises(StatsError, match="prior"):
        sequence.confidence_sequence(1, 2, prior=(0.0, 1.0))


def test_predictive_at_the_end_is_certain():
    assert predictive.predictive_success(19, 20, 20, 0.5) == 1.0
    assert predictive.predictive_success(2, 20, 20, 0.5) == 0.0
    with pytest.raises(StatsError, match="fewer than"):
        predictive.predictive_success(5, 10, 9, 0.5)


def test_predictive_needs_no_trials_yet():
    assert 0 < predictive.predictive_success(0, 0, 20, 0.8) < 1


def test_forecast_against_every_path():
    """Follow all sequences of twelve more outcomes, weighted by Polya's urn."""
    successes, trials, limit, horizon = 9, 10, 0.7, 12
    met = missed = mean = 0.0
    for path in itertools.product((0, 1), repeat=horizon):
        weight, x = 1.0, successes
        decided = None
        for n, outcome in enumerate(path):
            p = (0.5 + x) / (1.0 + trials + n)
            weight *= p if outcome else 1 - p
            x += outcome
        x = successes
        for n in range(horizon + 1):
            x += path[n - 1] if n else 0
            low = clopper_pearson(x, trials + n, level=0.9, sides="lower").low
            high = clopper_pearson(x, trials + n, level=0.9, sides="upper").high
            if low >= limit or high < limit:
                decided = n
                met += weight * (low >= limit)
                missed += weight * (high < limit)
                break
        mean += weight * (horizon if decided is None else decided)
    ahead = predictive.forecast(successes, trials, limit, level=0.9, horizon=horizon)
    assert ahead.met == pytest.approx(met, abs=1e-9)
    assert ahead.missed == pytest.approx(missed, abs=1e-9)
    assert ahead.mean_within == pytest.approx(mean, abs=1e-9)
    assert ahead.met + ahead.missed + ahead.open == pytest.approx(1.0)


def test_forecast_of_what_is_settled_needs_nothing():
    assert predictive.forecast(60, 60, LIMIT).median == 0.0
    assert predictive.forecast(0, 0, LIMIT, horizon=1).median == math.inf
