"""What lies in a store beside the tables: the plans, as they were received."""

from flyoff.errors import FlyoffError
from flyoff.lake import raw
from flyoff.lake.store import Store
from flyoff.model.mission import Mission
from flyoff.pipeline.steps import load_plan


def stored_plan(store: str, sha256: str | None) -> Mission | None:
    """The planned mission that a log was judged with; None if there was none, or none readable."""
    if not sha256:
        return None
    try:
        return load_plan(raw.place(Store(store).raw, sha256))
    except FlyoffError:
        return None  # ingest has told so, and the log's warnings say it
