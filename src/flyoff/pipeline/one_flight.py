"""Logs of one flight, without a store: which belong together, on whose clock, counted as what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

from flyoff.errors import FlyoffError
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader, Recording
from flyoff.pipeline import steps
from flyoff.pipeline.grouping import Offset, counted_once, offsets_to
from flyoff.pipeline.steps import JudgedLog, JudgedRecording
from flyoff.pipeline.witnesses import witness_of
from flyoff.sorties.link import Link, Witness, groups, link
from flyoff.stages import stage


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A recording among others of its flight."""

    key: str
    path: str
    sha256: str
    boot: int
    fullness: tuple[bool, int, int]
    witness: Witness


@dataclass(frozen=True, slots=True, eq=False)
class Linked:
    """Recordings, and which of them are of one flight.

    Attributes
    ----------
    members : mapping of key to Member
    links : tuple of Link
    groups : tuple of tuple of str
        Keys, the fullest recording first.
    """

    members: Mapping[str, Member]
    links: tuple[Link, ...]
    groups: tuple[tuple[str, ...], ...]

    def link_between(self, a: str, b: str) -> Link | None:
        """The direct link of two recordings, if they were compared and found alike."""
        return next((j for j in self.links if {j.first, j.second} == {a, b}), None)

    def offsets_to(self, leading: str) -> dict[str, Offset]:
        """How the clock of each recording of the flight maps to the leading one's."""
        return offsets_to(leading, self.links)


def link_logs(paths: Sequence[str | PathLike[str]]) -> Linked:
    """Find out which recordings of some logs are of one flight.

    Raises
    ------
    DecodeError, SourceError
        As ``steps.decode`` does.
    """
    members: dict[str, Member] = {}
    for path in paths:
        for recording in steps.read(path):
            member = _member(recording, len(recording.loaders), None)
            members.setdefault(member.key, member)
            recording.forget()
    return _linked(members)


def link_judged(logs: Sequence[JudgedLog]) -> Linked:
    """The same of logs that were judged with their tracks."""
    with stage("link"):
        made = [_judged_member(r) for log in logs for r in log.recordings]
        return _linked({m.key: m for m in made})


def told_of_links(logs: Sequence[JudgedLog], linked: Linked) -> dict[str, list[dict[str, Any]]]:
    """Of each sortie of a linked log, the key ``linked`` of the machine contract."""
    sorties = {_key(r.recording): r.sorties for log in logs for r in log.recordings}
    fullness = {k: m.fullness for k, m in linked.members.items()}
    counted = counted_once(list(linked.members), linked.links, fullness, sorties)
    counted_as = {c.sortie_id: c.combined.id for c in counted}
    told: dict[str, list[dict[str, Any]]] = {}
    for key, own in sorties.items():
        others = {k: o for k, o in linked.offsets_to(key).items() if k != key}
        for sortie in own if others else ():
            told[sortie.id] = [
                {
                    "path": linked.members[k].path,
                    "sha256": linked.members[k].sha256,
                    "offset_s": offset.offset_us / 1e6,
                    "uncertainty_s": offset.uncertainty_s,
                    "counted_as": counted_as.get(sortie.id, sortie.id),
                }
                for k, offset in others.items()
            ]
    return told


def on_one_clock(
    path: str | PathLike[str], others: Sequence[str | PathLike[str]]
) -> list[tuple[str, Recording]]:
    """The recordings of other logs on the clock of the log at ``path``.

    Returns
    -------
    list of (path, Recording)

    Raises
    ------
    FlyoffError
        If another log is not of the same flight.
    """
    linked = link_logs([path, *others])
    leading = {_key(r) for r in steps.read(path)}
    found: list[tuple[str, Recording]] = []
    for other in others:
        before = len(found)
        for recording in steps.read(other):
            offset = next(
                (o for k, o in linked.offsets_to(_key(recording)).items() if k in leading), None
            )
            if offset is not None:
                found.append((str(other), on_clock(recording, -offset.offset_us)))
        if len(found) == before:
            raise FlyoffError(f"{other}: not of one flight with {path}, as far as they show")
    return found


def on_clock(recording: Recording, offset_us: int) -> Recording:
    """The same recording with all its instants later by ``offset_us`` [µs]."""

    def later(loader: Loader) -> Loader:
        def load() -> Channel:
            channel = loader()
            return replace(channel, t_us=channel.t_us + offset_us)

        return load

    utc = recording.utc
    return Recording(
        recording.log,
        recording.vehicle,
        recording.start_us + offset_us,
        recording.end_us + offset_us,
        {name: later(loader) for name, loader in recording.loaders.items()},
        tuple(replace(e, t_us=e.t_us + offset_us) for e in recording.events),
        recording.params,
        recording.mission,
        replace(utc, offset_us=utc.offset_us - offset_us) if utc else None,
        recording.boot,
        tuple((a + offset_us, b + offset_us) for a, b in recording.gaps),
        recording.notes,
        recording.ends_cut,
    )


def _linked(members: Mapping[str, Member]) -> Linked:
    witnesses = [m.witness for m in members.values()]
    links = link(witnesses)
    found = tuple(
        tuple(sorted(group, key=lambda k: members[k].fullness, reverse=True))
        for group in groups(witnesses, links)
    )
    return Linked(members, tuple(links), found)


def _key(recording: Recording) -> str:
    """As ``recordings.recording_id`` of a store."""
    return f"{recording.log.sha256[:16]}-{recording.boot}"


def _judged_member(judged: JudgedRecording) -> Member:
    return _member(judged.recording, judged.channels, judged)


def _member(recording: Recording, channels: int, judged: JudgedRecording | None) -> Member:
    log, key = recording.log, _key(recording)
    full = (log.format != "tlog", channels, recording.end_us - recording.start_us)
    witness = witness_of(recording, key, judged.track if judged else None)
    return Member(key, log.path, log.sha256, recording.boot, full, witness)
