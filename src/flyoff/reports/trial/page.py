"""The page: verdicts first, then each sensor with its scores, maps and curves, then the rules."""

import os
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import flyoff
from flyoff.pipeline.trial.document import document
from flyoff.pipeline.trial.evidence import Evidence
from flyoff.pipeline.trial.scoring import Scored
from flyoff.reports.markup import Html, el, join
from flyoff.reports.trial.map import false_map, seen_map
from flyoff.reports.trial.plots import chance_plot, custody_plot, latency_plot
from flyoff.reports.trial.tables import classes_table, score_rows, table

#: Nothing may be fetched from anywhere: the browser itself holds the page to that.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def write_trial_report(scored: Scored, out: Path) -> Path:
    """Write the page, whole or not at all."""
    page = trial_page(scored)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        partial.write_text(page, encoding="utf-8")
        os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)
    return out


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
    header = el("header", None, el("h1", None, name), el("p", None, _subtitle(found)))
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


def _subtitle(found: dict[str, Any]) -> str:
    trial = found["trial"]
    parts = [
        trial["scenario"] and f"scenario {trial['scenario']} (CWA 18150)",
        trial["date"],
        f"{len(found['sensors'])} sensors",
        f"{len(found['truths'])} targets",
        f"{len(found['runs'])} runs",
        f"{found['target_free_hours']:g} target-free hours",
    ]
    return " · ".join(p for p in parts if p)


def _verdicts(found: dict[str, Any]) -> Html | None:
    if not found["requirements"]:
        return None
    rows = [
        [
            r["id"],
            f"{r['measure'].replace('_', ' ')} {r['direction'].replace('_', ' ')} {r['limit']:g}",
            r["sensor"],
            el("span", {"class": f"v-{r['verdict']}"}, r["verdict"]),
            r["because"],
        ]
        for r in found["requirements"]
    ]
    heads = ["", "Requirement", "Sensor", "Verdict", "Because"]
    return el("section", None, el("h2", None, "Requirements"), table(heads, rows))


def _sensor(s: dict[str, Any], e: Evidence | None) -> Html:
    clock = s["clock"]
    told = f"clock {clock['status']}"
    if clock["offset_s"]:
        offset = clock["offset_s"]
        half = (offset["high"] - offset["low"]) / 2
        told += f", {offset['value']:+.3f} ± {half:.3f} s against the targets' logs"
    files_ = ", ".join(f"{f['file']} ({f['format']}, {f['account']['status']})" for f in s["files"])
    head = [
        el("h2", None, s["sensor"]),
        el("p", {"class": "facts"}, " · ".join(p for p in (s["about"], files_, told) if p)),
        *(el("p", {"class": "suspected"}, f"Suspected: {text}") for text in s["suspected"]),
        *(el("p", {"class": "note"}, text) for text in s["notes"]),
    ]
    if e is None:
        return el("section", None, *head, el("p", {"class": "lead"}, f"Not scored: {s['because']}"))
    return el("section", None, *head, *_scores(s["scores"], e))


def _scores(scores: dict[str, Any], e: Evidence) -> Iterator[Html | None]:
    heads = ["Score", "Value", f"Interval, {100 * e_level(scores):g} %", "Method"]
    yield table(heads, score_rows(scores))
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
    yield classes_table(scores)


def e_level(scores: dict[str, Any]) -> float:
    """Level of a sensor's intervals."""
    told = scores["detection"]["passes"]
    return float(told.get("level", 0.9))


def _part(title: str, key: Html | None, drawing: Html | None) -> Html | None:
    if drawing is None:
        return None
    return el("div", None, el("h3", None, title), key, drawing)


def _key(*entries: tuple[str, str]) -> Html:
    parts = [el("span", None, el("b", {"class": f"k-{kind}"}), words) for kind, words in entries]
    return el("div", {"class": "key"}, *parts)


def _between(found: dict[str, Any]) -> Html | None:
    parts: list[Html] = []
    if found["comparisons"]:
        rows: list[Sequence[str]] = [
            [
                f"{c['first']} and {c['second']}",
                str(c["passes"]),
                str(c["only_first"]),
                str(c["only_second"]),
                f"{c['p_value']:.3g}",
            ]
            for c in found["comparisons"]
        ]
        heads = ["Sensors", "Passes of both", "only the first", "only the second", "p (McNemar)"]
        parts += [el("h2", None, "Sensor against sensor"), table(heads, rows)]
    if found["defeats"]:
        rows = [
            [
                d["effector"],
                f"{d['effective']} of {d['attempts']}",
                _share(d["share"]),
                str(d["undetermined"]),
            ]
            for d in found["defeats"]
        ]
        heads = ["Effector", "Effective", "Interval", "Undetermined"]
        parts += [el("h2", None, "Defeat attempts, as the cards tell"), table(heads, rows)]
    return el("section", None, *parts) if parts else None


def _share(told: dict[str, Any]) -> str:
    if "unknown" in told:
        return str(told["unknown"])
    return f"{100 * told['low']:.0f} to {100 * told['high']:.0f} %"


def _rules(found: dict[str, Any]) -> Html:
    rows = [
        [name.replace("_", " "), f"{value:g}" if isinstance(value, int | float) else str(value)]
        for name, value in found["policy"].items()
        if value not in (None, [])
    ]
    return el(
        "section",
        None,
        el("h2", None, "Rules"),
        el("p", {"class": "note"}, "Policy, not physics: another choice gives other figures."),
        table(["Rule", "Value"], rows),
    )


def _asset(package: str, name: str) -> Html:
    return Html(join(Html(files(package).joinpath(name).read_text(encoding="utf-8"))))
