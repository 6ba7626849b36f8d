"""What ``flyoff store`` does."""

import json
from dataclasses import asdict

from flyoff.cli.guard import FAILED, OK, complain, one_line
from flyoff.pipeline.upkeep import check, optimise, repair, upgrade


def run_check(store: str, as_json: bool) -> int:
    """Tell every damage; returns the exit code."""
    count = 0
    for damage in check(store):
        count += 1
        if as_json:
            print(json.dumps(asdict(damage)))
        else:
            print(one_line(f"{damage.where}: {damage.what}; {damage.remedy}"))
    if not as_json:
        print(f"{store}: {count or 'nothing'} damaged")
    return FAILED if count else OK


def run_optimise(store: str, as_json: bool) -> int:
    """Join small files; returns the exit code."""
    before, after = optimise(store)
    if as_json:
        print(json.dumps({"files_before": before, "files_after": after}))
    else:
        print(f"{store}: tables of {before} files are of {after} now")
    return OK


def run_repair(store: str, jobs: int | None, as_json: bool) -> int:
    """Build anew what is damaged; returns the exit code."""
    count, failures = 0, 0
    for told in repair(store, jobs):
        count, failures = count + 1, failures + told.is_failure
        if as_json:
            print(json.dumps(asdict(told)))
        elif told.is_failure:
            complain(one_line(told.line))
        else:
            print(one_line(told.line))
    if not as_json and not count:
        print(f"{store}: nothing to repair")
    return FAILED if failures else OK


def run_upgrade(store: str, as_json: bool) -> int:
    """Bring a store to the newest format; returns the exit code."""
    before, after = upgrade(store)
    if as_json:
        print(json.dumps({"version_before": before, "version_after": after}))
    elif before == after:
        print(f"{store}: has the newest format, {after}, already")
    else:
        print(f"{store}: brought from format {before} to {after}")
    return OK
