"""The first page: who did how well, how sure that is, and what stays undecided."""

from collections.abc import Sequence

from flyoff.reports.figures.forest import forest
from flyoff.reports.figures.marks import OUTCOMES, outcome_mark
from flyoff.reports.markup import Html, el, join
from flyoff.views.leaderboard import COUNTING, Leaderboard, Share, Standing
from flyoff.views.sortie import SortieDetail
from flyoff.views.wording import percent, plain


def summary(board: Leaderboard, details: Sequence[SortieDetail]) -> Html:
    """Leaderboard, outcomes by candidate, what is undecided."""
    rows = board.standings
    launch = forest("Launched, of attempts", [(s.candidate, s.launch) for s in rows])
    completion = forest("Completed, of attempts", [(s.candidate, s.completion) for s in rows])
    return el(
        "section",
        {"id": "summary"},
        el("h2", None, "Summary"),
        el("p", {"class": "lead"}, _lead(board)),
        el("div", {"class": "pair"}, launch, completion),
        el("p", {"class": "note"}, _method(board)),
        _shares(board),
        el("h3", None, "Outcomes by candidate"),
        _outcomes(board),
        el("h3", None, "What is undecided"),
        _undecided(board, details),
    )


def apart(shares: Sequence[tuple[str, Share]]) -> list[tuple[str, str]]:
    """Pairs (better, worse) whose whole intervals, bounds included, lie apart."""
    known = [(n, s.worst.low, s.best.high) for n, s in shares if s.worst and s.best]
    return [(a, b) for a, low, _ in known for b, _, high in known if low > high]


def _lead(board: Leaderboard) -> str:
    named = [s for s in board.standings if s.candidate]
    sentences = []
    for what, shares in (
        ("launch", [(s.candidate, s.launch) for s in named]),
        ("completion", [(s.candidate, s.completion) for s in named]),
    ):
        pairs = apart(shares)
        if pairs:
            said = ", ".join(f"{a} above {b}" for a, b in pairs)
            sentences.append(f"On {what} whole intervals lie apart: {said}.")
        elif len(shares) > 1:
            sentences.append(
                f"On {what} all intervals overlap: by these sorties alone nobody is ahead."
            )
    return " ".join(sentences)


def _method(board: Leaderboard) -> Html:
    level = f"{100 * board.level:.0f} %"
    return join(
        el("b", None, f"Intervals: Wilson, two-sided, {level}. "),
        "Dot: share of the decided sorties. Bar: its interval. Pale box: the bounds that "
        "undetermined sorties leave open. ",
        COUNTING,
        " The intervals hold for a number of sorties fixed beforehand and treat sorties of one "
        "vehicle as independent.",
    )


def _shares(board: Leaderboard) -> Html:
    head = ("Candidate", "Sorties", "Counted", "Launched", "Launch share", "Completed",
            "Completion share", "Undetermined", "If all failed … succeeded")  # fmt: skip
    rows = [_share_row(s) for s in board.standings]
    return table(head, rows, "shares", numeric=frozenset({1, 2, 3, 5, 7}))


def _share_row(s: Standing) -> list[str]:
    undecided = s.outcomes.get("undetermined", 0)
    open_ends = (
        join(_kept(percent(s.completion.worst)), " … ", _kept(percent(s.completion.best)))
        if s.completion.undecided
        else "–"
    )
    return [
        _named(s),
        str(s.sorties),
        str(s.counted),
        f"{s.launch.successes} of {s.launch.decided}",
        _kept(percent(s.launch.estimate)),
        f"{s.completion.successes} of {s.completion.decided}",
        _kept(percent(s.completion.estimate)),
        str(undecided),
        open_ends,
    ]


def _kept(words: str) -> Html:
    """Words that stay on one line."""
    return el("span", {"class": "share"}, words)


def _named(s: Standing) -> Html:
    about = el("small", None, s.about) if s.about else None
    return join(el("b", None, s.candidate or "no candidate"), about)


def _outcomes(board: Leaderboard) -> Html:
    present = [o for o in OUTCOMES if any(s.outcomes.get(o) for s in board.standings)]
    head = ["Candidate", *(outcome_mark(o) for o in present)]
    rows = [
        [
            el("b", None, s.candidate or "no candidate"),
            *(_count(s.outcomes.get(o, 0)) for o in present),
        ]
        for s in board.standings
    ]
    return table(head, rows, "outcomes", numeric=frozenset(range(1, len(head))))


def _count(n: int) -> Html:
    return el("span", {"class": None if n else "zero"}, str(n) if n else "·")


def _undecided(board: Leaderboard, details: Sequence[SortieDetail]) -> Html:
    items = []
    for d in details:
        if d["outcome"] == "undetermined":
            link = el("a", {"href": f"#{anchor(d)}"}, d["log_name"])
            items.append(el("li", None, link, f": outcome undetermined; {d.why}"))
        elif d["cause"] is None and d["outcome"] in _NEEDS_CAUSE:
            link = el("a", {"href": f"#{anchor(d)}"}, d["log_name"])
            items.append(el("li", None, link, f": {plain(d['outcome'])}, but no cause was found"))
    items += [el("li", None, told) for told in board.cards_told]
    strays = sum(s.sorties for s in board.standings if not s.candidate)
    if strays:
        items.append(el("li", None, f"{strays} sorties belong to no candidate of the campaign"))
    return el("ul", None, *items) if items else el("p", None, "Every sortie has an outcome.")


_NEEDS_CAUSE = frozenset(
    {"failed_launch", "crashed", "forced_landing", "returned", "wrong_destination", "flew_away"}
)


def anchor(detail: SortieDetail) -> str:
    """The name that links to a sortie's section use."""
    return f"sortie-{detail['sortie_id']}"


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], kind: str, *, numeric: frozenset[int]
) -> Html:
    """A table that scrolls by itself on a narrow screen."""
    titles = (
        el("th", {"scope": "col", "class": "num" if i in numeric else None}, h)
        for i, h in enumerate(head)
    )
    body = (
        el("tr", None, *(el("td", {"class": "num" if i in numeric else None}, c)
                         for i, c in enumerate(row)))
        for row in rows
    )  # fmt: skip
    whole = el(
        "table",
        {"class": kind},
        el("thead", None, el("tr", None, *titles)),
        el("tbody", None, *body),
    )
    return el("div", {"class": "scroll"}, whole)
