"""``flyoff doctor`` and ``flyoff warmup``."""

import json
from dataclasses import asdict

from flyoff.cli.guard import FAILED, OK
from flyoff.cli.terminal import cell, print_table
from flyoff.pipeline import machine

_STYLE = {"ok": "green", "warning": "yellow", "missing": "bold red"}


def run_doctor(as_json: bool) -> int:
    """Print the checks; returns the exit code."""
    checks = machine.doctor()
    if as_json:
        print(json.dumps({"checks": [asdict(c) for c in checks]}))
    else:
        rows = [
            (cell(c.name), cell(c.state, _STYLE[c.state]), cell(c.found), cell(c.mend))
            for c in checks
        ]
        print_table(("what", "state", "found", "to mend it"), rows)
    return FAILED if any(c.state == "missing" for c in checks) else OK


def run_warmup(as_json: bool) -> int:
    """Compile the kernels; returns the exit code."""
    done = machine.warmup()
    if as_json:
        print(json.dumps({"decoders": [asdict(w) for w in done]}))
    else:
        for warmed in done:
            print(f"{warmed.name}: {warmed.note or f'ready after {warmed.seconds:.1f} s'}")
    return OK
