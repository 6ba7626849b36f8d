"""An evaluation as a buyer reads it on a terminal."""

from collections.abc import Mapping
from textwrap import fill
from typing import Any

from flyoff.cli.terminal import cell, print_table

VERDICT_STYLE = {"met": "bold green", "missed": "bold red", "undecided": "bold blue"}
_WIDTH = 100


def print_evaluation(document: Mapping[str, Any]) -> None:
    """Verdicts, what would settle them, comparison, growth, agreement, and what to know."""
    print_verdicts(document)
    _print_comparisons(document)
    _print_growth(document)
    _print_agreement(document)
    for note in document["notes"]:
        print(fill(f"Note: {note}", _WIDTH))
    sorties = document["sorties"]
    for key, words in (
        ("of_no_candidate", "belong to no candidate"),
        ("without_card", "have no card"),
        ("without_log", "have no log"),
    ):
        if count := sorties[key]["count"]:
            print(f"{count} of {sorties['total']} sorties {words}.")


def print_verdicts(document: Mapping[str, Any]) -> None:
    """The table of verdicts and how it was decided."""
    rows = []
    for v in document["verdicts"]:
        counts = v["counts"]
        rows.append(
            (
                cell(v["candidate"]),
                cell(v["requirement"]),
                cell(f"{v['direction'].replace('_', ' ')} {_number(v, v['limit'])}"),
                cell(v["verdict"], VERDICT_STYLE[v["verdict"]]),
                cell(_estimate(v)),
                cell(interval(v)),
                cell(tally(counts)),
                cell(_why(v)),
            )
        )
    columns = "candidate|requirement|limit|verdict|estimate|interval that decides|sorties|next"
    print_table(columns.split("|"), rows, below=("next", "sorties", "interval that decides"))
    print(f"\n{fill(_how(document), _WIDTH)}")


def _how(document: Mapping[str, Any]) -> str:
    settings = document["settings"]
    once = f"one look, after {settings['planned_sorties']} planned sorties of each candidate"
    looks = once if settings["looks"] == "once" else "looking at any time"
    return (
        f"Each end of the interval is a one-sided bound, valid for {looks} and for sorties of one "
        f"vehicle that resemble each other (correlation up to "
        f"{settings['vehicle_correlation_at_most']:g}); undetermined sorties count as failed at "
        "the lower end and as succeeded at the upper one. A requirement is met or missed only if "
        "the whole interval lies on one side of the limit. All intervals, which sorties counted "
        "and which not and why: --json."
    )


def _number(v: Mapping[str, Any], value: float | None) -> str:
    if value is None:
        return "∞"
    is_share = v["measure"] in _SHARES
    return f"{100 * value:.3g} %" if is_share else f"{figure(value)} {v['unit']}".strip()


def figure(value: float) -> str:
    """A number to three digits, without an exponent where people would not write one.

    Examples
    --------
    >>> figure(2000.0), figure(0.0213), figure(1.2345)
    ('2000', '0.0213', '1.23')
    """
    return f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:.3g}"


_SHARES = frozenset(
    "launch_success sortie_completion gnss_denied_survival wind_endured "
    "operator_caused_share".split()
)


def _estimate(v: Mapping[str, Any]) -> str:
    return _number(v, v["estimate"]["value"]) if v["estimate"] else "–"


def interval(v: Mapping[str, Any]) -> str:
    """The interval that decides, in the unit of what it is about."""
    decides = v["decides"]
    if decides is None:
        return "–"
    if v["decides_about"].startswith("share"):
        low, high = (f"{100 * decides[end]:.3g}" for end in ("low", "high"))
        within = " within limit" if "within" in v["decides_about"] else ""
        needed = f", needs {100 * v['decides_limit']:.3g} %" if within else ""
        return f"{low} to {high} %{within}{needed}"
    high = "∞" if decides["high"] is None else f"{decides['high']:.3g}"
    return f"{decides['low']:.3g} to {high}"


def tally(counts: Mapping[str, Any]) -> str:
    """How many sorties were good, or how many failures came in how many hours."""
    decided = counts["successes"] + counts["failures"]
    text = f"{counts['successes']} of {decided}"
    if counts["hours"] is not None:
        text = f"{counts['failures']} in {counts['hours']:.3g} h"
    return f"{text}, {counts['undetermined']} unknown" if counts["undetermined"] else text


def _why(v: Mapping[str, Any]) -> str:
    if v["further"] is not None:
        return str(v["further"]["says"])
    if v["decides"] is None:
        return str(v["because"])
    other = sorted({c["verdict"] for c in v["sensitivity"]} - {v["verdict"]})
    return f"{' or '.join(other)} if disputed or unknown sorties went otherwise" if other else ""


def _print_comparisons(document: Mapping[str, Any]) -> None:
    rows = [
        (
            cell(c["measure"].replace("_", " ")),
            cell(d["says"]),
            cell(
                f"{100 * d['difference']['value']:+.0f} points "
                f"({100 * d['difference']['low']:+.0f} to {100 * d['difference']['high']:+.0f})"
            ),
            cell(f"{d['p_value']:.3f} ({d['test']}, Holm)"),
        )
        for c in document["comparisons"]
        for d in c["differences"]
    ]
    if rows:
        print()
        heads = ("measure", "candidate against candidate", "difference", "p-value")
        print_table(heads, rows, below=("p-value", "difference"))
    for c in document["comparisons"]:
        best = ", ".join(f"{n} {100 * p:.0f} %" for n, p in c["probability_best"].items())
        print(f"Probability of the highest {c['measure'].replace('_', ' ')}: {best}")


def _print_growth(document: Mapping[str, Any]) -> None:
    for g in document["growth"]:
        if len(g["configurations"]) > 1 or g["shape"] is not None:
            print(f"{g['candidate']}: {g['says']}")


def _print_agreement(document: Mapping[str, Any]) -> None:
    for a in document["agreement"]:
        if a["rate"] is not None:
            rate = a["rate"]
            print(
                f"Program and {a['by']} agree on {a['agreed']} of {a['compared']} outcomes "
                f"({100 * rate['low']:.0f} to {100 * rate['high']:.0f} %, {rate['method']}, "
                f"90 %); {a['undetermined']} more were decided by people only."
            )
