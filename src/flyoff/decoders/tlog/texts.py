"""STATUSTEXT as whole lines: long ones come in pieces of 50 bytes under one id."""

from typing import Final

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import Message

_PIECE: Final = 50
#: Pieces of one text follow one another within this.
_TOGETHER_US: Final = 3_000_000


def read_texts(reader: Reader) -> list[Message]:
    """The texts of a flight controller, joined, in order of time."""
    if not reader.has("STATUSTEXT", "severity", "text"):
        return []
    has_ids = reader.has("STATUSTEXT", "id", "chunk_seq")
    fields = ("severity", "text", "id", "chunk_seq") if has_ids else ("severity", "text")
    t_us, columns = reader.read("STATUSTEXT", fields)
    lists = [column.tolist() for column in columns]
    ids, numbers = lists[2:] if has_ids else ([0] * t_us.size, [0] * t_us.size)
    found: list[Message] = []
    last = (0, -1, 0, False)  # id, number and time of the piece before, and whether it was full
    for t, level, raw, number, chunk in zip(
        t_us.tolist(), lists[0], lists[1], ids, numbers, strict=True
    ):
        text = raw.decode("utf-8", errors="replace")
        follows = number and (number, chunk - 1) == last[:2] and last[3]
        if follows and t - last[2] <= _TOGETHER_US:
            joined = found[-1].text + text
            found[-1] = Message(found[-1].t_us, found[-1].level, joined)
        else:
            found.append(Message(t, level, text))
        last = (number, chunk, t, len(raw) >= _PIECE)
    return [Message(m.t_us, m.level, m.text.strip()) for m in found if m.text.strip()]
