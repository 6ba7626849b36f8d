"""What the pool's tests let worker processes do; importable from a process started afresh."""

import os
import signal
import time
from pathlib import Path

from flyoff.errors import SourceError


def act(task: str) -> str:
    """Do what the task says: hang, await, make, die, exit, raise, refuse, getenv; all else is
    echoed."""
    word, _, rest = task.partition(" ")
    if word == "hang":
        signal.pause()
    elif word == "await":
        while not os.path.exists(rest):
            time.sleep(0.01)
    elif word == "make":
        Path(rest).touch()
    elif word == "getenv":
        return os.environ.get(rest, "")
    elif word == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    elif word == "exit":
        os._exit(3)
    elif word == "raise":
        raise ValueError(rest)
    elif word == "refuse":
        raise SourceError(rest, "is a cake, expected a log")
    return f"{task} in {os.getpid()}"


class Opaque:
    """A result that no pipe carries."""

    def __reduce__(self) -> str:
        raise TypeError("cannot be pickled")


def opaque(task: str) -> object:
    return Opaque() if task == "opaque" else task
