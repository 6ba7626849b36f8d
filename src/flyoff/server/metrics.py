"""Counts and times in the text form that Prometheus reads."""

import threading
from collections import defaultdict
from collections.abc import Mapping

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
#: Upper ends of the histogram of answer times [s].
_ENDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


class Metrics:
    """What happened since the server started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, int], int] = defaultdict(int)
        self._times: dict[str, list[int]] = {}
        self._sums: dict[str, float] = defaultdict(float)
        self._under_way = 0

    def begin(self) -> None:
        """A request has come in."""
        with self._lock:
            self._under_way += 1

    def end(self, route: str, status: int, took_s: float) -> None:
        """A request was answered."""
        name = route or "none"
        with self._lock:
            self._under_way -= 1
            self._requests[name, status] += 1
            self._sums[name] += took_s
            counts = self._times.setdefault(name, [0] * (len(_ENDS) + 1))
            counts[next((i for i, end in enumerate(_ENDS) if took_s <= end), len(_ENDS))] += 1

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Everything, with further `gauges` (name to help and value)."""
        with self._lock:
            lines = [
                "# HELP flyoff_requests_total Requests answered.",
                "# TYPE flyoff_requests_total counter",
            ]
            for (name, status), count in sorted(self._requests.items()):
                labels = f'route="{name}",status="{status}"'
                lines.append(f"flyoff_requests_total{{{labels}}} {count}")
            lines += [
                "# HELP flyoff_request_seconds Time to answer.",
                "# TYPE flyoff_request_seconds histogram",
            ]
            for name, counts in sorted(self._times.items()):
                lines += _histogram(name, counts, self._sums[name])
            extra = {"flyoff_requests_under_way": ("Requests being answered.", self._under_way)}
        for name, (says, value) in {**extra, **gauges}.items():
            lines += [f"# HELP {name} {says}", f"# TYPE {name} gauge", f"{name} {value:g}"]
        return "\n".join(lines) + "\n"


def _histogram(route: str, counts: list[int], total_s: float) -> list[str]:
    lines, so_far = [], 0
    for end, count in zip((*map(str, _ENDS), "+Inf"), counts, strict=True):
        so_far += count
        lines.append(f'flyoff_request_seconds_bucket{{route="{route}",le="{end}"}} {so_far}')
    lines.append(f'flyoff_request_seconds_sum{{route="{route}"}} {total_s:.6f}')
    lines.append(f'flyoff_request_seconds_count{{route="{route}"}} {so_far}')
    return lines
