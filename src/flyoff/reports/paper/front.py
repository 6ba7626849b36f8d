"""Page one: which candidate meets what, what is undecided, what to do next."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flyoff.reports.figures.standalone import standalone
from flyoff.reports.figures.verdicts import forest
from flyoff.reports.paper.blocks import (
    Block,
    Cell,
    Figure,
    Heading,
    OnePage,
    Paragraph,
    Run,
    Table,
    Text,
)
from flyoff.reports.paper.lines import short
from flyoff.reports.verdict_words import (
    counted,
    interval,
    is_rate,
    requirement,
    to_settle,
    value,
)
from flyoff.reports.words import Words
from flyoff.views.paper import Paper

Verdict = Mapping[str, Any]
#: More lines of the forest do not fit on page one; it follows as a page of its own.
MOST_LINES = 28
#: More candidates than this make the table of page one one line each.
MOST_COLUMNS = 6


def front(paper: Paper, candidates: Sequence[str], w: Words) -> Iterator[Block]:
    """Page one, and the forest behind it where it is long."""
    groups = groups_of(paper, candidates, w)
    measured = [(t, v) for t, v in groups if any(x["decides"] for x in v)]
    lines = sum(len(v) for _, v in measured)
    figure = _figure(measured, w) if measured else None
    page: list[Block] = [
        Heading(0, paper.campaign.name),
        Paragraph(_subtitle(paper, candidates, w), "note"),
        Paragraph(_in_short(paper, candidates, w), "lead"),
    ]
    if groups:
        page += [Heading(2, w.t("Verdicts")), _matrix(paper, groups, candidates, w)]
        if figure is not None and lines <= MOST_LINES:
            page.append(figure)
    page.append(Heading(2, w.t("What to do next")))
    page += [Table(["", ""], [[Cell(a, look="strong"), b] for a, b in _next(paper, candidates, w)],
                   (0.16, 0.84), name=w.t("What to do next"))]  # fmt: skip
    yield OnePage(page)
    if figure is not None and lines > MOST_LINES:
        yield Heading(1, w.t("Verdicts with the intervals that decide them"), "forest")
        yield figure


def groups_of(paper: Paper, candidates: Sequence[str], w: Words) -> list[tuple[str, list[Verdict]]]:
    """Verdicts by requirement, in the campaign's order."""
    found: dict[str, list[Verdict]] = {}
    for v in paper.evaluation["verdicts"]:
        if v["candidate"] in candidates:
            found.setdefault(v["requirement"], []).append(v)
    return [(requirement(verdicts[0], w), verdicts) for verdicts in found.values()]


def _subtitle(paper: Paper, candidates: Sequence[str], w: Words) -> str:
    days = sorted(line.day[:10] for line in paper.lines if line.day)
    simulated = sum(bool(line.row.get("is_simulated")) for line in paper.lines)
    parts = [
        w.t("Test report"),
        w.n("{count} candidate", "{count} candidates", len(candidates)),
        w.n("{count} sortie", "{count} sorties", len(paper.lines)),
        w.n("{count} log", "{count} logs", len(paper.logs)),
        f"{w.date(days[0])} – {w.date(days[-1])}" if days else w.t("no date is known"),
    ]
    if simulated:
        parts.append(w.n("{count} sortie flown in simulation",
                         "{count} sorties flown in simulation", simulated))  # fmt: skip
    return " · ".join(parts)


def _in_short(paper: Paper, candidates: Sequence[str], w: Words) -> Run:
    if not paper.lines:
        return w.t("No sortie of this campaign is in the store: nothing can be said yet.")
    verdicts = [v for v in paper.evaluation["verdicts"] if v["candidate"] in candidates]
    if not verdicts:
        return w.t("The campaign states no requirement, so there is no verdict.")
    said = []
    for name in candidates:
        mine = [v for v in verdicts if v["candidate"] == name]
        by = {word: sum(v["verdict"] == word for v in mine) for word in _VERDICTS}
        text = w.t(
            "{name}: {met} of {all} requirements met, {missed} missed, {undecided} undecided.",
            name=short(name), all=len(mine), **by,
        )  # fmt: skip
        said.append(text)
    first = Cell(_decision(verdicts, candidates, w) + " ", look="strong")
    return [first, " ".join([*said[:MOST_COLUMNS], *_apart(paper, w)])]


def _decision(verdicts: Sequence[Verdict], candidates: Sequence[str], w: Words) -> str:
    """Who meets everything; else, that nobody does."""
    whole = [
        name
        for name in candidates
        if all(v["verdict"] == "met" for v in verdicts if v["candidate"] == name)
    ]
    if not whole:
        return w.t("No candidate is shown to meet every requirement.")
    return w.t("Shown to meet every requirement: {names}.", names=", ".join(map(short, whole)))


_VERDICTS = ("met", "missed", "undecided")


def _apart(paper: Paper, w: Words) -> Iterator[str]:
    """Whether any candidate is shown to be ahead of another."""
    compared = paper.evaluation["comparisons"]
    if not compared:
        return
    ahead = []
    for comparison in compared:
        for d in comparison["differences"]:
            low, high = d["difference"]["low"], d["difference"]["high"]
            if low > 0 or high < 0:
                pair = (d["first"], d["second"]) if low > 0 else (d["second"], d["first"])
                ahead.append((comparison["measure"], *map(short, pair)))
    if not ahead:
        yield w.t("No candidate is shown to be better than another.")
    for measure, better, worse in ahead[:3]:
        yield w.t("{better} is ahead of {worse} in {measure}.", better=better, worse=worse,
                  measure=measure_of(measure, w))  # fmt: skip


