"""Pictures of every view in light, dark and on a phone, to docs/screenshots/.

Run from a clone with the page built and a store made (``make demo``):

    python bench/screenshots.py

Needs Chromium. The pictures are looked at before they are committed: no test can tell ugly from
fine.
"""

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.web.browsing import FLAGS, ROOT, chromium, serving

TRIAL = ROOT / "samples" / "trial"
OUT = ROOT / "docs" / "screenshots"
_COMING = """
[...document.querySelectorAll('.skeleton')].some(s => s.getBoundingClientRect().top < innerHeight)
"""
#: All of them together [bytes].
MOST = 3_000_000
VIEWS = {
    "campaign": "#/campaign",
    "candidate": "#/candidate/kestrel",
    "sorties": "#/sorties",
    "sortie": "#/sortie/{crash}",
    "sortie-path": "#/sortie/{crash}?view=3d",
    "sortie-raw": "#/sortie/{crash}?tab=raw&find=bat&plots=channel:battery.voltage",
    "sortie-parameters": "#/sortie/{crash}?tab=parameters&find=FS_",
    "sortie-messages": "#/sortie/{crash}?tab=messages",
    "sortie-receipt": "#/sortie/{crash}?tab=receipt",
    "sortie-review": "#/sortie/{crash}?tab=review",
    "compare": "#/compare?ids={crash},{other}",
    "replay": "#/replay",
    "fleet": "#/fleet",
    "trial": "#/trial",
    "review": "#/review",
    "cards": "#/cards",
    "upload": "#/upload",
}
#: Wide enough for two columns; as tall as a person scrolls at once.
LOOKS = {
    "light": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1360, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


def main() -> None:
    """Take all pictures; exit 1 if together they are too large to commit."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--store", type=Path, default=ROOT / "demo" / "store")
    asked.add_argument("--campaign", type=Path, default=ROOT / "samples" / "campaign")
    asked.add_argument("--out", type=Path, default=OUT)
    asked.add_argument("--views", nargs="*", default=list(VIEWS))
    given = asked.parse_args()
    path = chromium()
    if path is None:
        sys.exit("no chromium here: apt-get install chromium")
    given.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as state,
        serving(given.store, given.campaign, Path(state), "--trial", str(TRIAL)) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        for look, options in LOOKS.items():
            context = browser.new_context(**options)
            tab = context.new_page()
            places = _places(tab, address)
            for view in given.views:
                _take(tab, f"{address}/{places[view]}", given.out / f"{view}-{look}.webp")
            context.close()
        browser.close()
    total = sum(p.stat().st_size for p in given.out.glob("*.webp"))
    print(f"{total / 1e6:.2f} MB in {given.out}")
    sys.exit(total > MOST)


def _places(tab: Any, address: str) -> dict[str, str]:
    found = tab.request.get(f"{address}/api/sorties", params={"outcome": "crashed"}).json()
    ids = [row["sortie_id"] for row in found["rows"]]
    crash = next(r["sortie_id"] for r in found["rows"] if r["cause"] == "control_surface_failure")
    other = next(i for i in ids if i != crash)
    return {name: place.format(crash=crash, other=other) for name, place in VIEWS.items()}


def _take(tab: Any, address: str, out: Path) -> None:
    tab.goto("about:blank")
    tab.goto(address)
    tab.wait_for_selector("h1")
    tab.wait_for_timeout(800)
    for _ in range(100):  # what is in sight has come
        if not tab.evaluate(_COMING):
            break
        tab.wait_for_timeout(200)
    if "#/sorties" in address and tab.viewport_size["width"] > 700:
        tab.wait_for_selector(".grid-row .spark")
    if tab.locator(".stage .map").count():
        tab.wait_for_selector(".stage [data-ready=yes]")
        tab.wait_for_timeout(3500)  # tiles are cut in the background
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    picture.save(out, "WEBP", quality=72, method=6)
    print(out.name, out.stat().st_size)


if __name__ == "__main__":
    main()
