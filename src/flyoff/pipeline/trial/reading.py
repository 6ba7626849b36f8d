"""Reading `trial.toml`: every unknown word, wrong type and missing file is told with its line."""

import math
import tomllib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from flyoff.campaign.problems import Problem, meant, unread
from flyoff.campaign.toml_lines import line_of, toml_lines
from flyoff.errors import TrialError
from flyoff.pipeline.trial import setup as s
from flyoff.pipeline.trial.requirements import MEASURES
from flyoff.pipeline.trial.toml_reader import Table, TomlReader
from flyoff.trials.readers import FORMATS
from flyoff.trials.rules import SCENARIOS, Declaration, Gate, Period, Rules, Sector, Volume
from flyoff.trials.site import Post, Site

Found = TypeVar("Found")
_RESULTS = ("effective", "not effective", "undetermined")
_TOP = (
    "trial site volume sectors gate declaration scoring sensors targets traffic runs target_free "
    "defeats requirements"
).split()


def read_setup(folder: Path) -> tuple[s.Setup, list[Problem]]:
    """Read the trial of a folder, or of the file itself.

    Raises
    ------
    TrialError
        If there is none, or it is no TOML.
    """
    path = folder / s.CONFIGURATION if folder.is_dir() else folder
    try:
        text = path.read_text(encoding="utf-8")
        given = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TrialError(f"{path}: {unread(error)}") from None
    reader = TomlReader(path.parent, toml_lines(text))
    return _setup(reader, given), reader.problems


def _setup(r: TomlReader, given: Table) -> s.Setup:
    r.words(given, (), " ".join(_TOP))
    head = _table(r, given, "trial")
    r.words(head, ("trial",), "name scenario date level about")
    r.day = head.get("date") if isinstance(head.get("date"), date) else None
    if r.day is None:
        r.say(("trial", "date"), "date is missing: write date = 2026-05-04")
    scenario = r.text(head, ("trial",), "scenario")
    if scenario and scenario not in SCENARIOS:
        text = f"scenario {scenario!r} is none of CWA 18150{meant(scenario, SCENARIOS)}"
        r.say(("trial", "scenario"), text, "warning")
    level = r.number(head, ("trial",), "level", s.LEVEL)
    if not 0.5 < level < 1.0:
        r.say(("trial", "level"), f"level {level:g}, expected above 0.5 and below 1")
        level = s.LEVEL
    site = _site(r, _table(r, given, "site"))
    midnight = datetime.combine(r.day or date(1970, 1, 1), time(), UTC).timestamp()
    targets = _named(r, given, "targets", _target)
    sensors = _named(r, given, "sensors", partial(_sensor, site))
    setup = s.Setup(
        r.folder,
        r.text(head, ("trial",), "name", r.folder.resolve().name),
        scenario,
        midnight,
        site,
        _rules(r, given, site),
        sensors,
        targets,
        _listed(r, given, "traffic", _traffic),
        _listed(r, given, "runs", _period),
        _listed(r, given, "target_free", _period),
        _listed(r, given, "defeats", _defeat),
        _listed(r, given, "requirements", _requirement),
        level,
    )
    _check_names(r, setup)
    return setup


def _check_names(r: TomlReader, setup: s.Setup) -> None:
    """Names that point at something that is not there, and what is missing altogether."""
    targets, sensors = [t.name for t in setup.targets], [x.name for x in setup.sensors]
    given = {"targets": targets, "sensors": sensors, "runs": [run.name for run in setup.runs]}
    for what, listed in given.items():
        if not listed:
            r.say((), f"no {what}: nothing can be scored")
    pointed = [
        *(("runs", i, "targets", run.targets, targets) for i, run in enumerate(setup.runs)),
        *(
            ("requirements", i, "sensors", one.sensors, sensors)
            for i, one in enumerate(setup.requirements)
        ),
        *(("defeats", i, "target", (d.target,), targets) for i, d in enumerate(setup.defeats)),
    ]
    for table, index, word, names, known in pointed:
        for name in names:
            if name not in known:
                text = f"no {word.removesuffix('s')} {name!r}{meant(name, known)}"
                r.say((table, index, word), text)
    _check_free(r, setup)


def _check_free(r: TomlReader, setup: s.Setup) -> None:
    if not setup.target_free:
        r.say((), "no target_free period: false tracks per hour cannot be told", "warning")
    for index, free in enumerate(setup.target_free):
        for run in setup.runs:
            if free.start_s < run.end_s and run.start_s < free.end_s:
                r.say(("target_free", index), f"{free.name} overlaps the run {run.name}")


def _table(r: TomlReader, given: Table, name: str) -> Table:
    value = given.get(name, {})
    if not isinstance(value, Mapping):
        r.say((name,), f"{name} is no table")
        return {}
    return value


