"""Who is not known is asked: by a token, or by the organisation's own log-in."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.server.fake_provider import CLIENT, SECRET, FakeProvider
from tests.web.browsing import PATIENCE_S, serving

PROVIDER = """
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "client.secret"
address = "{address}"
[roles]
viewer = ["trial-team"]
"""


def free_port() -> int:
    """One that nobody listens on now: the page's address must be known before the server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_who_is_not_known_is_asked_and_a_revoked_token_ends_at_once(
    browser: Any, folder: Path
) -> None:
    state = folder / f"team-{os.getpid()}"
    token = [sys.executable, "-m", "flyoff", "token"]
    where = ["--store", str(folder / "store"), "--state", str(state)]
    made = subprocess.run(
        [*token, "create", "--name", "tester", "--role", "viewer", *where],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    secret = made.stdout.strip()
    proxied = ("--behind-proxy", "--name", "localhost")
    port = free_port()
    with serving(folder / "store", folder / "campaign", state, *proxied, port=port):
        address = f"http://localhost:{port}"  # what the proxy would speak to; no proxy is here
        tab = browser.new_context().new_page()
        tab.set_default_timeout(PATIENCE_S * 1000)
        tab.goto(f"{address}/#/fleet")
        asked = tab.get_by_label("Token")
        asked.fill("flyoff_wrong")
        tab.get_by_role("button", name="Log in").click()
        assert "wrong, revoked or expired" in tab.get_by_role("alert").inner_text()
        asked.fill(secret)
        tab.get_by_role("button", name="Log in").click()
        tab.get_by_role("heading", name="Fleet", level=1).wait_for()
        tab.goto(f"{address}/#/upload")
        tab.get_by_text("Your role may look, not bring").wait_for()
        subprocess.run([*token, "revoke", secret.split("_")[1], *where], check=True)
        tab.goto(f"{address}/#/sorties")
        asked.wait_for()
        tab.context.close()


def test_the_organisations_log_in_leads_back_to_what_was_asked_for(
    browser: Any, folder: Path, tmp_path: Path
) -> None:
    """The provider is another site to the browser: cookies that are too strict would be lost."""
    port, provider = free_port(), FakeProvider()
    address = f"http://localhost:{port}"  # the provider's is 127.0.0.1
    (tmp_path / "client.secret").write_text(SECRET)
    named = PROVIDER.format(issuer=provider.issuer, client=CLIENT, address=address)
    (tmp_path / "oidc.toml").write_text(named)
    told = ("--behind-proxy", "--name", "localhost", "--oidc", str(tmp_path / "oidc.toml"))
    with serving(folder / "store", folder / "campaign", tmp_path, *told, port=port):
        tab = browser.new_context().new_page()
        tab.set_default_timeout(PATIENCE_S * 1000)
        tab.goto(f"{address}/#/fleet")
        button = tab.get_by_role("link", name="Log in with your organisation")
        provider.person["groups"] = ["cooks"]
        button.click()
        tab.get_by_text("none of your groups may look").wait_for()
        tab.goto(f"{address}/#/fleet")
        tab.reload()
        provider.person["groups"] = ["trial-team"]
        button.click()
        tab.get_by_role("heading", name="Fleet", level=1).wait_for()
        tab.get_by_role("button", name=re.compile("^ada")).wait_for()
        assert len(provider.pages) == 2
        tab.context.close()
    provider.close()
