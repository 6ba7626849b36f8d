"""A run's stages as OpenTelemetry spans, sent by OTLP to wherever the usual environment says.

Spans are made here, in the process that started the run, of what its workers on this machine or on
a cluster sent with their answers: a worker needs no exporter and no network of its own. Nothing is
sent unless the command was told to (``--otel``).
"""

import importlib.util
import os
from collections.abc import Sequence
from typing import Any

from flyoff import __version__
from flyoff.errors import FlyoffError
from flyoff.pipeline.profile import told
from flyoff.stages import Span

_NEEDED = ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http")


class Traces:
    """A sink that gives spans to an exporter.

    Parameters
    ----------
    exporter : SpanExporter or None
        By default OTLP over HTTP, set up by ``OTEL_EXPORTER_OTLP_ENDPOINT`` and its kin. A
        ``TRACEPARENT`` in the environment makes the run part of that trace.

    Raises
    ------
    FlyoffError
        If OpenTelemetry is not installed.
    """

    def __init__(self, exporter: Any = None) -> None:
        if any(not _is_there(name) for name in _NEEDED):
            raise FlyoffError("--otel needs OpenTelemetry: pip install 'flyoff[otel]'")
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope

        if exporter is None:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            exporter = OTLPSpanExporter()
        self._processor: Any = BatchSpanProcessor(exporter)
        named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "flyoff")}
        self._resource = Resource.create({**named, "service.version": __version__})
        self._scope = InstrumentationScope("flyoff", __version__)
        self._trace_id, self._outer = _joined()

    def take(self, spans: Sequence[Span]) -> None:
        """Hand spans to the exporter, which sends them from a thread of its own."""
        for span in spans:
            self._processor.on_end(self._made(span))

    def close(self) -> None:
        """Send what is left."""
        self._processor.shutdown()

    def _made(self, span: Span) -> Any:
        from opentelemetry.sdk.trace import ReadableSpan
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.status import Status, StatusCode

        # a log that is cut is no error of the run; what was raised is
        is_error = any(p[:1].isupper() for p in span.problems)
        parent = self._context(span.parent) if span.parent else self._outer
        facts = {
            f"flyoff.{name}": tuple(value) if isinstance(value, list) else value
            for name, value in told(span).items()
        }
        return ReadableSpan(
            name=span.name,
            context=self._context(span.id),
            parent=parent,
            resource=self._resource,
            attributes=facts | {"host.name": span.host, "process.pid": span.pid},
            kind=SpanKind.INTERNAL,
            status=Status(StatusCode.ERROR if is_error else StatusCode.UNSET),
            start_time=span.start_ns,
            end_time=span.start_ns + span.wall_ns,
            instrumentation_scope=self._scope,
        )

    def _context(self, span_id: int) -> Any:
        from opentelemetry.trace import SpanContext, TraceFlags

        flags = TraceFlags(TraceFlags.SAMPLED)
        return SpanContext(self._trace_id, span_id, is_remote=False, trace_flags=flags)


def _joined() -> tuple[int, Any]:
    """The trace that the environment names and the span in it, or a new trace."""
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.trace import get_current_span
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier = {"traceparent": os.environ.get("TRACEPARENT", "")}
    outer = get_current_span(TraceContextTextMapPropagator().extract(carrier)).get_span_context()
    if outer.is_valid:
        return outer.trace_id, outer
    return RandomIdGenerator().generate_trace_id(), None


def _is_there(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:  # of a package that a name is in
        return False
