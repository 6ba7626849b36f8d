"""What is said of a trial, as text: report, paper and served page show the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Found = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A table: its title, its head and its rows."""

    title: str
    head: tuple[str, ...]
    rows: list[list[str]]


def subtitle(found: Found) -> str:
    """Scenario, date and size of the trial."""
    trial = found["trial"]
    parts = [
        trial["scenario"] and f"scenario {trial['scenario']} (CWA 18150)",
        trial["date"],
        f"{len(found['sensors'])} sensors",
        f"{len(found['truths'])} targets",
        f"{len(found['runs'])} runs",
        f"{found['target_free_hours']:g} target-free hours",
    ]
    return " · ".join(p for p in parts if p)


def facts(sensor: Found) -> str:
    """What the sensor is, what was read of it, and how its clock was set."""
    clock = sensor["clock"]
    told = f"clock {clock['status']}"
    if clock["offset_s"]:
        offset = clock["offset_s"]
        half = (offset["high"] - offset["low"]) / 2
        told += f", {offset['value']:+.3f} ± {half:.3f} s against the targets' logs"
    read = (f"{f['file']} ({f['format']}, {f['account']['status']})" for f in sensor["files"])
    return " · ".join(p for p in (sensor["about"], ", ".join(read), told) if p)


def verdicts(found: Found) -> Told:
    """Each requirement and sensor: verdict, estimate, and the interval that decides."""
    head = ("", "Requirement", "Sensor", "Verdict", "Estimate", "Interval that decides", "Because")
    return Told("Requirements", head, [verdict(r) for r in found["requirements"]])


def verdict(r: Found) -> list[str]:
    """A row of ``verdicts``."""
    limit = f"{r['measure'].replace('_', ' ')} {r['direction'].replace('_', ' ')} {r['limit']:g}"
    estimate = r["estimate"]
    known = estimate is not None and "value" in estimate
    value = figure(estimate["value"]) if known else "–"
    return [r["id"], limit, r["sensor"], r["verdict"], value, ends(estimate) if known else "–",
            r["because"]]  # fmt: skip


def scores(s: Found) -> Told:
    """All scores of a sensor that have an interval, or the reason why there is none."""
    told = [
        ("Passes with a declaration", s["detection"]["passes"], ""),
        ("R50: range of half the chance in a scan", s["detection"]["r50_m"], " m"),
        ("R90: range of 90 % chance in a scan", s["detection"]["r90_m"], " m"),
        ("Time to first declaration, median", s["first_detection"]["median_s"], " s"),
        ("Time to first declaration, 90 %", s["first_detection"]["p90_s"], " s"),
        ("Range at first declaration, median", s["first_detection"]["median_range_m"], " m"),
        (f"False {s['false_tracks']['counted']} an hour", s["false_tracks"]["per_hour"], ""),
        ("Changes of the track, per hour tracked", s["continuity"]["swaps_per_hour"], ""),
        ("Breaks of custody, per hour tracked", s["continuity"]["breaks_per_hour"], ""),
        ("Longest unbroken track, share of the time", s["continuity"]["longest_share"], ""),
        ("Bias east", s["error"]["bias_east_m"], " m"),
        ("Bias north", s["error"]["bias_north_m"], " m"),
        ("Bias up", s["error"]["bias_up_m"], " m"),
        ("Half of all errors within", s["error"]["r50_m"], " m"),
        ("95 % of all errors within", s["error"]["r95_m"], " m"),
        ("Latency, median", s["latency_s"]["p50"], " s"),
        ("Latency, 95 %", s["latency_s"]["p95"], " s"),
        ("Named rightly, of passes declared", s["classification"]["recall"], ""),
        ("Alert before the line", s["alert_before_line"], ""),
    ]
    rows = [_score(*one) for one in told]
    if "unknown" not in s["picture"]:
        rows.append(["The picture over time", _picture(s["picture"]), "", "means over scans"])
    level = s["detection"]["passes"].get("level", 0.9)
    return Told("Scores", ("Score", "Value", f"Interval, {100 * level:g} %", "Method"), rows)


