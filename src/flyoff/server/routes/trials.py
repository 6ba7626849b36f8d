"""Counter-drone trials."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from flyoff.pipeline.trial.document import document_json
from flyoff.pipeline.trial.kept import trial_line
from flyoff.server.schemas.trials import TrialPage, Trials
from flyoff.server.state import Now
from flyoff.views.trial_page import trial_facts

router = APIRouter(prefix="/api/trials", tags=["trials"])


@router.get("", name="trials", response_model=Trials)
def trials(request: Request, now: Now) -> Response:
    """List the counter-drone trials that this server shows."""

    def make() -> Trials:
        told = [(name, *trial_line(folder)) for name, folder in now.trials.items()]
        lines = [
            {"id": own, "name": name or own, "problem": problem and now.without_paths(problem)}
            for own, name, problem in told
        ]
        return Trials.model_validate({"trials": lines})

    return now.answer(request, make, mark=now.trials.state)


@router.get("/{trial}", name="trial", response_model=TrialPage)
def trial(request: Request, now: Now, trial: str) -> Response:
    """Give a trial's view: verdicts, each sensor's scores with intervals, maps, timelines."""
    now.trials.folder(trial)

    def make() -> TrialPage:
        shown = now.trials.shown(trial)
        return TrialPage.model_validate(trial_facts(trial, shown.document, shown.drawings))

    return now.answer(request, make, mark=now.trials.state)


@router.get(
    "/{trial}/scores",
    name="scores",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def scores(request: Request, now: Now, trial: str) -> Response:
    """Give the document that ``flyoff trial score --json`` prints, byte for byte."""
    now.trials.folder(trial)
    return now.answer(
        request, lambda: document_json(now.trials.shown(trial).document), mark=now.trials.state
    )
