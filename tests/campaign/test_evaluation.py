"""Verdicts: what counts, what decides, what nobody knows, and the document they make."""

import json

import numpy as np
import pytest

from flyoff.campaign.configuration import Settings
from flyoff.campaign.evaluation import judge, verdict_by
from flyoff.campaign.flown import CODE, EXCLUDED, NONE, trials
from flyoff.campaign.report import as_bytes, evaluate, schema_path
from flyoff.campaign.requirement import Requirement, Verdict
from tests.campaign.flights import COMPLETION, campaign, flown

GOOD = ["completed"] * 60
ANY, ONCE = Settings(), Settings("once", 60)


def of(words: list[str], requirement: Requirement = COMPLETION, settings: Settings = ANY) -> str:
    return verdict_by(flown(words), requirement, settings).value


def test_a_requirement_is_met_missed_or_undecided() -> None:
    assert of(GOOD) == "met"
    assert of(["crashed"] * 60) == "missed"
    assert of(["completed", "crashed"] * 4) == "undecided"
    assert of([]) == "undecided"


def test_what_is_not_known_counts_against_both_ends() -> None:
    lost = ["completed"] * 48 + ["undetermined"] * 12
    assert of(lost) == "undecided"
    shown = judge(flown(lost), "c", COMPLETION, ANY)
    assert shown.counts.undetermined == 12
    assert shown.worst is not None
    assert shown.best is not None
    assert shown.worst.value == pytest.approx(0.8)
    assert shown.best.value == 1.0


def test_a_planned_number_decides_only_once_flown_and_only_with_the_first() -> None:
    assert of(GOOD[:59], settings=ONCE) == "undecided"
    assert of(GOOD, settings=ONCE) == "met"
    shown = judge(flown(GOOD + ["crashed"] * 20), "c", COMPLETION, ONCE)
    assert shown.verdict is Verdict.MET
    assert [(o.why, o.count) for o in shown.left_out] == [("flown after the planned number", 20)]


def test_one_vehicle_shows_nothing_of_the_others() -> None:
    one = flown(GOOD, vehicles=1)
    assert judge(one, "c", COMPLETION, ANY).verdict is Verdict.UNDECIDED
    note = judge(one, "c", COMPLETION, ANY).clustering
    assert note is not None
    assert "one vehicle" in note.note


def test_clusters_widen_the_interval() -> None:
    bad = np.arange(60) % 4 == 0  # all failures on one vehicle
    words = ["crashed" if b else "completed" for b in bad]
    apart = judge(flown(words), "c", COMPLETION, ANY)
    assert apart.clustering is not None
    assert apart.clustering.icc == pytest.approx(1.0)
    by_vehicle, alone = (
        apart.intervals[f"{name}, one look"] for name in ("by vehicle", "independent")
    )
    assert by_vehicle.high - by_vehicle.low > 1.5 * (alone.high - alone.low)


def test_what_does_not_count_is_listed_with_the_reason() -> None:
    words = ["completed", "not_flown", "aborted", "completed"]
    aside = np.array([0, 0, 0, EXCLUDED])
    sorties = flown(
        words,
        flew=np.array([True, False, False, True]),
        disposition=aside,
        set_aside={3: "excluded by A: bird"},
    )
    shown = judge(sorties, "c", COMPLETION, ANY)
    assert shown.counted == ("s0",)
    reasons = {o.why: o.sorties for o in shown.left_out}
    assert reasons["not flown"] == ("s1",)
    assert reasons["aborted on the ground"] == ("s2",)
    assert reasons["excluded"] == ("s3 (excluded by A: bird)",)


def test_whose_word_counts() -> None:
    crashed, completed = CODE["crashed"], CODE["completed"]
    sorties = flown(
        ["completed", "undetermined", "completed"],
        reviewed=np.array([crashed, NONE, NONE]),
        told=np.array([NONE, completed, crashed]),
    )
    assert sorties.outcome.tolist() == [crashed, completed, completed]


def test_disputes_are_tried_either_way() -> None:
    told = np.full(60, NONE)
    told[:20] = CODE["crashed"]
    shown = judge(flown(GOOD, told=told), "c", COMPLETION, ANY)
    cases = {c.case: c.verdict for c in shown.sensitivity}
    assert shown.verdict is Verdict.MET
    assert cases["the 20 disputed sorties counted as failed"] is Verdict.UNDECIDED
    assert cases["the 20 disputed sorties counted as succeeded"] is Verdict.MET


