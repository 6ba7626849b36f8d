"""How fast `flyoff serve` answers on loopback: many readers and uploads, a long log, a long table.

    python bench/serve.py                 all parts, prints one JSON object
    python bench/serve.py load            50 readers and 5 uploads at once, over the samples
    python bench/serve.py pan             8 series of a log of hours, panned
    python bench/serve.py table           pages of a table of 100,000 sorties, and of 1,000,000

A server is started for each part as people start it; what is measured is the time until the answer
was read, as its client sees it. Readers and server share the machine's cores.
"""

import argparse
import asyncio
import json
import lzma
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)

import httpx
import numpy as np

from bench.big import big_ulog
from bench.campaign import folder as million_campaign
from bench.campaign import make as make_million
from flyoff.lake.store import Store
from flyoff.pipeline.demo import unpack
from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.walk import walk

SAMPLES = ROOT / "samples" / "campaign"
READERS, UPLOADS, QUESTIONS = 50, 5, 20
LONG = SAMPLES / "logs" / "kestrel" / "K-04_2026-11-22_01.ulg.xz"
SERIES = (
    "position.height", "velocity.down", "attitude.roll", "attitude.pitch", "battery.voltage",
    "motor.command[1]", "gyro.x", "accel.z",
)  # fmt: skip
SORTS = ("start_utc", "vehicle", "outcome", "airborne_s", "distance_m")


@contextmanager
def serving(store: Path, campaign: Path | None = None) -> Iterator[tuple[str, int]]:
    """A server of its own process; gives its address and process id."""
    command = [sys.executable, "-m", "flyoff", "serve", "--store", str(store), "--port", "0",
               "--json", *(["--campaign", str(campaign)] if campaign else [])]  # fmt: skip
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as running,
    ):
        assert running.stdout is not None
        address = json.loads(running.stdout.readline())["address"]
        try:
            yield address, running.pid
        finally:
            running.terminate()
            running.wait()


