"""A server of one's own and the browser to look at it: for tests, pictures and benches."""

import contextlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[2]
WEB = ROOT / "web"
STATIC = ROOT / "src" / "flyoff" / "server" / "static"
#: What a busy machine may take; no test waits so long for anything that comes [s].
PATIENCE_S = 180
FLAGS = (
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def build_script() -> ModuleType:
    """`web/build.py`, which is part of no package."""
    spec = importlib.util.spec_from_file_location("web_build", WEB / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def chromium() -> str | None:
    """Where Debian's Chromium is, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@contextlib.contextmanager
def serving(
    store: Path, campaign: Path | None, state: Path, *more: str, port: int = 0
) -> Iterator[str]:
    """A server on a free port; gives its address and ends it afterwards."""
    shown = ["--store", str(store), *(["--campaign", str(campaign)] if campaign else [])]
    options = [*shown, "--state", str(state), "--port", str(port), "--json", *more]
    command = [sys.executable, "-m", "flyoff", "serve", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            assert line, f"flyoff serve ended with {server.wait()}"
            yield json.loads(line)["address"]
        finally:
            server.terminate()
