"""What a policy makes of the cells of tables: names, times, texts.

The tables of a bundle hold only columns that are listed here or are plain numbers and our own
words; everything else is left out.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan
from typing import Any, Final

from flyoff.exchange.redaction.moves import UNIX_FROM_US
from flyoff.exchange.redaction.release import Launch, Release

_NAME_BYTES: Final = 6
#: Such a name is met by chance: at the end of a pseudonym in hexadecimal digits.
_NUMBERED: Final = re.compile(r"\d+(?:\.\w+)?$")
_LEAST_SECRET: Final = 6  # shorter words stand in other words by chance
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Treatment:
    """A release's policy, applied to what stands in tables.

    Attributes
    ----------
    release : Release
        The one that the logs of the bundle are redacted in.
    """

    release: Release

    def name(self, kind: str, given: str | None) -> str:
        """A pseudonym that is stable for as long as the owner uses the same secret."""
        if not given or given == "unknown":
            return given or ""
        action = self.release.policy.identity
        if action == "keep" and kind == "vehicle":
            return given
        if action == "drop":
            return ""
        return f"{kind}-{self.release.secret.mac(kind, given)[:_NAME_BYTES].hex()}"

    def vehicle(self, given: str | None) -> str:
        """A vehicle's number or name."""
        return self.name("vehicle", given)

    def text(self, given: str | None) -> str | None:
        """What may stay of a text that people or a firmware wrote."""
        if not given:
            return given
        return self.release.rules("").text(given) or None

    def title(self, kind: str, given: str) -> str:
        """A heading that people chose: kept where texts are."""
        return given if self.release.policy.text == "keep" else self.name(kind, given) or kind

    def utc(self, given: str | None) -> str | None:
        """An instant: kept, moved with the release, or left out."""
        time = self.release.policy.time
        if not given or time == "keep":
            return given
        if time == "relative":
            return None
        when = datetime.fromisoformat(given.replace("Z", "+00:00"))
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        unix_us = int(when.timestamp() * 1e6)
        move = self.release.move(Launch(None, nan, unix_us, nan, None), f"table {given}")
        moved = datetime.fromtimestamp((unix_us + move.shift_us) / 1e6, UTC)
        return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def sortie(self, row: Row) -> dict[str, Any]:
        """A row of ``sorties``."""
        own = {**row, "vehicle_id": self.vehicle(row["vehicle_id"])}
        own["start_utc"] = self.utc(row["start_utc"])
        own["not_assessed"] = json.dumps(sorted(json.loads(row["not_assessed"] or "{}")))
        return self._on_clock(own, ("start_s", "end_s", "cause_onset_s"))

    def finding(self, row: Row) -> dict[str, Any]:
        """A row of ``findings``."""
        own = {**row, "detail": self.text(row["detail"])}
        return self._on_clock(own, ("onset_s", "end_s"))

    def review(self, row: Row) -> dict[str, Any]:
        """A row of ``reviews``: what a person said, not who."""
        return {**row, "by": self.name("person", row["by"]), "because": self.text(row["because"])}

    def _on_clock(self, row: dict[str, Any], columns: Iterable[str]) -> dict[str, Any]:
        """Times on the log's own clock stay, unless that clock counts from 1970."""
        if self.release.policy.time == "keep":
            return row
        for column in columns:
            if row[column] is not None and row[column] * 1e6 > UNIX_FROM_US:
                row[column] = None
        return row


def survivors(secrets: Iterable[str], texts: Iterable[str]) -> list[str]:
    """Which secrets stand in texts, as a part or as a whole; the attack on the own tables."""
    wanted = sorted({secret for secret in secrets if secret})
    cells = set(texts)
    whole = [secret for secret in wanted if secret in cells]
    joined = "\0".join(cells)
    parts = [s for s in wanted if len(s) >= _LEAST_SECRET and s not in whole and s in joined]
    return whole + [s for s in parts if not _NUMBERED.match(s) or _stands_alone(s, joined)]


def _stands_alone(number: str, joined: str) -> bool:
    """Whether a name that begins with a number is not the end of a longer one, as of a digest."""
    return re.search(rf"(?<![0-9A-Za-z]){re.escape(number)}", joined) is not None
