"""What ``flyoff store`` does."""

import json
from dataclasses import asdict

from flyoff.cli.guard import FAILED, OK, one_line
from flyoff.pipeline.upkeep import check, optimise


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
