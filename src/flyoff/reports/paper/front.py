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
#: A requirement in words, and its verdicts.
Group = tuple[str, Sequence[Verdict]]
#: More lines of the forest do not fit on page one; it follows as a page of its own.
MOST_LINES = 28
#: Lines of the forest on a page of its own.
PAGE_LINES = 44
#: More candidates than this have a line each on page one, not a column.
MOST_COLUMNS = 6


def front(paper: Paper, candidates: Sequence[str], w: Words) -> Iterator[Block]:
    """Page one, and the forest behind it where it is long."""
    groups = groups_of(paper, candidates, w)
    measured = [(t, v) for t, v in groups if any(x["decides"] for x in v)]
    figures = [_figure(part, w) for part in _pages(measured)]
    is_short = sum(len(v) for _, v in measured) <= MOST_LINES
    page: list[Block] = [
        Heading(0, short(paper.campaign.name, 120)),
        Paragraph(_subtitle(paper, candidates, w), "note"),
        Paragraph(_in_short(paper, candidates, w), "lead"),
    ]
    if groups:
        page += [Heading(2, w.t("Verdicts")), _matrix(paper, groups, candidates, w)]
        if is_short:
            page += figures
    page.append(Heading(2, w.t("What to do next")))
    page += [Table(["", ""], [[Cell(a, look="strong"), b] for a, b in _next(paper, candidates, w)],
                   (0.16, 0.84), name=w.t("What to do next"))]  # fmt: skip
    yield OnePage(page)
    if figures and not is_short:
        yield Heading(1, w.t("Verdicts with the intervals that decide them"), "forest")
        yield from figures


def _pages(groups: Sequence[Group]) -> Iterator[list[Group]]:
    """Groups in parts that fit a page each."""
    part: list[Group] = []
    for title, verdicts in groups:
        for first in range(0, len(verdicts), PAGE_LINES):
            piece = (title, verdicts[first : first + PAGE_LINES])
            if part and sum(len(v) + 2 for _, v in [*part, piece]) > PAGE_LINES + 2:
                yield part
                part = []
            part.append(piece)
    if part:
        yield part


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
    for name in candidates if len(candidates) <= MOST_COLUMNS else ():
        mine = [v for v in verdicts if v["candidate"] == name]
        by = {word: sum(v["verdict"] == word for v in mine) for word in _VERDICTS}
        text = w.t(
            "{name}: {met} of {all} requirements met, {missed} missed, {undecided} undecided.",
            name=short(name), all=len(mine), **by,
        )  # fmt: skip
        said.append(text)
    first = Cell(_decision(verdicts, candidates, w) + " ", look="strong")
    return [first, " ".join([*said, *_apart(paper, w)])]


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
    """Requirements by candidates: verdict, what it rests on, the interval that decides.

    Many candidates have a line each, with the verdict alone.
    """
    if len(candidates) > MOST_COLUMNS:
        return _lines(groups, candidates, w)
    rows: list[list[Text]] = []
    for title, verdicts in groups:
        by = {v["candidate"]: v for v in verdicts}
        cells = [_verdict_cell(by.get(name), w) for name in candidates]
        rows.append([Cell(title, below=_confidence(verdicts, w)), *cells])
    head = [w.t("Requirement"), *map(short, candidates)]
    name = w.t("Verdicts by requirement and candidate")
    return Table(head, rows, (1.5, *(1.0 for _ in candidates)), name=name)


def _confidence(verdicts: Sequence[Verdict], w: Words) -> str:
    return w.t("at {share} confidence", share=w.percent(verdicts[0]["confidence"]))


def _lines(groups: Sequence[Group], candidates: Sequence[str], w: Words) -> Table:
    """A candidate a line, those that meet most first."""
    by = {(v["candidate"], v["requirement"]): v for _, verdicts in groups for v in verdicts}
    ids = [verdicts[0]["requirement"] for _, verdicts in groups]

    def rank(name: str) -> tuple[int, int]:
        words = [by[name, i]["verdict"] for i in ids if (name, i) in by]
        return -words.count("met"), words.count("missed")

    rows: list[list[Text]] = []
    for name in sorted(candidates, key=rank):
        mine = [by.get((name, i)) for i in ids]
        rows.append([Cell(short(name, 24), look="strong"), *(_word_cell(v, w) for v in mine)])
    head = [w.t("Candidate"), *(title for title, _ in groups)]
    name = w.t("Verdicts by requirement and candidate")
    return Table(head, rows, (1.2, *(1.0 for _ in groups)), name=name)


def _word_cell(v: Verdict | None, w: Words) -> Text:
    if v is None:
        return Cell("–", look="soft")
    return Cell(w.t(v["verdict"]), sign=v["verdict"])


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
    if len(candidates) > MOST_COLUMNS:
        yield from _of_many(paper, candidates, w)
    for name in candidates if len(candidates) <= MOST_COLUMNS else ():
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


def _of_many(paper: Paper, candidates: Sequence[str], w: Words) -> Iterator[tuple[str, str]]:
    """The same of many candidates: by what is to be done with them."""
    by = {name: [v for v in paper.evaluation["verdicts"] if v["candidate"] == name]
          for name in candidates}  # fmt: skip
    open_ = {
        name: max((v["further"]["median"] or 0 for v in mine if v["further"]), default=0)
        for name, mine in by.items()
        if not any(v["verdict"] == "missed" for v in mine)
        and any(v["verdict"] == "undecided" for v in mine)
    }
    missed = [n for n, mine in by.items() if any(v["verdict"] == "missed" for v in mine)]
    if missed:
        yield w.t("change"), w.t(
            "{names}: more sorties of the same product will not mend what was missed; change the "
            "product, then fly anew.", names=_names(missed),
        )  # fmt: skip
    if open_:
        nearest = sorted(open_, key=lambda name: (open_[name] == 0, open_[name]))
        said = ", ".join(
            f"{short(n, 24)} ({w.whole(open_[n])})" if open_[n] else short(n, 24) for n in nearest
        )
        yield w.t("fly on"), w.t(
            "nothing missed, not all settled; in brackets how many more sorties would likely "
            "settle all that sorties can: {names}.", names=said,
        )  # fmt: skip


def _names(names: Sequence[str]) -> str:
    return ", ".join(short(n, 24) for n in names)


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