def _score(name: str, told: Found, unit: str) -> list[str]:
    if "unknown" in told:
        return [name, "not known", told["unknown"], ""]
    method = f"{told['method']}, n\u00a0=\u00a0{figure(told['n'])}"
    return [name, f"{figure(told['value'])}{unit}", ends(told, unit), method]


def _picture(picture: Found) -> str:
    return (
        f"OSPA {picture['ospa_m']:.3g} m, GOSPA {picture['gospa_m']:.3g} m, "
        f"completeness {figure(picture['siap']['completeness'])}, "
        f"ambiguity {figure(picture['siap']['ambiguity'])}, "
        f"spuriousness {figure(picture['siap']['spuriousness'])}, "
        f"MOTA {figure(picture['clear_mot']['mota'])}"
    )


def gates(s: Found) -> Told:
    """What another gate would have given."""
    rows = [
        [_gate(g), str(g["detected_scans"]), _short(g["passes"]), _short(g["r50_m"], " m")]
        for g in s["gate_sensitivity"]
    ]
    head = ("Gate", "Scans seen", "Passes with a declaration", "R50")
    return Told("Sensitivity to the gate", head, rows)


def _gate(g: Found) -> str:
    share = f"{100 * g['scale']:g} %"
    return f"{g['gate_m']:g} m ({share})" if g["gate_m"] else share


def _short(told: Found, unit: str = "") -> str:
    if "unknown" in told:
        return "not known"
    return f"{figure(told['value'])}{unit} ({ends(told, unit)})"


def classes(s: Found) -> Told | None:
    """What was declared, by what it was: passes."""
    told = s["classification"]["confusion"]
    if "unknown" in told:
        return None
    rows = [
        [f"was {name}", *(str(n) if n else "·" for n in row)]
        for name, row in zip(told["classes"], told["table"], strict=True)
        if sum(row)
    ]
    head = ("", *(f"said {name}" for name in told["classes"]))
    return Told("Declared class of each pass", head, rows)


def comparisons(found: Found) -> Told:
    """Sensor against sensor, pass by pass."""
    head = ("Sensors", "Passes of both", "only the first", "only the second", "p (McNemar)")
    rows = [
        [f"{c['first']} and {c['second']}", str(c["passes"]), str(c["only_first"]),
         str(c["only_second"]), f"{c['p_value']:.3g}"]
        for c in found["comparisons"]
    ]  # fmt: skip
    return Told("Sensor against sensor", head, rows)


def defeats(found: Found) -> Told:
    """What the cards tell of attempts to stop a target."""
    rows = [
        [d["effector"], f"{d['effective']} of {d['attempts']}", _share(d["share"]),
         str(d["undetermined"])]
        for d in found["defeats"]
    ]  # fmt: skip
    head = ("Effector", "Effective", "Interval", "Undetermined")
    return Told("Defeat attempts, as the cards tell", head, rows)


def _share(told: Found) -> str:
    if "unknown" in told:
        return str(told["unknown"])
    return f"{100 * told['low']:.0f} to {100 * told['high']:.0f} %"


def rules(found: Found) -> Told:
    """The policy by which it was scored."""
    rows = [
        [name.replace("_", " "), f"{value:g}" if isinstance(value, int | float) else str(value)]
        for name, value in found["policy"].items()
        if value not in (None, [])
    ]
    return Told("Rules", ("Rule", "Value"), rows)


def figure(value: float | None) -> str:
    """A number as it stands in a table; None has no end."""
    return "∞" if value is None else f"{value:.4g}"


def ends(told: Found, unit: str = "") -> str:
    """An interval; what is open above is said to be."""
    if told["high"] is None:
        return f"at least {figure(told['low'])}{unit}"
    return f"{figure(told['low'])} to {figure(told['high'])}{unit}"
