"""Read ``campaign.toml``: candidates, their vehicles, the requirements, and how it is decided."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flyoff.campaign.problems import Problem, meant, unread
from flyoff.campaign.requirement import (
    CAUSE_CLASSES,
    MEASURES,
    Direction,
    Requirement,
    quantile_of,
)
from flyoff.campaign.toml_lines import Path as KeyPath
from flyoff.campaign.toml_lines import line_of, toml_lines

CONFIGURATION = "campaign.toml"
LOOKS = ("any time", "once")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product under evaluation.

    Attributes
    ----------
    name : str
    vehicles : tuple of str
        Ids as ``flyoff judge`` prints them, or names that the cards use.
    about : str
    """

    name: str
    vehicles: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a campaign is decided.

    Attributes
    ----------
    looks : {"any time", "once"}
        ``any time``: people look whenever they like, so only an interval that stays valid under
        looking decides. ``once``: the first `planned_sorties` of each candidate decide, once they
        have been flown.
    planned_sorties : int
        Of each candidate; 0 if none were planned.
    vehicle_correlation_at_most : float
        Largest correlation between sorties of one vehicle that is thought possible.
    confidence : float
        Of requirements that state none; also of all two-sided intervals.
    """

    looks: str = "any time"
    planned_sorties: int = 0
    vehicle_correlation_at_most: float = 0.2
    confidence: float = 0.90


@dataclass(slots=True)
class Configuration:
    """What ``campaign.toml`` says, as far as it could be read."""

    name: str = ""
    candidates: tuple[Candidate, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    settings: Settings = field(default_factory=Settings)
    problems: list[Problem] = field(default_factory=list)


def read_configuration(path: Path) -> Configuration:
    """Read the file; everything wrong with it is told in `problems`."""
    found = Configuration()
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except FileNotFoundError:
        found.problems.append(
            Problem(path.name, 0, f"not there; a campaign folder has a {CONFIGURATION}")
        )
        return found
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        found.problems.append(Problem(path.name, 0, unread(error)))
        return found
    reader = _Reader(path.name, toml_lines(text), found.problems)
    reader.unknown((), content, ("campaign", "candidates", "requirements"))
    found.name, found.settings = _campaign(reader, content.get("campaign", {}))
    found.candidates = _candidates(reader, content.get("candidates"))
    found.requirements = _requirements(
        reader, content.get("requirements", []), found.settings, found.candidates
    )
    return found


class _Reader:
    """Takes values out of tables and tells, with lines, what is wrong with them."""

    def __init__(self, file: str, lines: dict[KeyPath, int], problems: list[Problem]) -> None:
        self._file, self._lines, self._problems = file, lines, problems

    def line(self, at: KeyPath) -> int:
        return line_of(self._lines, at)

    def tell(self, at: KeyPath, text: str) -> None:
        self._problems.append(Problem(self._file, self.line(at), text))

    def unknown(self, at: KeyPath, table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                where = f" in {_dotted(at)}" if at else ""
                self.tell((*at, key), f"unknown key {key!r}{where}{meant(key, known)}")

    def text(self, at: KeyPath, table: Mapping[str, Any], key: str, default: str = "") -> str:
        value = table.get(key, default)
        if isinstance(value, str):
            return value
        self.tell((*at, key), f"{key}: expected text in quotes, got {_shown(value)}")
        return default

    def number(
        self,
        at: KeyPath,
        table: Mapping[str, Any],
        key: str,
        default: float,
        *,
        fits: Callable[[float], bool] = lambda _: True,
        expected: str = "a number",
    ) -> float:
        value = table.get(key, default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and fits(float(value)):
            return float(value)
        self.tell((*at, key), f"{key}: expected {expected}, got {_shown(value)}")
        return default

    def texts(self, at: KeyPath, table: Mapping[str, Any], key: str, example: str) -> list[str]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(v, str) and v for v in value):
            return value
        self.tell((*at, key), f"{_dotted((*at, key))}: expected {example}, got {_shown(value)}")
        return []


def _campaign(reader: _Reader, table: Any) -> tuple[str, Settings]:
    at: KeyPath = ("campaign",)
    standard = Settings()
    if not isinstance(table, dict):
        reader.tell(at, f"campaign: expected a table, got {_shown(table)}")
        return "", standard
    keys = ("name", "about", "looks", "planned_sorties", "vehicle_correlation_at_most")
    reader.unknown(at, table, (*keys, "confidence"))
    looks = reader.text(at, table, "looks", standard.looks)
    if looks not in LOOKS:
        reader.tell((*at, "looks"), f"looks: {looks!r} is unknown{meant(looks, LOOKS)}")
        looks = standard.looks
    planned = reader.number(
        at,
        table,
        "planned_sorties",
        0,
        fits=lambda n: n == int(n) and n >= 0,
        expected="a whole number of sorties",
    )
    if looks == "once" and not planned:
        reader.tell((*at, "looks"), 'looks = "once" needs planned_sorties, fixed before flying')
    settings = Settings(
        looks,
        int(planned),
        reader.number(
            at,
            table,
            "vehicle_correlation_at_most",
            standard.vehicle_correlation_at_most,
            fits=lambda x: 0.0 < x < 1.0,
            expected="a number above 0 and below 1",
        ),
        _confidence(reader, at, table, standard.confidence),
    )
    reader.text(at, table, "about")
    return reader.text(at, table, "name"), settings


def _confidence(reader: _Reader, at: KeyPath, table: Mapping[str, Any], default: float) -> float:
    return reader.number(
        at,
        table,
        "confidence",
        default,
        fits=lambda c: 0.5 <= c < 1.0,
        expected="a one-sided confidence like 0.90, at least 0.5 and below 1",
    )


def _candidates(reader: _Reader, table: Any) -> tuple[Candidate, ...]:
    at: KeyPath = ("candidates",)
    if not isinstance(table, dict) or not table:
        reader.tell(at, "no candidate; expected tables like [candidates.kestrel]")
        return ()
    made, owners = [], dict[str, str]()
    for name, value in table.items():
        here = (*at, name)
        if not isinstance(value, dict):
            reader.tell(here, f"candidates.{name}: expected a table, got {_shown(value)}")
            continue
        reader.unknown(here, value, ("vehicles", "about"))
        vehicles = reader.texts(here, value, "vehicles", 'vehicles = ["K-01", …]')
        for vehicle in vehicles:
            other = owners.setdefault(vehicle, name)
            if other != name:
                reader.tell(
                    (*here, "vehicles"),
                    f"vehicle {vehicle!r} belongs to both {other!r} and {name!r}",
                )
        made.append(Candidate(name, tuple(vehicles), reader.text(here, value, "about")))
    return tuple(made)


_KEYS = (
    "id",
    "measure",
    "statistic",
    "at_least",
    "at_most",
    "confidence",
    "good",
    "candidates",
    "cause_class",
    "wind_at_least_ms",
    "reserve",
    "about",
)
_STATISTICS = ("median", "p10", "p50", "p90", "p95")


def _requirements(
    reader: _Reader, tables: Any, settings: Settings, candidates: tuple[Candidate, ...]
) -> tuple[Requirement, ...]:
    if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
        reader.tell(("requirements",), "requirements: expected tables like [[requirements]]")
        return ()
    made: list[Requirement] = []
    for number, table in enumerate(tables):
        at: KeyPath = ("requirements", number)
        reader.unknown(at, table, _KEYS)
        one = _requirement(reader, at, table, settings, [c.name for c in candidates])
        if one is None:
            continue
        if one.id in {r.id for r in made}:
            reader.tell((*at, "id"), f"requirement {one.id!r} stands there twice")
        made.append(one)
    return tuple(made)


def _requirement(
    reader: _Reader, at: KeyPath, table: dict[str, Any], settings: Settings, names: list[str]
) -> Requirement | None:
    measure = reader.text(at, table, "measure")
    if measure not in MEASURES:
        known = tuple(MEASURES)
        reader.tell((*at, "measure"), f"measure {measure!r} is unknown{meant(measure, known)}")
        return None
    given = [d for d in ("at_least", "at_most") if d in table]
    if len(given) != 1:
        reader.tell(at, f"expected either at_least or at_most, got {' and '.join(given) or 'none'}")
        return None
    direction: Direction = "at_least" if given[0] == "at_least" else "at_most"
    form = MEASURES[measure].form
    return Requirement(
        id=reader.text(at, table, "id", measure),
        measure=measure,
        direction=direction,
        limit=_limit(reader, at, table, direction, form),
        confidence=_confidence(reader, at, table, settings.confidence),
        statistic=_statistic(reader, at, table, form),
        good=_good(reader, at, table),
        candidates=_whom(reader, at, table, names),
        cause_class=_cause(reader, at, table),
        wind_at_least_ms=reader.number(at, table, "wind_at_least_ms", 8.0, fits=lambda x: x > 0.0),
        reserve=reader.number(
            at, table, "reserve", 0.2, fits=lambda x: 0.0 <= x < 1.0, expected="a share below 1"
        ),
        line=reader.line(at),
    )


def _limit(reader: _Reader, at: KeyPath, table: dict[str, Any], direction: str, form: str) -> float:
    if form == "share":
        expected = "a share above 0 and below 1, 90 % as 0.90"
        return reader.number(
            at, table, direction, 0.5, fits=lambda x: 0.0 < x < 1.0, expected=expected
        )
    return reader.number(
        at, table, direction, 0.5, fits=lambda x: x > 0.0, expected="a number above 0"
    )


def _whom(reader: _Reader, at: KeyPath, table: dict[str, Any], names: list[str]) -> tuple[str, ...]:
    whom = reader.texts(at, table, "candidates", 'candidates = ["kestrel", …]')
    for name in whom:
        if name not in names:
            reader.tell((*at, "candidates"), f"candidate {name!r} is unknown{meant(name, names)}")
    return tuple(whom)


def _cause(reader: _Reader, at: KeyPath, table: dict[str, Any]) -> str:
    cause = reader.text(at, table, "cause_class")
    if cause and cause not in CAUSE_CLASSES:
        text = f"cause_class {cause!r} is unknown{meant(cause, CAUSE_CLASSES)}"
        reader.tell((*at, "cause_class"), text)
    return cause


def _statistic(reader: _Reader, at: KeyPath, table: dict[str, Any], form: str) -> str:
    if form != "value":
        if "statistic" in table:
            reader.tell((*at, "statistic"), f"statistic: this measure is a {form}, leave it out")
        return form
    statistic = reader.text(at, table, "statistic", "median")
    if quantile_of(statistic) is None:
        known = meant(statistic, _STATISTICS)
        reader.tell((*at, "statistic"), f"statistic {statistic!r} is no quantile{known}")
        return "median"
    return statistic


def _good(reader: _Reader, at: KeyPath, table: dict[str, Any]) -> float | None:
    if "good" not in table:
        return None
    return reader.number(
        at, table, "good", 0.95, fits=lambda x: x > 0.0, expected="a number above 0"
    )


def _dotted(at: KeyPath) -> str:
    return ".".join(str(p) for p in at)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    return repr(value)
