"""A real S3 server for the tests: SeaweedFS, which one wheel brings."""

import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError, URLError

PATIENCE_S = 120
_BYTES = {"Content-Type": "application/octet-stream"}
KEY, SECRET = "flyoff", "flyoffsecret"
_NAMES = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port",
          "filer.port.grpc", "s3.port", "s3.port.grpc")  # fmt: skip


def program() -> str | None:
    """SeaweedFS beside this Python, or on the path."""
    here = Path(sys.executable).with_name("weed")
    return str(here) if here.is_file() else shutil.which("weed")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for one in sockets:
        one.close()
    return ports


class Unavailable(Exception):
    """The server, which is none of ours, does not come up."""


@dataclass
class S3Server:
    """A server over a folder; what was written is still there when it is started again."""

    folder: Path
    ports: dict[str, int] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def environment(self) -> dict[str, str]:
        """What a client has to know."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.ports['s3.port']}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    def start(self) -> None:
        """Start it; at first with whatever ports are free, then with those again."""
        (self.folder / "data").mkdir(exist_ok=True, parents=True)
        identity = {"name": "admin", "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
                    "actions": ["Admin", "Read", "List", "Tagging", "Write"]}  # fmt: skip
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        fixed = bool(self.ports)
        for _ in range(3):
            if not fixed:
                self.ports = dict(zip(_NAMES, _free_ports(len(_NAMES)), strict=True))
            self._launch()
            if self._answers():
                return
        raise Unavailable((self.folder / "log").read_text()[-2000:])

    def kill(self) -> None:
        """As a power cut does."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def make_bucket(self, name: str) -> None:
        where = f"http://127.0.0.1:{self.ports['filer.port']}/buckets/{name}/"
        urllib.request.urlopen(urllib.request.Request(where, method="POST"), timeout=PATIENCE_S)

    def _launch(self) -> None:
        words = [f"-{name}={port}" for name, port in self.ports.items()]
        weed = program()
        assert weed is not None
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [weed, "-logtostderr=true", "server", f"-dir={self.folder / 'data'}",
                 "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3", *words,
                 f"-s3.config={self.folder / 's3.json'}", "-volume.max=0",
                 "-master.volumeSizeLimitMB=64", "-master.telemetry=false",
                 "-s3.port.iceberg=0", "-s3.port.lance=0"],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _answers(self) -> bool:
        """Wait until it can write; False if it has ended, as it does where a port was taken."""
        assert self.process is not None
        end = time.monotonic() + PATIENCE_S
        probe = f"http://127.0.0.1:{self.ports['filer.port']}/probe/x"
        ready = f"http://127.0.0.1:{self.ports['s3.port']}/"
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(
                    urllib.request.Request(probe, data=b"x", headers=_BYTES, method="PUT"),
                    timeout=10,
                )
                urllib.request.urlopen(ready, timeout=10)
            except HTTPError as error:
                if error.code in (403, 405):  # S3 answers: it wants a signature
                    return True
            except (URLError, OSError):
                pass
            time.sleep(0.2)
        if self.process.poll() is None:
            self.kill()
        return False
