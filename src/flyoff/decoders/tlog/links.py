"""Several links to one vehicle in one log, and the same message arriving by more than one of them.

MAVProxy writes the number of the link into the two low bits of a stamp; every other program writes
plain microseconds, in which these bits mean nothing. Which it is, the sequence numbers tell: a
vehicle counts the frames of each link for itself, so its frames follow one another link by link if
the bits are links, and in the order of the file if they are not. A radio's delay is its own: a slow
link brings old frames after new ones, which is no restart of the vehicle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from flyoff.decoders.tlog.clock import BootClock, Witnesses, boot_clocks, witnesses_of
from flyoff.decoders.tlog.payloads import _kernels as kernels
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.units import US_PER_S, BoolArray, IntArray

#: Parts of the file in which the frames are looked at, at its start, middle and end [byte].
_WINDOW: Final = 1 << 18
#: The bits are links if sequences break so much more rarely within each, and that often at all.
_FEWER: Final = 0.7
_LEAST: Final = 3
#: There are copies if so many frames bear the number of one of so many frames before.
_REPEATED: Final = 0.02
_BACK: Final = 16
#: When a message without a time of its own was sent is known to so much.
_LATE_US: Final = 5 * US_PER_S
#: A frame that is a copy with all its header comes this soon: the count is full after 256 frames.
_REPEAT_US: Final = 1 * US_PER_S
_EVER_US: Final = 1 << 62
#: Odd numbers, whose multiples tell payloads apart.
_MIX: Final = np.random.default_rng(4).integers(1 << 62, size=33, dtype=np.uint64) * 2 + 1
_OWN_TIME: Final = frozenset({"time_boot_ms", "time_usec"})


class Copies(Enum):
    """How the same message may stand in a log more than once."""

    NONE = "none"
    LINKS = "links"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """How one sender was heard.

    Attributes
    ----------
    copies : Copies
    clocks : dict of link to list of BootClock
        Link 0 where links are not told apart.
    """

    copies: Copies
    clocks: dict[int, list[BootClock]]

    @property
    def main(self) -> list[BootClock]:
        """Clocks of the link that saw most boots, of these the one that saw most."""
        found = self.clocks.values()
        return max(found, key=lambda c: (len(c), sum(k.at.size for k in c)), default=[])


def heard_by(topics: Sequence[TlogTopic], size: int) -> Heard:
    """Find out by which links one sender was heard, and the clock of each boot on each.

    Parameters
    ----------
    topics : of TlogTopic
        All that the sender sent.
    size : int [byte]
        Of the file.
    """
    copies, links = _by_link(topics)
    return Heard(copies, {number: boot_clocks(own, size) for number, own in links.items()})


def main_witnesses(topics: Sequence[TlogTopic]) -> Witnesses | None:
    """What tells the boots of one sender: on the link whose clocks are `Heard.main`."""
    found = [witnesses_of(own) for own in _by_link(topics)[1].values()]
    told = [seen for seen in found if seen is not None]
    return max(told, key=lambda seen: (seen.boots, seen.at.size), default=None)


def _by_link(topics: Sequence[TlogTopic]) -> tuple[Copies, dict[int, Sequence[TlogTopic]]]:
    """Each link's share of the topics; all of them as link 0 where links are not told apart."""
    copies = copies_in(topics)
    if copies is not Copies.LINKS:
        return copies, {0: topics}
    links = {topic: topic.link() for topic in topics}
    numbers = np.unique(np.concatenate(list(links.values()))).tolist()
    return copies, {n: [t.rows(link == n) for t, link in links.items()] for n in numbers}


