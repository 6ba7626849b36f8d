"""How a server ends: nothing that it makes ahead of its visitors outlives it."""

import threading

import pytest

from flyoff.server import state
from flyoff.server.kept import Kept
from flyoff.server.settings import Settings
from flyoff.server.state import State
from tests.server.conftest import served


def test_the_end_waits_for_what_is_being_made_and_begins_nothing_more(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted in its first seconds, a server once ended with DuckDB's list of lost objects."""
    real, began, later = State.warm_up, threading.Event(), []
    ends: list[threading.Event] = []

    def warm_up(self: State, stopped: threading.Event) -> None:
        ends.append(stopped)
        real(self, stopped)

    def document(*_: object) -> None:
        began.set()
        assert ends[0].wait(60)

    monkeypatch.setattr(State, "warm_up", warm_up)
    monkeypatch.setattr(Kept, "document", document)
    monkeypatch.setattr(state, "load_kernels", lambda: later.append("kernels"))
    with served(settings):
        assert began.wait(60)
    assert not [thread for thread in threading.enumerate() if thread.name == "warm up"]
    assert later == []
