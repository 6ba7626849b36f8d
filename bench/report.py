"""How long reports take: the samples' whole report, one incident sheet, a thousand sorties.

``python -m bench.report`` judges the samples into a temporary store and writes each report twice;
the second run is shown, as processor time and as time on the wall. The thousand sorties are built,
as the tests build theirs, with a track each and every third a crash.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flyoff.model.sortie import Outcome
from flyoff.pipeline.demo import samples_folder
from flyoff.reports.paper.write import Wanted, write_campaign, write_log, write_sortie
from flyoff.views.tables import sql
from tests.views import build

SORTIES = 1000
_ENDS = (Outcome.COMPLETED, Outcome.CRASHED, Outcome.COMPLETED)


def main() -> None:
    """Measure and print a table."""
    print("| What | processor [s] | wall [s] | budget [s] | kB |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="flyoff-bench-") as folder:
        home = Path(folder)
        _samples(home)
        _thousand(home / "many")


def _samples(home: Path) -> None:
    from flyoff.cli.demo import run

    run(home, None, None, True)
    store, campaign = str(home / "store"), samples_folder()
    out = Wanted(home / "report.pdf")
    _row("samples, whole report", 5, lambda: write_campaign(store, campaign, out))
    page = Wanted(home / "report.html")
    _row("samples, HTML", 5, lambda: write_campaign(store, campaign, page))
    query = "SELECT sortie_id FROM sorties WHERE outcome = 'crashed' ORDER BY 1"
    crash = str(sql(store, query).rows[0][0])
    sheet = Wanted(home / "sheet.pdf")
    _row("incident sheet from the store", 2, lambda: write_sortie(store, crash, sheet))
    log = next((home / "logs").rglob("S-03_2024-09-18_02.BIN"))
    _row("incident sheet from a log", 2, lambda: write_log(log, None, sheet))


def _thousand(home: Path) -> None:
    home.mkdir()
    entries = [build.entry(i, _ENDS[i % 3], 70.0) for i in range(SORTIES)]
    store = build.store(home, entries)
    lines = ["card,date,candidate,vehicle,log"]
    lines += [
        f"C{i:04d},2026-05-01,{('kestrel', 'heron')[i % 2]},V-{i % 7},logs/flight{i}.BIN"
        for i in range(SORTIES)
    ]
    (home / "cards.csv").write_text("\n".join(lines) + "\n")
    (home / "campaign.toml").write_text(
        '[campaign]\nname = "A thousand"\n[candidates.kestrel]\n[candidates.heron]\n'
        '[[requirements]]\nid = "launch"\nmeasure = "launch_success"\nat_least = 0.9\n'
    )
    wanted = Wanted(home / "report.pdf")
    _row(f"{SORTIES} sorties, PDF", 20, lambda: write_campaign(store, home, wanted))


def _row(name: str, budget: float, write: Callable[[], Path]) -> None:
    write()
    before, start = _spent(), time.perf_counter()
    out = write()
    wall, used = time.perf_counter() - start, _spent() - before
    print(f"| {name} | {used:.2f} | {wall:.2f} | {budget} | {out.stat().st_size / 1000:.0f} |")


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