def test_a_quantile_is_decided_by_the_share_within_the_limit() -> None:
    required = Requirement("a", "arrival_error_m", "at_most", 5.0, statistic="p80")
    near = flown(GOOD, measures={"arrival_error_m": np.full(60, 2.0)})
    shown = judge(near, "c", required, ANY)
    assert shown.verdict is Verdict.MET
    assert shown.estimate is not None
    assert shown.estimate.value == 2.0
    far = flown(GOOD, measures={"arrival_error_m": np.full(60, 9.0)})
    assert judge(far, "c", required, ANY).verdict is Verdict.MISSED


def test_not_measured_is_undecided_and_names_what_is_missing() -> None:
    shown = judge(flown(GOOD), "c", Requirement("l", "link_range_m", "at_least", 500.0), ANY)
    assert shown.verdict is Verdict.UNDECIDED
    assert "rc.is_lost" in " ".join(shown.missing)
    assert shown.because.startswith("not measured")


def test_hours_and_rates() -> None:
    hours = Requirement("m", "hours_between_failures", "at_least", 1.0, statistic="hours")
    rate = Requirement("x", "loss_rate_per_hour", "at_most", 1.0, statistic="rate")
    long = flown(GOOD, airborne_s=np.full(60, 3600.0))
    assert judge(long, "c", hours, ANY).verdict is Verdict.MET
    assert judge(long, "c", rate, ANY).verdict is Verdict.MET
    broken = flown(["crashed"] * 60)
    assert judge(broken, "c", hours, ANY).verdict is Verdict.MISSED
    assert judge(broken, "c", rate, ANY).verdict is Verdict.MISSED
    assert judge(flown(GOOD, airborne_s=np.zeros(60)), "c", hours, ANY).because.startswith(
        "no hour"
    )


def test_a_failed_launch_counts_against_launch() -> None:
    required = Requirement("l", "launch_success", "at_least", 0.5)
    counting = trials(flown(["completed", "failed_launch", "undetermined"]), required)
    assert counting.result.tolist() == [1, 0, 1]  # an undetermined one that flew was launched


def test_the_document_is_valid_and_always_the_same() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="validates the shipped schema")
    words = ["completed", "crashed", "completed", "undetermined", "completed"] * 12
    requirements = (
        COMPLETION,
        Requirement("m", "hours_between_failures", "at_least", 1.0, statistic="hours"),
        Requirement("l", "link_range_m", "at_least", 500.0, statistic="p10"),
        Requirement("t", "airborne_s", "at_least", 60.0, statistic="p10"),
    )
    said = campaign(*requirements, candidates=3)
    document = evaluate(said, flown(words, candidates=3))
    schema = json.loads(schema_path().read_text())
    jsonschema.validate(document, schema)
    assert as_bytes(document) == as_bytes(evaluate(said, flown(words, candidates=3)))
    document["verdicts"][0]["verdict"] = "perhaps"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_no_sortie_at_all_is_no_error() -> None:
    document = evaluate(campaign(COMPLETION, candidates=2), flown([], candidates=2))
    assert [v["verdict"] for v in document["verdicts"]] == ["undecided", "undecided"]
    assert document["comparisons"] == []


def test_candidates_that_differ_and_that_do_not() -> None:
    words = [w for _ in range(40) for w in ("completed", "crashed")]
    apart = evaluate(campaign(candidates=2), flown(words, candidates=2))["comparisons"]
    assert apart[1]["differences"][0]["says"] == "c0 is better than c1"
    same = evaluate(campaign(candidates=2), flown(GOOD, candidates=2))["comparisons"]
    assert same[1]["differences"][0]["says"] == "c0 and c1 cannot be told apart"


def test_a_link_that_never_broke_nearby_is_unknown_and_not_failed() -> None:
    held = np.array([2500.0, 900.0, 1200.0, 3000.0])
    lost = np.array([np.nan, np.nan, 1200.0, 3000.0])
    far = flown(["completed"] * 4, measures={"link_held_m": held, "link_lost_m": lost})
    wanted = Requirement("l", "link_range_m", "at_least", 2000.0, statistic="p10")
    assert trials(far, wanted).result.tolist() == [1, -1, 0, 1]
    (verdict,) = evaluate(campaign(wanted), far)["verdicts"]
    assert verdict["counts"] == {"successes": 2, "failures": 1, "undetermined": 1, "hours": None}
