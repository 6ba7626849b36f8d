"""The runner of reference cases passes what agrees, and cannot be made to pass what does not."""

import copy
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.golden.agreement import Tolerance, differences
from tests.golden.bindings import METHODS
from tests.golden.runner import cases_of, run
from tests.shared import ROOT, shared

CASES = "golden/cases.json"


def _shared_cases() -> list[dict]:
    folder = shared()
    path = folder / CASES if folder else None
    return cases_of(path) if path and path.is_file() else []


BOUND = [case for case in _shared_cases() if case["method"] in METHODS]
needs_cases = pytest.mark.skipif(not BOUND, reason="no shared reference cases: set FLYOFF_SHARED")


@pytest.mark.parametrize("case", BOUND, ids=lambda case: case["id"])
def test_reference_case(case):
    (outcome,) = run([case])
    assert not outcome.problems


@needs_cases
def test_every_method_of_the_cases_is_bound():
    assert not {case["method"] for case in _shared_cases()} - METHODS.keys()


def _off(value, tolerance):
    """The same value, moved out of tolerance."""
    if isinstance(value, dict):
        return {key: _off(held, tolerance) for key, held in value.items()}
    if isinstance(value, list):
        return [_off(held, tolerance) for held in value]
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 2.1 * (tolerance.absolute + tolerance.relative * abs(value)) + 1e-6
    return "something else"


@pytest.mark.parametrize("case", BOUND, ids=lambda case: case["id"])
def test_wrong_expectation_fails(case):
    """Every expected key matters: spoil one at a time."""
    tolerance = Tolerance.of(case["tolerance"])
    for key in case["expected"]:
        spoiled = copy.deepcopy(case)
        spoiled["expected"][key] = _off(case["expected"][key], tolerance)
        (outcome,) = run([spoiled])
        assert not outcome.passed, key


CASE = {
    "id": "coin",
    "method": "clopper_pearson_two_sided",
    "inputs": {"successes": 81, "trials": 263, "confidence": 0.95},
    "expected": {"lower": 0.25274, "upper": 0.36762},
    "tolerance": 5e-6,
}

# The fixture of the SIAP cases: three truths, three tracks, four times.
_TRUTHS = {
    "t0": [[0, 0], [1, 1], [2, 2], [3, 3]],
    "t1": [[-2, -2], [-1, -1], [0, 0], [2, 2]],
    "t2": [[-1, 1], [0, 1], [1, 2], [3, 3]],
}
_TRACKS = {
    "k0": [[0.1, 0.1], [1.1, 1.1], [2.1, 2.1], [3.1, 3.1]],
    "k1": [[-2.5, -2.5], [-1.5, -1.5], [0.5, 0.5], [1.5, 1.5]],
    "k2": [[-1.99, 1.99], [0.999, 1.999], [1.99, 1.99], [2.99, 1.99]],
}
_SIAP = {
    "times": [0, 1, 2, 3],
    "truths": _TRUTHS,
    "tracks": _TRACKS,
    "truth_vel": {"t0": [[1, 1]] * 4, "t1": [[1, 1]] * 4, "t2": [[1, 0]] * 4},
    "track_vel": {"k0": [[1.2, 1.2]] * 4, "k1": [[1.6, 1.6]] * 4, "k2": [[1.99, 1.99]] * 4},
    "associations": [
        ["t0", "k0", 0, 2],
        ["t1", "k1", 0, 1],
        ["t1", "k1", 2, 3],
        ["t2", "k2", 1, 2],
        ["t0", "k2", 1, 3],
    ],
}
_LINE = {"truths": [0, 1, 2, 3, 4], "tracks": [0.5, 1.5, 2.5, 3.5]}
_FOLLOWING = [[1, 2, 2], [2, 1, 1], [3, 100, 3]]
_SWAP = {"c": 2, "p": 2, "switching_penalty": 3}
_SWAPPED = {"step1": 0.0, "step2": 5.147815, "step3": 2.121320}
_ENVELOPE = {
    "payload": "aGVsbG8gd29ybGQ=",
    "payloadType": "http://example.com/HelloWorld",
    "signatures": [
        {
            "sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR"
            "6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
        }
    ],
}
_POINT = {
    "X": "46950820868899156662930047687818585632848591499744589407958293238635476079160",
    "Y": "5640078356564379163099075877009565129882514886557779369047442380624545832820",
    "sig_format": "raw r||s",
}