def summary(times: list[float]) -> dict[str, float]:
    ordered = np.sort(np.array(times)) * 1e3
    told = {"n": len(times), "median_ms": ordered[len(ordered) // 2],
            "p95_ms": np.percentile(ordered, 95), "max_ms": ordered[-1]}  # fmt: skip
    return {k: round(float(v), 1) for k, v in told.items()}


def resident_mb(pid: int) -> int:
    line = next(
        text for text in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in text
    )
    return int(line.split()[1]) // 1024


def cpu_s(pid: int) -> dict[str, float]:
    """Processor time of a server, and of the processes that judged for it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    own, ended = (sum(map(int, fields[a : a + 2])) for a in (11, 13))
    tick = os.sysconf("SC_CLK_TCK")
    return {"answering": round(own / tick, 1), "judging": round(ended / tick, 1)}


def load(home: Path) -> dict[str, Any]:
    """Readers that walk from the campaign to the raw sample, while others bring logs."""
    logs = list(unpack(SAMPLES, home / "logs"))
    new = logs[-UPLOADS:]
    list(ingest(open_store(home / "store", create=True), walk(logs[:-UPLOADS]).files, jobs=2))
    with serving(home / "store", SAMPLES) as (address, pid):
        with httpx.Client(base_url=address, timeout=60) as client:
            rows = client.get("/api/sorties?sort=max_height_m&limit=1000").json()["rows"]
            ids = [r["sortie_id"] for r in rows]  # the first has a height to plot
            csrf = client.get("/api/whoami").json()["csrf"]
            client.get("/api/campaigns/campaign")
        begun = time.perf_counter()
        times, errors, took_s = asyncio.run(_crowd(address, ids, csrf, new))
        return {
            "readers": READERS,
            "uploads": len(new),
            "errors": errors,
            "uploads_judged_s": round(took_s, 1),
            "seconds": round(time.perf_counter() - begun, 1),
            "server_mb": resident_mb(pid),
            "server_cpu_s": cpu_s(pid),
            "load_average": os.getloadavg()[0],
            "all": summary([t for own in times.values() for t in own]),
            **{name: summary(own) for name, own in sorted(times.items())},
        }


async def _crowd(
    address: str, ids: list[str], csrf: str, new: list[Path]
) -> tuple[dict[str, list[float]], int, float]:
    times: dict[str, list[float]] = {}
    errors = 0

    async def ask(client: httpx.AsyncClient, name: str, path: str) -> None:
        nonlocal errors
        begun = time.perf_counter()
        answer = await client.get(path)
        times.setdefault(name, []).append(time.perf_counter() - begun)
        if answer.status_code != 200:
            errors += 1
            print(path, answer.status_code, answer.text[:200], file=sys.stderr)

    async def read(number: int) -> None:
        draw = random.Random(number)
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            for _ in range(QUESTIONS):
                await ask(client, *_question(draw, ids))
                await asyncio.sleep(draw.uniform(0.0, 1.0))  # people look before they click

    async def bring(path: Path) -> float:
        nonlocal errors
        headers, begun = {"X-Flyoff-CSRF": csrf}, time.perf_counter()
        async with httpx.AsyncClient(base_url=address, timeout=60, headers=headers) as client:
            own = (await client.post("/api/uploads")).json()["id"]
            where = f"/api/uploads/{own}"
            put = await client.put(
                f"{where}/files", params={"path": path.name}, content=path.read_bytes()
            )
            errors += put.status_code != 200
            await client.post(f"{where}/start")
            while True:
                batch = (await client.get(where)).json()
                if batch["state"] == "done":
                    errors += batch["files"][0]["state"] not in ("stored", "known")
                    return time.perf_counter() - begun
                await asyncio.sleep(0.5)

    brought = [asyncio.create_task(bring(path)) for path in new]
    await asyncio.gather(*(read(i) for i in range(READERS)))
    return times, errors, max(await asyncio.gather(*brought))


def _question(draw: random.Random, ids: list[str]) -> tuple[str, str]:
    sortie = draw.choice(ids)
    at = draw.uniform(45, 60)
    pan = (
        f"?series=channel:position.height&series=channel:attitude.roll&width=1200&start_s={at:.3f}"
    )
    return draw.choice(
        [
            ("campaign", "/api/campaigns/campaign"),
            ("timeline", "/api/campaigns/campaign/timeline?day=all"),
            ("sorties", f"/api/sorties?sort={draw.choice(SORTS)}&limit=50"),
            ("sketches", "/api/sorties/sketches?id=" + "&id=".join(ids[:20])),
            ("sortie", f"/api/sorties/{sortie}"),
            ("track", f"/api/sorties/{sortie}/track"),
            ("series", f"/api/sorties/{ids[0]}/series{pan}"),
        ]
    )


def pan(home: Path, mb: int) -> dict[str, Any]:
    """A log of hours: eight series at once, from the whole of it down to seconds."""
    small = home / "small.ulg"
    small.write_bytes(lzma.decompress(LONG.read_bytes()))
    (home / "brought").mkdir()
    big = big_ulog(home / "brought" / "long.ulg", small, mb)
    list(ingest(open_store(home / "store", create=True), walk([big]).files, jobs=1))
    with (
        serving(home / "store") as (address, pid),
        httpx.Client(base_url=address, timeout=120) as client,
    ):
        row = client.get("/api/sorties?sort=airborne_s&limit=1").json()["rows"][0]
        where = f"/api/sorties/{row['sortie_id']}/series"
        page = client.get(f"/api/sorties/{row['sortie_id']}").json()
        final = page["log"]["sorties"][-1]  # the flight again and again: a sortie each time
        last = client.get(f"/api/sorties/{final}").json()["end_s"]
        named = [("series", f"channel:{name}") for name in SERIES]
        begun = time.perf_counter()
        first = client.get(where, params=[*named, ("start_s", "0"), ("end_s", str(last))])
        first_s = time.perf_counter() - begun
        assert first.status_code == 200, first.text
        draw, times, samples = random.Random(1), [], 0
        for i in range(120):
            length = last * draw.choice((1.0, 0.5, 0.1, 0.01, 0.001))
            start = draw.uniform(0, last - length) + i * 1e-6
            edges = [("start_s", f"{start:.6f}"), ("end_s", f"{start + length:.6f}")]
            begun = time.perf_counter()
            answer = client.get(where, params=[*named, *edges, ("width", "1200")])
            times.append(time.perf_counter() - begun)
            size = int.from_bytes(answer.content[4:8], "little")
            head = json.loads(answer.content[8 : 8 + size])
            samples = max(samples, sum(s["samples"] for s in head["meta"]["series"]))
        return {
            "log_mb": round(big.stat().st_size / 1e6),
            "hours": round(last / 3600, 2),
            "first_s": round(first_s, 2),
            "most_samples_at_once": samples,
            "pan": summary(times),
            "server_mb": resident_mb(pid),
        }


def table(home: Path, sorties: int) -> dict[str, Any]:
    """Pages of a long table, in every order, from the top down and with filters."""
    store, campaign = home / f"store{sorties}", home / f"campaign{sorties}"
    if not store.exists():
        make_million(Store(store, create=True), sorties, np.random.default_rng(1))
        million_campaign(campaign)
    with (
        serving(store, campaign) as (address, pid),
        httpx.Client(base_url=address, timeout=300) as client,
    ):
        begun = time.perf_counter()
        client.get("/api/sorties").raise_for_status()
        first_s = time.perf_counter() - begun
        times: dict[str, list[float]] = {"pages": [], "filtered": [], "one": [], "timeline": []}
        ids: list[str] = []

        def ask(name: str, path: str) -> Any:
            begun = time.perf_counter()
            answer = client.get(path)
            times[name].append(time.perf_counter() - begun)
            answer.raise_for_status()
            return answer.json()

        for sort in SORTS:
            after = ""
            for _ in range(10):
                page = ask("pages", f"/api/sorties?sort={sort}&limit=100&after={after}")
                after, ids = page["next"], [*ids, page["rows"][0]["sortie_id"]]
            ask("filtered", f"/api/sorties?sort={sort}&outcome=crashed&vehicle=V-017")
            ask("filtered", f"/api/sorties?sort={sort}&text=v-02")
        for own in ids[:10]:
            ask("one", f"/api/sorties/{own}")
        days = client.get("/api/sorties/filters").json()["day"]
        for day in days[:5]:
            name = campaign.name
            ask("timeline", f"/api/campaigns/{name}/timeline?day={day['value']}")
        return {
            "sorties": sorties,
            "first_s": round(first_s, 2),
            "server_mb": resident_mb(pid),
            **{name: summary(own) for name, own in times.items()},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["load", "pan", "table"])
    parser.add_argument("--mb", type=int, default=400, help="size of the long log")
    parser.add_argument("--home", type=Path, help="keep what was made here")
    given = parser.parse_args()
    made: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for part in given.parts:
            home = (given.home or Path(scratch)) / part
            home.mkdir(parents=True, exist_ok=True)
            if part == "load":
                made["load"] = load(home)
            elif part == "pan":
                made["pan"] = pan(home, given.mb)
            else:
                made["table"] = [table(home, n) for n in (100_000, 1_000_000)]
    made["client_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(made, indent=1))


if __name__ == "__main__":
    main()
