"""Evidence of others: only where it is asked for, apart and pooled, the same log once."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from flyoff.campaign.report import as_bytes, evaluate, schema_path
from flyoff.errors import CampaignError
from flyoff.pipeline.bundle.accept import Demand, take_in
from flyoff.views.campaign import read_flown
from flyoff.views.included import included
from tests.exchange.test_bundle import ANNA, _campaign, make
from tests.views import build


def _taken(folder: Path, store: Path, origin: str) -> None:
    file = make(folder, created=datetime.now(UTC) - timedelta(days=1))
    (folder / "anna.pem").write_bytes(ANNA.public.to_pem())
    take_in(Demand(file, (folder / "anna.pem",), 1, "", folder / "keys"), store, origin)


def test_own_figures_stay_and_others_are_told_apart(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    lake = build.store(mine, [build.entry(50 + i, o, a) for i, (_, o, a) in enumerate(build.FLOWN)])
    campaign = _campaign()
    own, _ = read_flown(lake, campaign)
    before = as_bytes(evaluate(campaign, own))
    _taken(tmp_path / "theirs", Path(lake), "ally")
    own, _ = read_flown(lake, campaign)
    assert as_bytes(evaluate(campaign, own)) == before

    told = included(lake, campaign, own, ["ally"])
    kestrel = next(line for line in told["lines"] if line["candidate"] == "kestrel")
    # of the ally's six sorties one was not flown and one aborted on the ground; of the own ones
    # only the cards without a log count, and they say nothing
    ally = kestrel["by_origin"]["ally"]
    assert (ally["successes"], ally["failures"], ally["undetermined"]) == (3, 1, 0)
    assert told["twice"] == {"ally": 0}
    document = evaluate(campaign, own) | {"included": told}
    jsonschema.validate(json.loads(as_bytes(document)), json.loads(schema_path().read_text()))


def test_a_log_from_two_partners_counts_once(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    lake, campaign = build.store(mine, []), _campaign()
    _taken(tmp_path / "first", Path(lake), "first")
    _taken(tmp_path / "second", Path(lake), "second")
    own, _ = read_flown(lake, campaign)
    told = included(lake, campaign, own, ["first", "second"])
    assert told["twice"] == {"first": 0, "second": 10}
    kestrel = next(line for line in told["lines"] if line["candidate"] == "kestrel")
    assert "second" not in kestrel["by_origin"]
    with pytest.raises(CampaignError, match="did you mean"):
        included(lake, campaign, own, ["frist"])


def test_two_origins_are_pooled_with_their_difference(tmp_path: Path) -> None:
    home = tmp_path / "own"
    home.mkdir()
    lake, campaign = build.flown(home)
    # the own store and the bundle hold the same logs: all of it is known already
    _taken(tmp_path / "theirs", Path(lake), "ally")
    own, _ = read_flown(lake, _campaign())
    told = included(lake, _campaign(), own, ["ally"])
    assert told["twice"]["ally"] == 10
    assert campaign.name == "Test"
    heron = next(line for line in told["lines"] if line["candidate"] == "heron")
    pooled = heron["pooled"]
    # cards without a log have no digest: they are told by both
    assert pooled is not None
    assert 0.0 <= pooled["low"] <= pooled["high"] <= 1.0
    assert pooled["says"] == "undecided"
