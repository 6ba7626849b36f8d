"""What ``flyoff trial init``, ``check``, ``score`` and ``report`` do."""

import json
import sys
from pathlib import Path
from typing import Any

from flyoff.cli.guard import FAILED, OK
from flyoff.cli.terminal import cell, counted, print_table
from flyoff.pipeline.trial.document import document, document_json
from flyoff.pipeline.trial.scoring import check_trial, score_trial
from flyoff.pipeline.trial.template import write_template

_STYLES = {"error": "bold red", "warning": "yellow"}


def run_init(folder: Path, as_json: bool) -> int:
    """Write the template; returns the exit code."""
    written = write_template(folder)
    if as_json:
        print(json.dumps({"written": [str(written)]}))
    else:
        print(f"wrote {written}")
        print(f"fill it in, then: flyoff trial check {folder}")
    return OK


def run_check(folder: Path, as_json: bool) -> int:
    """Tell every problem; returns the exit code."""
    setup, problems = check_trial(folder)
    wrong = sum(p.gravity == "error" for p in problems)
    if as_json:
        plain = [
            {"file": p.file, "line": p.line, "text": p.text, "gravity": p.gravity} for p in problems
        ]
        print(json.dumps({"trial": setup.name, "problems": plain}))
        return FAILED if wrong else OK
    if problems:
        rows = [
            (
                cell(f"{p.file}:{p.line}" if p.line else p.file),
                cell(p.gravity, _STYLES[p.gravity]),
                cell(p.text),
            )
            for p in problems
        ]
        print_table(("where", "", "what"), rows)
    print(
        f"{setup.name}: {counted(len(setup.sensors), 'sensor')}, "
        f"{counted(len(setup.targets), 'target')}, {counted(len(setup.runs), 'run')}; "
        f"{counted(wrong, 'error')}, {counted(len(problems) - wrong, 'warning')}"
    )
    return FAILED if wrong else OK


def run_score(folder: Path, as_json: bool) -> int:
    """Score and print; returns the exit code."""
    found = document(score_trial(folder))
    if as_json:
        sys.stdout.buffer.write(document_json(found))
        sys.stdout.buffer.flush()
    else:
        _print_scores(found)
    return OK


def run_report(folder: Path, out: Path, as_json: bool) -> int:
    """Write the report; returns the exit code."""
    from flyoff.reports.trial.paper import write_trial_report

    written = write_trial_report(score_trial(folder), out)
    print(json.dumps({"written": str(written)}) if as_json else f"wrote {written}")
    return OK


def _print_scores(found: dict[str, Any]) -> None:
    for sensor in found["sensors"]:
        print(f"\n{sensor['sensor']}: {sensor['reports']} reports; clock {_clock(sensor['clock'])}")
        for text in (*sensor["suspected"], *sensor["notes"]):
            print(f"  note: {text}")
        if not sensor["scored"]:
            print(f"  not scored: {sensor['because']}")
            continue
        print_table(("score", "value", "interval"), _rows(sensor["scores"]))
    if found["requirements"]:
        rows = [
            (
                cell(
                    f"{r['id']}: {r['measure']} {r['direction'].replace('_', ' ')} {r['limit']:g}"
                ),
                cell(r["sensor"]),
                cell(r["verdict"]),
                cell(r["because"]),
            )
            for r in found["requirements"]
        ]
        print_table(("requirement", "sensor", "verdict", "because"), rows)
    for d in found["defeats"]:
        print(f"{d['effector']}: {d['effective']} of {d['attempts']} attempts effective")


def _limit(r: dict[str, Any]) -> str:
    return f"{r['measure']} {r['direction'].replace('_', ' ')} {r['limit']:g}"


def _clock(clock: dict[str, Any]) -> str:
    offset = clock["offset_s"]
    if offset is None:
        return f"{clock['status']}: {clock['because']}"
    half = (offset["high"] - offset["low"]) / 2
    return f"{clock['status']}, {offset['value']:+.3f} ± {half:.3f} s"


def _rows(s: dict[str, Any]) -> list[tuple[Any, ...]]:
    told = [
        ("passes detected", s["detection"]["passes"], ""),
        ("range of 50 % chance in a scan", s["detection"]["r50_m"], " m"),
        ("range of 90 % chance in a scan", s["detection"]["r90_m"], " m"),
        ("median time to first declaration", s["first_detection"]["median_s"], " s"),
        (f"false {s['false_tracks']['counted']} an hour", s["false_tracks"]["per_hour"], ""),
        ("changes of the track an hour", s["continuity"]["swaps_per_hour"], ""),
        ("bias east", s["error"]["bias_east_m"], " m"),
        ("bias north", s["error"]["bias_north_m"], " m"),
        ("95 % of errors within", s["error"]["r95_m"], " m"),
        ("latency, median", s["latency_s"]["p50"], " s"),
        ("latency, 95 %", s["latency_s"]["p95"], " s"),
        ("named rightly", s["classification"]["recall"], ""),
        ("alert before the line", s["alert_before_line"], ""),
    ]
    rows: list[tuple[Any, ...]] = []
    for name, value, unit in told:
        if "unknown" in value:
            rows.append((cell(name), cell("not known"), cell(value["unknown"])))
            continue
        middle = "beyond all" if value["value"] is None else f"{value['value']:.4g}{unit}"
        shown = f"{_ends(value)} ({100 * value['level']:g} %)"
        rows.append((cell(name), cell(middle), cell(shown)))
    return rows


def _ends(value: dict[str, Any]) -> str:
    low, high = (None if value[k] is None else f"{value[k]:.4g}" for k in ("low", "high"))
    if low is None:  # not even the low end was reached: half of the passes, say, had no declaration
        return "no end"
    return f"at least {low}" if high is None else f"{low} to {high}"
