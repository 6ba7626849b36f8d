"""As much of Google Cloud Storage's XML API as a store needs, in a process of its own.

What asks it may hold the interpreter's lock while it waits, so no thread of the asker can answer.

No server of it can be installed that answers conditional puts as Google documents them: a put with
``x-goog-if-generation-match: 0`` makes an object or is refused, one with a generation replaces just
that one. This one keeps to that, in memory; what Google itself does was not tried.
"""

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_LISTED_AT = "2026-01-01T00:00:00.000Z"


class _Listening(ThreadingHTTPServer):
    """Keeps what goes wrong in it, but for clients that hang up: standard error is the tests'."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)
        self.problems: list[BaseException] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exc_info()[1]
        if error is not None and not isinstance(error, ConnectionError):
            self.problems.append(error)


class GcsServer:
    """A server that runs until it is closed."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()

    def close(self) -> None:
        """End it; what went wrong in it fails the test."""
        problems, _ = self._process.communicate()  # closes its input, which ends it
        assert (self._process.returncode, problems) == (0, "")


@dataclass
class _Served:
    """Objects by ``bucket/key``, each with its generation."""

    objects: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    generation: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # an answer in one piece, at once
    wbufsize = -1
    disable_nagle_algorithm = True
    served: _Served

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if source := self.headers.get("x-goog-copy-source"):
            data = self.served.objects[unquote(source).lstrip("/")][0]
        wanted = self.headers.get("x-goog-if-generation-match")
        with self.served.lock:
            now = self.served.objects.get(self._key, (b"", 0))[1]
            if wanted is not None and int(wanted) != now:
                return self._answer(HTTPStatus.PRECONDITION_FAILED)
            self.served.generation += 1
            self.served.objects[self._key] = (data, self.served.generation)
        self._answer(HTTPStatus.OK, generation=self.served.generation)

    def do_GET(self) -> None:
        if "/" not in self._key:
            return self._list()
        if self._key not in self.served.objects:
            return self._answer(HTTPStatus.NOT_FOUND)
        data, generation = self.served.objects[self._key]
        asked = self.headers.get("Range", "")
        if not asked:
            return self._answer(HTTPStatus.OK, data, generation)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(int(last) + 1, len(data)) if first and last else len(data)
        spot = f"bytes {start}-{end - 1}/{len(data)}"
        self._answer(HTTPStatus.PARTIAL_CONTENT, data[start:end], generation, spot)

    do_HEAD = do_GET

    def do_DELETE(self) -> None:
        there = self.served.objects.pop(self._key, None)
        self._answer(HTTPStatus.NO_CONTENT if there else HTTPStatus.NOT_FOUND)

    @property
    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).lstrip("/")

    def _list(self) -> None:
        asked = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
        prefix, after = asked.get("prefix", ""), asked.get("start-after", "")
        inside, folders = [], set()
        for name, (data, generation) in sorted(self.served.objects.items()):
            bucket, _, key = name.partition("/")
            if bucket != self._key.rstrip("/") or not key.startswith(prefix) or key <= after:
                continue
            rest = key[len(prefix) :]
            if asked.get("delimiter") and "/" in rest:
                folders.add(prefix + rest.partition("/")[0] + "/")
                continue
            inside.append(
                f"<Contents><Key>{escape(key)}</Key><LastModified>{_LISTED_AT}</LastModified>"
                f"<ETag>&quot;{generation}&quot;</ETag><Size>{len(data)}</Size></Contents>"
            )
        inside += [
            f"<CommonPrefixes><Prefix>{escape(f)}</Prefix></CommonPrefixes>" for f in folders
        ]
        body = "".join(inside)
        self._answer(HTTPStatus.OK, f"<ListBucketResult>{body}</ListBucketResult>".encode())

    def _answer(
        self, status: HTTPStatus, data: bytes = b"", generation: int = 0, spot: str = ""
    ) -> None:
        self.send_response(status)
        if generation:
            self.send_header("ETag", f'"{generation}"')
            self.send_header("x-goog-generation", str(generation))
            self.send_header("Last-Modified", formatdate(usegmt=True))
        if spot:
            self.send_header("Content-Range", spot)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *words: object) -> None:
        """Nothing: the tests look at what is stored."""


def _serve() -> None:
    """Say where, and answer until the input ends; then say what went wrong."""
    server = _Listening(type("Handler", (_Handler,), {"served": _Served()}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    sys.stdin.read()
    server.shutdown()
    server.server_close()
    print(*map(repr, server.problems), sep="\n", end="")


if __name__ == "__main__":
    _serve()
