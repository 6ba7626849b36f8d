"""A counter-drone trial as the page shows it: the report's figures and words, ready to draw."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flyoff.views import trial_words as words

Facts = dict[str, Any]


def trial_facts(name: str, document: Mapping[str, Any], drawings: Mapping[str, Facts]) -> Facts:
    """The view of a trial, in plain values.

    Parameters
    ----------
    name : str
        Under which the trial is shown.
    document : mapping
        What ``flyoff trial score --json`` prints.
    drawings : mapping of sensor to what is drawn of it
        Of the sensors that could be scored.
    """
    between = (words.comparisons(document), words.defeats(document))
    return {
        "id": name,
        "name": document["trial"]["name"] or name,
        "subtitle": words.subtitle(document),
        "warnings": [str(text) for text in document["warnings"]],
        "requirements": [_required(r) for r in document["requirements"]],
        "sensors": [_sensor(s, drawings.get(s["sensor"])) for s in document["sensors"]],
        "between": [asdict(t) for t in between if t.rows],
        "rules": asdict(words.rules(document)),
    }


def _required(required: Mapping[str, Any]) -> Facts:
    says, sensor, verdict, value, interval, because = words.verdict(required)[1:]
    return {
        "requirement": required["id"],
        "says": says,
        "sensor": sensor,
        "verdict": verdict,
        "value": value,
        "interval": interval,
        "because": because,
    }


def _sensor(sensor: Mapping[str, Any], drawing: Facts | None) -> Facts:
    told: Facts = {
        "sensor": sensor["sensor"],
        "facts": words.facts(sensor),
        "suspected": list(sensor["suspected"]),
        "notes": list(sensor["notes"]),
        "is_scored": bool(sensor["scored"]),
        "because": sensor["because"],
        "drawing": drawing,
    }
    if not sensor["scored"]:
        return told | {"scores": None, "tables": [], "chance": None}
    scores = sensor["scores"]
    tables = (words.classes(scores), words.gates(scores))
    return told | {
        "scores": asdict(words.scores(scores)),
        "tables": [asdict(t) for t in tables if t is not None and t.rows],
        "chance": _chance(scores),
    }


def _chance(scores: Mapping[str, Any]) -> Facts | None:
    """The chance to be seen in a scan against range; None where it is not known."""
    curve = scores["detection"]["curve"]
    if "unknown" in curve:
        return None
    kept = ("range_m", "chance", "low", "high", "isotonic")
    bins = [
        {
            "range_m": (b["from"] + b["to"]) / 2,
            "share": b["seen"] / b["scans"],
            "scans": b["scans"],
            "low": b["low"],
            "high": b["high"],
        }
        for b in scores["detection"]["by"][0]["bins"]
        if b["scans"]
    ]
    return {**{name: curve[name] for name in kept}, "bins": bins}
