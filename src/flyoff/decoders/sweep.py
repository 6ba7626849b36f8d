"""Columns read ahead: fields that will be asked for soon, in one sweep with the one asked for now.

Fields of one record share its cache lines, so reading them one after the other costs the way to the
memory each time, and a call each time. A large log's topics are read ahead only as far as they
stay small beside it.
"""

from collections.abc import Iterable
from typing import Final

from flyoff.decoders.rawlog import Columns, Topic

Key = tuple[str, int]

#: Of a large log, a topic is read ahead if its columns take no more than this [byte] …
SMALL: Final = 8 << 20
#: … and those of the topic read longest ago are dropped when all take more than this [byte].
KEPT: Final = 16 << 20


class Sweep:
    """What is expected to be asked for, and what was read of it.

    Parameters
    ----------
    is_large : bool
        Whether the log's columns, all read, could matter to a laptop's memory.
    """

    def __init__(self, *, is_large: bool) -> None:
        self._is_large = is_large
        self._expected: dict[Key, dict[str, None]] = {}
        self._read: dict[Key, Columns] = {}
        self._bytes: dict[Key, int] = {}

    def expect(self, key: Key, fields: Iterable[str]) -> None:
        """Note fields of a topic that may be read with others."""
        self._expected.setdefault(key, {}).update(dict.fromkeys(fields))

    def take(self, topic: Topic, fields: Iterable[str], rows: tuple[int, int]) -> Columns:
        """Some columns of a topic, not to be written to.

        Parameters
        ----------
        rows : (first, last + 1)
            Of the boot that is read, the same at each call: of a log of many boots, each would
            keep the rows of all else.
        """
        key = (topic.name, topic.instance)
        wanted = dict.fromkeys(fields)
        known = self._read.get(key, {})
        missing = [name for name in wanted if name not in known]
        if not missing:
            return known
        ahead = self._expected.get(key, {})
        together = dict.fromkeys((*missing, *(name for name in ahead if name not in known)))
        size = 8 * len(topic) * len(together)
        if self._is_large and size > SMALL:
            found = _cut(topic.gather(missing), len(topic), rows)
            return found if len(missing) == len(wanted) else {**known, **found}
        found = _cut(topic.gather(together), len(topic), rows)
        for column in found.values():
            column.flags.writeable = False
        self._keep(key, found, 8 * (rows[1] - rows[0]) * len(together))
        return self._read[key]

    def _keep(self, key: Key, found: Columns, size: int) -> None:
        self._read[key] = {**self._read.pop(key, {}), **found}
        self._bytes[key] = self._bytes.get(key, 0) + size
        while self._is_large and len(self._read) > 1 and sum(self._bytes.values()) > KEPT:
            oldest = next(iter(self._read))
            del self._read[oldest], self._bytes[oldest]


def _cut(columns: Columns, size: int, rows: tuple[int, int]) -> Columns:
    first, last = rows
    if last - first == size:
        return columns
    return {name: column[first:last].copy() for name, column in columns.items()}
