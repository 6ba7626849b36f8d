"""STATUSTEXT as whole lines: long ones come in pieces of 50 bytes under one id."""

from collections.abc import Sequence
from typing import Final

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import Column, Message
from flyoff.units import IntArray

_PIECE: Final = 50
_LINE: Final = ("severity", "text")
_CHUNKS: Final = ("id", "chunk_seq")
#: Pieces of one text follow one another within this.
_TOGETHER_US: Final = 3_000_000


def read_texts(reader: Reader) -> list[Message]:
    """The texts of a flight controller, joined, in order of time."""
    if not reader.has("STATUSTEXT", "severity", "text"):
        return []
    has_ids = reader.has("STATUSTEXT", *_CHUNKS)
    t_us, columns = reader.read("STATUSTEXT", (*_LINE, *(_CHUNKS if has_ids else ())))
    return joined(t_us, columns)


def joined(t_us: IntArray, columns: Sequence[Column]) -> list[Message]:
    """Whole texts of severity, piece and, where they are sent, id and number of the piece."""
    lists = [column.tolist() for column in columns]
    ids, numbers = lists[2:] if len(lists) > 2 else ([0] * t_us.size, [0] * t_us.size)
    found: list[Message] = []
    last = (0, -1, 0, False)  # id, number and time of the piece before, and whether it was full
    for t, level, raw, number, chunk in zip(
        t_us.tolist(), lists[0], lists[1], ids, numbers, strict=True
    ):
        text = raw.decode("utf-8", errors="replace")
        follows = number and (number, chunk - 1) == last[:2] and last[3]
        if follows and t - last[2] <= _TOGETHER_US:
            found[-1] = Message(found[-1].t_us, found[-1].level, found[-1].text + text)
        else:
            found.append(Message(t, level, text))
        last = (number, chunk, t, len(raw) >= _PIECE)
    return [Message(m.t_us, m.level, m.text.strip()) for m in found if m.text.strip()]
