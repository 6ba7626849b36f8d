"""A section for each sortie: what happened, why, on what evidence, and what could not be told."""

from collections.abc import Sequence

from flyoff.model.mission import Mission
from flyoff.reports.figures.map import flight_map, untrusted_since
from flyoff.reports.figures.marks import outcome_mark, severity_mark
from flyoff.reports.figures.timeline import SURFACE, timeline
from flyoff.reports.markup import Html, el, join
from flyoff.reports.summary import anchor, table
from flyoff.views.sortie import SortieDetail, StoredFinding, said
from flyoff.views.wording import figure, plain

#: Measures shown, with the words for them; the store has more.
_MEASURES = {
    "airborne_s": "under way",
    "distance_m": "distance",
    "max_height_m": "greatest height",
    "max_distance_m": "farthest from launch",
    "max_speed_ms": "greatest speed",
    "touchdown_descent_ms": "descent at touchdown",
    "landing_error_m": "landed off the planned place by",
    "energy_wh": "energy",
    "wind_mean_ms": "mean wind, as estimated",
}


#: Why nothing needs a cause.
_NO_CAUSE = {
    "completed": "It went as planned: nothing to explain.",
    "not_flown": "It was not told to fly: nothing to explain.",
    "aborted": "The operator broke off a healthy flight.",
    "undetermined": "How it ended is open, so no cause is named.",
}
#: Measures that say nothing of a vehicle that stays on the surface.
_OF_FLIGHT = frozenset({"max_height_m", "touchdown_descent_ms"})


def index(details: Sequence[SortieDetail]) -> Html:
    """All sorties in one table, each linked to its section."""
    head = ("Log", "Candidate", "Vehicle", "Start (UTC)", "Under way", "Outcome", "Sure",
            "Cause", "Decisive evidence")  # fmt: skip
    rows = [
        [
            el("a", {"href": f"#{anchor(d)}"}, d["log_name"]),
            d["candidate"] or "–",
            d["vehicle"],
            _utc(d),
            f"{d['airborne_s']:.0f} s" if d["airborne_s"] is not None else "–",
            outcome_mark(d["outcome"]),
            _sure(d["confidence"]),
            plain(d["cause"]) if d["cause"] else "–",
            d.in_short or "–",
        ]
        for d in details
    ]
    return el(
        "section",
        {"id": "sorties"},
        el("h2", None, "Sorties"),
        table(head, rows, "index sortable", numeric=frozenset({4, 6})),
    )


def sortie_section(detail: SortieDetail, plan: Mission | None) -> Html:
    """One sortie."""
    return el(
        "section",
        {"id": anchor(detail), "class": "sortie"},
        el("h2", None, outcome_mark(detail["outcome"]), el("span", None, detail["log_name"])),
        el("p", {"class": "facts"}, _facts(detail)),
        _verdict(detail),
        el("div", {"class": "plots"}, _map(detail, plan), _over_time(detail)),
        _findings(detail),
        _measures(detail),
        _not_assessed(detail),
        _receipt(detail),
    )


def _facts(d: SortieDetail) -> str:
    facts = [
        d["candidate"] or "no candidate",
        f"vehicle {d['vehicle']}",
        plain(d["vehicle_kind"]),
        d["firmware"] or d["autopilot"] or "autopilot unknown",
        f"card {d['card']}" if d["card"] else "no card",
        _utc(d),
        "simulated" if d["is_simulated"] else "",
    ]
    return " · ".join(f for f in facts if f)


def _verdict(d: SortieDetail) -> Html:
    """Outcome with its evidence, and the chain of what led to what."""
    evidence = [el("li", None, _at(e.t_s), said(e)) for e in d.evidence]
    outcome = el(
        "div",
        None,
        el("h3", None, "How it ended"),
        el("p", None, el("b", None, plain(d["outcome"])), f", confidence {_sure(d['confidence'])}"),
        el("ul", {"class": "evidence"}, *evidence),
    )
    links = [el("li", None, _at(k.t_s), d.link_says(k)) for k in d.chain]
    why = el("div", None, el("h3", None, "Why"), _cause(d), el("ol", {"class": "evidence"}, *links))
    return el("div", {"class": "pair verdict"}, outcome, why)


