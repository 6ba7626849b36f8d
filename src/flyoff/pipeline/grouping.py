"""Recordings of one flight on one clock, and their sorties counted once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from flyoff.model.sortie import Sortie
from flyoff.sorties.combine import Account, combine, same_attempt
from flyoff.sorties.link import Link


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
    waiting, found = list(members), []
    while waiting:
        leading = waiting[0]
        group = offsets_to(leading, links)
        found.append([k for k in waiting if k in group])
        waiting = [k for k in waiting if k not in group]
    return found


def offsets_to(leading: str, links: Sequence[Link]) -> dict[str, Offset]:
    """Of every recording that links lead to, how its clock maps to the leading one's."""
    steps: dict[str, list[tuple[str, Offset]]] = {}
    for joined in links:
        there = Offset(joined.offset_us, joined.uncertainty_s)
        back = Offset(-joined.offset_us, joined.uncertainty_s)
        steps.setdefault(joined.first, []).append((joined.second, there))
        steps.setdefault(joined.second, []).append((joined.first, back))
    known, waiting = {leading: Offset(0, 0.0)}, [leading]
    while waiting:
        # the surest clock first, so that nobody is reached by a detour
        waiting.sort(key=lambda k: known[k].uncertainty_s, reverse=True)
        here = waiting.pop()
        for other, step in steps.get(here, ()):
            unsure = float(np.hypot(known[here].uncertainty_s, step.uncertainty_s))
            if other not in known:
                known[other] = Offset(known[here].offset_us + step.offset_us, unsure)
                waiting.append(other)
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
    for group in clusters(members, links):
        order = sorted(group, key=lambda k: fullness[k], reverse=True)
        counted += _of_group(order, links, sorties)
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
        made = combine(sortie, [a for _, a in told])
        counted += [Counted(a.sortie.id, a.offset_us, a.uncertainty_s, made) for _, a in told]
    return counted
