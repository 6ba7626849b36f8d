"""Evidence of others on a terminal, beside the own verdicts."""

from collections.abc import Mapping
from typing import Any

from flyoff.cli.terminal import cell, print_table


def print_included(document: Mapping[str, Any]) -> None:
    """Each requirement by origin, and pooled."""
    rows = []
    for line in document["lines"]:
        for origin, one in line["by_origin"].items():
            rows.append(_row(line, origin, one, _between(one["estimate"]), ""))
        if (pooled := line["pooled"]) is not None:
            text = f"{100 * pooled['low']:.3g} to {100 * pooled['high']:.3g} %"
            rows.append(_row(line, "pooled", None, text, pooled["says"]))
    print("\nWith the evidence of others; the verdicts above are by own evidence only:")
    columns = ("candidate", "requirement", "origin", "sorties", "share", "pooled would be")
    print_table(columns, rows)
    for origin, count in document["twice"].items():
        if count:
            print(f"{count} sorties of {origin} are known from before and count once.")
    print(
        "Pooled: random effects over origins, each end a one-sided bound, undetermined either way."
    )


def _row(
    line: Mapping[str, Any], origin: str, one: Mapping[str, Any] | None, share: str, says: str
) -> tuple[Any, ...]:
    counted = ""
    if one is not None:
        decided = one["successes"] + one["failures"]
        counted = f"{one['successes']} of {decided}, {one['undetermined']} unknown"
    words = (line["candidate"], line["requirement"], origin, counted, share, says)
    return tuple(cell(word) for word in words)


def _between(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None:
        return "–"
    return f"{100 * estimate['low']:.3g} to {100 * estimate['high']:.3g} %"
