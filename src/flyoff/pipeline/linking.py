"""Recordings of a store that are of one flight: found, kept, and their sorties counted once."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from flyoff.errors import StoreError
from flyoff.lake.linked import (
    StoredRecording,
    linked_rows,
    open_linked,
    stored_recordings,
    stored_rows,
    stored_tracks,
    write_linked,
)
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.model.recording import UtcClock
from flyoff.model.sortie import Sortie
from flyoff.pipeline.contract import finite, sortie_dict
from flyoff.pipeline.grouping import Counted, clusters, counted_once
from flyoff.pipeline.stored import stored_sorties
from flyoff.sorties.candidates import COMPUTER_S, MOST_UNTIMED, TOGETHER
from flyoff.sorties.link import RATE_HZ, Link, Witness, link
from flyoff.stages import stage

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Lake

#: Recordings are linked so many, or of so many samples together (about 100 MB), at a time.
MOST_RECORDINGS = 2000
MOST_SAMPLES = 1_000_000
#: Spans of time are compared with this much to spare [µs].
_SPARE_US = 200_000_000
_ATTEMPTS = 20


def link_store(store: Store) -> int:
    """Link what no run has examined yet; safe to kill and to run again.

    Returns
    -------
    int
        How many recordings were examined.
    """
    for _ in range(_ATTEMPTS):
        with stage("link"):
            examined = _linked(store)
        if examined is not None:
            return examined
    raise StoreError(str(store), "others link its recordings all the time; run this again later")


def _linked(store: Store) -> int | None:
    """None if another process wrote meanwhile, which the lock of an object store may let happen."""
    with store.locked():
        before = open_linked(store)
        with connect(store) as lake:
            recordings = {r.recording_id: r for r in stored_recordings(lake)}
            new = {k for k, r in recordings.items() if not r.examined}
            if not new:
                return 0
            rows = _rows(lake, recordings, new)
        return len(new) if write_linked(store, rows, before) else None


def _rows(
    lake: "Lake", recordings: Mapping[str, StoredRecording], new: set[str]
) -> dict[str, list[dict[str, Any]]]:
    """What the tables shall hold; what they hold of others stays."""
    settled = recordings.keys() - new
    old = [
        Link(*(row[c] for c in _LINK_COLUMNS))
        for row in linked_rows(lake, "links")
        if {row["first_recording"], row["second_recording"]} <= settled
    ]
    links = [*old, *_found(lake, recordings, new, old)]
    counted, affected = _counted(lake, recordings, links, new)
    untouched = recordings.keys() - affected
    kept = [
        row
        for row in linked_rows(lake, "same_sorties")
        if recording_of(row["sortie_id"]) in untouched
        and recording_of(row["counted_as"]) in untouched
    ]
    examined = [(r.recording_id, r.ingest_id) for r in recordings.values()]
    return {
        "links": [_link_row(joined) for joined in links],
        "same_sorties": [*kept, *_same_rows(counted)],
        "examined": [{"recording_id": r, "ingest_id": i} for r, i in examined],
    }


def recording_of(sortie_id: str) -> str:
    """The recording that a sortie's id names."""
    return sortie_id.rpartition("-")[0]


_LINK_COLUMNS = (
    "first_recording",
    "second_recording",
    "offset_us",
    "uncertainty_s",
    "likeness",
    "by",
)


def _found(
    lake: "Lake", recordings: Mapping[str, StoredRecording], new: set[str], old: Sequence[Link]
) -> list[Link]:
    """Links with at least one new end; so much at a time that memory does not grow."""
    links: list[Link] = []
    known = [k for k in recordings if k not in new]
    for some in _portions(recordings, [k for k in recordings if k in new]):
        near = _near(recordings, some, known)
        wanted = {*some, *_thinned(near, [*old, *links])}
        ordered = [k for k in recordings if k in wanted]
        tracks = stored_tracks(lake, ordered)
        # a link reads the same whichever of its two came first
        by_id = sorted(ordered)
        witnesses = [_witness(recordings[k], tracks.get(k)) for k in by_id]
        own = set(some)
        came = {k: at for at, k in enumerate(ordered)}
        found = link(witnesses, [came[k] for k in by_id])
        links += [joined for joined in found if {joined.first, joined.second} & own]
        known += some
    return links


def _portions(
    recordings: Mapping[str, StoredRecording], keys: Sequence[str]
) -> Iterator[list[str]]:
    """Recordings of so many samples together as memory is meant for."""
    some: list[str] = []
    samples = 0
    for key in keys:
        some.append(key)
        samples += _samples(recordings[key])
        if samples >= MOST_SAMPLES or len(some) >= MOST_RECORDINGS:
            yield some
            some, samples = [], 0
    if some:
        yield some


def _samples(recording: StoredRecording) -> int:
    return round((recording.end_us - recording.start_us) * 1e-6 * RATE_HZ)


