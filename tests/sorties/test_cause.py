"""Why it ended badly: what explains what, and the chain of it."""

import pytest

from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.sortie import BAD_OUTCOMES, Outcome
from flyoff.sorties.cause import CAN_LEAD_TO, PRECEDENCE, chain, find_cause, origin_of, promoted
from tests.scenarios.flights import flight
from tests.scenarios.stories import failsafe, mode
from tests.sorties.flown import CRASH, DOWN, HOME, LOST_MOTOR


def found(kind: Kind, onset_s: float, severity: Severity = Severity.CRITICAL, **more) -> Finding:
    return Finding(kind, onset_s, 90.0, severity, **more)


def cause_of(outcome: Outcome, *findings: Finding, events=()):
    return find_cause(flight({"x": ([0.0, 103.0], [0.0, 0.0])}, events), outcome, findings)


def test_a_lost_motor_explains_the_lost_attitude_which_explains_the_impact():
    cause = LOST_MOTOR.sortie().cause
    assert cause is not None
    kinds = [link.kind for link in cause.chain]
    assert kinds[0] is Kind.MOTOR_FAILURE
    assert kinds.index(Kind.ATTITUDE_CONTROL_LOSS) < kinds.index(Kind.IMPACT)
    assert [link.t_s for link in cause.chain] == sorted(link.t_s for link in cause.chain)


def test_the_order_of_the_findings_does_not_matter():
    findings = [
        found(Kind.IMPACT, 80),
        found(Kind.ATTITUDE_CONTROL_LOSS, 78.5),
        found(Kind.MOTOR_FAILURE, 78),
    ]
    for turned in (findings, findings[::-1]):
        cause = cause_of(Outcome.CRASHED, *turned)
        assert cause is not None
        assert cause.kind is Kind.MOTOR_FAILURE


def test_severity_alone_never_decides():
    cause = cause_of(
        Outcome.CRASHED,
        found(Kind.ATTITUDE_CONTROL_LOSS, 78, Severity.CRITICAL),
        found(Kind.MOTOR_FAILURE, 77, Severity.WARNING),
    )
    assert cause is not None
    assert cause.kind is Kind.MOTOR_FAILURE


def test_what_was_only_noted_yields_to_what_was_grave():
    cause = cause_of(
        Outcome.CRASHED,
        found(Kind.MOTOR_DEGRADED, 20, Severity.INFO),
        found(Kind.ATTITUDE_CONTROL_LOSS, 78),
    )
    assert cause is not None
    assert cause.kind is Kind.ATTITUDE_CONTROL_LOSS


def test_of_one_kind_the_first_is_the_cause():
    cause = cause_of(Outcome.FORCED_LANDING, found(Kind.GNSS_LOSS, 60), found(Kind.GNSS_LOSS, 30))
    assert cause is not None
    assert cause.onset_s == 30


def test_what_begins_after_the_end_explains_nothing():
    assert cause_of(Outcome.CRASHED, found(Kind.MOTOR_FAILURE, 101)) is None


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (Outcome.WRONG_DESTINATION, Kind.BATTERY_LOW),
        (Outcome.CRASHED, Kind.OPERATOR_ABORT),
        (Outcome.FAILED_LAUNCH, Kind.GNSS_SPOOFING),
        (Outcome.CRASHED, Kind.LOGGING_GAP),
    ],
)
def test_what_cannot_lead_there_is_no_cause(outcome, kind):
    assert cause_of(outcome, found(kind, 50)) is None


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - BAD_OUTCOMES))
def test_an_end_that_is_not_bad_needs_no_cause(outcome):
    assert cause_of(outcome, found(Kind.MOTOR_FAILURE, 50)) is None


def test_what_a_failsafe_acted_on_goes_before_what_is_nearer_the_root():
    story = DOWN.with_events(failsafe(33.9, "radio"), mode(34, "LAND", "radio"))
    sick = story.with_channels(
        airspeed__indicated=lambda t, usual: usual,
        battery__remaining=lambda t, usual: 0.3 - 0.006 * t,
    )
    sortie = sick.sortie()
    assert {Kind.RC_LOSS, Kind.BATTERY_LOW} <= {f.kind for f in sortie.findings}
    assert sortie.cause is not None
    assert sortie.cause.kind is Kind.RC_LOSS


def test_the_cause_is_raised_to_critical_and_only_it():
    one, other = found(Kind.RC_LOSS, 30, Severity.WARNING), found(Kind.VIBRATION, 20, Severity.INFO)
    cause = cause_of(Outcome.RETURNED, one, other)
    severities = {f.kind: f.severity for f in promoted([one, other], cause)}
    assert severities == {Kind.RC_LOSS: Severity.CRITICAL, Kind.VIBRATION: Severity.INFO}
    assert [f.onset_s for f in promoted([one, other], None)] == [20, 30]


def test_the_chain_leaves_out_what_came_before_and_what_was_merely_noted():
    root = found(Kind.MOTOR_FAILURE, 50, detail="motor 3")
    findings = [
        found(Kind.STRONG_WIND, 20),
        root,
        found(Kind.VIBRATION, 51, Severity.INFO),
        found(Kind.IMPACT, 55),
        found(Kind.GNSS_LOSS, 70),
    ]
    links = chain(findings, root, 60.0)
    assert [link.kind for link in links] == [Kind.MOTOR_FAILURE, Kind.IMPACT]
    assert "motor 3" in links[0].says


def test_the_chain_names_the_decisive_number_and_its_limit():
    seen = Evidence("descent just before contact", "velocity.down", 55.0, 13.68, 4.0)
    (link,) = chain([f := found(Kind.IMPACT, 55, evidence=(seen,))], f, 60.0)
    assert link.says == "impact: descent just before contact 13.7, limit 4"


def test_every_kind_has_a_rank_and_every_bad_end_its_causes():
    assert set(PRECEDENCE) == set(Kind) - {Kind.LOGGING_GAP}
    assert len(PRECEDENCE) == len(set(PRECEDENCE))
    assert set(CAN_LEAD_TO) == BAD_OUTCOMES
    assert all(kinds <= set(PRECEDENCE) for kinds in CAN_LEAD_TO.values())


@pytest.mark.parametrize(
    ("kind", "origin"),
    [
        (Kind.MOTOR_FAILURE, "vehicle"),
        (Kind.STRONG_WIND, "environment"),
        (Kind.GNSS_SPOOFING, "interference"),
        (Kind.WRONG_PLAN, "operator"),
    ],
)
def test_whose_doing_it_was(kind, origin):
    assert origin_of(kind) == origin


def test_a_cause_with_rivals_is_less_sure():
    alone = cause_of(Outcome.CRASHED, found(Kind.MOTOR_FAILURE, 50))
    rivalled = cause_of(Outcome.CRASHED, found(Kind.MOTOR_FAILURE, 50), found(Kind.STRONG_WIND, 40))
    assert alone is not None
    assert rivalled is not None
    assert rivalled.confidence < alone.confidence


def test_a_good_end_and_an_unexplained_one_have_no_cause():
    assert HOME.with_events(mode(34, "RTL")).sortie().cause is None
    unexplained = DOWN.with_events(mode(34, "LAND", "terrain"))
    assert CRASH.sortie().cause is not None
    assert unexplained.sortie().cause is not None  # the failsafe itself, where nothing else tells
