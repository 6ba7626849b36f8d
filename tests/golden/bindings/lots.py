"""METHODS 3."""

from typing import Any

from flyoff.stats import acceptance, lots
from flyoff.stats.acceptance import RiskPoint, Stage
from tests.golden.bindings.form import Inputs, Method, each


def _z14(i: Inputs) -> dict[str, Any]:
    plan = lots.lot_plan(
        i["lot_size"],
        float(i["aql"]),
        level=i.get("level", "II"),
        inspection=i.get("inspection", "normal"),
    )
    return {"code_letter": plan.code_letter, "n": plan.n, "Ac": plan.accept, "Re": plan.reject}


def _single(i: Inputs) -> dict[str, Any]:
    n, accept = i["n"], i["Ac"]
    by_process = each(lambda p: acceptance.binomial(n, accept, p), i["p"])
    shown = {
        "pa": by_process,
        "binomial": by_process,
        "poisson": each(lambda p: acceptance.poisson(n, accept, p), i["p"]),
    }
    if "lot_N" in i:
        lot = i["lot_N"]
        shown["hypergeometric"] = each(
            lambda p: acceptance.hypergeometric(lot, n, accept, round(lot * p)), i["p"]
        )
    return shown


def _lot(i: Inputs) -> dict[str, Any]:
    return {
        "pa": each(lambda d: acceptance.hypergeometric(i["N"], i["n"], i.get("c", 0), d), i["D"])
    }


def _zero(i: Inputs) -> dict[str, Any]:
    return {
        "n": [
            acceptance.zero_acceptance_sample(size, bad, risk=risk) for size, bad, risk in i["lots"]
        ]
    }


def _find(i: Inputs) -> dict[str, int]:
    plan = acceptance.find_plan(RiskPoint(*i["PRP"]), RiskPoint(*i["CRP"]))
    return {"n": plan.n, "c": plan.accept}


def _double(i: Inputs) -> dict[str, Any]:
    stages = [Stage(*stage) for stage in zip(i["n"], i["c"], i["r"], strict=True)]
    return {"pa": each(lambda p: acceptance.multiple_sampling(stages, p), i["p"])}


def _assess(i: Inputs) -> dict[str, Any]:
    plan = acceptance.assess(i["n"], i["c"], RiskPoint(*i["PRP"]), RiskPoint(*i["CRP"]))
    return {"meets": plan.meets, "pa_prp": plan.accepts_good, "pa_crp": plan.accepts_bad}


METHODS: dict[str, Method] = {
    "z14_single_sampling_plan": _z14,
    "single_sampling_oc": _single,
    "hypergeometric_oc_c0": _lot,
    "hypergeometric_oc": _lot,
    "c0_sample_size_hypergeometric": _zero,
    "find_plan_binomial": _find,
    "double_sampling_oc": _double,
    "plan_assessment": _assess,
}
