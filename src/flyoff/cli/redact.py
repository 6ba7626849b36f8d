"""``flyoff redact``: logs without places, dates and names; and the attack on the result."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flyoff.cli.guard import FAILED, MISUSE, OK, complain, one_line
from flyoff.pipeline.redaction import Request, attacked, opened, run
from flyoff.pipeline.rewriting import Outcome


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line said."""

    paths: Sequence[Path]
    out: Path | None
    policy: str
    secret: Path | None
    mapping: Path | None
    release: str
    attack: bool
    reveal: Path | None
    against: Path | None
    jobs: int | None
    as_json: bool


def run_redact(asked: Asked) -> int:
    """Redact, or open a mapping; returns the exit code."""
    if asked.reveal is not None:
        return _reveal(asked)
    if asked.against is not None:
        return _attack(asked, asked.against)
    if asked.out is None or not asked.paths:
        complain("redact takes what to redact and --out FOLDER; --help shows an example")
        return MISUSE
    out = asked.out.resolve()  # ``.`` has no name of its own to put others beside
    secret = asked.secret or out.with_name(f"{out.name}.secret")
    is_new = not secret.exists()
    request = Request(
        tuple(asked.paths),
        out,
        asked.policy,
        secret,
        asked.mapping or out.with_name(f"{out.name}.mapping"),
        asked.release,
        asked.attack,
        asked.jobs,
    )
    outcomes = []
    for one in run(request):
        outcomes.append(one)
        if asked.as_json:
            print(json.dumps(_json(one)), flush=True)
        elif one.problem:
            complain(one.problem if one.is_meant else f"skipped {one.problem}")
        else:
            _say(one)
    _say_all(outcomes, request, is_new)
    broken = any(one.audit is not None and one.audit.violations for one in outcomes)
    failed = any(one.problem and one.is_meant for one in outcomes)
    return FAILED if broken or failed else OK


def _reveal(asked: Asked) -> int:
    assert asked.reveal is not None
    secret = asked.secret or asked.reveal.with_suffix(".secret")
    print(json.dumps(opened(asked.reveal, secret), indent=None if asked.as_json else 2))
    return OK


def _attack(asked: Asked, against: Path) -> int:
    """Attack a file that exists; returns the exit code."""
    if len(asked.paths) != 1:
        complain("--against takes one original; --help shows an example")
        return MISUSE
    one = attacked(asked.paths[0], against, asked.policy)
    assert one.audit is not None
    if asked.as_json:
        told = {"path": one.path, "redacted": one.written, "audit": one.audit.as_json()}
        print(json.dumps(told))
    else:
        print(one_line(f"{os.path.basename(one.path)} <- {one.written}"))
        _say_audit(one)
    return FAILED if one.audit.violations else OK


def _json(one: Outcome) -> dict[str, Any]:
    if one.redacted is None:
        return {"path": one.path, "problem": one.problem}
    return {
        "path": one.path,
        "redacted": one.written,
        "sha256": one.sha256,
        "original_sha256": one.redacted.original_sha256,
        "format": one.redacted.format,
        "pseudonym": one.redacted.pseudonym,
        "audit": one.audit.as_json() if one.audit is not None else None,
    }


def _say(one: Outcome) -> None:
    assert one.redacted is not None
    name = os.path.basename(one.path)
    print(one_line(f"{name} -> {one.written}"))
    _say_audit(one)


def _say_audit(one: Outcome) -> None:
    found = one.audit
    if found is None:
        return
    looked = found.secrets
    what = f"{len(looked.places)} places, {len(looked.names)} names, {len(looked.numbers)} numbers"
    print(f"  attacked: {what}, dates: ", end="")
    print("nothing found" if not found.violations else "FOUND")
    for told in found.violations:
        print(f"    ! {told}")
    for question in found.inferences:
        print(f"    {question.what}: {question.says}")


def _say_all(outcomes: Sequence[Outcome], request: Request, is_new: bool) -> None:
    written = sum(bool(one.written) for one in outcomes)
    to = sys.stderr
    print(f"{written} of {len(outcomes)} logs redacted by policy {request.policy!r}", file=to)
    if is_new and written:
        print(f"secret made: {request.secret}; keep it, and never hand it on", file=to)
    if written:
        print(f"the way back is sealed in {request.mapping}", file=to)
        if not request.attack:
            print("not attacked: --audit searches the result for what was removed", file=to)
