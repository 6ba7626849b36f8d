"""A confidence is bounded by what was seen, and the table belongs to the rules that there are."""

from hypothesis import given
from hypothesis import strategies as st

from flyoff.model.sortie import Outcome
from flyoff.sorties.calibration import (
    Seen,
    cause_confidence,
    held_against,
    outcome_confidence,
)
from flyoff.sorties.calibration_table import CAUSES, FLIGHTS, OUTCOMES, WEIGHT
from flyoff.sorties.outcome import RULES, STATED
from tests.sorties.flown import CRASH, LOST_MOTOR, SOUND


@given(
    st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    st.floats(0.0, 1.0),
)
def test_nothing_is_certain_and_nothing_beyond_the_evidence(seen, argued) -> None:
    right, n = seen
    sure = held_against(Seen(right, n), argued)
    assert 0.0 <= sure < 1.0
    assert sure <= (n + WEIGHT + 1) / (n + WEIGHT + 2) + 5e-4
    between = sorted((argued, right / n if n else argued))
    assert sure <= between[1] + 5e-4


def test_more_flights_make_surer_and_mistakes_less_sure() -> None:
    rising = [held_against(Seen(n, n), 0.9) for n in (0, 2, 10, 50, 500)]
    assert rising == sorted(rising)
    falling = [held_against(Seen(20 - k, 20), 0.9) for k in range(20)]
    assert falling == sorted(falling, reverse=True)


def test_the_table_speaks_of_rules_and_outcomes_that_exist() -> None:
    rules = {r.__name__.strip("_") for r in RULES}
    assert {rule for rule, _, _ in OUTCOMES} <= rules
    assert {outcome for _, outcome, _ in OUTCOMES} <= {str(o) for o in Outcome}
    assert all(0 <= right <= n <= FLIGHTS for right, n in [*OUTCOMES.values(), *CAUSES.values()])
    assert len(OUTCOMES) > 5


def test_a_rule_that_no_flight_has_tested_keeps_a_cautious_argument() -> None:
    assert outcome_confidence("unheard_of", "completed", 0.6) == 0.6
    assert outcome_confidence("unheard_of", "completed", 0.99) < 0.9
    assert cause_confidence("unheard of", 0.99) < 0.9


def test_what_is_stated_is_sure_enough_and_never_certain() -> None:
    stories = [SOUND, CRASH, LOST_MOTOR, SOUND.but(planned=())]
    for told in stories:
        for sortie in told.judged():
            assert sortie.confidence < 1.0
            if sortie.outcome is not Outcome.UNDETERMINED:
                assert sortie.confidence >= STATED
            if sortie.cause is not None:
                assert 0.0 < sortie.cause.confidence < 1.0


def test_a_lost_motor_is_surer_told_than_an_unknown_ground() -> None:
    sure = LOST_MOTOR.sortie().cause
    assert sure is not None
    assert sure.confidence > cause_confidence("unheard of", 0.8)
