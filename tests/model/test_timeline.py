"""Events of a recording, looked up by kind and time: cost follows what is asked for."""

import dataclasses

from flyoff.model.event import Event, EventKind
from flyoff.model.flight import Flight
from flyoff.model.intent import mode_changes
from flyoff.model.recording import LogReference, Recording, Vehicle

ARM, MODE, TEXT = EventKind.ARM, EventKind.MODE, EventKind.TEXT


def recording(*events: Event) -> Recording:
    return Recording(LogReference("x", "", "built", 0), Vehicle(), 0, 100, {}, events=events)


def test_a_timeline_holds_its_kinds_in_order_of_time() -> None:
    r = recording(Event(5, ARM), Event(7, TEXT, "b"), Event(6, TEXT, "a"), Event(7, MODE, "AUTO"))
    assert [e.text for e in r.events_of(TEXT)] == ["a", "b"]
    assert r.timeline(ARM, MODE)[0] == [5, 7]
    assert r.timeline()[0] == [5, 6, 7, 7]
    assert r.timeline(TEXT) is r.timeline(TEXT)  # made once


def test_both_bounds_are_included() -> None:
    r = recording(*(Event(t, TEXT, str(t)) for t in range(10)))
    assert [e.t_us for e in r.events_between(3, 5, TEXT)] == [3, 4, 5]
    assert list(r.events_between(3, 5, ARM)) == []
    assert [e.t_us for e in r.events_between(8, 99)] == [8, 9]


def test_a_copy_with_other_events_has_its_own_timeline() -> None:
    r = recording(Event(5, ARM))
    assert r.timeline(ARM)[0] == [5]
    assert dataclasses.replace(r, events=(Event(9, ARM),)).timeline(ARM)[0] == [9]


def test_changes_of_mode_name_what_was_flown_before_the_sortie() -> None:
    r = recording(
        Event(1, MODE, "LOITER"), Event(10, MODE, "AUTO"), Event(12, MODE, "AUTO"),
        Event(20, MODE, "RTL"), Event(50, MODE, "LAND"),
    )  # fmt: skip
    flight = Flight(r, 10, 30)
    changes = [(e.text, before) for e, before in mode_changes(flight)]
    assert changes == [("AUTO", "LOITER"), ("RTL", "AUTO")]
    assert [flight.mode_at(t) for t in (0, 1, 9, 10, 99)] == [
        "",
        "LOITER",
        "LOITER",
        "AUTO",
        "LAND",
    ]
