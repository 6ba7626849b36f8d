"""What ``flyoff lot`` does."""

import json
from dataclasses import dataclass
from typing import Literal

from flyoff.cli.guard import FAILED, MISUSE, OK, complain
from flyoff.cli.terminal import cell, print_table
from flyoff.pipeline.campaign import decide_lot, plain, plan_lot
from flyoff.views.campaign import first_attempts


@dataclass(frozen=True, slots=True)
class Counted:
    """What was tested: counts, or where to count it."""

    tested: int | None
    failures: int | None
    undetermined: int
    campaign: str | None
    candidate: str
    store: str | None


def run_plan(
    size: int,
    aql: float | None,
    level: str,
    tightened: bool,
    good: float | None,
    bad: float | None,
    as_json: bool,
) -> int:
    """Print plans; returns the exit code."""
    inspection: Literal["normal", "tightened"] = "tightened" if tightened else "normal"
    plans = plan_lot(size, aql=aql, level=level, inspection=inspection, good=good, bad=bad)
    if as_json:
        print(json.dumps(plain(plans), ensure_ascii=False, allow_nan=False))
        return OK
    rows = [tuple(cell(text) for text in (p.kind, p.rule, f"{100 * p.ltpd:.2g} %")) for p in plans]
    print_table(("plan", "rule", "accepted with 10 % only (LTPD)"), rows)
    shares = [point.defective for point in plans[0].curve]
    print()
    print_table(
        ("bad items", *(p.kind for p in plans)),
        [
            (
                cell(f"{100 * share:g} %"),
                *(cell(f"{100 * p.curve[i].accepted:.1f} %") for p in plans),
            )
            for i, share in enumerate(shares)
        ],
        title="How often a lot is accepted",
    )
    for p in plans:
        print(f"\n{p.kind}: {p.consumer_says}; {p.producer_says}.")
    return OK


def run_decide(size: int, sample: int, accept: int, counted: Counted, as_json: bool) -> int:
    """Decide; 0 to accept, 1 otherwise."""
    if counted.campaign is not None:
        if counted.store is None or not counted.candidate:
            complain("--campaign needs --candidate and --store")
            return MISUSE
        tally = first_attempts(counted.store, counted.campaign, counted.candidate)
    elif counted.tested is None or counted.failures is None:
        complain("say --tested and --failures, or --campaign, --candidate and --store")
        return MISUSE
    else:
        tally = (counted.tested, counted.failures, counted.undetermined)
    tested, failures, undetermined = tally
    decided = decide_lot(
        size, sample, accept, tested=tested, failures=failures, undetermined=undetermined
    )
    if as_json:
        print(json.dumps(plain(decided), ensure_ascii=False, allow_nan=False))
    else:
        print(f"{tested} tested, {failures} failed, {undetermined} unknown: {decided.says}.")
    return OK if decided.decision == "accept" else FAILED
