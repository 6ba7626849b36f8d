"""A candidate's chapter: requirements, outcomes, reliability, accuracy, endurance, safety."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flyoff.reports.figures.growth import growth_figure, spoken
from flyoff.reports.figures.standalone import standalone
from flyoff.reports.figures.values import Quantile, values_figure
from flyoff.reports.paper.blocks import (
    Block,
    Bullets,
    Cell,
    Columns,
    Facts,
    Figure,
    Heading,
    Paragraph,
    Table,
    Text,
)
from flyoff.reports.paper.lines import anchor, of_outcome, short
from flyoff.reports.verdict_words import (
    counted,
    interval,
    limit,
    measure_words,
    requirement,
    to_settle,
    value,
)
from flyoff.reports.words import Words, marked
from flyoff.views.paper import Line, Paper

Verdict = Mapping[str, Any]
#: Kinds of findings that threaten people or property, or the evidence.
SAFETY = (
    "flyaway",
    "fence_breach",
    "attitude_control_loss",
    "motor_failure",
    "control_surface_failure",
    "engine_failure",
    "power_loss",
    "estimator_failure",
    "gnss_spoofing",
    "gnss_jamming",
    "gnss_loss",
    "rc_loss",
    "datalink_loss",
    "failsafe",
    "impact",
    "hard_landing",
    "parachute_release",
)
_QUANTILES = {0.5: "R50", 0.95: "R95"}
_ACCURACY = ("arrival_error_m", "landing_error_m")
#: More sorties of an outcome are told as a number.
_MOST_NAMED = 8


def chapter(paper: Paper, name: str, sheets: frozenset[str], w: Words) -> Iterator[Block]:
    """All that the campaign says of one candidate."""
    lines = paper.of(name)
    about = next(c for c in paper.campaign.candidates if c.name == name)
    verdicts = [v for v in paper.evaluation["verdicts"] if v["candidate"] == name]
    yield Heading(1, short(name, 60), f"candidate-{_number(paper, name)}")
    if about.about or len(name) > 60:
        yield Paragraph(". ".join(p for p in (name if len(name) > 60 else "", about.about) if p))
    if not lines:
        yield Paragraph(w.t("No sortie of this candidate is in the store."))
    else:
        yield _exposure(lines, w)
    if verdicts:
        yield Heading(2, w.t("Requirements"))
        yield _requirements(verdicts, _objectives(paper), w)
        yield from _remarks(verdicts, w)
    if lines:
        yield Heading(2, w.t("Outcomes and causes"))
        yield _outcomes(lines, sheets, w)
        yield from _growth(paper, name, lines, w)
        yield from _values(lines, verdicts, w)
        yield from _safety(lines, sheets, w)
        yield from _breakdowns(paper, name, w)


def _number(paper: Paper, name: str) -> int:
    return [c.name for c in paper.campaign.candidates].index(name)


def _exposure(lines: Sequence[Line], w: Words) -> Facts:
    """How much was flown: what every figure rests on."""
    attempts = [line for line in lines if line.is_attempt]
    hours = sum(line.airborne_s or 0.0 for line in attempts) / 3600.0
    flown_m = [line.measures.get("distance_m") for line in attempts]
    return Facts(
        (
            (w.t("sorties"), w.whole(len(lines))),
            (w.t("counted"), w.whole(len(attempts))),
            (w.t("vehicles"), w.whole(len({line.vehicle for line in lines}))),
            (w.t("time in the air"), w.number(hours, "h")),
            (w.t("distance flown"), w.number(sum(d or 0.0 for d in flown_m) / 1000.0, "km")),
            (w.t("days"), w.whole(len({line.day[:10] for line in lines if line.day}))),
        )
    )


def _objectives(paper: Paper) -> dict[str, float]:
    """What a good product should reach, of the requirements that state it."""
    return {r.id: r.good for r in paper.campaign.requirements if r.good is not None}


def _requirements(verdicts: Sequence[Verdict], objectives: Mapping[str, float], w: Words) -> Table:
    head = [w.t(t) for t in ("Requirement", "Verdict", "Estimate", "Interval that decides",
                             "Rests on", "To settle it")]  # fmt: skip
    rows: list[list[Text]] = []
    for v in verdicts:
        confidence = w.t("at {share} confidence", share=w.percent(v["confidence"]))
        good = objectives.get(v["requirement"])
        objective = (
            w.t("no objective stated")
            if good is None
            else w.t("objective {good}", good=value(v, good, w))
        )
        deciding = Cell(interval(v, w), below=_method(v, w))
        estimate = v["estimate"]
        rows.append(
            [
                Cell(requirement(v, w), below=f"{confidence}; {objective}"),
                Cell(w.t(v["verdict"]), sign=v["verdict"], look="strong"),
                value(v, estimate["value"], w) if estimate else "–",
                deciding,
                counted(v, w),
                _settle(v, w),
            ]
        )
    return Table(head, rows, (0.25, 0.12, 0.1, 0.24, 0.12, 0.17), name=w.t("Requirements"))


def _method(v: Verdict, w: Words) -> str:
    if v["decides"] is None:
        return ""
    about = w.t("of sorties within {limit}; ", limit=limit(v, w)) if v["quantiles"] else ""
    return about + w.says(v["decides"]["method"])


def _settle(v: Verdict, w: Words) -> str:
    if v["missing"]:
        return w.t("log {channels}", channels=w.says(", ".join(v["missing"])))
    if v["verdict"] != "undecided":
        return "–"
    said = to_settle(v, w)
    further = v["further"]
    if further and further["median"] is not None:
        said += " " + w.t(
            "(ends met {met}, missed {missed})",
            met=w.percent(further["met"]), missed=w.percent(further["missed"]),
        )  # fmt: skip
    return said or "–"


def _remarks(verdicts: Sequence[Verdict], w: Words) -> Iterator[Block]:
    """What the verdicts would be otherwise, the power of the test, and how alike sorties are."""
    said = []
    for v in verdicts:
        other = [c for c in v["sensitivity"] if c["verdict"] != v["verdict"]]
        for case in other:
            changed = w.t("{requirement} would be {verdict} {case}.",
                          requirement=measure_words(v["measure"], w),
                          verdict=w.t(case["verdict"]), case=w.says(case["case"]))  # fmt: skip
            said.append(_begun(changed))
    if not said and any(v["sensitivity"] for v in verdicts):
        said.append(w.t("No verdict changes if disputed or undetermined sorties are counted "
                        "otherwise."))  # fmt: skip
    powers = [
        w.t("{requirement} (true share {good}): {risk}",
            requirement=measure_words(v["measure"], w), good=w.percent(v["producer_risk"]["good"]),
            risk=w.percent(v["producer_risk"]["risk"]))
        for v in verdicts
        if v["producer_risk"]
    ]  # fmt: skip
    if powers:
        said.append(
            w.t("Power: chance that a good product is not found to meet the requirement by so many "
                "sorties – {list}.", list="; ".join(powers))
        )  # fmt: skip
    if said:
        yield Bullets(said)


def _outcomes(lines: Sequence[Line], sheets: frozenset[str], w: Words) -> Table:
    head = [w.t(t) for t in ("Outcome", "Sorties", "Share", "Causes", "Which")]
    rows: list[list[Text]] = []
    for outcome, mine in of_outcome(lines).items():
        causes: dict[str, int] = {}
        for line in mine:
            if line.cause or line.is_bad:
                causes[line.cause] = causes.get(line.cause, 0) + 1
        told = ", ".join(
            f"{w.word(c) if c else w.t('cause unknown')} ({w.whole(n)})" for c, n in causes.items()
        )
        named = ", ".join(short(_called(line), 32) for line in mine[:_MOST_NAMED])
        more = len(mine) - _MOST_NAMED
        rows.append(
            [
                Cell(w.word(outcome), sign=outcome or "undetermined"),
                w.whole(len(mine)),
                w.percent(len(mine) / len(lines)),
                told or "–",
                named + (" " + w.t("and {n} more", n=w.whole(more)) if more > 0 else ""),
            ]
        )
    widths = (0.17, 0.09, 0.08, 0.26, 0.4)
    return Table(head, rows, widths, frozenset({1, 2}), w.t("Outcomes and causes"))


def _called(line: Line) -> str:
    return line.card.card if line.card else line.log_name or line.sortie_id


def _growth(paper: Paper, name: str, lines: Sequence[Line], w: Words) -> Iterator[Block]:
    growth = next((g for g in paper.evaluation["growth"] if g["candidate"] == name), None)
    if growth is None:
        return
    yield Heading(2, w.t("Reliability growth"))
    words: list[Block] = [Paragraph(_begun(w.says(growth["says"])) + ".")]
    facts: list[tuple[str, Text]] = []
    if growth["mtbf_start_to_end"] is not None:
        facts.append((w.t("hours for each failure"), w.number(growth["mtbf_start_to_end"], "h")))
    now = growth["mtbf_now"]
    if now is not None:
        shown = f"{w.number(now['value'])} ({w.number(now['low'])} – {w.number(now['high'])}) "
        shown += w.unit("h")
        facts.append((w.t("at the end, by the power law"), shown))
    if growth["laplace_p"] is not None:
        facts.append((w.t("Laplace test that failures get rarer"),
                      f"p = {w.number(growth['laplace_p'])}"))  # fmt: skip
    if facts:
        words.append(Facts(facts))
    rows: list[list[Text]] = [
        [short(c["configuration"]), w.whole(c["sorties"]), w.whole(c["failures"]),
         w.number(c["hours"], "h")]
        for c in growth["configurations"]
    ]  # fmt: skip
    if rows:
        head = [w.t(t) for t in ("Configuration", "Sorties", "Failures", "Hours")]
        words.append(Table(head, rows, (0.4, 0.2, 0.2, 0.2), frozenset({1, 2, 3}), head[0]))
    drawing = growth_figure(lines, growth, w)
    if drawing is None:
        yield from words
        return
    figure = Figure(standalone(drawing), spoken(growth, w))
    yield Columns([figure], words)


def _begun(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _values(lines: Sequence[Line], verdicts: Sequence[Verdict], w: Words) -> Iterator[Block]:
    """Accuracy and endurance: the continuous values behind every pass or fail."""
    figures = []
    for measure in _ACCURACY:
        figure = _strip(measure, "m", lines, verdicts, w)
        figures += [figure] if figure else []
    for i, title in ((0, w.t("Accuracy")), (1, w.t("Endurance"))):
        found = figures if i == 0 else [f for f in [_endurance(lines, verdicts, w)] if f]
        yield Heading(2, title)
        if not found:
            yield Paragraph(w.t("Not measured: no log of this candidate carries it."), "note")
        elif len(found) == 1:
            yield Columns(found, [_quantile_facts(title, verdicts, w)])
        else:
            yield Columns(found[:1], found[1:2])
            yield _quantile_facts(title, verdicts, w)


def _strip(
    measure: str, unit: str, lines: Sequence[Line], verdicts: Sequence[Verdict], w: Words
) -> Figure | None:
    v = next((v for v in verdicts if v["measure"] == measure), None)
    ids = set(v["counted"]) if v else None
    values = [
        (_called(line), float(line.measures[measure] or 0.0))
        for line in lines
        if line.measures.get(measure) is not None and line.is_attempt
        and (ids is None or line.sortie_id in ids)
    ]  # fmt: skip
    quantiles = [
        Quantile(_QUANTILES[q["p"]], e["value"], e["low"], e["high"])
        for q in (v["quantiles"] if v else ())
        if q["p"] in _QUANTILES and (e := q["estimate"])
    ]
    title = measure_words(measure, w)
    drawing = values_figure(title, unit, values, quantiles, v["limit"] if v else None, w)
    if drawing is None:
        return None
    return Figure(standalone(drawing), f"{title}: {len(values)}")


def _endurance(lines: Sequence[Line], verdicts: Sequence[Verdict], w: Words) -> Figure | None:
    v = next((v for v in verdicts if v["measure"] in ("endurance_s", "airborne_s")), None)
    values = [
        (_called(line), float(line.airborne_s or 0.0))
        for line in lines
        if line.outcome == "completed" and line.is_attempt and line.airborne_s is not None
    ]
    title = w.t("time in the air, sorties flown as planned")
    drawing = values_figure(title, "s", values, (), v["limit"] if v else None, w)
    return Figure(standalone(drawing), f"{title}: {len(values)}") if drawing else None


def _quantile_facts(title: str, verdicts: Sequence[Verdict], w: Words) -> Block:
    wanted = _ACCURACY if title == w.t("Accuracy") else ("endurance_s", "airborne_s", "range_m")
    facts: list[tuple[str, Text]] = []
    for v in verdicts:
        if v["measure"] in wanted:
            for q in v["quantiles"]:
                e = q["estimate"]
                ends = (w.number(e["low"], v["unit"]), w.number(e["high"], v["unit"]))
                name = f"{measure_words(v['measure'], w)}, p{100 * q['p']:g}"
                facts.append((name, f"{w.number(e['value'], v['unit'])} ({ends[0]} … {ends[1]})"))
    if facts:
        return Facts(facts)
    return Paragraph(w.t("Each dot is one sortie. No requirement asks for more."), "note")


def _safety(lines: Sequence[Line], sheets: frozenset[str], w: Words) -> Iterator[Block]:
    yield Heading(2, w.t("Safety events"))
    rows: list[list[Text]] = []
    for line in lines:
        for f in line.findings:
            if f.kind in SAFETY and f.severity == "critical":
                target = anchor(line.sortie_id) if line.sortie_id in sheets else ""
                rows.append(
                    [
                        Cell(short(_called(line), 32), target=target),
                        w.word(f.kind),
                        Cell(w.number(f.onset_s, "s"), order=f.onset_s),
                        "; ".join(w.evidence(e) for e in f.evidence[:2]) or "–",
                    ]
                )
    if not rows:
        yield Paragraph(w.t("None was found in what could be assessed."))
        return
    head = [w.t(t) for t in ("Sortie", "Event", "Onset", "Evidence")]
    yield Table(head, rows, (0.12, 0.24, 0.1, 0.54), frozenset({2}), w.t("Safety events"))


_BY = {
    "vehicle": marked("by vehicle"),
    "operator": marked("by operator"),
    "site": marked("by site"),
    "wind": marked("by wind"),
    "configuration": marked("by configuration"),
}


def _breakdowns(paper: Paper, name: str, w: Words) -> Iterator[Block]:
    """Shares by vehicle, operator, site, wind: where the sorties differ."""
    rows: list[list[Text]] = []
    for b in paper.evaluation["breakdowns"]:
        if b["candidate"] != name or len(b["groups"]) < 2:
            continue
        for g in b["groups"]:
            raw = g["raw"]
            shown = (
                f"{w.percent(raw['value'])} ({w.percent(raw['low'])} – {w.percent(raw['high'])})"
                if raw
                else "–"
            )
            rows.append(
                [measure_words(b["measure"], w), w.t(_BY[b["by"]]), short(g["name"], 40),
                 f"{g['successes']} / {g['trials']}", shown,
                 w.t("says next to nothing") if g["flag"] else ""]
            )  # fmt: skip
    if rows:
        yield Heading(2, w.t("By vehicle and condition"))
        head = [w.t(t) for t in ("Measure", "By", "Group", "Good", "Share (Wilson 90 %)", "Remark")]
        yield Table(head, rows, (0.2, 0.14, 0.16, 0.08, 0.2, 0.22), frozenset({3}), head[1])
