"""The committed OpenAPI document is the one that the code gives, and every route has a role."""

import json

from flyoff.server.access import LEAST
from flyoff.server.openapi import text
from tests.contracts.source_tree import ROOT

DOCUMENT = ROOT / "web" / "openapi.json"


def test_the_committed_document_is_current() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == text(), (
        "write it anew: python -m flyoff.server.openapi web/openapi.json"
    )


def test_every_operation_has_a_role_and_every_role_an_operation() -> None:
    content = json.loads(text())
    named = {o["operationId"] for path in content["paths"].values() for o in path.values()}
    elsewhere = {"page", "oidc_login", "oidc_callback"}  # not of the API
    assert named == set(LEAST) - elsewhere


def test_every_refusal_is_declared_as_a_problem() -> None:
    for path in json.loads(text())["paths"].values():
        for operation in path.values():
            for refused in ("4XX", "5XX"):
                assert list(operation["responses"][refused]["content"]) == [
                    "application/problem+json"
                ]
