"""Build small PX4 logs out of columns, for the tests of normalisation."""

from collections.abc import Mapping, Sequence

from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.model.recording import Recording
from tests.scenarios.ulog import ULogWriter

#: Topic (or ``"topic 1"`` for an instance) to its fields, ``{"float x": [1.0, 2.0]}``; a time
#: column ``timestamp`` in seconds stands among them.
Topics = Mapping[str, Mapping[str, Sequence[float]]]
RELEASE_1_16 = 0x011000FF


def log(
    topics: Topics,
    *,
    release: int = RELEASE_1_16,
    params: Mapping[str, float] | None = None,
    info: Mapping[str, str] | None = None,
    texts: Sequence[tuple[float, int, str]] = (),
) -> bytes:
    """Write a log; every log gets a steady attitude from the first stamp to the last."""
    topics = {**_steady(topics), **topics}
    writer = ULogWriter()
    for name in dict.fromkeys(key.split()[0] for key in topics):
        fields = next(v for k, v in topics.items() if k.split()[0] == name)
        kinds = "".join(f"{field};" for field in fields if field != "timestamp")
        writer.format(name, f"uint64_t timestamp;{kinds}")
    if release:
        writer.info("uint32_t", "ver_sw_release", release)
    for key, text in {"ver_hw": "PX4_FMU_V6C", **(info or {})}.items():
        writer.info(f"char[{len(text)}]", key, text.encode())
    for key, value in (params or {}).items():
        writer.parameter(key, value)
    for number, (key, columns) in enumerate(topics.items()):
        name, _, instance = key.partition(" ")
        writer.subscribe(name, number, int(instance or 0))
        for row, t_s in enumerate(columns["timestamp"]):
            values = {"timestamp": round(t_s * 1e6)}
            for field, column in columns.items():
                if field != "timestamp":
                    values.update(_flat(field, column[row]))
            writer.data(number, values)
    for t_s, level, text in texts:
        writer.log(level, round(t_s * 1e6), text.encode())
    return writer.bytes()


def recording(topics: Topics, **more: object) -> Recording:
    """Read such a log."""
    raw = DECODER.decode(Source("built.ulg", log(topics, **more)))
    (found,) = DECODER.normalise(raw)
    return found


def _flat(field: str, value: float | Sequence[float]) -> dict[str, float]:
    kind, name = field.split()
    if "[" not in kind:
        return {name: value}
    return {f"{name}[{i}]": one for i, one in enumerate(value)}


def _steady(topics: Topics) -> Topics:
    stamps = [t for columns in topics.values() for t in columns["timestamp"] if 0 < t < 86400]
    first, last = (min(stamps), max(stamps)) if stamps else (1.0, 2.0)
    count = max(3, round((last - first) * 10) + 1)
    t_s = [first + (last - first) * i / (count - 1) for i in range(count)]
    return {"vehicle_attitude": {"timestamp": t_s, "float[4] q": [(1.0, 0.0, 0.0, 0.0)] * count}}
