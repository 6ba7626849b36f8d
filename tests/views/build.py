"""A store with sorties of known candidates, outcomes and words."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from flyoff.campaign.folder import Campaign, Candidate, Card
from flyoff.lake.commit import Committer
from flyoff.lake.entry import LogEntry
from flyoff.lake.store import Store
from flyoff.model.sortie import Outcome
from tests.lake import build

#: Candidate, outcome and time in the air [s] of each sortie.
FLOWN = (
    ("kestrel", Outcome.COMPLETED, 70.0),
    ("kestrel", Outcome.COMPLETED, 70.0),
    ("kestrel", Outcome.CRASHED, 30.0),
    ("kestrel", Outcome.FAILED_LAUNCH, 0.0),
    ("kestrel", Outcome.NOT_FLOWN, 0.0),
    ("kestrel", Outcome.ABORTED, None),
    ("heron", Outcome.COMPLETED, 70.0),
    ("heron", Outcome.UNDETERMINED, 12.0),
    ("heron", Outcome.UNDETERMINED, None),
    ("heron", Outcome.ABORTED, 20.0),
    ("", Outcome.COMPLETED, 70.0),
)


def entry(number: int, outcome: Outcome, airborne_s: float | None) -> LogEntry:
    made = build.entry(number, outcome)
    (recording,) = made.recordings
    sortie = replace(recording.sorties[0], airborne_s=airborne_s)
    t_us = np.arange(13_000_000, 90_000_000, 200_000, dtype=np.int64)
    flown = np.linspace(0.0, 1.0, t_us.size)
    track = {name: np.full(t_us.size, np.nan) for name in recording.track}
    track |= {"lat": 47.0 + 1e-3 * flown, "lon": 8.0 + 2e-3 * flown, "height": 30.0 * flown}
    track |= {"roll": np.zeros(t_us.size), "pitch": 0.1 * flown}
    recording = replace(recording, sorties=(sortie,), track_us=t_us, track=track)
    return replace(made, recordings=(recording,))


def store(folder: Path, entries: list[LogEntry]) -> str:
    lake = Store(folder / "store", create=True)
    committer = Committer(lake)
    for made in entries:
        committer.add(made)
    committer.close()
    return str(lake)


def flown(folder: Path) -> tuple[str, Campaign]:
    """The store of all that is in FLOWN, and the campaign whose cards say who flew."""
    entries = [entry(i, outcome, air) for i, (_, outcome, air) in enumerate(FLOWN)]
    cards = tuple(
        Card(f"C{i}", "2026-05-01", name, f"{name[0].upper()}-01", f"logs/flight{i}.BIN", i + 2)
        for i, (name, _, _) in enumerate(FLOWN)
        if name
    )
    lost = Card("C99", "2026-05-01", "heron", "H-01", "logs/lost.BIN", 99)
    candidates = (Candidate("kestrel", ()), Candidate("heron", (), "a boat"))
    return store(folder, entries), Campaign("Test", candidates, (*cards, lost))
