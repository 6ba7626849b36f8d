"""What a log says in words and lists: topics, texts, parameters, the story of a sortie."""

import math
from collections.abc import Mapping
from typing import Any

from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.mission import Mission
from flyoff.pipeline.stored_log import Place, StoredLog, judged_again
from flyoff.views.story import tell

Facts = dict[str, Any]

#: Texts and events around the sortie belong to it [s].
_MARGIN_S = 5.0
#: MAV_FRAME of heights above home: global relative, and its integer form.
_ABOVE_HOME = (3, 6)
#: More than these are told nowhere: a log that repeats itself hides the rest.
_MOST_TEXTS = 20_000


def listed_topics(log: StoredLog, boot: int) -> list[Facts]:
    """Catalogue channels by group, then the log's own tables by name."""
    groups: dict[str, list[str]] = {}
    for name in log.recording(boot):
        groups.setdefault(name.partition(".")[0], []).append(name)
    made = [
        {
            "source": "channel",
            "name": group,
            "instance": 0,
            "rows": 0,
            "fields": names,
            "units": {n: CATALOGUE[base_name(n)].unit for n in names if base_name(n) in CATALOGUE},
        }
        for group, names in sorted(groups.items())
    ]
    for (name, instance), topic in sorted(log.raw.topics.items()):
        made.append(
            {
                "source": "topic",
                "name": name,
                "instance": instance,
                "rows": len(topic),
                "fields": list(topic.fields),
                "units": dict(topic.units),
            }
        )
    return made


def planned(mission: Mission | None) -> Facts:
    """The places to pass, with their height above home where the plan tells it so."""
    if mission is None:
        return {"source": None, "waypoints": []}
    places = [w for w in mission.waypoints if w.has_position]
    return {
        "source": mission.source,
        "waypoints": [
            {
                "lat": w.lat,
                "lon": w.lon,
                "height_m": w.alt if w.frame in _ABOVE_HOME else None,
                "command": w.command,
            }
            for w in places
        ],
    }


def texts(log: StoredLog, place: Place) -> Facts:
    """Texts and events of the sortie's stretch, by time."""
    first, last = place.start_s - _MARGIN_S, place.end_s + _MARGIN_S
    messages = [
        {"t_s": m.t_us / 1e6, "level": m.level, "text": m.text}
        for m in log.raw.messages
        if first <= m.t_us / 1e6 <= last
    ]
    events = [
        {"t_s": e.t_s, "kind": str(e.kind), "text": e.text, "value": _number(e.value),
         "reason": e.reason}
        for e in log.recording(place.boot).events
        if first <= e.t_s <= last
    ]  # fmt: skip
    return {"messages": messages[:_MOST_TEXTS], "events": events[:_MOST_TEXTS]}


def parameter_facts(log: StoredLog, boot: int, other: Mapping[str, float] | None) -> Facts:
    """Parameters at the start, beside another log's where one is given."""
    own = log.recording(boot).params
    names = sorted({*own, *(other or {})})
    listed = [
        {
            "name": name,
            "value": _number(own.get(name)),
            "other": _number(other.get(name)) if other is not None else None,
            "is_different": other is not None and _differ(own.get(name), other.get(name)),
        }
        for name in names
    ]
    return {
        "parameters": listed,
        "different": sum(p["is_different"] for p in listed),
        "changes": [
            {"t_s": c.t_us / 1e6, "name": c.name, "value": float(c.value)}
            for c in log.raw.parameter_changes[:_MOST_TEXTS]
        ],
    }


def told(store: str, log: StoredLog, place: Place, sortie: str) -> Facts:
    """A sortie in words; its judgement is made again for the signals that it rests on."""
    for flight, judged in judged_again(store, log, place.boot):
        if judged.id == sortie:
            story = tell(flight, judged)
            entries = [
                {"t_s": e.t_s, "sort": e.sort, "says": e.says, "severity": e.severity}
                for e in story.entries
            ]
            return {"entries": entries, "cause": story.cause}
    return {"entries": [], "cause": ""}


def _differ(a: float | None, b: float | None) -> bool:
    """Whether two values are not the same number as a log with single precision keeps it."""
    if a is None or b is None:
        return a is not b
    return not math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9)


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