def _near(
    recordings: Mapping[str, StoredRecording], some: Sequence[str], known: Sequence[str]
) -> list[str]:
    """Known recordings that one of some may be of one flight with."""
    loose = known if any(not _is_clocked(recordings[k]) for k in some) else [
        k for k in known if not _is_clocked(recordings[k])
    ]  # fmt: skip
    found = set(_newest(recordings, loose))
    timed = [k for k in known if recordings[k].utc_offset_us is not None]
    spans = np.array([_span(recordings[k]) for k in timed], dtype=np.int64).reshape(-1, 2)
    near = np.zeros(len(timed), dtype=np.bool_)
    clocked = (recordings[k] for k in some if recordings[k].utc_offset_us is not None)
    for start, end in map(_span, clocked):
        near |= (spans[:, 0] <= end + _SPARE_US) & (spans[:, 1] >= start - _SPARE_US)
    found |= {timed[i] for i in np.flatnonzero(near)}
    return [k for k in known if k in found]


def _newest(recordings: Mapping[str, StoredRecording], keys: Sequence[str]) -> Iterator[str]:
    """The last of them, as many as are compared and as memory is meant for."""
    samples = 0
    for key in keys[-MOST_UNTIMED:][::-1]:
        samples += _samples(recordings[key])
        if samples > MOST_SAMPLES:
            return
        yield key


def _thinned(keys: Sequence[str], links: Sequence[Link]) -> list[str]:
    """Of each flight that is known already, as many recordings as a further one is held against."""
    return [k for group in clusters(keys, links) for k in group[:TOGETHER]]


def _is_clocked(recording: StoredRecording) -> bool:
    return recording.utc_offset_us is not None and (recording.utc_uncertainty_s or 0) < COMPUTER_S


def _span(recording: StoredRecording) -> tuple[int, int]:
    offset = recording.utc_offset_us or 0
    return recording.start_us + offset, recording.end_us + offset


def _witness(recording: StoredRecording, track: Any) -> Witness:
    t_us, columns = track if track is not None else (np.empty(0, np.int64), {})
    utc = None
    if recording.utc_offset_us is not None:
        utc = UtcClock(recording.utc_offset_us, recording.utc_uncertainty_s or 0.0, "store")
    return Witness(
        recording.recording_id,
        recording.vehicle_id,
        recording.start_us,
        recording.end_us,
        utc,
        t_us,
        columns,
    )


def _counted(
    lake: "Lake",
    recordings: Mapping[str, StoredRecording],
    links: Sequence[Link],
    new: set[str],
) -> tuple[list[Counted], set[str]]:
    """Sorties of all groups that a new recording belongs to, and the recordings of those."""
    ends = {end for joined in links for end in (joined.first, joined.second)}
    reached = _reached(links, new)
    members = sorted(ends & reached)
    if not members:
        return [], reached
    sorties = stored_sorties(
        *(stored_rows(lake, table, members) for table in ("sorties", "findings", "measures")),
        paths={k: recordings[k].path for k in members},
    )
    fullness = {k: _fullness(recordings[k]) for k in members}
    return counted_once(members, links, fullness, sorties), reached


def _reached(links: Iterable[Link], new: set[str]) -> set[str]:
    """Recordings that links lead to from the new ones."""
    near: dict[str, set[str]] = {}
    for joined in links:
        near.setdefault(joined.first, set()).add(joined.second)
        near.setdefault(joined.second, set()).add(joined.first)
    found, waiting = set(new), list(new)
    while waiting:
        for other in near.get(waiting.pop(), set()) - found:
            found.add(other)
            waiting.append(other)
    return found


def _fullness(recording: StoredRecording) -> tuple[bool, int, int]:
    return recording.format != "tlog", recording.channels, recording.end_us - recording.start_us


def _link_row(joined: Link) -> dict[str, Any]:
    values = (
        joined.first,
        joined.second,
        joined.offset_us,
        joined.uncertainty_s,
        joined.likeness if np.isfinite(joined.likeness or np.nan) else None,
        joined.by,
    )
    return dict(zip(_LINK_COLUMNS, values, strict=True))


def _same_rows(counted: Sequence[Counted]) -> Iterator[dict[str, Any]]:
    told: dict[str, tuple[str, str]] = {}
    for one in counted:
        if one.combined.id not in told:
            told[one.combined.id] = _told(one.combined)
        yield _same_row(one, *told[one.combined.id])


def _same_row(counted: Counted, evidence: str, combined: str) -> dict[str, Any]:
    made: Sortie = counted.combined
    cause = made.cause
    return {
        "sortie_id": counted.sortie_id,
        "counted_as": made.id,
        "offset_us": counted.offset_us,
        "uncertainty_s": counted.uncertainty_s,
        "outcome": str(made.outcome),
        "confidence": made.confidence,
        "cause": str(cause.kind) if cause else None,
        "cause_class": cause.origin if cause else None,
        "cause_onset_s": cause.onset_s if cause else None,
        "cause_confidence": cause.confidence if cause else None,
        "end_s": made.end_s,
        "airborne_s": made.airborne_s,
        "evidence": evidence,
        "combined": combined,
    }


def _told(made: Sortie) -> tuple[str, str]:
    """Evidence, and everything, as JSON."""
    told = finite(sortie_dict(made) | {"sources": list(made.sources)})
    return (
        json.dumps(told["evidence"], ensure_ascii=False),
        json.dumps(told, ensure_ascii=False),
    )
