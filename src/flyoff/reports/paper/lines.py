"""Every sortie's line, with its disposition; and how names too long for a table are shown."""

from collections.abc import Iterator, Sequence

from flyoff.reports.paper.blocks import Block, Cell, Heading, Paragraph, Table, Text
from flyoff.reports.words import Words
from flyoff.views.paper import Line, Paper

#: A longer name is cut in tables; it stands whole where its candidate is described.
MOST_LETTERS = 40


def short(name: str, most: int = MOST_LETTERS) -> str:
    """A name as tables show it.

    Examples
    --------
    >>> short("kestrel"), short("x" * 300, 5)
    ('kestrel', 'xxxx…')
    """
    return name if len(name) <= most else name[: most - 1] + "…"


def anchor(sortie_id: str) -> str:
    """The name that links to a sortie use."""
    return f"sortie-{sortie_id}"


def sortie_list(paper: Paper, sheets: frozenset[str], w: Words) -> Iterator[Block]:
    """All sorties in one table; those with an incident sheet lead to it."""
    yield Heading(1, w.t("Every sortie"), "sorties", fresh=False)
    if not paper.lines:
        yield Paragraph(w.t("There are no sorties."))
        return
    yield Paragraph(
        w.t(
            "Each attempt of the campaign, oldest first; nothing is left out silently. The outcome "
            "is the one that counts: a review's, else the program's, else the card's."
        ),
        "note",
    )
    head = [w.t(t) for t in ("Start", "Card", "Candidate", "Vehicle", "Outcome", "Cause",
                             "Under way", "Disposition", "Decisive evidence")]  # fmt: skip
    rows = [_row(line, line.sortie_id in sheets, w) for line in paper.lines]
    widths = (0.088, 0.06, 0.085, 0.066, 0.145, 0.111, 0.065, 0.14, 0.24)
    yield Table(head, rows, widths, frozenset({6}), w.t("Every sortie"))


def _row(line: Line, has_sheet: bool, w: Words) -> list[Text]:
    target = anchor(line.sortie_id) if has_sheet else ""
    return [
        w.date(line.day[:10]),
        short(line.card.card, 16) if line.card else "–",
        short(line.candidate, 24) or w.t("nobody's"),
        short(line.vehicle, 24),
        Cell(w.word(line.outcome), sign=line.outcome or "undetermined", target=target),
        w.word(line.cause),
        Cell(w.number(line.airborne_s, "s"), order=line.airborne_s),
        disposition(line, w),
        "; ".join(w.evidence(e) for e in line.decisive) or _without_log(line, w),
    ]


def _without_log(line: Line, w: Words) -> str:
    return "–" if line.row else w.t("no log; as the card says")


def disposition(line: Line, w: Words) -> str:
    """Whether it counts; if not, why, and who said so."""
    if line.set_aside and line.card:
        card = line.card
        return w.t("{word} by {name}: {reason}", word=w.t(card.disposition),
                   name=short(card.disposition_by),
                   reason=short(card.disposition_because, 160))  # fmt: skip
    if not line.candidate:
        return w.t("of no candidate")
    if not line.is_attempt:
        return w.t("not counted: {why}", why=w.word(line.outcome))
    told = w.t("counted")
    if line.reviewed and line.reviewed != line.judged:
        told += "; " + w.t("reviewed, judged {outcome}", outcome=w.word(line.judged))
    return told


def of_outcome(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Lines by outcome, the most frequent first."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.outcome, []).append(line)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
