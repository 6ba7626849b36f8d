"""Tables of a trial's scores."""

from collections.abc import Sequence
from typing import Any

from flyoff.reports.markup import Html, el


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """A table; cells are escaped unless they are markup."""
    return el(
        "div",
        {"class": "scroll"},
        el(
            "table",
            None,
            el("thead", None, el("tr", None, *(el("th", None, h) for h in heads))),
            el(
                "tbody",
                None,
                *(el("tr", None, *(el("td", None, cell) for cell in row)) for row in rows),
            ),
        ),
    )


def score_rows(s: dict[str, Any]) -> list[list[str]]:
    """All scores of a sensor that have an interval, or the reason why there is none."""
    told = [
        ("Passes with a declaration", s["detection"]["passes"], ""),
        ("R50: range of half the chance in a scan", s["detection"]["r50_m"], " m"),
        ("R90: range of 90 % chance in a scan", s["detection"]["r90_m"], " m"),
        ("Time to first declaration, median", s["first_detection"]["median_s"], " s"),
        ("Time to first declaration, 90 %", s["first_detection"]["p90_s"], " s"),
        ("Range at first declaration, median", s["first_detection"]["median_range_m"], " m"),
        (f"False {s['false_tracks']['counted']} an hour", s["false_tracks"]["per_hour"], ""),
        ("Changes of the track, per hour tracked", s["continuity"]["swaps_per_hour"], ""),
        ("Breaks of custody, per hour tracked", s["continuity"]["breaks_per_hour"], ""),
        ("Longest unbroken track, share of the time", s["continuity"]["longest_share"], ""),
        ("Bias east", s["error"]["bias_east_m"], " m"),
        ("Bias north", s["error"]["bias_north_m"], " m"),
        ("Bias up", s["error"]["bias_up_m"], " m"),
        ("Half of all errors within", s["error"]["r50_m"], " m"),
        ("95 % of all errors within", s["error"]["r95_m"], " m"),
        ("Latency, median", s["latency_s"]["p50"], " s"),
        ("Latency, 95 %", s["latency_s"]["p95"], " s"),
        ("Named rightly, of passes declared", s["classification"]["recall"], ""),
        ("Alert before the line", s["alert_before_line"], ""),
    ]
    rows = [_row(*one) for one in told]
    picture = s["picture"]
    if "unknown" not in picture:
        shown = (
            f"OSPA {picture['ospa_m']:.3g} m, GOSPA {picture['gospa_m']:.3g} m, "
            f"completeness {_figure(picture['siap']['completeness'])}, "
            f"ambiguity {_figure(picture['siap']['ambiguity'])}, "
            f"spuriousness {_figure(picture['siap']['spuriousness'])}, "
            f"MOTA {_figure(picture['clear_mot']['mota'])}"
        )
        rows.append(["The picture over time", shown, "", "means over scans"])
    return rows


def _row(name: str, told: dict[str, Any], unit: str) -> list[str]:
    if "unknown" in told:
        return [name, "not known", told["unknown"], ""]
    ends = f"{_figure(told['low'])} to {_figure(told['high'])}{unit}"
    method = f"{told['method']}, n = {_figure(told['n'])}"
    return [
        name,
        f"{_figure(told['value'])}{unit}",
        el("span", {"class": "interval"}, ends),
        method,
    ]


def _figure(value: float | None) -> str:
    return "no end" if value is None else f"{value:.4g}"


def classes_table(scores: dict[str, Any]) -> Html | None:
    """What was declared, by what it was: passes."""
    told = scores["classification"]["confusion"]
    if "unknown" in told:
        return None
    names = told["classes"]
    rows = [
        [f"was {name}", *(str(n) if n else "·" for n in row)]
        for name, row in zip(names, told["table"], strict=True)
        if sum(row)
    ]
    return el(
        "div",
        None,
        el("h3", None, "Declared class of each pass"),
        table(["", *(f"said {name}" for name in names)], rows),
    )
