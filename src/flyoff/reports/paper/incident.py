"""The incident sheet: one page on one sortie, from its log alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flyoff.model.mission import Mission
from flyoff.reports.figures.map import flight_map, untrusted_since
from flyoff.reports.figures.standalone import standalone
from flyoff.reports.figures.timeline import SURFACE, ending, timeline
from flyoff.reports.paper.blocks import (
    Block,
    Bullets,
    Cell,
    Columns,
    Facts,
    Figure,
    Heading,
    OnePage,
    Paragraph,
    Table,
    Text,
)
from flyoff.reports.paper.lines import anchor, short
from flyoff.reports.words import Words, marked
from flyoff.views.sortie import SortieDetail

#: More rows than this do not fit on a page; the rest is told as a number.
_MOST_ROWS, _MOST_LINKS, _MOST_UNKNOWN = 12, 7, 14
#: Of the curves, as wide as the map beside them [px].
_WIDTH = 400.0
_MEASURES = {
    "airborne_s": marked("under way"),
    "distance_m": marked("distance"),
    "max_height_m": marked("greatest height"),
    "max_speed_ms": marked("greatest speed"),
    "touchdown_descent_ms": marked("descent at touchdown"),
    "landing_error_m": marked("landed off the planned place by"),
}
#: Measures that say nothing of a vehicle that stays on the surface.
_OF_FLIGHT = frozenset({"max_height_m", "touchdown_descent_ms"})
_NO_CAUSE = {
    "completed": marked("It went as planned: nothing to explain."),
    "not_flown": marked("It was not told to fly: nothing to explain."),
    "aborted": marked("The operator broke off a healthy flight."),
    "undetermined": marked("How it ended is open, so no cause is named."),
}


@dataclass(frozen=True, slots=True, eq=False)
class Incident:
    """What a sheet is made of.

    Attributes
    ----------
    detail : SortieDetail
    plan : Mission or None
    wind : (north, east) or None [m/s]
    said : str
        What people said besides: a review, or the card where it differs.
    """

    detail: SortieDetail
    plan: Mission | None = None
    wind: tuple[float, float] | None = None
    said: str = ""


def sheet(incident: Incident, w: Words) -> Iterator[Block]:
    """One page."""
    d = incident.detail
    blocks: list[Block] = [
        Heading(1, _title(d, w), anchor(d["sortie_id"]), d["outcome"]),
        Paragraph(_facts(d, w), "note"),
        Paragraph(_verdict(incident, w)),
        Columns([_map(incident, w)], [_ending(d, w)], (1.0, 1.0)),
        *_measures(d, w),
        Columns(
            [Heading(2, w.t("What led to what")), *_chain(d, w)],
            [Heading(2, w.t("What could not be assessed")), *_unknown(d, w)],
        ),
        Heading(2, w.t("Evidence")),
        _evidence(d, w),
        Paragraph(_receipt(d, w), "note"),
    ]
    yield OnePage(blocks)


def _title(d: SortieDetail, w: Words) -> str:
    cause = f": {w.word(d['cause'])}" if d["cause"] else ""
    word = w.word(d["outcome"])
    return f"{word[:1].upper()}{word[1:]}{cause}"


def _facts(d: SortieDetail, w: Words) -> str:
    facts = [
        short(d["candidate"] or "", 60),
        w.t("vehicle {name}", name=short(str(d["vehicle"]), 40)),
        w.word(d["vehicle_kind"]),
        d["firmware"] or d["autopilot"] or w.t("autopilot unknown"),
        w.t("card {name}", name=short(d["card"])) if d["card"] else "",
        w.instant(d["start_utc"]) + " UTC" if d["start_utc"] else w.t("time unknown"),
        short(d["log_name"], 80),
        w.t("flown in simulation") if d["is_simulated"] else "",
    ]
    return " · ".join(f for f in facts if f)


def _verdict(incident: Incident, w: Words) -> list[Text]:
    d = incident.detail
    said: list[Text] = [
        Cell(w.word(d["outcome"]), sign=d["outcome"], look="strong"),
        f", {w.t('confidence')} {_sure(d['confidence'], w)}. ",
    ]
    if d["cause"]:
        origin = f", {w.t('origin')}: {w.word(d['cause_class'])}" if d["cause_class"] else ""
        said += [
            f"{w.t('Cause')}: ",
            Cell(w.word(d["cause"]), look="strong"),
            f", {w.t('confidence')} {_sure(d['cause_confidence'], w)}{origin}. ",
        ]
    else:
        said.append(w.t(_NO_CAUSE.get(d["outcome"], _NONE_FOUND)) + " ")
    if incident.said:
        said.append(incident.said)
    return said


_NONE_FOUND = marked("No cause could be found.")


def _sure(confidence: float | None, w: Words) -> str:
    return w.local(f"{confidence:.2f}") if confidence is not None else "–"


def _map(incident: Incident, w: Words) -> Block:
    d = incident.detail
    drawn = flight_map(d, incident.plan, incident.wind, w)
    if drawn is None:
        return Paragraph(w.t("No position in this log: no map."), "note")
    planned = w.t("Dashed: the plan.") if incident.plan is not None else w.t("No plan is known.")
    doubt = w.t("Dotted: position not to be trusted.") if untrusted_since(d) is not None else ""
    alt = w.t("Map: track, plan, launch and end, in metres")
    return Figure(standalone(drawn), alt, " ".join(p for p in (planned, doubt) if p))


def _ending(d: SortieDetail, w: Words) -> Block:
    cut = ending(d)
    drawn = timeline(cut, w, _WIDTH)
    if drawn is None:
        return Paragraph(w.t("Neither height nor speed in this log: no curves."), "note")
    caption = w.t("The end of the sortie. Bands: phases. Numbers: onset of the findings below.")
    return Figure(standalone(drawn), w.t("Height, speed and attitude at the end"), caption)


def _measures(d: SortieDetail, w: Words) -> Iterator[Block]:
    pairs: list[tuple[str, Text]] = []
    for name, words in _MEASURES.items():
        if name in _OF_FLIGHT and d["vehicle_kind"] in SURFACE:
            continue
        found = d.measures.get(name)
        if found is not None and found.value is not None:
            pairs.append((w.t(words), w.number(found.value, found.unit)))
    if pairs:
        yield Facts(pairs)


def _chain(d: SortieDetail, w: Words) -> Iterator[Block]:
    if not d.chain:
        yield Paragraph(w.t("No chain of causes was found."))
        return
    items: list[Sequence[Text]] = []
    for link in d.chain[:_MOST_LINKS]:
        found = next(
            (f for f in d.findings if f.kind == link.kind and abs(f.onset_s - link.t_s) < 1e-3),
            None,
        )
        at = Cell(w.local(f"{link.t_s:.1f} s") + "  ", look="soft")
        if found is None:
            items.append([at, w.says(link.says)])
            continue
        told = f": {w.evidence(found.evidence[0])}" if found.evidence else ""
        items.append([at, Cell(_named(found.kind, found.detail, w), look="strong"), told])
    yield Bullets(items, numbered=True)


def _named(kind: str, detail: str, w: Words) -> str:
    return f"{w.word(kind)} ({w.says(detail)})" if detail else w.word(kind)


def _unknown(d: SortieDetail, w: Words) -> Iterator[Block]:
    if not d.not_assessed:
        yield Paragraph(w.t("Everything that applies to this vehicle was assessed."))
        return
    by: dict[str, list[str]] = {}
    for kind, reason in sorted(d.not_assessed.items()):
        by.setdefault(reason, []).append(w.word(kind))
    shown = list(by.items())[:_MOST_UNKNOWN]
    rest = len(by) - len(shown)
    items: list[list[Text]] = [
        [Cell(", ".join(kinds), look="strong"), f": {w.says(reason)}"] for reason, kinds in shown
    ]
    if rest:
        items.append([w.t("and {n} more", n=w.whole(rest))])
    yield Bullets(items)


def _evidence(d: SortieDetail, w: Words) -> Block:
    rows: list[list[Text]] = []
    for e in d.evidence:
        rows.append([Cell(w.word(d["outcome"]), look="strong"), w.evidence(e),
                     e.channel or "–", _at(e.t_s, w)])  # fmt: skip
    for number, f in enumerate(d.findings, 1):
        for e in f.evidence[:3]:
            name = f"{number} {_named(f.kind, f.detail, w)}"
            rows.append([Cell(name), w.evidence(e), e.channel or "–", _at(e.t_s, w)])
    if not rows:
        return Paragraph(w.t("The log holds no evidence."))
    kept = rows[:_MOST_ROWS]
    if len(rows) > len(kept):
        more = w.t("and {n} more", n=w.whole(len(rows) - len(kept)))
        kept.append([Cell(more, look="soft"), "", "", ""])
    head = [w.t(t) for t in ("For", "What the log shows", "Channel", "At")]
    return Table(head, kept, (0.24, 0.46, 0.2, 0.1), frozenset({3}), w.t("Evidence"))


def _at(t_s: float | None, w: Words) -> Cell:
    return Cell(w.local(f"{t_s:.2f}\u00a0s") if t_s is not None else "–", order=t_s)


def _receipt(d: SortieDetail, w: Words) -> list[Text]:
    said = w.t(
        "Log {name}, {form}, {size} bytes: {decoded} decoded, {skipped} skipped, {status}. "
        "Rules {rules}. Times on the log's own clock. SHA-256 ",
        name=short(d["log_name"], 80), form=d["format"], size=w.whole(d["bytes"]),
        decoded=w.whole(d["decoded_bytes"]), skipped=w.whole(d["skipped_bytes"]),
        status=w.t(d["status"]), rules=d["rules_version"],
    )  # fmt: skip
    return [said, Cell(d["log_sha256"], look="mono")]
