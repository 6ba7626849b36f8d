"""Sampling plans: the printed tables, exact risks, sensible orders."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.errors import StatsError
from flyoff.stats import acceptance, lots
from flyoff.stats.acceptance import RiskPoint, Stage
from tests.shared import shared

PREFERRED = (1, 2, 3, 5, 7, 10, 14, 21, 30, 44)


# Rows of table II-A as printed: (letter, AQL) to (n, Ac).
@pytest.mark.parametrize(
    ("size", "aql", "n", "accept"),
    [
        (6000, 0.010, 1250, 0),  # L down to Q
        (6000, 0.065, 200, 0),  # L itself
        (6000, 0.10, 125, 0),  # up to K
        (6000, 0.15, 315, 1),  # down to M
        (6000, 0.25, 200, 1),
        (6000, 0.40, 200, 2),
        (6000, 0.65, 200, 3),
        (6000, 1.5, 200, 7),
        (6000, 2.5, 200, 10),
        (6000, 4.0, 200, 14),
        (6000, 6.5, 200, 21),
        (6000, 10, 125, 21),  # up: 21 is the largest here
        (6000, 100, 13, 21),
        (3, 6.5, 2, 0),  # A
        (3, 10, 5, 1),  # A down to C
        (3, 25, 2, 1),
        (3, 1000, 2, 30),
        (600_000, 0.010, 1250, 0),  # Q
        (1000, 1.0, 80, 2),
        (1000, 2.5, 80, 5),
        (150, 1.0, 13, 0),  # F up to E
        (150, 1.5, 32, 1),  # F down to G
    ],
)
def test_normal_plans_as_printed(size, aql, n, accept):
    plan = lots.lot_plan(size, aql)
    assert (plan.n, plan.accept, plan.reject) == (n, accept, accept + 1)


@pytest.mark.parametrize(
    ("size", "aql", "n", "accept"),
    [
        (6000, 0.10, 200, 0),  # L itself, one step later than normal
        (6000, 0.65, 200, 2),
        (6000, 1.5, 200, 5),
        (6000, 2.5, 200, 8),
        (6000, 4.0, 200, 12),
        (6000, 6.5, 200, 18),
        (3, 10, 8, 1),  # the first cell that the rule misses
        (1000, 2.5, 80, 3),
        (150, 4.0, 20, 1),
    ],
)
def test_tightened_plans_as_printed(size, aql, n, accept):
    plan = lots.lot_plan(size, aql, inspection="tightened")
    assert (plan.n, plan.accept) == (n, accept)


def test_largest_tightened_sample_is_reached():
    plan = lots.lot_plan(1_000_000, 0.025, level="III", inspection="tightened")
    assert (plan.code_letter, plan.n, plan.accept) == ("R", 3150, 1)
    edge = lots.lot_plan(1_000_000, 0.015, level="III", inspection="tightened")
    assert (edge.n, edge.accept) == (1250, 0)


def test_code_letters_are_those_of_the_standard():
    folder = shared()
    if folder is None or not (folder / "golden" / "z14_letters.json").is_file():
        pytest.skip("no shared table of code letters: set FLYOFF_SHARED")
    table = json.loads((folder / "golden" / "z14_letters.json").read_text(encoding="utf-8"))
    for start, row in zip(table["lot_size_from"], table["code_letters"], strict=True):
        got = [lots.code_letter(start, level=level) for level in table["levels"]]
        assert got == row
    sizes = table["sample_sizes"]
    assert [sizes[letter] for letter in lots.LETTERS] == list(lots.SAMPLE_SIZES[:-1])


every_cell = st.tuples(
    st.integers(2, 2_000_000), st.sampled_from(lots.AQLS), st.sampled_from(lots.LEVELS)
)


@given(every_cell)
def test_every_cell_has_a_plan(cell):
    size, aql, level = cell
    for inspection in ("normal", "tightened"):
        plan = lots.lot_plan(size, aql, level=level, inspection=inspection)
        assert plan.n in lots.SAMPLE_SIZES
        assert plan.reject == plan.accept + 1
        assert plan.sample_size == min(plan.n, size)
        assert plan.inspects_all == (plan.n >= size)


def _accepts(plan, aql):
    """At the AQL: defectives up to 10 %, defects per hundred above."""
    if aql <= 10:
        return acceptance.binomial(plan.n, plan.accept, aql / 100)
    return acceptance.poisson(plan.n, plan.accept, aql / 100)


@given(every_cell)
def test_tightened_is_stricter_and_normal_accepts_good_lots(cell):
    size, aql, level = cell
    normal = lots.lot_plan(size, aql, level=level)
    tight = lots.lot_plan(size, aql, level=level, inspection="tightened")
    assert _accepts(tight, aql) <= _accepts(normal, aql) + 1e-9
    assert _accepts(normal, aql) >= 0.80  # what an AQL promises the maker


def test_what_is_not_in_the_standard_is_refused():
    with pytest.raises(StatsError, match="the nearest is 1"):
        lots.lot_plan(6000, 1.1)
    with pytest.raises(StatsError, match="lot size"):
        lots.lot_plan(1, 1.0)
    with pytest.raises(StatsError, match="inspection level"):
        lots.lot_plan(100, 1.0, level="IV")
    with pytest.raises(StatsError, match="reduced"):
        lots.lot_plan(100, 1.0, inspection="reduced")


@given(st.integers(1, 300), st.integers(0, 8), st.floats(0.01, 0.5))
def test_limiting_quality_is_accepted_with_the_risk(n, accept, risk):
    if accept < n:
        at = acceptance.limiting_quality(n, accept, risk=risk)
        assert acceptance.binomial(n, accept, at) == pytest.approx(risk, abs=1e-9)


@given(st.integers(2, 200), st.data())
@settings(max_examples=25)
def test_lot_curve_falls_and_starts_at_one(size, data):
    n = data.draw(st.integers(1, size))
    accept = data.draw(st.integers(0, 4))
    curve = [acceptance.hypergeometric(size, n, accept, d) for d in range(size + 1)]
    assert curve[0] == pytest.approx(1.0)
    assert all(a >= b - 1e-12 for a, b in itertools.pairwise(curve))
    limit = acceptance.limiting_defectives(size, n, accept)
    assert limit > size or curve[limit] <= 0.10
    assert limit == 0 or curve[limit - 1] > 0.10


@given(st.integers(2, 400), st.data())
def test_zero_acceptance_sample_is_the_smallest(size, data):
    bad = data.draw(st.integers(1, size))
    risk = data.draw(st.floats(0.01, 0.5))
    n = acceptance.zero_acceptance_sample(size, bad, risk=risk)
    assert acceptance.hypergeometric(size, n, 0, bad) <= risk
    if n > 1:
        assert acceptance.hypergeometric(size, n - 1, 0, bad) > risk


def test_zero_acceptance_sizes_as_published():
    published = {(50, 5, 0.1): 18, (100, 5, 0.05): 45, (500, 25, 0.05): 56, (1000, 10, 0.1): 205}
    for (size, bad, risk), n in published.items():
        assert acceptance.zero_acceptance_sample(size, bad, risk=risk) == n


def test_plans_for_given_risks_as_published():
    small = acceptance.find_plan(RiskPoint(0.01, 0.95), RiskPoint(0.10, 0.10))
    assert (small.n, small.accept) == (52, 2)
    assert not acceptance.assess(51, 2, RiskPoint(0.01, 0.95), RiskPoint(0.10, 0.10)).meets
    with pytest.raises(StatsError, match="not below the bad"):
        acceptance.find_plan(RiskPoint(0.10, 0.95), RiskPoint(0.01, 0.10))


@given(st.integers(1, 60), st.integers(0, 5), st.floats(0, 1))
def test_one_stage_is_a_single_plan(n, accept, p):
    one = acceptance.multiple_sampling([Stage(n, accept, accept + 1)], p)
    assert one == pytest.approx(acceptance.binomial(n, accept, p), abs=1e-12)


def test_double_plan_against_every_outcome():
    """First 5, accept 0, reject 2; then 5 more, accept 1 in all."""
    p = 0.3
    by_hand = (1 - p) ** 5 + 5 * p * (1 - p) ** 4 * (1 - p) ** 5
    assert acceptance.multiple_sampling([Stage(5, 0, 2), Stage(5, 1, 2)], p) == pytest.approx(
        by_hand
    )
    with pytest.raises(StatsError, match="must accept or reject"):
        acceptance.multiple_sampling([Stage(5, 0, 2)], p)
