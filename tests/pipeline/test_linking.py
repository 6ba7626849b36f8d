"""A store counts each sortie once, whatever happens in between."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flyoff.lake.commit import settle, write
from flyoff.lake.entry import LogEntry, RecordingEntry
from flyoff.lake.linked import linked_rows, open_linked, write_linked
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.model.finding import Evidence
from flyoff.model.recording import LogReference, Recording, Vehicle
from flyoff.model.sortie import Outcome, Sortie
from flyoff.pipeline.linking import link_store
from flyoff.sorties.witness import Witness
from flyoff.views import one_sortie
from flyoff.views.campaign_page import nobody
from tests.lake.build import sha
from tests.sorties.two_logs import flown, seen

TABLES = ("links", "same_sorties", "examined")


def _entry(
    number: int, witness: Witness, outcome: Outcome, form: str = "built", channels: int = 90
) -> LogEntry:
    """The log of a witness with one sortie of an outcome."""
    log = LogReference(f"card/{witness.key}", sha(number), form, 1000)
    start, end = witness.start_us, witness.end_us
    vehicle = Vehicle(witness.vehicle_id, "multirotor")
    recording = Recording(log, vehicle, start, end, {}, utc=witness.utc)
    said = (Evidence(f"as {witness.key} shows", t_s=end / 1e6),)
    sortie = Sortie(
        f"{sha(number)[:16]}-0-1", start / 1e6 + 5, end / 1e6, None, 60.0, outcome, 0.9, said
    )
    track = {name: np.full(witness.t_us.size, np.nan) for name in ("alt_msl", "height")}
    track |= dict(witness.columns)
    made = RecordingEntry(recording, channels, (sortie,), witness.t_us, track)
    return LogEntry(log, 1000, 0, "complete", {"gaps": []}, (made,), rules_version="test")


@pytest.fixture
def entries() -> list[LogEntry]:
    """A log that stops in the air, its telemetry that goes on, and another flight's log."""
    one, other = flown(1, 120.0), flown(2, 120.0, mission=2)
    onboard = seen(one, "a.bin", to_s=90.0, vehicle_id="ap:11AA")
    ground = seen(one, "a.tlog", clock_s=700.0, rate_hz=4.0)
    alone = seen(other, "b.bin", utc_s=1.7e9 + 9000.0, vehicle_id="ap:11AA")
    return [
        _entry(1, onboard, Outcome.UNDETERMINED),
        _entry(2, ground, Outcome.COMPLETED, "tlog", channels=40),
        _entry(3, alone, Outcome.CRASHED),
    ]


def _rows(store: Store, table: str) -> list[dict[str, Any]]:
    with connect(store) as lake:
        return linked_rows(lake, table)


def _stored(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {t: sorted(_rows(store, t), key=str) for t in TABLES}


def _counted(store: Store) -> list[tuple[Any, ...]]:
    with connect(store) as db:
        query = "SELECT sortie_id, outcome, evidence FROM counted_sorties ORDER BY sortie_id"
        return db.execute(query).fetchall()


def test_a_sortie_with_two_logs_counts_once_as_both_say(
    tmp_path: Path, entries: list[LogEntry]
) -> None:
    store = Store(tmp_path / "store", create=True)
    write(store, entries)
    assert len(_counted(store)) == 3
    assert link_store(store) == 3
    counted = {row[0]: row for row in _counted(store)}
    assert set(counted) == {f"{sha(1)[:16]}-0-1", f"{sha(3)[:16]}-0-1"}
    _, outcome, evidence = counted[f"{sha(1)[:16]}-0-1"]
    assert outcome == "completed"
    assert "as a.tlog shows (from a.tlog" in evidence
    (joined,) = _rows(store, "links")
    sign = 1 if joined["second_recording"] == f"{sha(2)[:16]}-0" else -1
    assert sign * joined["offset_us"] / 1e6 == pytest.approx(-700.0, abs=0.1)


def test_logs_that_come_later_are_linked_to_those_that_are_there(
    tmp_path: Path, entries: list[LogEntry]
) -> None:
    together, later = (Store(tmp_path / n, create=True) for n in ("together", "later"))
    write(together, entries)
    link_store(together)
    for entry in entries:
        write(later, [entry])
        assert link_store(later) == 1
    assert _counted(later) == _counted(together)
    assert len(_rows(later, "links")) == 1


def test_linking_twice_is_linking_once(tmp_path: Path, entries: list[LogEntry]) -> None:
    store = Store(tmp_path / "store", create=True)
    write(store, entries)
    link_store(store)
    before = _stored(store)
    assert link_store(store) == 0
    assert _stored(store) == before


@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_kill_between_the_tables_is_mended(
    tmp_path: Path, entries: list[LogEntry], written: int
) -> None:
    """The tables are written one after the other; the last says that all are."""
    store = Store(tmp_path / "store", create=True)
    write(store, entries)
    link_store(store)
    whole = _stored(store)
    torn = {t: whole[t] if i < written else [] for i, t in enumerate(TABLES)}
    write_linked(store, torn, open_linked(store))
    assert link_store(store) == 3
    assert _stored(store) == whole


def test_judging_again_links_again(tmp_path: Path, entries: list[LogEntry]) -> None:
    store = Store(tmp_path / "store", create=True)
    write(store, entries)
    link_store(store)
    recording = entries[0].recordings[0]
    judged = replace(recording.sorties[0], outcome=Outcome.CRASHED)
    anew = replace(entries[0], recordings=(replace(recording, sorties=(judged,)),))
    with store.locked():
        store.unsettle()
        write(store, [anew], after_us=10**16)
        settle(store)
    assert link_store(store) == 1
    outcomes = {row[0]: row[1] for row in _counted(store)}
    assert outcomes[f"{sha(1)[:16]}-0-1"] == "crashed"
    assert len(outcomes) == 2


def test_a_row_that_names_no_sortie_hides_nothing(tmp_path: Path, entries: list[LogEntry]) -> None:
    store = Store(tmp_path / "store", create=True)
    write(store, entries[1:])
    strange = {"sortie_id": f"{sha(2)[:16]}-0-1", "counted_as": "gone-0-1", "outcome": "crashed"}
    rows = {"links": [], "same_sorties": [strange], "examined": []}
    write_linked(store, rows, open_linked(store))
    assert {row[1] for row in _counted(store)} == {"completed", "crashed"}


def test_rows_near_a_sortie_tell_what_the_whole_store_does(
    tmp_path: Path, entries: list[LogEntry], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "store", create=True)
    write(store, entries)
    link_store(store)
    strange = {"sortie_id": f"{sha(3)[:16]}-0-1", "counted_as": "gone-0-1", "outcome": "completed"}
    linked = {name: _rows(store, name) for name in TABLES}
    linked["same_sorties"] = [*linked["same_sorties"], strange]
    write_linked(store, linked, open_linked(store))
    ids = [f"{sha(n)[:16]}-0-1" for n in (1, 2, 3)]
    told = [one_sortie.sortie_facts(str(store.path), nobody(), i) for i in ids]
    assert [len(t["linked"]) for t in told if t] == [1, 1, 0]
    assert told[0] is not None
    assert told[0]["row"]["outcome"] == "completed"
    assert one_sortie.sortie_facts(str(store.path), nobody(), f"{sha(4)[:16]}-0-1") is None
    monkeypatch.setattr(one_sortie, "near", lambda lake, _: connect(store))
    assert told == [one_sortie.sortie_facts(str(store.path), nobody(), i) for i in ids]
