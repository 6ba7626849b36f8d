"""What a log says of itself: parameters, texts, firmware and board, and its link to UTC."""

import re
from collections.abc import Mapping

import numpy as np

from flyoff.decoders.dataflash.layout import text, texts
from flyoff.decoders.rawlog import Message, ParameterChange, Topic
from flyoff.units import SECONDS_PER_WEEK, US_PER_S

Topics = Mapping[tuple[str, int], Topic]

#: Texts and parameter changes kept; each costs some hundred bytes as an object.
MAX_MESSAGES = 200_000

FIRMWARE = re.compile(r"^(Ardu\w+|APM:?\s?\w+|Antenna\s?Tracker|Blimp|Rover)\b.*\bV?\d+\.\d+")
BOARD = re.compile(r"^(.*?)\s+([0-9A-F]{8} [0-9A-F]{8} [0-9A-F]{8})$")
OPERATING_SYSTEM = re.compile(r"^(ChibiOS|NuttX|Linux|PX4)\b:?\s*(.*)$")
FRAME = re.compile(r"^(?:QuadPlane )?Frame:\s*(.+)$")


def params_of(topics: Topics) -> tuple[dict[str, float], list[ParameterChange], list[str]]:
    """First value of each parameter, the changes after it, and notes."""
    topic = topics.get(("PARM", 0))
    if topic is None or not len(topic) or not {"Name", "Value"} <= set(topic.fields):
        return {}, [], []
    columns = topic.gather(("Name", "Value"))
    names, values = columns["Name"], columns["Value"]
    if names.dtype.kind != "S" or values.dtype.kind not in "iuf" or values.ndim != 1:
        return {}, [], ["PARM names no parameters with numbers, unread"]
    _, first, which = np.unique(names, return_index=True, return_inverse=True)
    first.sort()
    params = dict(zip(texts(names[first].tolist()), values[first].tolist(), strict=True))
    order = np.argsort(which, kind="stable")
    before, after = order[:-1], order[1:]
    unequal = (values[before] != values[after]) & ~(
        np.isnan(values[before]) & np.isnan(values[after])
    )
    changed = np.sort(after[(which[before] == which[after]) & unequal])
    notes = []
    if changed.size > MAX_MESSAGES:
        notes.append(f"{changed.size} parameter changes, {MAX_MESSAGES} kept")
        changed = changed[:MAX_MESSAGES]
    stamps = topic.time_us()
    changes = [
        ParameterChange(int(stamps[i]), text(bytes(names[i])), float(values[i])) for i in changed
    ]
    return params, changes, notes


def messages_of(topics: Topics) -> tuple[list[Message], list[str]]:
    """Texts of MSG, in file order, each piece as logged; and notes."""
    topic = topics.get(("MSG", 0))
    if topic is None or "Message" not in topic.fields:
        return [], []
    column = topic.column("Message")
    if column.dtype.kind != "S":
        return [], ["MSG carries no text, unread"]
    lines = texts(column[:MAX_MESSAGES].tolist())
    stamps = topic.time_us()[:MAX_MESSAGES].tolist()
    found = [Message(t, 6, line) for t, line in zip(stamps, lines, strict=True)]
    if len(topic) > MAX_MESSAGES:
        return found, [f"{len(topic)} texts, {MAX_MESSAGES} kept"]
    return found, []


def info_of(topics: Topics, messages: list[Message]) -> dict[str, str]:
    """Firmware, board, operating system and frame from the first texts; VER field by field."""
    info: dict[str, str] = {}
    for message in messages[:200]:
        line = message.text.strip()
        if FIRMWARE.match(line):
            info.setdefault("firmware", line)
        elif found := BOARD.match(line):
            info.setdefault("board", found[1])
            info.setdefault("sys_id", found[2])
        elif OPERATING_SYSTEM.match(line):
            info.setdefault("os", line)
        elif found := FRAME.match(line):
            info.setdefault("frame", found[1])
    version = topics.get(("VER", 0))
    if version is not None and len(version):
        for name, column in version.columns().items():
            value = column[0]
            info[f"ver.{name}"] = text(value) if isinstance(value, bytes) else str(value)
    if "firmware" not in info and info.get("ver.FWS"):
        info["firmware"] = info["ver.FWS"]
    return info


def clock_of(topics: Topics, boots: tuple[tuple[int, int], ...]) -> str:
    """Where UTC comes from: GPS week and time of week, and how steadily they run with our clock."""
    for (name, instance), topic in topics.items():
        week, milliseconds = ("GWk", "GMS") if "GWk" in topic.fields else ("Week", "TimeMS")
        if name != "GPS" or not topic.time_field or not {week, milliseconds} <= set(topic.fields):
            continue
        columns = topic.gather((week, milliseconds))
        if any(column.dtype.kind not in "iu" or column.ndim != 1 for column in columns.values()):
            continue
        gps_us = columns[week].astype(np.int64) * (SECONDS_PER_WEEK * US_PER_S)
        lead_us = gps_us + columns[milliseconds].astype(np.int64) * 1000 - topic.time_us()
        valid = columns[week].astype(np.int64) > 0
        strays = []
        for first, end in boots:
            of_boot = lead_us[valid & (topic.offsets >= first) & (topic.offsets < end)]
            strays.append(np.abs(of_boot - np.median(of_boot)) if of_boot.size else of_boot)
        if valid.any():
            spread_s = float(np.quantile(np.concatenate(strays), 0.95)) / US_PER_S
            fixes = f"{np.count_nonzero(valid)} fixes, 95 % within {spread_s:.3f} s"
            return f"GPS[{instance}] {week} and {milliseconds}: {fixes}"
    return ""


def logger_notes(topics: Topics) -> list[str]:
    """What the logger says of its own losses."""
    notes = []
    stats = topics.get(("DSF", 0))
    if stats is not None and "Dp" in stats.fields:
        dropped = stats.column("Dp")
        if dropped.dtype.kind in "iu" and dropped.max() > 0:
            notes.append(f"the logger dropped {dropped.max()} writes (DSF.Dp)")
    if ("WDOG", 0) in topics:
        notes.append("the vehicle was restarted by its watchdog (WDOG): it may begin in the air")
    return notes
