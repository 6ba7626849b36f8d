"""Recordings of one flight on one clock, and their sorties counted once."""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flyoff.model.sortie import Sortie
from flyoff.sorties.combine import Account, combine, same_attempt
from flyoff.sorties.link import Link

#: So many accounts of a sortie, of the fullest recordings, are told together: more recordings of
#: one flight than this are copies, and each would tell of all the others.
MOST_ACCOUNTS = 16


@dataclass(frozen=True, slots=True)
class Offset:
    """From a recording's clock to the leading one's: t_leading = t + offset_us."""

    offset_us: int
    uncertainty_s: float


@dataclass(frozen=True, slots=True)
class Counted:
    """A sortie that is counted as another one.

    Attributes
    ----------
    sortie_id : str
    offset_us : int [µs]
        Clock of the sortie that counts = its clock + offset.
    uncertainty_s : float [s]
    combined : Sortie
        What all recordings say of the sortie that counts; its ``id`` is that sortie's.
    """

    sortie_id: str
    offset_us: int
    uncertainty_s: float
    combined: Sortie


def clusters(members: Sequence[str], links: Sequence[Link]) -> list[list[str]]:
    """Members that links join, those without a link alone."""
    home = {k: k for k in members}

    def root(key: str) -> str:
        while home[key] != key:
            home[key] = home[home[key]]
            key = home[key]
        return key

    for joined in links:
        for end in (joined.first, joined.second):
            home.setdefault(end, end)
        home[root(joined.second)] = root(joined.first)
    found: dict[str, list[str]] = {}
    for key in members:
        found.setdefault(root(key), []).append(key)
    return list(found.values())


def offsets_to(leading: str, links: Sequence[Link]) -> dict[str, Offset]:
    """Of every recording that links lead to, how its clock maps to the leading one's."""
    steps: dict[str, list[tuple[str, Offset]]] = {}
    for joined in links:
        there = Offset(joined.offset_us, joined.uncertainty_s)
        back = Offset(-joined.offset_us, joined.uncertainty_s)
        steps.setdefault(joined.first, []).append((joined.second, there))
        steps.setdefault(joined.second, []).append((joined.first, back))
    known = {leading: Offset(0, 0.0)}
    waiting = [(0.0, 0, leading)]
    while waiting:
        _, _, here = heapq.heappop(waiting)  # the surest clock first: nobody is reached by a detour
        for other, step in steps.get(here, ()):
            if other not in known:
                unsure = float(np.hypot(known[here].uncertainty_s, step.uncertainty_s))
                known[other] = Offset(known[here].offset_us + step.offset_us, unsure)
                heapq.heappush(waiting, (unsure, -len(known), other))
    return known


def counted_once(
    members: Sequence[str],
    links: Sequence[Link],
    fullness: Mapping[str, Any],
    sorties: Mapping[str, Sequence[Sortie]],
) -> list[Counted]:
    """Sorties of linked recordings that are counted as one of the fullest recording's.

    Parameters
    ----------
    members : sequence of str
        Recordings.
    links : sequence of Link
    fullness : mapping of recording to something that can be compared
        The greatest leads its group.
    sorties : mapping of recording to its sorties, ordered by time
    """
    counted: list[Counted] = []
    found = clusters(members, links)
    cluster_of = {key: number for number, group in enumerate(found) for key in group}
    own: list[list[Link]] = [[] for _ in found]
    for joined in links:
        if joined.first in cluster_of:
            own[cluster_of[joined.first]].append(joined)
    for group, theirs in zip(found, own, strict=True):
        order = sorted(group, key=lambda k: fullness[k], reverse=True)
        counted += _of_group(order, theirs, sorties)
    return counted


def _of_group(
    order: Sequence[str], links: Sequence[Link], sorties: Mapping[str, Sequence[Sortie]]
) -> list[Counted]:
    offsets = offsets_to(order[0], links)
    leading = list(sorties.get(order[0], ()))
    accounts: dict[str, list[tuple[str, Account]]] = {}
    for recording in order[1:]:
        offset = offsets[recording]
        for sortie in sorties.get(recording, ()):
            account = Account(sortie, offset.offset_us, offset.uncertainty_s)
            same = same_attempt(leading, account)
            if same is not None:
                accounts.setdefault(same.id, []).append((recording, account))
    counted = []
    for sortie in leading:
        told = accounts.get(sortie.id, [])
        made = combine(sortie, [a for _, a in told[:MOST_ACCOUNTS]])
        counted += [Counted(a.sortie.id, a.offset_us, a.uncertainty_s, made) for _, a in told]
    return counted
