"""Write a report or an incident sheet: read, build the blocks, set them, put the file in place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import flyoff
from flyoff.errors import ReportError
from flyoff.pipeline.explain import explain_log
from flyoff.pipeline.log_facts import LogFacts, log_facts
from flyoff.pipeline.stored import stored_plan
from flyoff.reports.paper import annex_rules, annex_tables
from flyoff.reports.paper.blocks import Block, Document, Heading, OnePage, Paragraph
from flyoff.reports.paper.candidate import chapter
from flyoff.reports.paper.front import front
from flyoff.reports.paper.incident import Incident, sheet
from flyoff.reports.paper.lines import disposition, sortie_list
from flyoff.reports.paper.place import form_of, put
from flyoff.reports.paper.single import incidents
from flyoff.reports.words import Words, words
from flyoff.views.paper import Line, Paper, campaign_of, only, read_paper
from flyoff.views.sortie import SortieDetail, ids_beginning, sortie_details

#: More bad ends than this get no sheet of their own; the report says which command makes one.
MOST_SHEETS = 100
#: Of more logs than this, parameters and wind are read of those with a sheet only.
MOST_LOGS_READ = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes
    ----------
    out : Path
        Ends in ``.pdf`` or ``.html``.
    language : str
    candidate : str
        Only this one; empty for all.
    template : Path or None
    """

    out: Path
    language: str = "en"
    candidate: str = ""
    template: Path | None = None


def write_campaign(store: str, folder: str | PathLike[str], wanted: Wanted) -> Path:
    """Write the report on a campaign.

    Raises
    ------
    ReportError
        If it cannot be set, or the language or the kind of file is unknown.
    """
    w = words(wanted.language)
    form = form_of(wanted.out)
    document = campaign_document(store, folder, wanted, w)
    return put(_set(document, form, wanted.template, w), wanted.out)


def write_sortie(store: str, sortie_id: str, wanted: Wanted, folder: Path | None = None) -> Path:
    """Write the incident sheet of one sortie of a store; an id may be cut short.

    Raises
    ------
    ReportError
        If the store has no such sortie, or several that begin so.
    """
    w = words(wanted.language)
    form = form_of(wanted.out)
    ids = ids_beginning(store, sortie_id)
    if len(ids) != 1:
        problem = f"begins several: {', '.join(ids)}" if ids else "is no sortie's"
        raise ReportError(f"store {store}: {sortie_id!r} {problem}; flyoff sorties lists them")
    lines = {}
    if folder is not None:
        lines = {x.sortie_id: x for x in read_paper(store, folder).lines if x.sortie_id in ids}
    found = list(sortie_details(store, campaign_of(folder), ids))
    made = list(_incidents(store, found, lines, w))
    document = _sheets(made, w)
    return put(_set(document, form, wanted.template, w), wanted.out)


def write_log(log: str | PathLike[str], plan: Path | None, wanted: Wanted) -> Path:
    """Write a sheet for every sortie of one log.

    Raises
    ------
    ReportError
        If the log holds no sortie.
    """
    w = words(wanted.language)
    form = form_of(wanted.out)
    made = incidents(explain_log(log, plan))
    if not made:
        raise ReportError(f"{log}: holds no sortie; there is nothing to report")
    return put(_set(_sheets(made, w), form, wanted.template, w), wanted.out)


def campaign_document(
    store: str, folder: str | PathLike[str], wanted: Wanted, w: Words
) -> Document:
    """The whole report as blocks."""
    paper = read_paper(store, folder)
    if wanted.candidate:
        paper = only(paper, wanted.candidate)
    names = [c.name for c in paper.campaign.candidates]
    names = [wanted.candidate] if wanted.candidate else names
    bad = [line for line in paper.lines if line.is_bad and line.row]
    shown = bad[:MOST_SHEETS]
    facts = _facts(store, paper, shown)
    lines = {line.sortie_id: line for line in shown}
    found = sortie_details(store, paper.campaign, list(lines)) if lines else ()
    sheets = list(_incidents(store, list(found), lines, w))
    blocks = list(_blocks(paper, names, sheets, facts, len(bad), wanted, w))
    return _document(paper.campaign.name, w.t("Test report"), paper.last_day, blocks, w,
                     paper.sha256["evaluation"])  # fmt: skip


