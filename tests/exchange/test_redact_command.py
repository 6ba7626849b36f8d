"""``flyoff redact`` as people call it: folders, stores, what goes wrong half way."""

import json
import os
from pathlib import Path

import pytest

from flyoff.decoders import Decoder, Source
from flyoff.exchange.redaction import policy as policies
from flyoff.exchange.redaction.rules import Secret
from flyoff.lake.store import Store
from flyoff.pipeline import registry
from flyoff.pipeline.ingest import ingest
from flyoff.pipeline.redaction import Request, redact_paths, run
from flyoff.pipeline.redaction import opened as opened_mapping
from flyoff.pipeline.walk import walk
from tests.cli.call import flyoff
from tests.scenarios import seeded


def test_a_store_is_redacted_with_the_plans_that_it_was_judged_by(tmp_path: Path) -> None:
    (tmp_path / "Kirkenes.tlog").write_bytes(seeded.tlog())
    plan = (
        "QGC WPL 110",
        "0 1 0 16 0 0 0 0 69.7271234 30.0451234 184 1",
        "1 0 3 21 0 0 0 0 69.73 30.05 0 1",
    )
    (tmp_path / "Kirkenes.waypoints").write_text("\n".join(plan) + "\n")
    store = Store(tmp_path / "store", create=True)
    list(ingest(store, walk([tmp_path / "Kirkenes.tlog"]).files, jobs=1))
    out = tmp_path / "out"
    outcomes = list(
        redact_paths(
            [tmp_path / "store"], out, policies.load("public"), Secret(b"k" * 32), attack=True
        )
    )
    (one,) = outcomes
    assert one.audit is not None
    assert one.audit.violations == ()
    assert sorted(p.suffix for p in out.iterdir()) == [".tlog", ".waypoints"]
    assert "Kirkenes" not in "".join(p.name for p in out.iterdir())


def test_a_file_name_that_is_no_text_is_redacted_too(tmp_path: Path) -> None:
    log = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.tlog"))
    log.write_bytes(seeded.tlog())
    request = Request(
        (log,), tmp_path / "out", "public", tmp_path / "out.secret", tmp_path / "out.mapping"
    )
    (outcome,) = run(request)
    assert outcome.problem == ""
    (way_back,) = opened_mapping(tmp_path / "out.mapping", tmp_path / "out.secret")["logs"]
    assert way_back["redacted"] == outcome.written


def test_a_bug_met_in_one_log_costs_only_that_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.tlog").write_bytes(seeded.tlog(20 + number))

    def fails(source: Source) -> Decoder:
        if source.path.endswith("1.tlog"):
            raise ZeroDivisionError("of one log")
        return choose(source)

    choose = registry.choose
    monkeypatch.setattr(registry, "choose", fails)
    request = Request(
        (tmp_path / "in",), tmp_path / "out", "public", tmp_path / "s", tmp_path / "m"
    )
    outcomes = list(run(request))
    assert [bool(one.problem) for one in outcomes] == [False, True, False]
    assert "1.tlog: ZeroDivisionError: of one log; this is a bug" in outcomes[1].problem
    assert outcomes[1].is_meant
    assert len(opened_mapping(tmp_path / "m", tmp_path / "s")["logs"]) == 2


def test_a_run_that_is_broken_off_leaves_the_way_back_of_what_is_out(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(3):
        (tmp_path / "in" / f"{number}.tlog").write_bytes(seeded.tlog(20 + number))
    request = Request(
        (tmp_path / "in",), tmp_path / "out", "public", tmp_path / "s", tmp_path / "m"
    )
    running = run(request)
    first = next(running)
    running.close()  # a generator, as an interrupt leaves it
    (way_back,) = opened_mapping(tmp_path / "m", tmp_path / "s")["logs"]
    assert way_back["redacted"] == first.written


def test_a_copy_that_others_made_is_attacked_too(tmp_path: Path) -> None:
    """Against itself an original gives all away; against what we made of it, nothing."""
    original, out = tmp_path / "a.tlog", tmp_path / "out"
    original.write_bytes(seeded.tlog())
    assert flyoff("redact", original, "--out", out).code == 0
    (copy,) = out.iterdir()
    clean = flyoff("redact", original, "--against", copy, "--json")
    assert (clean.code, json.loads(clean.out)["audit"]["violations"]) == (0, [])
    known = flyoff("redact", original, "--against", original)
    assert known.code == 1
    assert "! place found" in known.out
    assert "! name found" in known.out
    assert "! time found" in known.out


def test_redacted_into_the_folder_that_one_stands_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.tlog").write_bytes(seeded.tlog())
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    done = flyoff("redact", "../a.tlog", "--out", ".")
    assert (done.code, sorted(p.suffix for p in (tmp_path / "in").iterdir())) == (0, [".tlog"])
    assert (tmp_path / "in.secret").is_file()


def test_the_result_does_not_depend_on_how_many_did_it(tmp_path: Path) -> None:
    """Sites, turns and names follow the order of the logs; one that cannot be read costs itself."""
    (tmp_path / "in").mkdir()
    for number, make in enumerate((seeded.tlog, seeded.dataflash, seeded.ulog, seeded.blackbox)):
        (tmp_path / "in" / f"{number}.log").write_bytes(make())
    (tmp_path / "in" / "2.tlog").write_bytes(b"no log at all")
    told = []
    for jobs in (1, 2):
        out, secret = tmp_path / f"out{jobs}", tmp_path / "secret"
        same = "--secret", secret, "--release", "r", "--policy", "partner"
        done = flyoff("redact", tmp_path / "in", "--out", out, "--jobs", jobs, *same)
        assert done.code == 1  # of the file that is none
        told.append({p.name: p.read_bytes() for p in (tmp_path / f"out{jobs}").iterdir()})
    assert len(told[0]) == 4
    assert told[0] == told[1]
