"""Options that say how a run is watched. Only typer is imported here, so that help is instant."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

LogFormat = Annotated[
    Literal["text", "json"] | None,
    typer.Option("--log-format", help="Of what goes to standard error; else FLYOFF_LOG."),
]
ShowProfile = Annotated[
    bool, typer.Option("--profile", help="Say at the end what each stage took.")
]
Trace = Annotated[
    Path | None,
    typer.Option("--trace", dir_okay=False, help="File for a flame chart: Chrome's trace format."),
]
Otel = Annotated[bool, typer.Option("--otel", help="Send OpenTelemetry spans by OTLP.")]


@dataclass(frozen=True, slots=True)
class Watch:
    """How somebody wants to watch a run."""

    profile: bool = False
    trace: Path | None = None
    otel: bool = False
