"""Structured logs: one JSON object a line, for machines that gather what many commands say.

Everything goes through the standard library's ``logging`` under the name ``flyoff``, so a program
that uses Flyoff as a library may attach handlers of its own to ``flyoff.stage``.
"""

import datetime
import json
import logging
from collections.abc import Sequence
from typing import Any, Final, TextIO

from flyoff.pipeline.profile import told
from flyoff.stages import Span

STAGE: Final = "flyoff.stage"
#: The attribute of a record that holds its facts.
_FACTS: Final = "flyoff"


class StageLines:
    """A sink that logs each stage that is over, a warning where something was wrong."""

    def take(self, spans: Sequence[Span]) -> None:
        """Log spans."""
        logger = logging.getLogger(STAGE)
        for span in spans:
            level = logging.WARNING if span.problems else logging.INFO
            if logger.isEnabledFor(level):
                facts = {"stage": span.name, "seconds": round(span.wall_ns / 1e9, 6)}
                facts |= told(span) | {"host": span.host, "pid": span.pid}
                end_s = (span.start_ns + span.wall_ns) / 1e9
                logger.log(level, span.name, extra={_FACTS: facts | {"time": utc(end_s)}})


class JsonLines(logging.Formatter):
    """A record as one JSON object: time, level, logger, what it says, its facts, its trace."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, ASCII only."""
        shown: dict[str, Any] = {
            "time": utc(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": record.getMessage(),
        }
        shown |= getattr(record, _FACTS, {})
        if record.exc_info:
            shown["trace"] = self.formatException(record.exc_info)
        return json.dumps(shown)


def write_lines(stream: TextIO) -> logging.Handler:
    """Send what is logged under ``flyoff`` to a stream as JSON lines; ``end_lines`` ends it."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("flyoff")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    return handler


def end_lines(handler: logging.Handler) -> None:
    """As it was before ``write_lines``."""
    logger = logging.getLogger("flyoff")
    logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


def log_problem(says: str, kind: str = "") -> None:
    """Log what a command would complain of to a person."""
    facts = {"problems": [kind]} if kind else {}
    logging.getLogger("flyoff").error("%s", says, extra={_FACTS: facts})


def utc(seconds: float) -> str:
    """UNIX time as ISO 8601 with milliseconds.

    Examples
    --------
    >>> utc(0.25)
    '1970-01-01T00:00:00.250Z'
    """
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
