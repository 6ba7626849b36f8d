"""A verdict in words: what is required, what was counted, and what it would take."""

from collections.abc import Mapping
from typing import Any

from flyoff.reports.words import NARROW, Words, marked
from flyoff.units import rounded_hours

Verdict = Mapping[str, Any]

#: Measures as a reader calls them; others are shown by their own name.
MEASURES = {
    "launch_success": marked("launch success"),
    "sortie_completion": marked("sorties flown as planned"),
    "gnss_denied_survival": marked("survival without satellite navigation"),
    "wind_endured": marked("sorties flown as planned in strong wind"),
    "operator_caused_share": marked("failures caused by the operator"),
    "loss_rate_per_hour": marked("losses per hour in the air"),
    "hours_between_failures": marked("hours between failures"),
    "endurance_s": marked("time in the air"),
    "range_m": marked("distance flown"),
    "energy_wh_per_km": marked("energy per kilometre"),
    "range_with_reserve_m": marked("range with reserve"),
    "time_to_launch_s": marked("time to launch"),
    "link_range_m": marked("range of the link"),
    "arrival_error_m": marked("arrival error"),
    "landing_error_m": marked("landing error"),
}
DIRECTIONS = {"at_least": marked("at least"), "at_most": marked("at most")}


def is_rate(v: Verdict) -> bool:
    """Whether it is counted in hours, not in sorties."""
    return v["counts"]["hours"] is not None or v["measure"] in (
        "hours_between_failures",
        "loss_rate_per_hour",
    )


def is_share(v: Verdict) -> bool:
    """Whether the limit itself is a share."""
    return v["unit"] == "" and not is_rate(v) and v["decides_about"] != _WITHIN


_WITHIN = "share of sorties within the limit"


def measure_words(measure: str, w: Words) -> str:
    """What is measured."""
    known = MEASURES.get(measure)
    return w.t(known) if known else measure.replace("_", " ")


def requirement(v: Verdict, w: Words) -> str:
    """The requirement: measure, statistic, direction, limit."""
    name = measure_words(v["measure"], w)
    statistic = statistic_of(v)
    if statistic:
        name = w.t("{statistic} of {measure}", statistic=w.t(statistic), measure=name)
    name = name[:1].upper() + name[1:]
    return f"{name} {w.t(DIRECTIONS[v['direction']])} {limit(v, w)}"


def statistic_of(v: Verdict) -> str:
    """``median``, ``p90`` … of a value; empty for what is counted."""
    word = str(v["says"]).partition(" of ")[0]
    return word if word == "median" or (word[:1] == "p" and word[1:].isdigit()) else ""


def limit(v: Verdict, w: Words) -> str:
    """The limit with its unit."""
    return value(v, v["limit"], w)


def value(v: Verdict, number: float | None, w: Words) -> str:
    """A number of the requirement's own unit."""
    if number is None:
        return "–"
    if is_share(v):
        return w.percent(number, 0 if abs(100 * number - round(100 * number)) < 1e-6 else 1)
    return w.number(number, v["unit"])


def interval(v: Verdict, w: Words) -> str:
    """The interval that decides."""
    decides = v["decides"]
    if decides is None:
        return "–"
    low, high = decides["low"], decides["high"]
    if is_rate(v):
        ends = [w.number(e) if e is not None else "∞" for e in (low, high)]
        return f"{ends[0]} – {ends[1]}{NARROW}{w.unit(v['unit'])}"
    ends = [w.percent(e, 0 if e in (0.0, 1.0) else 1) for e in (low, high)]
    return f"{ends[0].removesuffix(NARROW + '%')} – {ends[1]}"


def counted(v: Verdict, w: Words) -> str:
    """What it rests on: successes of the decided sorties, or failures in hours."""
    counts = v["counts"]
    if counts["hours"] is not None:
        said = w.n(
            "{count} failure in {hours}", "{count} failures in {hours}", counts["failures"],
            hours=w.number(counts["hours"], "h"),
        )  # fmt: skip
    else:
        decided = counts["successes"] + counts["failures"]
        said = w.t("{good} of {all}", good=w.whole(counts["successes"]), all=w.whole(decided))
    if counts["undetermined"]:
        said += ", " + w.t("{n} unknown", n=w.whole(counts["undetermined"]))
    return said


def shortly(v: Verdict, w: Words) -> str:
    """The verdict, and what it would take to settle it."""
    said = w.t(v["verdict"])
    if v["decides"] is None:
        return f"{said} · {w.t('nothing measured')}"
    ahead = to_settle(v, w) if v["verdict"] == "undecided" else ""
    return f"{said} · {ahead}" if ahead else said


def to_settle(v: Verdict, w: Words) -> str:
    """How much more would likely settle it; empty if nobody can say."""
    further = v["further"]
    if further is None:
        return ""
    if is_rate(v):
        if further["hours"] is None:
            hours = w.number(float(further["horizon"]), "h")
            return w.t("more than {hours} more in the air", hours=hours)
        hours = w.number(*rounded_hours(further["hours"]))
        return w.t("within {hours} more in the air", hours=hours) + _likely(further, w)
    many = further["median"]
    if many is None:
        return w.t("not settled within {n} sorties", n=w.whole(int(further["horizon"])))
    said = w.n("about {count} more sortie", "about {count} more sorties", int(many))
    return said + _likely(further, w)


#: From this chance on an end is told to be likely.
_LIKELY = 0.8


def _likely(further: Mapping[str, Any], w: Words) -> str:
    if further["met"] >= _LIKELY:
        return w.t(", likely met then")
    return w.t(", likely missed then") if further["missed"] >= _LIKELY else ""
