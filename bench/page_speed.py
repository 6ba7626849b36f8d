"""How quick the page is on this machine: first view, table of 100,000, plots, replay of 117.

Plots are those of one flight of more than half an hour, made here of a minute in the air repeated.

    python bench/page_speed.py [--store demo/store] [--campaign samples/campaign]

Needs Chromium, the built page and a store (``make demo``). Chromium draws in software here, the
worst case of a field laptop. Times are of the wall: run it on a machine that does nothing else.
"""

import argparse
import io
import json
import lzma
import math
import os
import struct
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from playwright.sync_api import sync_playwright

from bench.big_dataflash import big_dataflash
from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.walk import walk
from tests.web.browsing import FLAGS, ROOT, chromium, serving

LONG = ROOT / "samples" / "campaign" / "logs" / "kestrel" / "K-02_2025-06-18_03.BIN.xz"
#: What of it is repeated: a minute in the air, so that one flight of half an hour comes.
AIRBORNE_S = (70.0, 130.0)
LONG_MB = 40
TOTAL = 100_000
VEHICLES = 117
_WATCH = """
window.longTasks = [];
new PerformanceObserver(l => longTasks.push(...l.getEntries().map(e => e.duration)))
  .observe({type: 'longtask', buffered: true});
"""


def main() -> None:
    """Print each figure as a line of JSON."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--store", type=Path, default=ROOT / "demo" / "store")
    asked.add_argument("--campaign", type=Path, default=ROOT / "samples" / "campaign")
    given = asked.parse_args()
    path = chromium()
    if path is None:
        sys.exit("no chromium here: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as state,
        serving(given.store, given.campaign, Path(state)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for measure in (first_view, table, replay):
            _measured(browser, measure, address)
        with tempfile.TemporaryDirectory() as scratch:
            long = half_an_hour(Path(scratch))
            with serving(long, given.campaign, Path(scratch) / "state") as other:
                _measured(browser, plots, other)
        browser.close()


def _measured(browser: Any, measure: Callable[[Any, str], dict[str, Any]], address: str) -> None:
    context = browser.new_context(viewport={"width": 1360, "height": 900})
    context.add_init_script(_WATCH)
    found = measure(context.new_page(), address)
    told = {"what": measure.__name__, **found, "load": os.getloadavg()[0]}
    print(json.dumps(told), flush=True)
    context.close()


def half_an_hour(folder: Path) -> Path:
    """A store with one long flight: a minute of a DataFlash sample again and again."""
    small = folder / "small.BIN"
    small.write_bytes(lzma.decompress(LONG.read_bytes()))
    (folder / "brought").mkdir()
    big = big_dataflash(folder / "brought" / "long.BIN", small, LONG_MB, AIRBORNE_S)
    list(ingest(open_store(folder / "store", create=True), walk([big]).files, jobs=1))
    return folder / "store"


def first_view(tab: Any, address: str) -> dict[str, Any]:
    """From the address to leaderboard and requirements on the screen, nothing kept."""
    times = []
    for _ in range(5):
        tab.goto("about:blank")
        tab.context.clear_cookies()
        tab.goto(f"{address}/#/campaign", wait_until="commit")
        tab.wait_for_selector(".forest-row .verdict")
        times.append(tab.evaluate("performance.now()"))
    script = tab.evaluate(
        "performance.getEntriesByType('resource').filter(r => r.name.endsWith('.js'))"
        ".reduce((n, r) => n + r.decodedBodySize, 0)"
    )
    first, *then = (round(t) for t in times)
    return {
        "ms_while_the_server_warms_up": first,
        "ms": sorted(then),
        "script_bytes_unpacked": script,
    }


def table(tab: Any, address: str) -> dict[str, Any]:
    """Scroll 100,000 rows by the wheel and by jumps; the rows are made here."""
    row = tab.request.get(f"{address}/api/sorties", params={"limit": "1"}).json()["rows"][0]

    def answer(route: Any) -> None:
        asked = dict(p.split("=") for p in route.request.url.split("?")[1].split("&"))
        offset, limit = int(asked.get("offset", 0)), int(asked["limit"])
        rows = [row | {"sortie_id": f"{n:016x}-0-1"} for n in range(offset, offset + limit)]
        route.fulfill(json={"rows": rows, "next": None, "total": TOTAL})

    tab.route("**/api/sorties?*", answer)
    tab.route("**/api/sorties/sketches?*", lambda r: r.fulfill(json={"sketches": []}))
    tab.goto(f"{address}/#/sorties")
    tab.wait_for_selector(".grid-row a")
    tab.mouse.move(700, 600)
    tab.evaluate("longTasks.length = 0")
    for _ in range(60):
        tab.mouse.wheel(0, 900)
        tab.wait_for_timeout(30)
    for part in range(10):
        grid = "document.querySelector('.grid-table')"
        tab.evaluate(f"{grid}.scrollTop = {grid}.scrollHeight * {part / 10}")
        tab.wait_for_timeout(120)
    return _tasks(tab)


def plots(tab: Any, address: str) -> dict[str, Any]:
    """Pan all plots of a long flight, the whole in sight, then nearer; requests and frames."""
    longest = {"sort": "airborne_s", "order": "descending", "limit": "1"}
    row = tab.request.get(f"{address}/api/sorties", params=longest).json()["rows"][0]
    tab.set_viewport_size({"width": 1360, "height": 2600})
    tab.goto(f"{address}/#/sortie/{row['sortie_id']}")
    tab.wait_for_selector(".plot canvas")
    tab.wait_for_timeout(8000)  # the series are decoded once
    tab.evaluate("performance.clearResourceTimings(); longTasks.length = 0")
    for key in "++" + "l" * 8 + "++" + "l" * 16 + "a" * 6 + "+" + "l" * 16 + "--" + "a" * 8:
        tab.keyboard.press(key)
        tab.wait_for_timeout(400)  # a person looks before panning on
    tab.wait_for_timeout(1500)
    took = tab.evaluate(
        "performance.getEntriesByType('resource').filter(r => r.name.includes('/series'))"
        ".map(r => r.responseEnd - r.startTime)"
    )
    return {
        "plots": tab.locator(".plot canvas").count(),
        "minutes_in_the_air": round(row["airborne_s"] / 60, 1),
        "requests": len(took),
        "median_request_ms": round(float(np.median(took))) if took else None,
        "p95_request_ms": round(float(np.percentile(took, 95))) if took else None,
        "slowest_request_ms": round(max(took, default=0.0)),
        **_tasks(tab),
    }


def replay(tab: Any, address: str) -> dict[str, Any]:
    """117 vehicles at once, made of the store's own tracks, shifted in place and time."""
    days = tab.request.get(f"{address}/api/replay/days").json()["days"]
    body = swarm([_track(tab, address, day["day"]) for day in days[:8]])
    tab.route(
        "**/api/replay?*",
        lambda r: r.fulfill(body=body, content_type="application/vnd.flyoff.columns"),
    )
    tab.goto(f"{address}/#/replay")
    tab.wait_for_selector(".stage [data-ready=yes]")
    tab.wait_for_timeout(4000)
    tab.evaluate(
        "longTasks.length = 0; window.frames_ = 0;"
        "(function count() { frames_ += 1; requestAnimationFrame(count); })()"
    )
    tab.keyboard.press(" ")
    tab.wait_for_timeout(5000)
    frames = tab.evaluate("frames_")
    tab.keyboard.press(" ")
    slider = tab.locator(".player input[type=range]")
    moved = tab.evaluate("performance.now()")
    slider.fill("0.5")
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    scrub = tab.evaluate("performance.now()") - moved
    return {
        "vehicles": tab.locator(".replay-list li").count(),
        "frames_per_s": round(frames / 5, 1),
        "scrub_to_drawn_ms": round(scrub),
        **_tasks(tab),
    }


