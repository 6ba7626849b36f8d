"""A trial scored for those who look at it again and again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flyoff.campaign.problems import errors
from flyoff.errors import FlyoffError, TrialError
from flyoff.pipeline.trial.document import document
from flyoff.pipeline.trial.drawn import drawing
from flyoff.pipeline.trial.reading import read_setup
from flyoff.pipeline.trial.scoring import score_trial


@dataclass(frozen=True, slots=True, eq=False)
class ShownTrial:
    """A scored trial.

    Attributes
    ----------
    document : dict
        What ``flyoff trial score --json`` prints.
    drawings : dict
        Of each sensor that could be scored what is drawn.
    """

    document: dict[str, Any]
    drawings: dict[str, dict[str, Any]]


def shown_trial(folder: Path) -> ShownTrial:
    """Score a trial; takes seconds.

    Raises
    ------
    TrialError
        If the trial file has errors, or a file cannot be read; says no folder of this machine.
    """
    try:
        scored = score_trial(folder)
    except FlyoffError as error:
        raise TrialError(_without_folders(str(error), folder)) from None
    return ShownTrial(document(scored), {e.data.setup.name: drawing(e) for e in scored.evidences})


def trial_line(folder: Path) -> tuple[str, str | None]:
    """Name of a trial, and what keeps it from being scored; the files themselves are not read."""
    try:
        setup, problems = read_setup(folder)
    except FlyoffError as error:
        return "", _without_folders(str(error), folder)
    wrong = errors(problems)
    return setup.name, _without_folders(str(wrong[0]), folder) if wrong else None


def trial_state(folder: Path) -> str:
    """Another word whenever the trial's file, a log or a sensor's file is another."""
    return "|".join(map(_state, _files(folder)))


def _files(folder: Path) -> list[Path]:
    """The trial's file and all that it names, as far as it can be read."""
    toml = folder if folder.is_file() else folder / "trial.toml"
    try:
        setup, _ = read_setup(folder)
    except FlyoffError:
        return [toml]
    columns = (*(s.columns for s in setup.sensors), *(t.columns for t in setup.traffic))
    return [
        toml,
        *(f for s in setup.sensors for f in s.files),
        *(log for t in setup.targets for log in t.logs),
        *(t.file for t in setup.traffic),
        *(file for file in columns if file is not None),
    ]


def _without_folders(text: str, folder: Path) -> str:
    """A message with files by their names: where they lie on this machine is nobody's business."""
    for file in _files(folder):
        for path in (str(file), str(file.resolve())):
            text = text.replace(path, file.name)
    return text


def _state(path: Path) -> str:
    try:
        found = path.stat()
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}:{found.st_size}:{found.st_ino}"