def _blocks(
    paper: Paper,
    names: Sequence[str],
    sheets: Sequence[Incident],
    facts: dict[str, LogFacts],
    bad: int,
    wanted: Wanted,
    w: Words,
) -> Iterator[Block]:
    ids = frozenset(s.detail["sortie_id"] for s in sheets)
    yield from front(paper, names, w)
    for name in names:
        yield from chapter(paper, name, ids, w)
    yield from annex_tables.comparison(paper, w)
    yield from sortie_list(paper, ids, w)
    for incident in sheets:
        yield from sheet(incident, w)
    if bad > len(sheets):
        yield Heading(1, w.t("Further incidents"))
        yield Paragraph(
            w.t("{n} bad ends have no sheet here; each is made by: flyoff report --sortie ID "
                "--store STORE --out sheet.pdf", n=w.whole(bad - len(sheets)))
        )  # fmt: skip
    yield from annex_rules.definitions(paper, w)
    yield from annex_tables.configuration(paper, facts, w)
    yield from annex_tables.conditions(paper, w)
    yield from annex_tables.exclusions(paper, w)
    yield from annex_rules.methods(paper, w)
    yield from annex_tables.receipts(paper, w)
    yield from annex_tables.reproduction(paper, _options(wanted), w)


def _options(wanted: Wanted) -> list[str]:
    """What has to be said again to get this very file."""
    options = ["--out", f"report{wanted.out.suffix}"]  # its name is no part of the content
    options += ["--lang", wanted.language] if wanted.language != "en" else []
    options += ["--candidate", wanted.candidate] if wanted.candidate else []
    return options + (["--template", wanted.template.name] if wanted.template else [])


def _facts(store: str, paper: Paper, shown: Sequence[Line]) -> dict[str, LogFacts]:
    """Parameters and wind out of the raw logs: of all, or where they are many, of the incidents."""
    spans: dict[str, list[tuple[int, float, float]]] = {}
    few = len(paper.logs) <= MOST_LOGS_READ
    for line in paper.lines if few else shown:
        if line.row:
            spans.setdefault(line.row["log_sha256"], [])
    made = {}
    for sha256 in spans:
        found = log_facts(store, sha256)
        if found is not None:
            made[sha256] = found
    return made


def _incidents(
    store: str,
    details: Sequence[SortieDetail],
    lines: dict[str, Line],
    w: Words,
) -> Iterator[Incident]:
    for d in details:
        boot = int(str(d["recording_id"]).rpartition("-")[2])
        span = (boot, d["start_s"] or 0.0, d["end_s"] or 0.0)
        found = log_facts(store, d["log_sha256"], [span])
        wind = found.winds[0] if found is not None and found.winds else None
        line = lines.get(d["sortie_id"])
        if line is not None:
            own = {"candidate": line.candidate, "vehicle": line.vehicle, "outcome": line.outcome}
            d.row.update(own)
        said = _people_say(line, w) if line is not None else ""
        yield Incident(d, stored_plan(store, d["plan_sha256"]), wind, said)


def _people_say(line: Line, w: Words) -> str:
    """Where the card or a review differs from what the program judged."""
    said = []
    if line.outcome != line.judged:
        said.append(w.t("The program judged {judged}; {outcome} is the word that counts.",
                        judged=w.word(line.judged), outcome=w.word(line.outcome)))  # fmt: skip
    if line.told and line.told != line.judged:
        said.append(w.t("The card says {told}.", told=w.word(line.told)))
    if line.set_aside:
        said.append(w.t("This sortie does not count: {why}.", why=disposition(line, w)))
    return " ".join(said)


def _sheets(made: Sequence[Incident], w: Words) -> Document:
    blocks = [b for incident in made for b in sheet(incident, w)]
    first = made[0].detail
    at = max((i.detail["start_utc"] or "" for i in made), default="")
    return _document(str(first["log_name"]), w.t("Incident sheet"), at, blocks, w, "")


def _document(
    title: str, subtitle: str, at: str, blocks: Sequence[Block], w: Words, digest: str
) -> Document:
    imprint = f"Flyoff {flyoff.__version__}"
    if digest:
        imprint += f" · {w.t('evaluation')} {digest[:16]}"
    terms = {"page": w.t("Page"), "contents": w.t("Contents")}
    first, *rest = blocks
    if isinstance(first, OnePage):  # where nobody can overlook it
        first = OnePage([*first.blocks, *_untranslated(w)])
    return Document(title, subtitle, w.language, at, imprint, [first, *rest], terms)


def _untranslated(w: Words) -> list[Block]:
    """Say so, where a language lacks messages."""
    if w.language == "en" or not w.missing:
        return []
    return [
        Paragraph(
            f"{w.language}: {len(w.missing)} of {len(w.asked)} texts are not translated and stand "
            "in English.",
            "note",
        )
    ]


def _set(document: Document, form: str, template: Path | None, w: Words) -> bytes:
    if form == "pdf":
        from flyoff.reports.paper.typeset import pdf

        return pdf(document, template)
    from flyoff.reports.paper.web import page

    return page(document, template).encode()
