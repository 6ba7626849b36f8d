"""The page: verdicts first, then each sensor with its scores, maps and curves, then the rules."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import flyoff
from flyoff.pipeline.trial.document import document
from flyoff.pipeline.trial.evidence import Evidence
from flyoff.pipeline.trial.scoring import Scored
from flyoff.reports.markup import Html, el, join
from flyoff.reports.trial.map import false_map, seen_map
from flyoff.reports.trial.plots import chance_plot, custody_plot, latency_plot
from flyoff.reports.trial.tables import table
from flyoff.views import trial_words as told

#: Nothing may be fetched from anywhere: the browser itself holds the page to that.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def trial_page(scored: Scored) -> str:
    """The whole page; the same input gives the same text."""
    found = document(scored)
    name = found["trial"]["name"]
    head = el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "color-scheme", "content": "light dark"}),
        el("title", None, f"{name}: trial report"),
        el("style", None, _asset("flyoff.reports", "page.css")),
        el("style", None, _asset("flyoff.reports.trial", "trial.css")),
    )
    by_name = {e.data.setup.name: e for e in scored.evidences}
    sections = [_sensor(s, by_name.get(s["sensor"])) for s in found["sensors"]]
    header = el("header", None, el("h1", None, name), el("p", None, told.subtitle(found)))
    imprint = (
        f"Made by Flyoff {flyoff.__version__} from the targets' own logs and the sensors' files. "
        "Every interval is two-sided. Flyoff measures; it commands nothing."
    )
    body = el(
        "body",
        None,
        header,
        el("main", None, _verdicts(found), *sections, _between(found), _rules(found)),
        el("footer", None, el("p", None, imprint)),
        el("script", None, _asset("flyoff.reports.trial", "trial.js")),
    )
    return f"<!doctype html>\n{el('html', {'lang': 'en'}, head, body)}\n"


def _verdicts(found: dict[str, Any]) -> Html | None:
    if not found["requirements"]:
        return None
    shown = told.verdicts(found)
    return el("section", None, el("h2", None, shown.title), table(shown, verdict=3, faint=5))


def _sensor(s: dict[str, Any], e: Evidence | None) -> Html:
    head = [
        el("h2", None, s["sensor"]),
        el("p", {"class": "facts"}, told.facts(s)),
        *(el("p", {"class": "suspected"}, f"Suspected: {text}") for text in s["suspected"]),
        *(el("p", {"class": "note"}, text) for text in s["notes"]),
    ]
    if e is None:
        return el("section", None, *head, el("p", {"class": "lead"}, f"Not scored: {s['because']}"))
    return el("section", None, *head, *_scores(s["scores"], e))


def _scores(scores: dict[str, Any], e: Evidence) -> Iterator[Html | None]:
    yield table(told.scores(scores), faint=2)
    hits = _key(("hit", "seen"), ("miss", "missed"), ("report", "reported place"))
    slider = el("input", {"type": "range", "min": "0", "step": "1", "aria-label": "time"})
    replay = el("div", {"class": "replay"}, "Replay", slider, el("output", None, "all"))
    curve, late = chance_plot(scores), latency_plot(e)
    yield el(
        "div",
        {"class": "pair"},
        el("div", None, el("h3", None, "Where targets were seen"), hits, seen_map(e), replay),
        _part(
            "Chance to be seen against range",
            _key(("fit", "logistic, with band"), ("iso", "falling, no shape assumed")),
            curve,
        ),
    )
    custody, false = custody_plot(e), scores["false_tracks"]
    if custody is not None:
        key = _key(("hit", "followed; another colour is another track"), ("gap", "missed"))
        yield el("h3", None, "Custody of each target")
        yield key
        yield el("div", {"class": "scroll"}, custody)
        yield el("p", {"class": "note"}, "▾ first alert at the operator; bar: the line is crossed")
    yield el(
        "div",
        {"class": "pair"},
        _part("Where false tracks began", None, false_map(e) if false["places"] else None),
        _part("How late reports came", None, late),
    )
    for shown in (told.classes(scores), told.gates(scores)):
        if shown is not None and shown.rows:
            yield el("div", None, el("h3", None, shown.title), table(shown))


def _part(title: str, key: Html | None, drawing: Html | None) -> Html | None:
    if drawing is None:
        return None
    return el("div", None, el("h3", None, title), key, drawing)


def _key(*entries: tuple[str, str]) -> Html:
    parts = [el("span", None, el("b", {"class": f"k-{kind}"}), words) for kind, words in entries]
    return el("div", {"class": "key"}, *parts)


def _between(found: dict[str, Any]) -> Html | None:
    shown = [t for t in (told.comparisons(found), told.defeats(found)) if t.rows]
    parts = [part for t in shown for part in (el("h2", None, t.title), table(t))]
    return el("section", None, *parts) if parts else None


def _rules(found: dict[str, Any]) -> Html:
    note = "Policy, not physics: another choice gives other figures."
    shown = told.rules(found)
    return el(
        "section", None, el("h2", None, shown.title), el("p", {"class": "note"}, note), table(shown)
    )


def _asset(package: str, name: str) -> Html:
    return Html(join(Html(files(package).joinpath(name).read_text(encoding="utf-8"))))
