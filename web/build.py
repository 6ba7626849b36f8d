"""Build the page: `make web` and the wheel's hook both come here. Only the standard library.

Nothing is done where the built page is of these very sources. Exit 0 where it is built or already
was, 3 where this machine has no Node that can build it, 1 where building failed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parent
OUT = WEB.parent / "src" / "flyoff" / "server" / "static"
#: What Vite 8 asks for.
NODE_AT_LEAST = (20, 19)
NO_NODE = 3


def system_npm() -> str | None:
    """The path of an npm whose Node is new enough, or None."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm) or os.environ.get("FLYOFF_NO_SYSTEM_NODE"):
        return None
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        version = tuple(int(n) for n in told.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return None
    return npm if version >= NODE_AT_LEAST else None


def sources() -> Iterator[Path]:
    """Everything that the built page depends on."""
    for name in (
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        "vite.config.ts",
        "index.html",
    ):
        yield WEB / name
    yield from sorted(p for p in (WEB / "src").rglob("*") if p.is_file())


def fingerprint() -> str:
    """A hash of all sources; the built page carries that of the sources it was made of."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(path.relative_to(WEB).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_built(out: Path = OUT) -> bool:
    """Whether the built page is of these very sources."""
    stamp = out / ".sources"
    return stamp.is_file() and stamp.read_text() == fingerprint()


def build(npm: str, out: Path = OUT) -> None:
    """Install what the page is made with, exactly as locked, and build it."""
    env = dict(os.environ, FLYOFF_OUT=str(out), npm_config_update_notifier="false")
    lock = (WEB / "package-lock.json").read_bytes()
    installed = WEB / "node_modules" / ".flyoff-lock"
    if not installed.is_file() or installed.read_bytes() != lock:
        quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([npm, "ci", *quiet], cwd=WEB, env=env, check=True)
        installed.write_bytes(lock)
    vite = [npm, "exec", "--offline", "--", "vite", "build", "--logLevel", "warn"]
    subprocess.run(vite, cwd=WEB, env=env, check=True)
    (out / ".sources").write_text(fingerprint())


def main() -> int:
    """Build where needed and possible."""
    if is_built():
        return 0
    npm = system_npm()
    if npm is None:
        wanted = ".".join(map(str, NODE_AT_LEAST))
        print(f"the page is skipped: no Node {wanted} or newer with npm here", file=sys.stderr)
        return NO_NODE
    try:
        build(npm)
    except (OSError, subprocess.CalledProcessError) as failed:
        print(f"the page could not be built: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