# What METHODS print beside the shared cases, in the forms of METHOD_KEYS.
PRINTED = (
    (
        "wilson_one_sided_lower",
        {"successes": 20, "trials": 20, "confidence": 0.9},
        {"lower": 0.9241},
    ),
    ("success_run_zero_failure_n", {"reliability": 0.999, "confidence": 0.95}, {"n": 2995}),
    ("mcnemar", {"table": [[794, 86], [150, 570]]}, {"chi2_corrected": 16.8178}),
    ("mcnemar_exact", {"b": 1, "c": 8}, {"p": 0.0391}),
    ("chi_square_homogeneity", {"successes": [19, 14, 17, 12], "trials": 20}, {"p": 0.0399}),
    (
        "P(candidate is best) uniform priors",
        {"prior": [1, 1], "successes": [19, 14, 17], "trials": [20, 20, 20]},
        {"prob": [0.8212, 0.0108, 0.1680]},
    ),
    ("kish_design_effect", {"cluster_size": 10, "icc": 0.25, "n": 60}, {"deff": 3.25}),
    (
        "epstein_truncation_and_lines",
        {"alpha": 0.1, "beta": 0.1, "theta0": 200, "theta1": 100},
        {"r0": 15, "T0": 2059.9235, "b": 0.0072, "a": -3.1699, "c": 2.7549},
    ),
    (
        "mtbf_lower_one_sided80_time_truncated",
        {"confidence": 0.8, "failures": 6, "sides": 1, "total_time": 10000},
        {"lower": 1101.88},
    ),
    (
        "kaplan_meier_greenwood_logtransform",
        {"conf_type": "log", "confidence": 0.95, "event": [1, 1, 0, 1], "time": [1, 2, 3, 4]},
        {"times": [1, 2, 4], "surv": [0.75, 0.5, 0.0], "se": [0.2165, 0.25, None]},
    ),
    (
        "nelson_aalen_cumulative_hazard",
        {"event": [1, 1, 0, 1], "time": [1, 2, 3, 4], "times": [0, 2, 9]},
        {"H": [0, 0.5833, 1.5833]},
    ),
    (
        "power_law_modified_mle_time_truncated (NIST)",
        {"T": 1500, "times": [5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478]},
        {"BetaHat_growth": 0.5165, "b": 0.4835, "a": 0.2913, "mtbf": 310.2340},
    ),
    (
        "nist_mtbf_ci_80_time_truncated",
        {"T": 1500, "confidence": 0.8, "times": [5, 40, 43, 175, 389, 712, 747, 795, 1299, 1478]},
        {"lower": 157.7139, "upper": 548.5565},
    ),
    ("c0_sample_size_hypergeometric", {"lots": [[50, 5, 0.1], [100, 5, 0.05]]}, {"n": [18, 45]}),
    (
        "double_sampling_oc",
        {"n": [8, 8], "c": [0, 1], "r": [2, 2], "p": [0.05]},
        {"pa": [0.8487]},
    ),
    (
        "plan_assessment",
        {"n": 80, "c": 7, "PRP": [0.05, 0.95], "CRP": [0.15, 0.075]},
        {"meets": True},
    ),
    (
        "order_statistic_n_one_sided (max covers P with conf C)",
        {"C": [0.9, 0.95], "P": [0.9, 0.95]},
        {"n": [22, 59]},
    ),
    ("order_statistic_n_two_sided (min,max)", {"C": 0.95, "P": 0.95}, {"n": 93}),
    (
        "distribution_free_median_ci_coverage",
        {"n": 20, "order_stats": [6, 15]},
        {"coverage": 0.9586},
    ),
    ("mahalanobis_gate_threshold", {"dof": [2, 3], "p": 0.99}, {"threshold": [9.2103, 11.3449]}),
    (
        "poisson_rate_exact_ci (Garwood)",
        {"count": 0, "exposure": 10, "confidence": 0.95},
        {"one_sided_upper95": 0.2996, "upper": 0.3689, "lower": 0, "rate": 0},
    ),
    (
        "siap_time_range",
        _SIAP,
        {
            "completeness": 0.83333,
            "ambiguity": 1,
            "spuriousness": 0.16667,
            "position_accuracy": 0.76787,
            "velocity_accuracy": 1.28882,
            "rate_track_number_change": 0.33333,
            "longest_track_segment": 0.55556,
        },
    ),
    (
        "ospa",
        {"c": 10, "p": 2, "step1": _LINE},
        {"step1": 4.49444},
    ),
    (
        "gospa_switching",
        {**_SWAP, "truths": [[k] * 3 for k in (1, 2, 3)], "tracks": _FOLLOWING},
        _SWAPPED,
    ),
    (
        "gospa_switching",  # the same by steps
        {**_SWAP, "truths": [[1, 2, 3]] * 3, "tracks": [[1, 2, 3], [2, 1, 100], [2, 1, 3]]},
        {"step2": {"switching": 4.743416, "missed": 2, "false": 2, "localisation": 0}},
    ),
    (
        "clear_mot",
        {"fixture": "t0 with k0-a then k0-b (one switch); k1 (4 states) and t1 unmatched"},
        {"mota": -0.125, "motp": 0.141421},
    ),
    (
        "dsse_pae",
        {"payload": "hello world", "payload_type": "http://example.com/HelloWorld"},
        {"pae": "DSSEv1 29 http://example.com/HelloWorld 11 hello world"},
    ),
    ("dsse_verify_ecdsa_p256_sha256", {**_POINT, "envelope": _ENVELOPE}, {"valid": True}),
    (
        "dsse_verify_ecdsa_p256_sha256",
        {**_POINT, "envelope": {**_ENVELOPE, "payload": "aGVsbG8gd29ybGE="}},
        {"valid": False},
    ),
    (
        "dsse_sign_ed25519_in_toto_type",
        {
            "payload": "",
            "payloadType": "application/vnd.in-toto+json",
            "secret": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        },
        {
            "sig_hex": "8128200806932d3632447e8520305e9ba99ec88ca7b18cbc4531d5cf0c7db674"
            "dbec183fd633169ee56023f81f7ea99bb02d955f9fe31df9240eab23ec20db0e"
        },
    ),
    ("probability_in_drms_circles", {"k": "2DRMS", "circular": False}, {"p": 0.9545}),
)


