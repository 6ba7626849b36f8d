"""The table of cards for people to look at and change, written back into the campaign's folder."""

import hashlib
import os
import threading
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from flyoff.campaign.card_edits import CellChange, edited, table_rows
from flyoff.campaign.cards import CARDS, COLUMNS, DISPOSITIONS, REQUIRED, read_cards
from flyoff.campaign.folder import examine
from flyoff.campaign.problems import Problem, errors
from flyoff.errors import CampaignError, reason_of
from flyoff.model.sortie import Outcome

Facts = dict[str, Any]

_BOM = "\ufeff"
#: One writer at a time: what is compared is what is replaced.
_writing = threading.Lock()


class StaleCards(CampaignError):
    """The table is not the one any more that its writer had seen."""


def cards_mark(folder: Path) -> str:
    """Another word for every other content of the table."""
    return hashlib.sha256(_read(folder)).hexdigest()[:24]


def cards_table(folder: Path) -> tuple[Facts, str]:
    """The table in plain values, and its mark.

    Raises
    ------
    CampaignError
        If it cannot be read.
    """
    content = _read(folder)
    rows = table_rows(_text(content))
    header = [name.strip() for name in rows[0].cells] if rows else []
    campaign, problems = examine(folder)
    return {
        "columns": header,
        "known_columns": list(COLUMNS),
        "required_columns": list(REQUIRED),
        "choices": {
            "result": [str(o) for o in Outcome],
            "disposition": list(DISPOSITIONS),
            "candidate": [c.name for c in campaign.candidates],
        },
        "rows": [
            {"line": row.line, "values": dict(zip(header, row.cells, strict=True))}
            for row in rows[1:]
            if len(row.cells) == len(header) and any(cell.strip() for cell in row.cells)
        ],
        "problems": [
            {"file": p.file, "line": p.line, "text": p.text, "gravity": p.gravity} for p in problems
        ],
        "is_writable": os.access(folder, os.W_OK) and os.access(_file(folder), os.W_OK),
    }, hashlib.sha256(content).hexdigest()[:24]


def change_cards(
    folder: Path,
    seen: str,
    changes: Sequence[CellChange],
    added: Sequence[Mapping[str, str]],
) -> None:
    """Write changes into ``cards.csv``, all or none; the rest of the file stays as it is.

    Raises
    ------
    StaleCards
        If the table is not the one that `seen` marks.
    CampaignError
        If a change does not fit, brings a new error into the table, or it cannot be written.
    """
    with _writing:
        content = _read(folder)
        if hashlib.sha256(content).hexdigest()[:24] != seen:
            raise StaleCards("cards.csv was changed meanwhile; look at it again, nothing is lost")
        text = _text(content)
        made = edited(text, changes, added)
        wrong = _new_errors(folder, made)
        if wrong:
            raise CampaignError("; ".join(str(p) for p in wrong[:5]))
        _replace(_file(folder), (_BOM if content[:3] == b"\xef\xbb\xbf" else "") + made)


def _new_errors(folder: Path, text: str) -> list[Problem]:
    """Errors that the table does not have as it lies there."""
    before = {(p.line, p.text) for p in errors(read_cards(_file(folder))[1])}
    trial = folder / f".{CARDS}.{uuid.uuid4().hex}"
    try:
        trial.write_text(text, encoding="utf-8", newline="")
        found = errors(read_cards(trial)[1])
    except OSError as error:
        why = reason_of(error)
        raise CampaignError(f"cards.csv cannot be written: {why}") from None
    finally:
        trial.unlink(missing_ok=True)
    return [Problem(CARDS, p.line, p.text) for p in found if (p.line, p.text) not in before]


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        mode = path.stat().st_mode & 0o7777
        with part.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(mode)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        why = reason_of(error)
        raise CampaignError(f"cards.csv cannot be written: {why}") from None


def _file(folder: Path) -> Path:
    """The file itself, where a link leads."""
    return (folder / CARDS).resolve()


def _read(folder: Path) -> bytes:
    try:
        return _file(folder).read_bytes()
    except OSError as error:
        why = reason_of(error)
        raise CampaignError(f"cards.csv cannot be read: {why}") from None


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CampaignError(f"cards.csv is no UTF-8 at byte {error.start}") from None


__all__ = ["CellChange", "StaleCards", "cards_mark", "cards_table", "change_cards"]
