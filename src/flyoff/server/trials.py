"""The trials that are shown: scored once for each state of their files."""

import json
from collections.abc import Mapping
from pathlib import Path

from flyoff.pipeline.trial.kept import ShownTrial, shown_trial, trial_state
from flyoff.server.cache import Cache
from flyoff.server.problems import Refusal


class ShownTrials:
    """Trials by the name in their address.

    Parameters
    ----------
    folders : mapping of name to Path
    most_bytes : int
        For what was scored.
    """

    def __init__(self, folders: Mapping[str, Path], most_bytes: int) -> None:
        self._folders = dict(folders)
        self._kept: Cache[ShownTrial] = Cache(most_bytes, _bytes)

    def items(self) -> list[tuple[str, Path]]:
        """Names and folders."""
        return list(self._folders.items())

    def folder(self, name: str) -> Path:
        """The folder of a trial.

        Raises
        ------
        Refusal
            404 if this server shows no such trial.
        """
        found = self._folders.get(name)
        if found is None:
            known = ", ".join(self._folders) or "none: start the server with --trial FOLDER"
            raise Refusal(404, f"no trial {name!r} here; there is {known}")
        return found

    def state(self) -> str:
        """Another word whenever a file of one of the trials is another."""
        return "|".join(map(trial_state, self._folders.values()))

    def shown(self, name: str) -> ShownTrial:
        """A trial with its scores."""
        folder = self.folder(name)
        return self._kept.get((name, trial_state(folder)), lambda: shown_trial(folder))


def _bytes(trial: ShownTrial) -> int:
    return len(json.dumps(trial.document)) + len(json.dumps(trial.drawings))
