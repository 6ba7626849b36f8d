"""What a log says of itself: parameters, texts, firmware and board, and its link to UTC."""

import re
from collections.abc import Mapping

import numpy as np

from flyoff.decoders.dataflash.layout import text
from flyoff.decoders.dataflash.topic import DataFlashTopic
from flyoff.decoders.rawlog import Message, ParameterChange
from flyoff.units import SECONDS_PER_WEEK, US_PER_S

Topics = Mapping[tuple[str, int], DataFlashTopic]

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
    names, values, stamps = columns["Name"], columns["Value"], topic.time_us()
    distinct, first, which = np.unique(names, return_index=True, return_inverse=True)
    params = {text(bytes(names[i])): float(values[i]) for i in np.sort(first)}
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
    changes = [
        ParameterChange(int(stamps[i]), text(bytes(names[i])), float(values[i])) for i in changed
    ]
    return params, changes, notes


def messages_of(topics: Topics) -> tuple[list[Message], list[str]]:
    """Texts of MSG, in file order, each piece as logged; and notes."""
    topic = topics.get(("MSG", 0))
    if topic is None or "Message" not in topic.fields:
        return [], []
    texts = topic.column("Message")[:MAX_MESSAGES].tolist()
    stamps = topic.time_us()[:MAX_MESSAGES].tolist()
    found = [Message(t, 6, text(raw)) for t, raw in zip(stamps, texts, strict=True)]
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


def clock_of(topics: Topics) -> str:
    """Where UTC comes from: the GPS week and time of week, and how steadily they run with TimeUS."""
    for (name, instance), topic in topics.items():
        names = set(topic.fields)
        week, milliseconds = ("GWk", "GMS") if "GWk" in names else ("Week", "TimeMS")
        if name != "GPS" or not {week, milliseconds} <= names or not len(topic):
            continue
        columns = topic.gather((week, milliseconds))
        valid = columns[week].astype(np.int64) > 0
        if not topic.time_field or not valid.any():
            continue
        gps_us = columns[week][valid].astype(np.int64) * SECONDS_PER_WEEK * US_PER_S
        gps_us += columns[milliseconds][valid].astype(np.int64) * 1000
        lead_us = gps_us - topic.time_us()[valid]
        spread = float(np.quantile(np.abs(lead_us - np.median(lead_us)), 0.95)) / US_PER_S
        return f"GPS[{instance}] {week}, {milliseconds}: {valid.sum()} fixes, within {spread:.3f} s"
    return ""
