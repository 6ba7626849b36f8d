"""A real server of Azure's blob storage for the tests: Azurite, where npm has brought it."""

import base64
import datetime
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

PATIENCE_S = 60
#: What every Azurite takes, as its documentation says; no secret.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_VERSION = "2021-08-06"
#: Of the headers that a signature covers, none is sent.
_EMPTY = "\n" * 12


def program() -> str | None:
    """``azurite-blob`` on the path, or where ``FLYOFF_AZURITE`` says."""
    return os.environ.get("FLYOFF_AZURITE") or shutil.which("azurite-blob")


@dataclass
class Azurite:
    """A server in memory."""

    folder: Path
    port: int = 0

    def start(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        found = program()
        assert found is not None
        words = ["--blobHost", "127.0.0.1", "--blobPort", str(self.port), "--inMemoryPersistence",
                 "--disableTelemetry", "--skipApiVersionCheck", "--silent"]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([found, *words], cwd=self.folder, stdout=log,
                                             stderr=log, stdin=subprocess.DEVNULL)  # fmt: skip
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise URLError((self.folder / "log").read_text()[-1000:])

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AZURE_STORAGE_USE_EMULATOR": "true",
            "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{self.port}",
            "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
            "AZURE_STORAGE_ACCOUNT_KEY": KEY,
        }

    def make_container(self, name: str) -> None:
        moment = datetime.datetime.now(datetime.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        signed = (
            f"PUT{_EMPTY}x-ms-date:{moment}\nx-ms-version:{_VERSION}\n"
            f"/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
        )
        mac = hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()
        words = {
            "x-ms-date": moment,
            "x-ms-version": _VERSION,
            "Content-Length": "0",
            "Authorization": f"SharedKey {ACCOUNT}:{base64.b64encode(mac).decode()}",
        }
        where = f"http://127.0.0.1:{self.port}/{ACCOUNT}/{name}?restype=container"
        asked = urllib.request.Request(where, method="PUT", headers=words)
        urllib.request.urlopen(asked, timeout=PATIENCE_S)

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
