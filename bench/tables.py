"""Markdown tables and shares with their intervals, for the pages that the scripts here write."""

from collections.abc import Iterable, Sequence

from flyoff.stats.proportions import wilson

LEVEL = 0.90


def share(right: int, n: int) -> str:
    """``129/129 = 1.000 [0.979, 1.000]``: two-sided Wilson interval; a dash without a trial.

    The upper end is printed as it is; of n without a miss the lower end is the figure to quote.
    """
    if not n:
        return "–"
    estimate = wilson(right, n, level=LEVEL)
    return f"{right}/{n} = {right / n:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for row in rows:
        cells = (f"{c:.3f}" if isinstance(c, float) else str(c) for c in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
