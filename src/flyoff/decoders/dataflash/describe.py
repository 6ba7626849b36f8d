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


def params_of(topics: Topics) -> tuple[dict[str, float], list[ParameterChange]]:
    """First value of each parameter, and the changes after it."""
    topic = topics.get(("PARM", 0))
    if topic is None or not _has_params(topic):
        return {}, []
    names, values, changed = _named(topic)
    params: dict[bytes, float] = {}
    for name, value in zip(names, values, strict=True):
        params.setdefault(name, value)
    stamps = topic.time_us() if changed else ()
    changes = [
        ParameterChange(int(stamps[i]), text(names[i]), float(values[i]))
        for i in changed[:MAX_MESSAGES]
    ]
    return dict(zip(texts(list(params)), params.values(), strict=True)), changes


def _named(topic: Topic) -> tuple[list[bytes], list[float], list[int]]:
    """Names and values, and the rows whose parameter had another value before."""
    columns = topic.gather(("Name", "Value"))
    names, values = columns["Name"].tolist(), columns["Value"].tolist()
    last: dict[bytes, float] = {}
    changed = []
    for row, (name, value) in enumerate(zip(names, values, strict=True)):
        before = last.get(name, value)
        if before != value and (before == before or value == value):  # NaN has not changed to NaN
            changed.append(row)
        last[name] = value
    return names, values, changed


def _has_params(topic: Topic) -> bool:
    if not len(topic) or not {"Name", "Value"} <= set(topic.fields):
        return False
    return topic.dtype("Name").kind == "S" and topic.dtype("Value").kind in "iuf"


def messages_of(topics: Topics) -> list[Message]:
    """Texts of MSG, in file order, each piece as logged."""
    topic = topics.get(("MSG", 0))
    if topic is None or not _has_texts(topic):
        return []
    lines = texts(topic.column("Message")[:MAX_MESSAGES].tolist())
    stamps = topic.time_us()[:MAX_MESSAGES].tolist()
    return [Message(t, 6, line) for t, line in zip(stamps, lines, strict=True)]


def _has_texts(topic: Topic) -> bool:
    return "Message" in topic.fields and topic.dtype("Message").kind == "S"


def unread(topics: Topics) -> list[str]:
    """Notes on parameters and texts that are not handed out."""
    notes = []
    params, messages = topics.get(("PARM", 0)), topics.get(("MSG", 0))
    if params is not None and {"Name", "Value"} <= set(params.fields):
        if not _has_params(params):
            notes.append("PARM names no parameters with numbers, unread")
        elif len(params) > MAX_MESSAGES:
            changed = len(_named(params)[2])
            if changed > MAX_MESSAGES:
                notes.append(f"{changed} parameter changes, {MAX_MESSAGES} kept")
    if messages is not None and "Message" in messages.fields:
        if not _has_texts(messages):
            notes.append("MSG carries no text, unread")
        elif len(messages) > MAX_MESSAGES:
            notes.append(f"{len(messages)} texts, {MAX_MESSAGES} kept")
    return notes


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