def _named(
    r: TomlReader, given: Table, name: str, read: Callable[..., Found | None]
) -> tuple[Found, ...]:
    tables = _table(r, given, name)
    found = []
    for key, table in tables.items():
        if not isinstance(table, Mapping):
            r.say((name, key), f"{name}.{key} is no table")
            continue
        one = read(r, table, (name, key))
        found += [one] if one is not None else []
    return tuple(found)


def _listed(
    r: TomlReader, given: Table, name: str, read: Callable[..., Found | None]
) -> tuple[Found, ...]:
    tables = given.get(name, [])
    if not isinstance(tables, list):
        r.say((name,), f"{name} is no list of tables: write [[{name}]]")
        return ()
    found = [read(r, table, (name, index)) for index, table in enumerate(tables)]
    return tuple(one for one in found if one is not None)


def _site(r: TomlReader, table: Table) -> Site:
    r.words(table, ("site",), "lat lon height_m geoid_m")
    for name in ("lat", "lon"):
        if name not in table:
            r.say(("site",), f"the site's {name} is missing")
    geoid = r.number(table, ("site",), "geoid_m", 0.0) if "geoid_m" in table else None
    return Site(
        r.number(table, ("site",), "lat", 0.0),
        r.number(table, ("site",), "lon", 0.0),
        r.number(table, ("site",), "height_m", 0.0),
        geoid,
    )


def _rules(r: TomlReader, given: Table, site: Site) -> Rules:
    gate, count, how = (_table(r, given, n) for n in ("gate", "declaration", "scoring"))
    r.words(gate, ("gate",), "metres mahalanobis")
    r.words(count, ("declaration",), "reports within_s")
    r.words(how, ("scoring",), "hysteresis traffic_gate_m cutoff_m order line_m")
    metres = r.number(gate, ("gate",), "metres", 100.0)
    mahalanobis = None
    if "mahalanobis" in gate:
        mahalanobis = r.number(gate, ("gate",), "mahalanobis", 9.2103)
    try:
        return Rules(
            Gate(metres, mahalanobis),
            Declaration(
                int(r.number(count, ("declaration",), "reports", 1)),
                r.number(count, ("declaration",), "within_s", 10.0),
            ),
            _volume(r, _table(r, given, "volume"), site),
            _listed(r, given, "sectors", _sector),
            r.number(how, ("scoring",), "hysteresis", 0.3),
            r.number(how, ("scoring",), "traffic_gate_m", 500.0),
            r.number(how, ("scoring",), "cutoff_m", metres),
            r.number(how, ("scoring",), "order", 2.0),
            r.number(how, ("scoring",), "line_m", 0.0),
        )
    except TrialError as error:
        r.say(("gate",), str(error))
        return Rules()


def _volume(r: TomlReader, table: Table, site: Site) -> Volume:
    import numpy as np

    at = ("volume",)
    r.words(table, at, "radius_m corners floor_m ceiling_m")
    corners: tuple[tuple[float, float], ...] = ()
    if "corners" in table:
        try:
            places = np.array(table["corners"], dtype=np.float64).reshape(-1, 2)
            local = site.local(places[:, 0], places[:, 1], np.full(len(places), site.height_m))
            corners = tuple((float(e), float(n)) for e, n in local[:, :2])
        except (TypeError, ValueError):
            r.say((*at, "corners"), "corners are no list of [lat, lon]")
    return Volume(
        r.number(table, at, "radius_m", math.inf),
        corners,
        r.number(table, at, "floor_m", -math.inf),
        r.number(table, at, "ceiling_m", math.inf),
    )


def _sector(r: TomlReader, table: Table, at: tuple[str | int, ...]) -> Sector:
    r.words(table, at, "name from_deg to_deg")
    start, end = (r.number(table, at, n, 0.0) for n in ("from_deg", "to_deg"))
    return Sector(r.text(table, at, "name", f"{start:g}-{end:g}"), start, end)


def _sensor(site: Site, r: TomlReader, table: Table, at: tuple[str | int, ...]) -> s.SensorSetup:
    r.words(
        table,
        at,
        "about files format columns select editions lat lon height_m north_deg target_height_m "
        "uses_pressure update_s delay_s clock labels alert_labels",
    )
    files = _sensor_files(r, table, at)
    form = r.text(table, at, "format")
    if form and form not in FORMATS:
        r.say((*at, "format"), f"format {form!r}{meant(form, FORMATS)}")
    post = Post(
        r.number(table, at, "lat", site.lat),
        r.number(table, at, "lon", site.lon),
        r.number(table, at, "height_m", site.height_m),
        r.number(table, at, "north_deg", 0.0),
        r.number(table, at, "target_height_m", 0.0),
        bool(table.get("uses_pressure", False)),
    )
    labels = table.get("labels", {})
    update = r.number(table, at, "update_s", 1.0) if "update_s" in table else None
    if update is not None and update <= 0.0:
        r.say((*at, "update_s"), f"update_s is {update:g}, expected above 0")
        update = None
    return s.SensorSetup(
        str(at[-1]),
        files,
        post,
        form,
        r.text(table, at, "about"),
        r.file(table, at, "columns"),
        r.text(table, at, "select"),
        {int(k): str(v) for k, v in table.get("editions", {}).items()},
        update,
        r.number(table, at, "delay_s", 0.0),
        _clock(r, table.get("clock", {}), (*at, "clock")),
        {str(k).lower(): str(v) for k, v in labels.items()},
        r.texts(table, at, "alert_labels"),
    )


