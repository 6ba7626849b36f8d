"""`python -m tests.golden FILE.json`: run reference cases, print each failure and the count."""

import argparse
import sys
from pathlib import Path

# from the root of a checkout, installed or not
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from tests.golden.runner import cases_of, run


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    parser.add_argument("file", type=Path, help="cases, as in golden/cases.json")
    path = parser.parse_args(arguments).file
    try:
        cases = cases_of(path)
    except (OSError, ValueError, KeyError) as problem:
        print(f"{path}: {problem}", file=sys.stderr)
        return 2
    passed = failed = 0
    for outcome in run(cases):
        passed += outcome.passed
        failed += not outcome.passed
        for problem in outcome.problems:
            print(f"FAIL {outcome.case} ({outcome.method}): {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