def copies_in(topics: Sequence[TlogTopic]) -> Copies:
    """Whether one sender's frames came by several links, or one came twice."""
    topics = [t for t in topics if t.time_field and len(t)]
    if not topics:
        return Copies.NONE
    parts = [_frames(t) for t in topics]
    at, sequence, link = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.argsort(at, kind="stable")
    sequence, link = sequence[order], link[order]
    if sequence.size < 4:
        return Copies.NONE
    breaks = int(np.sum(np.diff(sequence) % 256 != 1))
    if (link != link[0]).any():
        by_link = np.argsort(link, kind="stable")
        steps = np.diff(sequence[by_link])[np.diff(link[by_link]) == 0] % 256
        within = int(np.sum(steps != 1))
        if within < _FEWER * breaks and breaks - within >= _LEAST:
            return Copies.LINKS
    again = np.zeros(sequence.size, dtype=np.bool_)
    for back in range(1, _BACK + 1):
        again[back:] |= sequence[back:] == sequence[:-back]
    return Copies.REPEATED if float(np.mean(again)) > _REPEATED else Copies.NONE


def _frames(topic: TlogTopic) -> tuple[IntArray, IntArray, IntArray]:
    """Offset, sequence number and low bits of some of the frames."""
    size = topic.size
    rows: list[IntArray] = []
    last = 0
    for start in (0, max(size - _WINDOW, 0) // 2, max(size - _WINDOW, 0)):
        a, b = topic.span(start, start + _WINDOW)
        rows.append(np.arange(max(a, last), max(b, last)))
        last = max(b, last)
    some = topic.rows(np.concatenate(rows))
    return some.offsets, some.sequence(), some.link()


def kept(topic: TlogTopic, sent_us: IntArray, copies: Copies) -> BoolArray:
    """Rows of a topic that are not copies of others, bool shape (n,).

    Parameters
    ----------
    topic : TlogTopic
    sent_us : int64, shape (n,) [µs]
        When the rows were sent, each by the clock of its link: however late a link is, copies were
        sent at about one instant.
    copies : Copies
    """
    keep = np.ones(len(topic), dtype=np.bool_)
    if copies is Copies.NONE or len(topic) < 2:
        return keep
    by_link = copies is Copies.LINKS
    key = _digest(topic)
    if not by_link:
        key = key ^ (topic.sequence().astype(np.uint64) * _MIX[-1])
    at_us = sent_us if by_link else topic.recorded()
    source = topic.link() if by_link else np.arange(len(topic))
    reach = _REPEAT_US
    if by_link:
        reach = _EVER_US if _OWN_TIME & set(topic.definition.names) else _LATE_US
    order = np.lexsort((at_us, key))
    again = np.zeros(order.size, dtype=np.bool_)
    again[1:] = key[order][1:] == key[order][:-1]
    if not again.any():
        return keep
    # only what is met more than once is gone through: the rest is most of a log
    many = again | np.append(again[1:], False)
    _pass_over(order[many], key, at_us, source, reach, keep)
    return keep


def _pass_over(
    order: IntArray,
    key: "np.typing.NDArray[np.uint64]",
    at_us: IntArray,
    source: IntArray,
    reach: int,
    keep: BoolArray,
) -> None:
    """Leave out the copies of kept rows: one for each other link."""
    originals: list[tuple[int, int, set[int]]] = []
    last = None
    columns = (order, key[order], at_us[order], source[order])
    for row, digest, t_us, link in zip(*(c.tolist() for c in columns), strict=True):
        if digest != last:
            originals, last = [], digest
        originals = [o for o in originals if t_us - o[0] <= reach and len(o[2]) < 4]
        copied = next((o for o in originals if o[1] != link and link not in o[2]), None)
        if copied is None:
            originals.append((t_us, link, set()))
        else:
            copied[2].add(link)
            keep[row] = False


def _digest(topic: TlogTopic) -> "np.typing.NDArray[np.uint64]":
    """A number for each payload, the same for the same bytes."""
    words = (topic.definition.size + 7) // 8
    out = np.empty(len(topic) * words, dtype=np.uint64)
    kernels.pad(topic.data, topic.payloads, 0, len(topic), words, out)
    with np.errstate(over="ignore"):
        digest: np.typing.NDArray[np.uint64] = (out.reshape(len(topic), words) * _MIX[:words]).sum(
            axis=1, dtype=np.uint64
        )
    return digest
