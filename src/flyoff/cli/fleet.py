"""``flyoff fleet`` and ``similar``: what a store teaches about one sortie from all the others."""

import json
import os
from dataclasses import asdict

from flyoff.cli.guard import OK
from flyoff.pipeline.contract import finite
from flyoff.views.fleet import Baseline, Different, Frequency, fleet
from flyoff.views.similar import similar
from flyoff.views.wording import percent, plain

#: Findings that a type's line names.
_COMMONEST = 4


def run_fleet(store: str, least: int, beyond: float, limit: int | None, as_json: bool) -> int:
    """Compare the sorties of a store with their own kind; returns the exit code."""
    made = fleet(str(store), least=least, beyond=beyond)
    shown = made.different if limit is None else made.different[:limit]
    if as_json:
        lines = [{"row": "baseline", "type": b.type, **asdict(b)} for b in made.baselines]
        lines += [{"row": "too few", "type": b.type, **asdict(b)} for b in made.too_few]
        lines += [{"row": "different", "spreads": d.spreads, **asdict(d)} for d in shown]
        lines += [{"row": "frequency", **asdict(f)} for f in made.frequencies]
        for line in lines:
            print(json.dumps(finite(line), allow_nan=False))
        return OK
    _print_baselines(made.baselines, beyond)
    if made.too_few:
        print(
            f"{len(made.too_few)} more with fewer than {least} sorties: no limit follows from them"
        )
    _print_frequencies(made.frequencies)
    _print_different(shown, len(made.different), beyond)
    return OK


def _print_baselines(baselines: tuple[Baseline, ...], beyond: float) -> None:
    from flyoff.cli.terminal import cell, print_table

    rows = []
    for b in baselines:
        low, high = max(0.0, b.usual - beyond * b.spread), b.usual + beyond * b.spread
        usual, limits = f"{b.usual:.3g} {b.unit}", f"{low:.3g} … {high:.3g}"
        facts = (b.type, b.measure, b.n, b.vehicles, usual, f"{b.spread:.2g}", limits)
        rows.append(tuple(map(cell, facts)))
    head = ("type", "measure", "sorties", "airframes", "usual", "spread", "limits")
    if rows:
        print_table(head, rows, title="usual of each type")


def _print_frequencies(frequencies: tuple[Frequency, ...]) -> None:
    """Of each type the commonest findings, a line each."""
    types: dict[str, list[Frequency]] = {}
    for one in frequencies:
        types.setdefault(one.type, []).append(one)
    if types:
        print("\ncommonest warnings, share of the sorties with its 90 % interval:")
    for name, found in types.items():
        said = ", ".join(f"{plain(f.kind)} {percent(f.share)}" for f in found[:_COMMONEST])
        print(f"  {name}, {found[0].share.n} sorties: {said}")


def _print_different(shown: tuple[Different, ...], total: int, beyond: float) -> None:
    from flyoff.cli.terminal import cell, print_table

    if not total:
        print(f"no sortie lies further than {beyond:g} spreads from its own kind")
        return
    rows = [
        tuple(
            map(
                cell,
                (
                    d.sortie_id,
                    os.path.basename(d.path),
                    d.baseline.type,
                    d.baseline.measure,
                    f"{d.value:.3g} {d.baseline.unit}",
                    f"{d.baseline.usual:.3g} ± {d.baseline.spread:.2g} (n {d.baseline.n})",
                    f"{d.spreads:+.1f}",
                    plain(d.outcome) + (f", {plain(d.cause)}" if d.cause else ""),
                ),
            )
        )
        for d in shown
    ]
    head = ("sortie", "log", "type", "measure", "value", "usual", "spreads", "outcome")
    print_table(head, rows, title="unlike their own kind")
    if len(rows) < total:
        print(f"and {total - len(rows)} more")


def run_similar(
    store: str, sortie: str, span: tuple[float, float] | None, limit: int, as_json: bool
) -> int:
    """Find sorties in which the same thing happened; returns the exit code."""
    made = similar(str(store), sortie, span, limit=limit)
    if as_json:
        print(json.dumps(finite(asdict(made)), allow_nan=False))
        return OK
    from flyoff.cli.terminal import OUTCOME_STYLE, cell, print_table

    print(
        f"{made.sortie_id}, {made.start_s:.1f} s to {made.end_s:.1f} s, by "
        f"{', '.join(plain(s) for s in made.signals)}; {made.compared} other sorties compared"
    )
    rows = [
        (
            cell(f"{s.distance:.3f}"),
            cell(s.sortie_id),
            cell(os.path.basename(s.path)),
            cell(plain(s.vehicle_kind)),
            cell(f"{s.start_s:.1f} – {s.end_s:.1f} s"),
            cell(plain(s.outcome), OUTCOME_STYLE.get(s.outcome, "")),
            cell(plain(s.cause) if s.cause else ""),
        )
        for s in made.nearest
    ]
    head = ("distance", "sortie", "log", "vehicle", "where", "outcome", "cause")
    print_table(head, rows)
    return OK
