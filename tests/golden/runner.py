"""Reads a file of cases, runs each, and tells which failed and how."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flyoff.errors import FlyoffError
from tests.golden.agreement import Tolerance, differences
from tests.golden.bindings import METHODS, TABLES

Case = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case and what is wrong with it; nothing if it passed."""

    case: str
    method: str
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def cases_of(path: Path) -> list[Case]:
    """Read the cases; the file holds them as a list, or under "cases"."""
    held = json.loads(path.read_text(encoding="utf-8"))
    cases = held["cases"] if isinstance(held, dict) else held
    if not isinstance(cases, list) or not cases:
        raise ValueError(f"{path}: expected a list of cases, got {type(cases).__name__}")
    return cases


def run(cases: list[Case]) -> Iterator[Outcome]:
    for case in cases:
        yield Outcome(str(case.get("id", "?")), str(case.get("method", "?")), tuple(_check(case)))


def _check(case: Case) -> Iterator[str]:
    missing = [
        key for key in ("id", "method", "inputs", "expected", "tolerance") if key not in case
    ]
    if missing:
        yield f"case lacks {', '.join(missing)}"
        return
    method, expected = case["method"], case["expected"]
    bound = METHODS.get(method)
    if bound is None:
        yield f"unknown method: expected {expected!r}, got nothing"
        return
    if not expected:
        yield "nothing is expected; the case cannot fail"
        return
    inputs = dict(case["inputs"])
    if method in TABLES and "times" in expected:
        inputs["rows"] = expected["times"]  # the table's row labels say where it was read off
    try:
        got = bound(inputs)
    except (FlyoffError, LookupError, TypeError, ValueError, ArithmeticError) as problem:
        yield f"expected {expected!r}, got {type(problem).__name__}: {problem}"
        return
    yield from differences(expected, got, Tolerance.of(case["tolerance"]))
