"""What the program says with a word inside: sentences that a catalogue knows by their frame.

``{n}`` and ``{m}`` stand for figures, the other letters for words that have a translation of their
own or stay as they are. Sentences with figures only need no frame: see `Words.says`.
"""

import re
from functools import cache

FRAMES = (
    "{a} ({b}): {c} → {d}",
    "mode {a} → {b} by failsafe",
    "mode {a} → {b}, reason {c}",
    "operator changed mode {a} → {b}",
    "autopilot: {a} failsafe",
    "autopilot: “{a}”",
    "the log says: {a}",
    "error in {a}",
    "spread of the {a} rate",
    "{a} measurements rejected for {n} s",
    "wind, mean over {n} s ({a})",
    "lean, drag {n} 1/s",
    "two {a}s apart, mean over {n} s",
    "{a} acceleration felt minus that of the velocity measured",
    "{n} of {m} {a} waypoints passed",
    "{a} shows the same outcome",
    "{a} shows {b} instead",
    "{a} goes on where this log does not decide; clocks agree within ± {n} s",
    "distance of the end from the planned place, with the pulled position ({a}) put right",
    "does not apply to a {a}",
    "any of {a}",
    "no {a}",
    "{n} of {m} waypoints",
    "motor {n}",
    "compass {n}",
    "card {a} (line {n}): its log {b} is not in the store; counted as a sortie without a log",
    "card {a} (line {n}): {m} logs of the store are called {b}; all are taken",
    "{a} on {b}: {n} cards without log and time, but {m} sorties; matched in the order of time",
)
_FIGURE, _WORD = r"(?P<{}>[-+−]?\d+(?:\.\d+)?)", r"(?P<{}>.+?)"


def framed(sentence: str) -> tuple[str, dict[str, str]] | None:
    """The first frame that a sentence fits, with what stands in it; None if it fits none.

    Examples
    --------
    >>> framed("mode AUTO → RTL by failsafe")
    ('mode {a} → {b} by failsafe', {'a': 'AUTO', 'b': 'RTL'})
    """
    for frame, pattern in _patterns():
        found = pattern.fullmatch(sentence)
        if found:
            return frame, found.groupdict()
    return None


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    made = []
    for frame in FRAMES:
        parts = re.split(r"\{(\w)\}", frame)
        text = "".join(
            re.escape(part) if i % 2 == 0 else (_FIGURE if part in "nm" else _WORD).format(part)
            for i, part in enumerate(parts)
        )
        made.append((frame, re.compile(text)))
    return made
