"""Look for the date of a flight where it is written in digits, as calendars and clocks have it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from flyoff.exchange.audit.search import Hit
from flyoff.exchange.audit.secrets import Secrets
from flyoff.units import ByteArray

#: As people and file names write a day.
_FORMS: Final = ("%Y-%m-%d", "%Y_%m_%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y")
_DAY: Final = timedelta(days=1)
#: More days than this are no flight, but a clock that was set.
_MOST_DAYS: Final = 8
#: Seconds since 1970 without their last three digits: a quarter of an hour.
_COARSE_S: Final = 1000


def written_dates(data: ByteArray, secrets: Secrets) -> Iterator[Hit]:
    """Dates of the flight as text: days, and seconds since 1970 or parts of them."""
    if not secrets.start_us:
        return
    text = data.tobytes()
    start, end = secrets.start_us // 1_000_000, secrets.end_us // 1_000_000
    for form, pattern in (("day", _days(start, end)), ("seconds since 1970", _seconds(start, end))):
        found = [match.start() for match in re.finditer(pattern, text)]
        if found:
            # eight digits and more in just this order
            chance = len(text) / 12.0**8
            what = f"{form} in decimal text"
            yield Hit("time", what, len(found), found[0], chance, "date of the flight")


def _days(start: int, end: int) -> bytes:
    first = datetime.fromtimestamp(start, UTC)
    count = min((datetime.fromtimestamp(end, UTC).date() - first.date()).days + 1, _MOST_DAYS)
    days = [first + _DAY * i for i in range(max(count, 1))]
    words = {day.strftime(form) for day in days for form in _FORMS}
    return rb"(?<!\d)(?:" + b"|".join(re.escape(w).encode() for w in sorted(words)) + rb")(?!\d)"


def _seconds(start: int, end: int) -> bytes:
    """Ten digits of seconds, and three, six or nine more."""
    last = min(end, start + _MOST_DAYS * 86_400)
    heads = range(start // _COARSE_S, last // _COARSE_S + 1)
    words = b"|".join(str(head).encode() for head in heads)
    return rb"(?<!\d)(?:" + words + rb")\d{3}(?:\d{3}){0,3}(?!\d)"