@pytest.mark.parametrize(
    ("method", "inputs", "expected"), PRINTED, ids=[f"{n}-{p[0]}" for n, p in enumerate(PRINTED)]
)
def test_printed_value(method, inputs, expected):
    case = {"id": "printed", "method": method, "inputs": inputs, "expected": expected}
    (outcome,) = run([{**case, "tolerance": {"abs": 6e-5, "rel": 2e-6}}])
    assert not outcome.problems


def test_unknown_method_is_a_failure():
    (outcome,) = run([{**CASE, "method": "reading_tea_leaves"}])
    assert "unknown method" in outcome.problems[0]


@pytest.mark.parametrize(
    "change",
    [
        {"expected": {}},
        {"expected": {"lower": 0.25274, "upper": 0.36762, "middle": 0.3}},
        {"inputs": {"successes": 81}},
        {"inputs": {"successes": 264, "trials": 263, "confidence": 0.95}},
        {"inputs": {"successes": "many", "trials": 263, "confidence": 0.95}},
    ],
)
def test_case_without_sense_is_a_failure_not_a_crash(change):
    (outcome,) = run([{**CASE, **change}])
    assert outcome.problems


@pytest.mark.parametrize("key", ["id", "method", "inputs", "expected", "tolerance"])
def test_case_that_lacks_a_part_is_a_failure(key):
    (outcome,) = run([{k: v for k, v in CASE.items() if k != key}])
    assert key in outcome.problems[0]


@pytest.mark.parametrize(
    ("expected", "got", "agrees"),
    [
        (1.0, 1.05, True),
        (1.0, 1.2, False),
        (1.0, math.nan, False),
        (1.0, math.inf, False),
        ("inf", math.inf, True),
        ("-inf", math.inf, False),
        (None, None, True),
        (None, math.nan, True),
        (None, 0, False),
        (0, None, False),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        ("L", "L", True),
        ("L", "K", False),
        ([1, 2], [1, 2.05], True),
        ([1, 2], [1, 2, 3], False),
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "b": 2}, {"a": 1}, False),
        ({"a": [None, 1]}, {"a": [math.nan, 1]}, True),
    ],
)
def test_agreement(expected, got, agrees):
    assert (not list(differences(expected, got, Tolerance(0.1, 0.0)))) == agrees


def test_relative_tolerance_is_of_the_expected():
    assert Tolerance.of({"abs": 1.0, "rel": 0.01}).holds(1000.0, 1010.9)
    assert not Tolerance.of({"abs": 1.0, "rel": 0.01}).holds(1000.0, 1011.1)
    with pytest.raises(ValueError, match="unknown keys"):
        Tolerance.of({"absolute": 1.0})


def _command(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.golden", str(path)],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_command_prints_failures_and_the_count(tmp_path):
    wrong = {**CASE, "id": "wrong", "expected": {"lower": 0.3, "upper": 0.36762}}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps([CASE, wrong, {**CASE, "method": "no such"}]), encoding="utf-8")
    done = _command(path)
    lines = done.stdout.splitlines()
    assert lines[-1] == "1 passed, 2 failed"
    assert lines[0].startswith(
        "FAIL wrong (clopper_pearson_two_sided): lower: expected 0.3, got 0.25"
    )
    assert done.returncode == 1


def test_command_tells_what_it_cannot_read(tmp_path):
    path = tmp_path / "cases.json"
    for text in ("{", "[]", '{"cases": 3}'):
        path.write_text(text, encoding="utf-8")
        assert _command(path).returncode == 2
    assert _command(tmp_path / "absent.json").returncode == 2
