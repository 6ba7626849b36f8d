"""``flyoff review``: a person's word on a sortie, appended to the store."""

import json

from flyoff.cli.guard import OK
from flyoff.pipeline.campaign import plain, review_sortie


def run(
    store: str,
    sortie: str,
    outcome: str,
    cause: str,
    cause_class: str,
    by: str,
    because: str,
    as_json: bool,
) -> int:
    """Append a review; returns the exit code."""
    made, judged = review_sortie(store, sortie, outcome, cause, cause_class, by, because)
    if as_json:
        print(json.dumps({"review": plain(made), "judged": judged}, ensure_ascii=False))
        return OK
    said = ", ".join(word.replace("_", " ") for word in (made.outcome, made.cause) if word)
    print(f"{made.sortie_id}: judged {judged.replace('_', ' ')}, reviewed {said} by {made.by}")
    return OK
