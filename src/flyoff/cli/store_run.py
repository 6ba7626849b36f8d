"""What ``flyoff store`` does."""

import json
from dataclasses import asdict
from pathlib import Path

from flyoff.cli.guard import FAILED, OK, one_line
from flyoff.pipeline.upkeep import check


def run_check(store: Path, as_json: bool) -> int:
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
