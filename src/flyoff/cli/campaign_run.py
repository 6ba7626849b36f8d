"""What ``flyoff campaign init``, ``check``, ``evaluate`` and ``record`` do."""

import json
import sys
from pathlib import Path

from flyoff.cli.guard import FAILED, OK
from flyoff.cli.terminal import cell, counted, print_table
from flyoff.cli.verdicts import print_evaluation
from flyoff.cli.with_others import print_included
from flyoff.pipeline.campaign import check, init, plain, record_campaign
from flyoff.views.campaign import evaluate_campaign, evaluation_json


def run_init(folder: Path, as_json: bool) -> int:
    """Write the template; returns the exit code."""
    written = init(folder)
    if as_json:
        print(json.dumps({"written": [str(path) for path in written]}))
    else:
        for path in written:
            print(f"wrote {path}")
        print(f"fill both in, then: flyoff campaign check {folder}")
    return OK


def run_check(folder: Path, store: str | None, as_json: bool) -> int:
    """Tell every problem; returns the exit code."""
    campaign, problems = check(folder, store)
    wrong = sum(p.gravity == "error" for p in problems)
    if as_json:
        print(json.dumps({"campaign": campaign.name, "problems": plain(problems)}))
        return FAILED if wrong else OK
    styles = {"error": "bold red", "warning": "yellow"}
    if problems:
        rows = [
            (
                cell(f"{p.file}:{p.line}" if p.line else p.file),
                cell(p.gravity, styles[p.gravity]),
                cell(p.text),
            )
            for p in problems
        ]
        print_table(("where", "", "what"), rows)
    print(
        f"{campaign.name}: {counted(len(campaign.candidates), 'candidate')}, "
        f"{counted(len(campaign.requirements), 'requirement')}, "
        f"{counted(len(campaign.cards), 'card')}; "
        f"{counted(wrong, 'error')}, {counted(len(problems) - wrong, 'warning')}"
    )
    return FAILED if wrong else OK


def run_evaluate(folder: Path, store: str, include: list[str], as_json: bool) -> int:
    """Evaluate and print; returns the exit code."""
    document = evaluate_campaign(str(store), folder, include)
    if as_json:
        sys.stdout.buffer.write(evaluation_json(document))
        sys.stdout.buffer.flush()
    else:
        print_evaluation(document)
        if include:
            print_included(document["included"])
    return OK


def run_record(folder: Path, store: str, as_json: bool) -> int:
    """Record the campaign as evaluated now; returns the exit code."""
    sha256, is_new = record_campaign(
        store, folder, lambda: evaluation_json(evaluate_campaign(str(store), folder))
    )
    if as_json:
        print(json.dumps({"campaign_sha256": sha256, "is_new": is_new}))
    else:
        print(f"{store}: campaign {sha256[:12]} {'recorded' if is_new else 'is there already'}")
    return OK
