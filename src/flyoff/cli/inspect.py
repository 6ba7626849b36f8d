"""``flyoff inspect``: what is in one log."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flyoff.cli.guard import OK, one_line
from flyoff.cli.terminal import byte_count, cell, print_table, seconds
from flyoff.pipeline.contract import finite
from flyoff.pipeline.inspection import inspect_log

Facts = dict[str, Any]


def run(log: Path, parts: Sequence[str], as_json: bool) -> int:
    """Show one log; returns the exit code."""
    facts = inspect_log(log, parts)
    if as_json:
        print(json.dumps(finite(facts), allow_nan=False))
        return OK
    _print_summary(facts)
    printers: dict[str, Callable[[Any], None]] = {
        "receipt": _print_receipt,
        "topics": _print_topics,
        "params": _print_params,
        "messages": _print_messages,
    }
    for part in parts:
        print()
        printers[part](facts[part])
    return OK


def _print_summary(facts: Facts) -> None:
    log, receipt = facts["log"], facts["log"]["receipt"]
    say(f"{log['path']}: {log['format']}, {byte_count(log['bytes'])}, {receipt['status']}")
    say(f"sha256 {log['sha256']}")
    for recording in facts["recordings"]:
        vehicle, utc = recording["vehicle"], recording["utc"]
        say(
            f"boot {recording['boot']}: {vehicle['firmware'] or vehicle['autopilot']} "
            f"{vehicle['kind']} {vehicle['id']}, {seconds(recording['duration_s'])}, "
            f"{len(recording['channels'])} channels, {recording['events']} events"
        )
        if utc:
            say(f"  UTC from {utc['source']}, ± {utc['uncertainty_s']:.2g} s")
        for note in recording["notes"]:
            say(f"  {note}")


def _print_receipt(receipt: Facts) -> None:
    say(f"decoded {receipt['decoded_bytes']} of {receipt['bytes']} bytes: {receipt['status']}")
    say(
        f"{receipt['messages']} records, {receipt['resyncs']} resynchronisations, "
        f"{len(receipt['dropouts'])} drop-outs reported by the logger"
    )
    for note in receipt["notes"]:
        say(note)
    rows = [(cell(g["offset"]), cell(g["bytes"]), cell(g["reason"])) for g in receipt["gaps"]]
    if rows:
        print_table(("offset", "bytes", "reason"), rows, title="not decoded")
    if receipt["gaps_omitted"]:
        say(f"and {receipt['gaps_omitted']} more gaps")


def _print_topics(topics: list[Facts]) -> None:
    rows = [
        (cell(t["name"]), cell(t["instance"]), cell(t["rows"]), cell(" ".join(t["fields"])))
        for t in topics
    ]
    print_table(("topic", "instance", "rows", "fields"), rows)


def _print_params(params: dict[str, float]) -> None:
    for name, value in sorted(params.items()):
        say(f"{name} {value:.9g}")


def _print_messages(messages: list[Facts]) -> None:
    rows = [(cell(f"{m['t_s']:.3f}"), cell(m["level"]), cell(m["text"])) for m in messages]
    print_table(("time [s]", "level", "text"), rows)


def say(text: str) -> None:
    """Print a line whose parts come from the log."""
    print(one_line(text).encode(errors="backslashreplace").decode())