def measure_of(measure: str, w: Words) -> str:
    """A measure in words."""
    from flyoff.reports.verdict_words import measure_words

    return measure_words(measure, w)


def _matrix(
    paper: Paper,
    groups: Sequence[tuple[str, Sequence[Verdict]]],
    candidates: Sequence[str],
    w: Words,
) -> Table:
    """Requirements by candidates: verdict, what it rests on, the interval that decides."""
    shown = list(candidates[:MOST_COLUMNS])
    rows: list[list[Text]] = []
    for title, verdicts in groups:
        by = {v["candidate"]: v for v in verdicts}
        confidence = w.t("at {share} confidence", share=w.percent(verdicts[0]["confidence"]))
        cells = [_verdict_cell(by.get(name), w) for name in shown]
        rows.append([Cell(title, below=confidence), *cells])
    left_out = len(candidates) - len(shown)
    name = w.t("Verdicts by requirement and candidate")
    if left_out:
        name += " " + w.n("({count} further candidate below)",
                          "({count} further candidates below)", left_out)  # fmt: skip
    head = [w.t("Requirement"), *map(short, shown)]
    return Table(head, rows, (1.5, *(1.0 for _ in shown)), name=name)


def _verdict_cell(v: Verdict | None, w: Words) -> Text:
    if v is None:
        return Cell("–", look="soft", below=w.t("not required"))
    if v["decides"] is None:
        below = w.t("nothing measured")
    elif is_rate(v):
        below = f"{value(v, v['estimate'] and v['estimate']['value'], w)} ({interval(v, w)})"
    else:
        below = f"{counted(v, w)} ({interval(v, w)})"
    return Cell(w.t(v["verdict"]), sign=v["verdict"], look="strong", below=below)


def _figure(groups: Sequence[tuple[str, Sequence[Verdict]]], w: Words) -> Figure:
    drawing = forest([(t, [{**v, "candidate": v["candidate"]} for v in g]) for t, g in groups], w)
    caption = w.t(
        "Bar: the interval that decides. Dot: share of the decided sorties, or the estimate. "
        "Upright line: the limit. Met or missed only if the whole bar lies on one side."
    )
    alt = w.t("Verdicts with the intervals that decide them")
    return Figure(standalone(drawing), alt, caption)


def _next(paper: Paper, candidates: Sequence[str], w: Words) -> Iterator[tuple[str, str]]:
    """What each candidate needs, then what the evaluators have to do."""
    for name in list(candidates)[:MOST_COLUMNS]:
        mine = [v for v in paper.evaluation["verdicts"] if v["candidate"] == name]
        said = " ".join(_of_candidate(mine, w))
        if said:
            yield short(name), said
    said = " ".join(_of_evaluators(paper, candidates, w))
    if said:
        yield w.t("evaluators"), said


def _of_candidate(verdicts: Sequence[Verdict], w: Words) -> Iterator[str]:
    missed = [v for v in verdicts if v["verdict"] == "missed"]
    if missed:
        yield w.t(
            "Misses {requirements}: more sorties of the same product will not mend that; change "
            "the product, then fly anew.", requirements=_listed(missed, w),
        )  # fmt: skip
    settled: dict[str, list[Verdict]] = {}
    for v in verdicts:
        if v["verdict"] == "undecided" and to_settle(v, w):
            settled.setdefault(to_settle(v, w), []).append(v)
    if settled:
        said = "; ".join(f"{_listed(group, w)} – {ahead}" for ahead, group in settled.items())
        yield w.t("To settle: {what}.", what=said)
    if verdicts and all(v["verdict"] == "met" for v in verdicts):
        yield w.t("Meets every requirement: nothing more to fly.")


def _of_evaluators(paper: Paper, candidates: Sequence[str], w: Words) -> Iterator[str]:
    unmeasured: dict[str, list[Verdict]] = {}
    for v in paper.evaluation["verdicts"]:
        if v["candidate"] in candidates and v["missing"]:
            unmeasured.setdefault(", ".join(v["missing"]), []).append(v)
    for needs, verdicts in unmeasured.items():
        names = dict.fromkeys(measure_of(v["measure"], w) for v in verdicts)
        yield w.t("Log {channels}: without it {requirements} cannot be measured.",
                  channels=w.says(needs), requirements=", ".join(names))  # fmt: skip
    undetermined = sum(line.outcome == "undetermined" for line in paper.lines)
    if undetermined:
        yield w.n("Look into {count} sortie whose end the log does not show.",
                  "Look into {count} sorties whose end the log does not show.",
                  undetermined)  # fmt: skip
    unexplained = sum(line.is_bad and not line.cause for line in paper.lines)
    if unexplained:
        yield w.n("Review {count} bad end without a cause.",
                  "Review {count} bad ends without a cause.", unexplained)  # fmt: skip
    disputed = sum(line.told not in ("", line.judged) and bool(line.judged) for line in paper.lines)
    if disputed:
        yield w.n("Settle {count} sortie on which card and program differ.",
                  "Settle {count} sorties on which card and program differ.", disputed)  # fmt: skip


def _listed(verdicts: Sequence[Verdict], w: Words) -> str:
    return ", ".join(measure_of(v["measure"], w) for v in verdicts)