def _cause(d: SortieDetail) -> Html:
    if d["cause"] is None:
        return el("p", None, _NO_CAUSE.get(d["outcome"], "No cause could be found."))
    words = f", confidence {_sure(d['cause_confidence'])}"
    origin = f"; origin: {plain(d['cause_class'])}" if d["cause_class"] else ""
    return el("p", None, el("b", None, plain(d["cause"])), words + origin)


def _map(d: SortieDetail, plan: Mission | None) -> Html:
    drawn = flight_map(d, plan)
    if drawn is None:
        return el("p", {"class": "absent"}, "No position in this log: no map.")
    planned = "Dashed with squares: the plan." if plan is not None else "No plan is known."
    doubt = " Dotted: its position could not be trusted." if untrusted_since(d) is not None else ""
    caption = f"Where it went by its own estimate, around the launch.{doubt} {planned}"
    return el("figure", None, drawn, el("figcaption", None, caption))


def _over_time(d: SortieDetail) -> Html:
    drawn = timeline(d)
    if drawn is None:
        return el("p", {"class": "absent"}, "Neither height nor speed in this log: no curves.")
    marks = " Numbered marks: onset of the findings below." if d.findings else ""
    caption = f"Bands: phases.{marks}"
    return el("figure", {"class": "timeline"}, drawn, el("figcaption", None, caption))


def _findings(d: SortieDetail) -> Html:
    title = el("h3", None, "Findings")
    if not d.findings:
        return join(title, el("p", None, "None of what could be assessed was found wrong."))
    rows = [_finding_row(i + 1, f) for i, f in enumerate(d.findings)]
    head = ("#", "Finding", "Severity", "From [s]", "To [s]", "Evidence")
    return join(title, table(head, rows, "findings", numeric=frozenset({0, 3, 4})))


def _finding_row(number: int, f: StoredFinding) -> list[str]:
    says = "; ".join(said(e) for e in f.evidence[:3]) or "–"
    times = (f"{f.onset_s:.1f}", f"{f.end_s:.1f}")
    return [str(number), f.title, severity_mark(f.severity), *times, says]


def _measures(d: SortieDetail) -> Html | None:
    parts: list[Html] = []
    for name, words in _MEASURES.items():
        measured = d.measures.get(name)
        if name in _OF_FLIGHT and d["vehicle_kind"] in SURFACE:
            continue
        if measured is not None and measured.value is not None:
            shown = figure(measured.value, measured.unit)
            parts.append(el("div", None, el("dt", None, words), el("dd", None, shown)))
    return el("dl", {"class": "measures"}, *parts) if parts else None


def _not_assessed(d: SortieDetail) -> Html:
    title = el("h3", None, "Could not be assessed")
    if not d.not_assessed:
        return join(title, el("p", None, "Everything that applies to this vehicle was assessed."))
    items = [
        el("li", None, el("b", None, plain(kind)), f": {reason}")
        for kind, reason in sorted(d.not_assessed.items())
    ]
    return join(title, el("ul", {"class": "absent"}, *items))


def _receipt(d: SortieDetail) -> Html:
    words = (
        f"Log {d['path']}, {d['format']}, {d['bytes']:,} bytes: {d['decoded_bytes']:,} decoded, "
        f"{d['skipped_bytes']:,} skipped, {d['status']}. "
        f"Judged by rules {d['rules_version']}. SHA-256 "
    )
    return el("p", {"class": "receipt"}, words, el("code", None, d["log_sha256"]))


def _at(t_s: float | None) -> Html | None:
    return el("span", {"class": "at"}, f"{t_s:.1f} s") if t_s is not None else None


def _sure(confidence: float | None) -> str:
    return f"{confidence:.2f}" if confidence is not None else "–"


def _utc(d: SortieDetail) -> str:
    return (d["start_utc"] or "")[:19].replace("T", " ") or "time unknown"
