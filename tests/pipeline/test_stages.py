"""What is told of a run's stages: complete, adding up, and the same whoever did the work."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flyoff import stages
from flyoff.errors import FlyoffError
from flyoff.pipeline import cluster, telemetry
from flyoff.pipeline.batch import judge_many
from flyoff.pipeline.ingest import ingest, open_store, rejudge
from flyoff.pipeline.profile import ChromeTrace, Profile
from flyoff.pipeline.telemetry import Traces
from flyoff.pipeline.walk import walk
from flyoff.stages import LOG, STAGES, Inner, Span, stage, watching
from tests.pipeline.flights import card
from tests.pipeline.test_cluster import FakeRay

LOGS = 5


class Kept:
    """A sink that keeps."""

    def __init__(self) -> None:
        self.spans: list[Span] = []

    def take(self, spans: Sequence[Span]) -> None:
        self.spans += spans

    def named(self, name: str) -> list[Span]:
        return [s for s in self.spans if s.name == name]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    card(tmp_path / "card", LOGS)
    (tmp_path / "card" / "cut.BIN").write_bytes(
        (tmp_path / "card" / "00000000.BIN").read_bytes()[:-5]
    )
    (tmp_path / "card" / "no.BIN").write_bytes(b"no log")
    return tmp_path / "card"


def _watched(logs: Path, store: Path, **words: Any) -> Kept:
    kept = Kept()
    with watching("run", [kept]):
        for _ in ingest(open_store(store, create=True), walk([logs]).files, **words):
            pass
    return kept


def _told(kept: Kept) -> Counter[tuple[Any, ...]]:
    """What of the work is the same however it is divided: not how often rows are committed."""
    of_logs = {"open", "digest", "decode", "judge", LOG}
    return Counter(
        (s.name, s.log, s.bytes, s.problems, s.facts) for s in kept.spans if s.name in of_logs
    )


def test_while_nobody_watches_nothing_is_made() -> None:
    with stage("decode", bytes=3) as now:
        now.note(log="x")
        assert now is stage("judge")
    assert stages.drain() == ()


def test_two_processes_tell_what_one_does(logs: Path, tmp_path: Path) -> None:
    one = _watched(logs, tmp_path / "one", jobs=1)
    two = _watched(logs, tmp_path / "two", jobs=2)
    assert _told(one) == _told(two)
    assert len({s.pid for s in two.named("decode")}) == 2
    assert {s.name for s in one.spans} == {*STAGES, LOG, "run"}
    for kept in (one, two):
        (run,) = kept.named("run")
        by_id = {s.id: s for s in kept.spans}
        assert kept.spans[-1] is run
        assert all(s.parent in by_id for s in kept.spans if s is not run)
        assert {by_id[s.parent].name for s in kept.named("judge")} == {LOG}
        assert {by_id[s.parent].name for s in kept.named(LOG)} == {"run"}
        assert {by_id[s.parent].name for s in kept.named("write")} == {LOG, "commit"}


def test_each_log_has_its_digest_its_bytes_and_what_is_wrong_with_it(
    logs: Path, tmp_path: Path
) -> None:
    kept = _watched(logs, tmp_path / "s", jobs=1)
    digests = {s.sha256 for s in judged_sources(logs)}
    assert {s.log for s in kept.named("decode")} == digests
    assert {s.log for s in kept.named("judge")} == digests
    wrong = {s.bytes: s.problems for s in kept.named(LOG) if s.problems}
    assert wrong == {(logs / "cut.BIN").stat().st_size: ("truncated",), 6: ("DecodeError",)}
    assert sum(s.bytes for s in kept.named("decode")) == sum(
        p.stat().st_size for p in logs.iterdir() if p.name != "no.BIN"
    )
    again = _watched(logs, tmp_path / "s", jobs=1)
    assert not again.named("decode")
    assert {s.log for s in again.named(LOG) if dict(s.facts).get("known")} == digests


def judged_sources(logs: Path) -> list[Any]:
    return [j.log for _, j in judge_many(walk([logs]).files) if not hasattr(j, "message")]


def test_a_cluster_and_its_repeats_tell_the_same(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_connected", lambda address: FakeRay())
    far, near = (_watched(logs, tmp_path / e, engine=e) for e in ("ray", "local"))
    known = Counter({t: n for t, n in _told(far).items() if t[0] in ("decode", "judge")})
    assert known == Counter({t: n for t, n in _told(near).items() if t[0] in ("decode", "judge")})
    kept = Kept()
    with watching("run", [kept]):
        assert len(list(rejudge(open_store(tmp_path / "ray"), engine="ray"))) == LOGS + 1
    assert len(kept.named("judge")) == LOGS + 1
    assert {s.name for s in kept.spans} >= {"open", "decode", "judge", "write", "commit", LOG}


def test_what_is_raised_is_told_and_goes_on() -> None:
    kept = Kept()
    with pytest.raises(KeyError), watching("run", [kept]), stage("judge"):
        raise KeyError("secret")
    assert [(s.name, s.problems) for s in kept.spans] == [
        ("judge", ("KeyError",)), ("run", ("KeyError",)),
    ]  # fmt: skip
    assert not stages.is_watched()


def _span(name: str, number: int, parent: int, start: int, wall: int, **words: Any) -> Span:
    return Span(name, number, parent, start, wall, wall, host="h", **{"pid": 1, **words})


def test_times_of_a_stage_are_its_own_and_add_up() -> None:
    profile = Profile()
    columns = (Inner("decode", 3, 4, 4),)
    profile.take([
        _span("decode", 3, 2, 10, 20), _span("judge", 4, 2, 30, 10, inner=columns),
        _span(LOG, 2, 1, 5, 50, bytes=7), _span(LOG, 9, 1, 0, 1000, pid=2),
    ])  # fmt: skip
    profile.take([_span("run", 1, 0, 0, 100)])
    own = {name: sums.wall_ns for name, sums in profile.stages.items()}
    assert own == {"decode": 24, "judge": 6, LOG: 1020, "run": 50}
    assert sum(own.values()) == 100 + 1000
    assert profile.logs.bytes == 7
    assert profile.shares() == {"decode": 0.8, "judge": 0.2}


def test_a_flame_chart_opens_and_nests(logs: Path, tmp_path: Path) -> None:
    chart = ChromeTrace(tmp_path / "t.json")
    with watching("run", [chart]):
        for _ in ingest(open_store(tmp_path / "s", create=True), walk([logs]).files, jobs=2):
            pass
    chart.close()
    events = json.loads((tmp_path / "t.json").read_text())["traceEvents"]
    spans = [e for e in events if e["ph"] == "X"]
    named = {e["pid"] for e in events if e["ph"] == "M"}
    assert named == {e["pid"] for e in spans}
    assert len(named) == 3
    for process in named:
        ends: list[float] = []
        mine = [e for e in spans if e["pid"] == process]
        for event in sorted(mine, key=lambda e: (e["ts"], -e["dur"])):
            while ends and ends[-1] <= event["ts"]:
                ends.pop()
            # a nanosecond is a thousandth of the unit: what is rounded may touch
            assert not ends or event["ts"] + event["dur"] <= ends[-1] + 0.01
            ends.append(event["ts"] + event["dur"])


@pytest.mark.parametrize("engine", ["local", "ray"])
def test_opentelemetry_gets_one_trace(
    engine: str, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    monkeypatch.setattr(cluster, "_connected", lambda address: FakeRay())
    monkeypatch.setenv("TRACEPARENT", f"00-{'ab' * 16}-{'cd' * 8}-01")
    exporter = InMemorySpanExporter()
    traces, kept = Traces(exporter), Kept()
    with watching("run", [traces, kept]):
        store = open_store(tmp_path / "s", create=True)
        for _ in ingest(store, walk([logs]).files, engine=engine, jobs=2):  # type: ignore[arg-type]
            pass
    traces.close()
    made = exporter.get_finished_spans()
    assert len(made) == len(kept.spans)
    assert {s.name for s in made} == {*STAGES, LOG, "run"}
    assert {s.context.trace_id for s in made} == {int("ab" * 16, 16)}
    by_id = {s.context.span_id: s for s in made}
    for span in made:
        parent = by_id.get(span.parent.span_id)
        assert (parent is None) == (span.name == "run")
    (run,) = (s for s in made if s.name == "run")
    assert run.parent.span_id == int("cd" * 8, 16)
    failed = [s for s in made if not s.status.is_unset]
    assert {s.name for s in failed} == {"open", LOG}
    decoded = next(s for s in made if s.name == "decode")
    assert set(decoded.attributes) >= {"flyoff.log", "flyoff.bytes", "host.name", "process.pid"}


def test_without_opentelemetry_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "_is_there", lambda name: False)
    with pytest.raises(FlyoffError, match=r"pip install 'flyoff\[otel\]'"):
        Traces(SimpleNamespace())