def _tasks(tab: Any) -> dict[str, Any]:
    found = sorted(tab.evaluate("longTasks"))
    over = [t for t in found if t > 100]
    return {"long_tasks_over_100_ms": len(over), "longest_task_ms": round(max(found, default=0.0))}


def _track(tab: Any, address: str, day: str) -> dict[str, np.ndarray]:
    asked = {"start": f"{day}T00:00:00Z", "end": f"{day}T23:59:59Z"}
    data = tab.request.get(f"{address}/api/replay", params=asked).body()
    (long,) = struct.unpack_from("<I", data, 4)
    head = json.loads(data[8 : 8 + long])
    types = {"f64": "<f8", "f32": "<f4", "i32": "<i4"}
    return {
        c["name"]: np.frombuffer(data, types[c["type"]], c["rows"], 8 + long + c["offset"])
        for c in head["columns"]
        if c["name"].endswith("/0")
    }


def swarm(tracks: list[dict[str, np.ndarray]]) -> bytes:
    """The answer of ``/api/replay`` for 117 vehicles in a grid of places, 5 s apart."""
    start = 1.8e9
    columns: list[tuple[str, np.ndarray]] = []
    vehicles = []
    for i in range(VEHICLES):
        own = tracks[i % len(tracks)]
        t = own["t/0"] - own["t/0"][0] + start + 5.0 * i
        lat = own["lat/0"] - np.nanmean(own["lat/0"]) + 48.0 + 0.002 * (i // 11)
        lon = own["lon/0"] - np.nanmean(own["lon/0"]) + 11.0 + 0.003 * (i % 11)
        rest = [(f"{n}/{i}", own[f"{n}/0"].astype("<f4")) for n in ("height", "yaw")]
        columns += [(f"t/{i}", t), (f"lat/{i}", lat), (f"lon/{i}", lon), *rest]
        told = {"sortie_id": f"{i:016x}-0-1", "vehicle": f"V-{i:03d}", "candidate": ""}
        end = {"outcome": ("completed", "crashed", "returned")[i % 3], "cause": None}
        vehicles.append({**told, **end, "start_utc_s": t[0], "end_utc_s": t[-1]})
    last = max(v["end_utc_s"] for v in vehicles)
    meta = {"vehicles": vehicles, "start_utc_s": start, "end_utc_s": last, "closest": None}
    return packed(columns, meta)


def packed(columns: list[tuple[str, np.ndarray]], meta: dict[str, Any]) -> bytes:
    """Columns as the server packs them."""
    body, listed = io.BytesIO(), []
    for name, values in columns:
        kind = "f64" if values.dtype.itemsize == 8 else "f32"
        listed.append({"name": name, "type": kind, "rows": values.size, "offset": body.tell()})
        body.write(values.tobytes())
        body.write(b"\0" * (-body.tell() % 8))
    head = json.dumps({"columns": listed, "meta": meta}).encode()
    head += b" " * (math.ceil(len(head) / 8) * 8 - len(head))
    return b"FLY1" + struct.pack("<I", len(head)) + head + body.getvalue()


if __name__ == "__main__":
    main()
