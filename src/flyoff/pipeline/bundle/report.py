"""The page ``report.html`` of a bundle: its verdicts, sorties and logs for people without tools.

Made of the treated tables and of the claim alone, so that it says nothing which they do not; plain
HTML without scripts, pictures or requests, the same bytes for the same bundle.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]
#: Rows of a table that people may still want to scroll; all of them are in ``tables/``.
MOST_ROWS: Final = 2_000
_STYLE: Final = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}"
    "table{border-collapse:collapse;margin:1rem 0;font-variant-numeric:tabular-nums}"
    "th,td{border-bottom:1px solid #ccc;padding:.25rem .6rem;text-align:left;vertical-align:top}"
    "code{font-size:.85em;overflow-wrap:anywhere}"
)
_SPACE: Final = "\n"


def report(predicate: Row, tables: Tables) -> bytes:
    """Write the page.

    Parameters
    ----------
    predicate : mapping
        What is claimed, without manifest and signers.
    tables : mapping of name to rows
        Treated.
    """
    parts = [
        _head(predicate),
        "<h2>Verdicts</h2>",
        _verdicts(predicate["verdicts"]),
        "<h2>Outcomes</h2>",
        _outcomes(tables["evidence"]),
        "<h2>Sorties</h2>",
        _sorties(tables),
        "<h2>Logs</h2>",
        _logs(tables["logs"]),
        _foot(),
    ]
    return (_SPACE.join(parts) + "\n").encode()


def counted(row: Row) -> str:
    """The outcome of a sortie that counts: what people said, else the rules, else the card."""
    judged = row["judged"]
    if row["reviewed"]:
        return str(row["reviewed"])
    if judged and judged != "undetermined":
        return str(judged)
    return str(row["told"] or judged or "undetermined")


def _head(predicate: Row) -> str:
    title = escape(f"Evidence of {predicate['campaign']}")
    rules = ", ".join(predicate["rules_versions"])
    told = (
        f"{predicate['sorties']} sorties from {len(predicate['inputs'])} logs; redacted by policy "
        f"{predicate['policy']['name']}; made at {predicate['created_utc']} by "
        f"{predicate['made_by']}, rules {rules}."
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n<p>{escape(told)}</p>\n"
        "<p>This page is one of the files that were signed. Whether it is as it was signed, "
        "<code>flyoff bundle verify</code> tells and this page cannot.</p>"
    )


def _foot() -> str:
    return (
        "<p>How to read all this without us stands in <code>methods.md</code>. Who holds an "
        "original log can prove that it is one of these: <code>flyoff bundle prove</code>.</p>"
    )


def _verdicts(verdicts: Sequence[Row]) -> str:
    rows = []
    for one in verdicts:
        ends, counts = one["decides"], one["counts"]
        rows.append(
            (
                one["candidate"],
                one["says"],
                one["verdict"],
                f"{_number(ends['low'])} to {_number(ends['high']) or '∞'}" if ends else "",
                counts["successes"],
                counts["failures"],
                counts["undetermined"],
                one["because"],
            )
        )
    names = "candidate,requirement,verdict,interval that decides,good,bad,undetermined,because"
    return _table(names.split(","), rows)


def _outcomes(evidence: Sequence[Row]) -> str:
    tally = Counter(
        (row["candidate"], counted(row)) for row in evidence if row["disposition"] == "valid"
    )
    return _table(("candidate", "outcome", "sorties"), [(*k, n) for k, n in sorted(tally.items())])


def _sorties(tables: Tables) -> str:
    causes = {row["sortie_id"]: row["cause"] for row in tables["sorties"]}
    findings: dict[str, Counter[str]] = {}
    for row in tables["findings"]:
        findings.setdefault(row["sortie_id"], Counter())[row["kind"]] += 1
    rows = [
        (
            row["number"],
            row["candidate"],
            row["vehicle"],
            counted(row),
            causes.get(row["sortie_id"]),
            _number(row["airborne_s"]),
            row["disposition"],
            ", ".join(sorted(findings.get(row["sortie_id"], ()))),
            _Code((row["log_sha256"] or "")[:16]),
        )
        for row in tables["evidence"]
    ]
    names = "number,candidate,vehicle,outcome,cause,airborne s,disposition,findings,log"
    return _table(names.split(","), rows)


def _logs(logs: Sequence[Row]) -> str:
    rows = [
        (
            _Code(row["log_sha256"]),
            row["format"],
            row["bytes"],
            row["status"],
            row["skipped_bytes"],
            row["redacted"],
        )
        for row in logs
    ]
    return _table(
        ("SHA-256 of the original,format,bytes,receipt,skipped,enclosed").split(","), rows
    )


class _Code(str):
    """A text to be set in letters of one width."""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = ["<table>", _line("th", names)]
    lines += [_line("td", row) for row in rows[:MOST_ROWS]]
    lines.append("</table>")
    if len(rows) > MOST_ROWS:
        lines.append(f"<p>The first {MOST_ROWS} of {len(rows)}; all of them are in tables/.</p>")
    return _SPACE.join(lines)


def _line(cell: str, values: Iterable[Any]) -> str:
    return "<tr>" + "".join(f"<{cell}>{_cell(value)}</{cell}>" for value in values) + "</tr>"


def _cell(value: Any) -> str:
    text = "" if value is None else escape(str(value))
    return f"<code>{text}</code>" if isinstance(value, _Code) and text else text
