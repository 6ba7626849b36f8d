"""What is built: small, of one's own, and typed by the server's own description."""

import gzip
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.browsing import WEB, build_script

#: JavaScript before a map, a plot or a path is looked at, packed [bytes].
MOST_FIRST = 250_000
#: What is fetched on demand only.
LATER = re.compile(r"^(map|path3d|basemap|maplibre-gl-worker|src)-")


def _tool(name: str) -> str:
    tool = WEB / "node_modules" / ".bin" / name
    if not tool.exists() or shutil.which("node") is None:
        pytest.skip(f"{name} is not installed: make web")
    return str(tool)


def _imported(static: Path, file: str, seen: set[str]) -> set[str]:
    """A script and everything that it imports at once."""
    if file in seen:
        return seen
    seen.add(file)
    text = (static / "assets" / file).read_text(encoding="utf-8")
    for name in re.findall(r"(?:from|import)\s*[\"']\./([^\"']+\.js)[\"']", text):
        _imported(static, name, seen)
    return seen


def test_the_first_view_needs_little_script(built: Path) -> None:
    index = (built / "index.html").read_text(encoding="utf-8")
    entry = re.findall(r"assets/([\w-]+\.js)", index)
    campaign = [p.name for p in (built / "assets").glob("campaign-*.js")]
    assert entry
    assert len(campaign) == 1
    seen: set[str] = set()
    for name in (*entry, *campaign):
        _imported(built, name, seen)
    assert not [n for n in seen if LATER.match(n)], seen
    size = sum(len(gzip.compress((built / "assets" / n).read_bytes())) for n in seen)
    assert size <= MOST_FIRST, size


def test_every_view_without_its_map_needs_little_script(built: Path) -> None:
    names = [p.name for p in (built / "assets").glob("*.js") if not LATER.match(p.name)]
    size = sum(len(gzip.compress((built / "assets" / n).read_bytes())) for n in names)
    assert size <= MOST_FIRST, size


def test_the_first_file_holds_no_script_or_style_of_its_own(built: Path) -> None:
    index = (built / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\bon\w+=", index)
    assert not re.search(r"(src|href)=\"(https?:)?//", index)


def test_types_are_those_of_the_description(tmp_path: Path) -> None:
    made = tmp_path / "schema.ts"
    command = [_tool("openapi-typescript"), "openapi.json", "--output", str(made), "--alphabetize"]
    subprocess.run(command, cwd=WEB, check=True, capture_output=True)
    committed = (WEB / "src/api/schema.ts").read_text(encoding="utf-8")
    assert made.read_text(encoding="utf-8") == committed, "in web/: npm run types"


def test_the_page_type_checks() -> None:
    done = subprocess.run(
        [_tool("tsc"), "--noEmit"], cwd=WEB, capture_output=True, text=True, check=False
    )
    assert not done.returncode, done.stdout


def test_every_version_is_pinned_exactly() -> None:
    asked = json.loads((WEB / "package.json").read_text())
    for name, version in {**asked["dependencies"], **asked["devDependencies"]}.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), f"{name}: {version}"
    locked = json.loads((WEB / "package-lock.json").read_text())
    assert locked["packages"][""]["dependencies"] == asked["dependencies"]
    assert all("integrity" in p for at, p in locked["packages"].items() if at)


def test_an_old_node_builds_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script = build_script()
    for name, says in (("node", "v18.19.0"), ("npm", "9.0.0")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {says}\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert script.system_npm() is None
    (tmp_path / "node").write_text("#!/bin/sh\necho v22.12.0\n")
    assert script.system_npm() == str(tmp_path / "npm")
