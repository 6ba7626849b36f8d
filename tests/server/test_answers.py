"""Every route answers, and as the OpenAPI document declares it."""

import json
from typing import Any

import jsonschema
import numpy as np
import pytest
from starlette.testclient import TestClient

from flyoff.server.openapi import text
from flyoff.views.columns import unpack
from tests.server.conftest import CRASHED, TIPPED

DOCUMENT = json.loads(text())
C = "/api/campaigns/trial-1"
S = f"/api/sorties/{CRASHED}"
#: Operation and the address that asks for it.
JSON = {
    "healthz": "/healthz",
    "about": "/api/about",
    "doctor": "/api/doctor",
    "whoami": "/api/whoami",
    "words": "/api/words",
    "tokens": "/api/tokens",
    "campaigns": "/api/campaigns",
    "campaign": C,
    "timeline": f"{C}/timeline?day=all",
    "changes": f"{C}/changes",
    "candidate": f"{C}/candidates/kestrel",
    "cards": f"{C}/cards",
    "sorties": "/api/sorties",
    "sortie_filters": "/api/sorties/filters",
    "sketches": f"/api/sorties/sketches?id={CRASHED}&id=nix",
    "sortie": S,
    "similar": f"{S}/similar",
    "reviews": "/api/reviews",
    "sortie_reviews": f"{S}/reviews",
    "topics": f"{S}/topics",
    "plots": f"{S}/plots",
    "story": f"{S}/story",
    "messages": f"{S}/messages",
    "parameters": f"{S}/parameters?against={TIPPED}",
    "receipt": f"{S}/receipt",
    "plan": f"{S}/plan",
    "compare": f"/api/compare?id={CRASHED}&id={TIPPED}&align=takeoff",
    "replay_days": "/api/replay/days",
    "fleet": "/api/fleet?least=3",
    "trials": "/api/trials",
    "trial": "/api/trials/trial",
    "uploads": "/api/uploads",
}


def _schema(operation: str) -> dict[str, Any]:
    for path in DOCUMENT["paths"].values():
        for own in path.values():
            if own["operationId"] == operation:
                shape = own["responses"]["200"]["content"]["application/json"]["schema"]
                return {**shape, "components": DOCUMENT["components"]}
    raise AssertionError(operation)


@pytest.mark.parametrize("operation", JSON)
def test_an_answer_is_as_declared(client: TestClient, operation: str) -> None:
    answer = client.get(JSON[operation])
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json(), _schema(operation))


def test_the_campaign_page_has_the_figures_of_the_evaluation(client: TestClient) -> None:
    document, page = client.get(f"{C}/evaluation").json(), client.get(C).json()
    told = {(v["requirement"], v["candidate"]): v for v in document["verdicts"]}
    rows = [(f, r) for f in page["forests"] for r in f["rows"]]
    assert len(rows) == len(told)
    for forest, row in rows:
        verdict = told[forest["requirement"], row["candidate"]]
        assert row["verdict"] == verdict["verdict"]
        assert row["decides"] == verdict["decides"]
        assert row["shown"] == verdict["estimate"]


def test_a_sortie_tells_its_cause_with_instants(client: TestClient) -> None:
    page = client.get(S).json()
    assert page["row"]["outcome"] == "crashed"
    assert page["row"]["vehicle"] == "K-02"
    assert page["cause"]["kind"] == "motor_failure"
    instants = [link["t_s"] for link in page["cause"]["chain"]]
    assert instants == sorted(instants)
    assert all(page["start_s"] - 1 <= t <= page["end_s"] + 1 for t in instants)
    assert page["log"]["name"] == "K-02_2024-02-12_01.BIN"


def test_parameters_are_compared(client: TestClient) -> None:
    told = client.get(f"{S}/parameters?against={TIPPED}").json()
    assert told["different"] == sum(p["is_different"] for p in told["parameters"])
    assert client.get(f"{S}/parameters?against={CRASHED}").json()["different"] == 0


def test_a_track_is_columns(client: TestClient) -> None:
    columns, meta = unpack(client.get(f"{S}/track").content)
    assert columns["t_s"].size > 100
    assert (np.diff(columns["t_s"]) > 0).all()
    assert meta["utc_offset_s"] > 1.5e9


