"""``flyoff link``: which logs are of one flight."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flyoff.cli.guard import FAILED, OK, complain
from flyoff.cli.judge import tell_failure
from flyoff.errors import FlyoffError
from flyoff.pipeline.local import Failed
from flyoff.pipeline.one_flight import Linked, link_logs
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.registry import choose
from flyoff.pipeline.walk import walk


def run(paths: Sequence[Path], as_json: bool) -> int:
    """Link the logs; returns the exit code."""
    found = walk(paths)
    for problem in found.problems:
        complain(problem)
    is_failed, logs = bool(found.problems), []
    for file in found.files:
        try:
            choose(open_source(file.path))
            logs.append(file.path)
        except FlyoffError as error:
            tell_failure(file, Failed(str(error), error=error, kind=type(error).__name__))
            is_failed |= file.is_meant
    linked = link_logs(logs)
    groups = [_group(linked, keys) for keys in linked.groups]
    if as_json:
        print(json.dumps({"groups": groups}))
    else:
        _print(groups)
    return FAILED if is_failed else OK


def _group(linked: Linked, keys: Sequence[str]) -> list[dict[str, Any]]:
    """The recordings of one flight, each with its offset to the first one's clock."""
    offsets = linked.offsets_to(keys[0])
    rows = []
    for key in keys:
        member, offset = linked.members[key], offsets[key]
        joined = linked.link_between(keys[0], key)
        like = joined.likeness if joined and joined.by == "signals" else None
        rows.append(
            {
                "path": member.path,
                "sha256": member.sha256,
                "boot": member.boot,
                "offset_s": offset.offset_us / 1e6,
                "uncertainty_s": offset.uncertainty_s,
                "by": joined.by if joined else None,
                "likeness": like,
            }
        )
    return rows


def _print(groups: Sequence[Sequence[dict[str, Any]]]) -> None:
    from flyoff.cli.terminal import cell, log_names, print_table

    rows = []
    names = log_names(row["path"] for group in groups for row in group)
    for number, group in enumerate(groups, 1):
        for row in group:
            is_first = row is group[0]
            clock = "leads" if is_first else f"{row['offset_s']:+.3f} ± {row['uncertainty_s']:.2f}"
            by = "" if is_first else row["by"] or "another log"
            like = "" if row["likeness"] is None else f"{row['likeness']:.3f}"
            name = names[row["path"]]
            name += f" boot {row['boot']}" if row["boot"] else ""
            rows.append(tuple(map(cell, (str(number), name, clock, by, like))))
    if rows:
        print_table(("flight", "log", "clock [s]", "decided by", "likeness"), rows)
    linked = sum(len(g) > 1 for g in groups)
    print(f"{len(rows)} recordings of {len(groups)} flights, {linked} of them with several logs")
