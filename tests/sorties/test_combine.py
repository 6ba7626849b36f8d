"""Two accounts of one sortie: the fuller one leads, the other settles what it cannot."""

from dataclasses import replace

import pytest

from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.sortie import Cause, NotAssessed, Outcome, Phase, Sortie
from flyoff.sorties.combine import Account, combine, moved, same_attempt


def _sortie(outcome: Outcome, confidence: float = 0.9, **others: object) -> Sortie:
    made = Sortie("a-0-1", 10.0, 60.0, None, 45.0, outcome, confidence, sources=("card/a.bin",))
    return replace(made, **others)


def _account(sortie: Sortie, offset_s: float = 0.0) -> Account:
    told = replace(sortie, id="b-0-1", sources=("laptop/b.tlog",))
    return Account(told, round(offset_s * 1e6), 0.05)


def _finding(kind: Kind, onset_s: float) -> Finding:
    evidence = (Evidence("seen", "channel", onset_s, 1.0),)
    return Finding(kind, onset_s, onset_s + 5, Severity.WARNING, evidence)


def test_a_log_that_stops_in_the_air_is_settled_by_the_telemetry() -> None:
    leading = _sortie(Outcome.UNDETERMINED, evidence=(Evidence("the log ends", t_s=60.0),))
    cause = Cause(Kind.BATTERY_LOW, 1050.0, 0.8)
    landed = Evidence("touched down", "position.height", 1090.0)
    other = _sortie(
        Outcome.FORCED_LANDING, 0.88, start_s=1010.0, end_s=1092.0, airborne_s=78.0,
        evidence=(landed,), cause=cause, phases=(Phase("landing", 1080.0, 1092.0),),
    )  # fmt: skip
    made = combine(leading, [_account(other, -1000.0)])
    assert (made.id, made.outcome, made.confidence) == ("a-0-1", Outcome.FORCED_LANDING, 0.88)
    assert made.cause is not None
    assert made.cause.onset_s == pytest.approx(50.0)
    assert made.evidence[0].t_s == pytest.approx(90.0)
    assert "b.tlog" in made.evidence[0].says
    assert "± 0.05 s" in made.evidence[0].says
    assert made.evidence[-1].says == "the log ends"
    assert (made.end_s, made.airborne_s) == (pytest.approx(92.0), 78.0)
    assert made.phases == (Phase("landing", 80.0, 92.0),)
    assert made.sources == ("card/a.bin", "laptop/b.tlog")


@pytest.mark.parametrize("silent", [Outcome.UNDETERMINED, Outcome.NOT_FLOWN])
def test_who_does_not_know_settles_nothing(silent: Outcome) -> None:
    leading = _sortie(Outcome.UNDETERMINED, 0.9)
    made = combine(leading, [_account(_sortie(silent))])
    assert (made.outcome, made.confidence) == (Outcome.UNDETERMINED, 0.9)
    assert combine(_sortie(Outcome.CRASHED), [_account(_sortie(silent))]).confidence == 0.9


def test_contradiction_keeps_the_leading_outcome_and_lowers_its_confidence() -> None:
    made = combine(_sortie(Outcome.CRASHED), [_account(_sortie(Outcome.COMPLETED, 0.6))])
    assert made.outcome is Outcome.CRASHED
    assert 0.5 <= made.confidence < 0.9
    assert made.evidence[-1].says == "b.tlog shows completed instead"


def test_agreement_is_said() -> None:
    made = combine(_sortie(Outcome.CRASHED), [_account(_sortie(Outcome.CRASHED, 0.95))])
    assert (made.outcome, made.confidence) == (Outcome.CRASHED, 0.95)
    assert "b.tlog shows the same" in made.evidence[-1].says


def test_findings_come_from_the_other_only_where_the_leading_log_could_not_look() -> None:
    unknown = (NotAssessed(Kind.RC_LOSS, "no rssi"), NotAssessed(Kind.STRONG_WIND, "no wind"))
    leading = _sortie(
        Outcome.COMPLETED, findings=(_finding(Kind.VIBRATION, 20.0),), not_assessed=unknown
    )
    other = _sortie(
        Outcome.COMPLETED,
        findings=(_finding(Kind.RC_LOSS, 130.0), _finding(Kind.BATTERY_SAG, 115.0)),
        not_assessed=(NotAssessed(Kind.STRONG_WIND, "no wind"),),
    )
    made = combine(leading, [_account(other, -100.0)])
    assert [(f.kind, f.onset_s) for f in made.findings] == [
        (Kind.VIBRATION, 20.0),
        (Kind.RC_LOSS, 30.0),
    ]
    assert "b.tlog" in made.findings[1].evidence[0].says
    assert [n.kind for n in made.not_assessed] == [Kind.STRONG_WIND]


def test_a_link_loss_that_only_the_ground_saw_explains_the_return() -> None:
    other = _sortie(Outcome.RETURNED, findings=(_finding(Kind.DATALINK_LOSS, 40.0),))
    made = combine(_sortie(Outcome.RETURNED), [_account(other)])
    assert made.cause is not None
    assert made.cause.kind is Kind.DATALINK_LOSS
    crashed = combine(_sortie(Outcome.CRASHED), [_account(replace(other, cause=None))])
    assert crashed.cause is None
    assert Kind.DATALINK_LOSS in {f.kind for f in crashed.findings}


def test_measures_fill_in_for_each_other() -> None:
    leading = _sortie(Outcome.COMPLETED, measures={"distance_m": 800.0, "energy_wh": None})
    other = _sortie(Outcome.COMPLETED, measures={"distance_m": 790.0, "energy_wh": 9.0})
    made = combine(leading, [_account(other)])
    assert made.measures == {"distance_m": 800.0, "energy_wh": 9.0}


def test_sorties_are_matched_by_time_on_one_clock() -> None:
    leading = [
        _sortie(Outcome.COMPLETED, start_s=s, end_s=s + 50, id=str(s)) for s in (10.0, 100.0)
    ]
    second = _account(_sortie(Outcome.COMPLETED, start_s=1098.0, end_s=1149.0), -1000.0)
    assert same_attempt(leading, second) is leading[1]
    far = _account(_sortie(Outcome.COMPLETED, start_s=1300.0, end_s=1310.0), -1000.0)
    assert same_attempt(leading, far) is None
    assert same_attempt([], second) is None


def test_moving_there_and_back_changes_nothing() -> None:
    made = _sortie(Outcome.CRASHED, findings=(_finding(Kind.IMPACT, 50.0),))
    assert moved(moved(made, 100.0), -100.0) == made