def test_series_keep_extremes_and_edges(client: TestClient) -> None:
    asked = {"series": ["channel:velocity.down", "topic:BAT/0/Volt"], "width": "64"}
    whole, _ = unpack(client.get(f"{S}/series", params={**asked, "width": "8192"}).content)
    few, meta = unpack(client.get(f"{S}/series", params=asked).content)
    assert meta["series"][0]["is_decimated"]
    assert few["t/0"].size <= 3 * 64 + 2 < whole["t/0"].size
    assert few["v/0"].max() == whole["v/0"].max()
    assert few["v/0"].min() == whole["v/0"].min()
    assert set(few["t/0"]) <= set(whole["t/0"])
    part, told = unpack(
        client.get(f"{S}/series", params={**asked, "start_s": "60", "end_s": "61"}).content
    )
    assert told["start_s"] == 60
    assert part["t/0"][0] < 60 < part["t/0"][1]  # a line reaches the plot's edge


def test_two_vehicles_are_replayed_on_one_clock(client: TestClient) -> None:
    columns, meta = unpack(client.get(f"/api/replay?id={CRASHED}&id={TIPPED}").content)
    assert {v["sortie_id"] for v in meta["vehicles"]} == {CRASHED, TIPPED}
    for i, vehicle in enumerate(meta["vehicles"]):
        assert vehicle["start_utc_s"] - 1 <= columns[f"t/{i}"][0]
    assert meta["closest"] is None  # months lie between them


@pytest.mark.parametrize(
    "query", ["to=csv&topic=BAT", "to=parquet", "to=geojson", "to=kml", "to=gpx"]
)
def test_exports_are_files(client: TestClient, query: str) -> None:
    answer = client.get(f"{S}/export?{query}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert len(answer.content) > 100


def test_the_raw_log_is_what_was_received(client: TestClient, logs: Any) -> None:
    answer = client.get(f"{S}/raw")
    assert answer.content == (logs / "kestrel" / "K-02_2024-02-12_01.BIN").read_bytes()
    assert 'filename="K-02_2024-02-12_01.BIN"' in answer.headers["content-disposition"]


UNKNOWN = "ffffffffffffffff-0-1"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"/api/sorties/{UNKNOWN}", 404),
        (f"/api/sorties/{UNKNOWN}/track", 404),
        (f"/api/sorties/{UNKNOWN}/series?series=channel:position.height", 404),
        (f"/api/sorties/{UNKNOWN}/raw", 404),
        (f"{S}/series?series=channel:nix", 404),
        (f"{S}/series?series=topic:BAT/0/nix", 404),
        (f"{S}/series?series=nix", 422),
        (f"{S}/series?series=topic:MSG/0/Message", 422),
        (f"{S}/series?series=channel:position.height&start_s=9&end_s=8", 422),
        (f"{S}/series?series=channel:position.height&start_s=nan&end_s=8", 422),
        (f"{S}/similar?start_s=1", 422),
        (f"{S}/export?to=exe", 422),
        (f"{S}/export?to=csv&topic=NIX", 404),
        (f"{S}/export?to=kml&topic=BAT", 422),
        ("/api/campaigns/nix", 404),
        (f"{C}/candidates/nix", 404),
        (f"{C}/changes?since=yesterday", 422),
        (f"{C}/timeline?day=7902-58-18", 422),
        (f"{C}/timeline?day=9999-12-31", 422),
        ("/api/sorties?after=AAAA", 422),
        ("/api/sorties?sort=nix", 422),
        ("/api/sorties?campaign=nix", 404),
        ("/api/replay", 422),
        ("/api/replay?start=x&end=y", 422),
        (f"/api/compare?id={CRASHED}&id={CRASHED}", 422),
        ("/api/nix", 404),
        ("/api/sorties/..%2f..%2fetc%2fpasswd", 404),
    ],
)
def test_what_cannot_be_answered_is_a_problem(
    client: TestClient, address: str, status: int
) -> None:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    assert told["detail"]
    assert "Traceback" not in answer.text
    jsonschema.validate(told, {"$ref": "#/components/schemas/Problem", **DOCUMENT})


def test_what_did_not_change_is_not_sent_again(client: TestClient) -> None:
    first = client.get(S)
    again = client.get(S, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
