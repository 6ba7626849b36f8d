"""Calls the command line in this process."""

import json
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from flyoff.cli.main import app


@dataclass(frozen=True)
class Called:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """Standard output, each line a JSON value; NaN is none."""
        return [json.loads(line, parse_constant=_refuse) for line in self.out.splitlines()]


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is not JSON")


def flyoff(*words: object) -> Called:
    done = CliRunner().invoke(app, [str(w) for w in words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception  # nothing may escape a command
    assert "Traceback" not in done.stderr
    return Called(done.exit_code, done.stdout, done.stderr)