def _sensor_files(r: TomlReader, table: Table, at: tuple[str | int, ...]) -> tuple[Path, ...]:
    files = r.files(table, at, "files")
    if not files:
        r.say(at, f"sensor {at[-1]} names no files")
    return files


def _clock(r: TomlReader, table: Table, at: tuple[str | int, ...]) -> s.ClockRule:
    r.words(table, at, "mode offset_s uncertainty_s search_s drift most_uncertainty_s")
    mode, drift = r.text(table, at, "mode", "estimate"), r.text(table, at, "drift", "auto")
    for name, value, known in (
        ("mode", mode, ("estimate", "trusted")),
        ("drift", drift, ("auto", "none", "linear")),
    ):
        if value not in known:
            r.say((*at, name), f"{name} {value!r}{meant(value, known)}")
    return s.ClockRule(
        mode,
        r.number(table, at, "offset_s", 0.0),
        r.number(table, at, "uncertainty_s", 0.0),
        r.number(table, at, "search_s", 30.0),
        drift,
        r.number(table, at, "most_uncertainty_s", 0.5),
    )


def _target(r: TomlReader, table: Table, at: tuple[str | int, ...]) -> s.TargetSetup | None:
    r.words(table, at, "log label recording start_utc sigma_m clock_sigma_s about")
    logs = r.files(table, at, "log")
    if not logs:
        r.say(at, f"target {at[-1]} names no log")
        return None
    if len(logs) > 1 and "start_utc" in table:
        text = f"start_utc is of one log, but log names {len(logs)}: make each a target of its own"
        r.say((*at, "start_utc"), text)
    sure = "clock_sigma_s" in table
    return s.TargetSetup(
        str(at[-1]),
        logs,
        r.text(table, at, "label", "uas"),
        int(r.number(table, at, "recording", 0)) if "recording" in table else None,
        r.instant(table, at, "start_utc") if "start_utc" in table else None,
        r.number(table, at, "sigma_m", 2.5),
        r.number(table, at, "clock_sigma_s", 0.0) if sure else None,
    )


def _traffic(r: TomlReader, table: Table, at: tuple[str | int, ...]) -> s.TrafficSetup | None:
    r.words(table, at, "file format columns about")
    found = r.file(table, at, "file")
    if found is None:
        r.say(at, "traffic names no file")
        return None
    return s.TrafficSetup(found, r.text(table, at, "format"), r.file(table, at, "columns"))


def _period(r: TomlReader, table: Table, at: tuple[str | int, ...]) -> Period | None:
    r.words(table, at, "name start end targets scenario about")
    start, end = (r.instant(table, at, name) for name in ("start", "end"))
    name = r.text(table, at, "name", f"{at[0]} {int(at[1]) + 1}")
    if not start < end:
        if math.isfinite(start) and math.isfinite(end):
            r.say((*at, "end"), f"{name} ends before it begins")
        return None
    return Period(name, start, end, r.texts(table, at, "targets"), r.text(table, at, "scenario"))


def _defeat(r: TomlReader, table: Table, at: tuple[str | int, ...]) -> s.Defeat | None:
    r.words(table, at, "time effector target result about")
    result = r.text(table, at, "result", "undetermined")
    if result not in _RESULTS:
        r.say((*at, "result"), f"result {result!r}{meant(result, _RESULTS)}")
    when = r.instant(table, at, "time")
    return s.Defeat(when, r.text(table, at, "effector"), r.text(table, at, "target"), result)


def _requirement(
    r: TomlReader, table: Table, at: tuple[str | int, ...]
) -> s.TrialRequirement | None:
    r.words(table, at, "id measure at_least at_most confidence sensors range_m")
    measure = r.text(table, at, "measure")
    if measure not in MEASURES:
        r.say((*at, "measure"), f"measure {measure!r}{meant(measure, list(MEASURES))}")
        return None
    if ("at_least" in table) == ("at_most" in table):
        r.say(at, "a requirement has either at_least or at_most")
        return None
    direction: Any = "at_least" if "at_least" in table else "at_most"
    confidence = r.number(table, at, "confidence", 0.90)
    if not 0.5 < confidence < 1.0:
        r.say((*at, "confidence"), f"confidence {confidence:g}, expected above 0.5 and below 1")
        return None
    return s.TrialRequirement(
        r.text(table, at, "id", f"{measure}"),
        measure,
        direction,
        r.number(table, at, direction, 0.0),
        confidence,
        r.texts(table, at, "sensors"),
        r.number(table, at, "range_m", 0.0),
        line_of(dict(r.lines), at),
    )
