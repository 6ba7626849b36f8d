"""The background worker: one batch after the other, each judged in a process of its own.

The queue is the folder of batches itself. A batch that was being judged when the server ended is
judged again by the next one; what is in the store already is passed over.
"""

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

from flyoff.pipeline.stores import resolved
from flyoff.server.problems import Refusal
from flyoff.server.spool import Spool, shown

Facts = dict[str, Any]

LOG = logging.getLogger("flyoff.server")
#: How often progress is looked at [s].
_LOOK_S = 0.5
#: A batch whose process died so often is given up: one of its files kills it.
MOST_ATTEMPTS = 2


class Worker:
    """Judges what waits in the spool.

    Parameters
    ----------
    store : str
    spool : Spool
    jobs : int
    tell : function of an event's name and data
    settle : function
        Waits until what is in the store is shown: a batch is done when its sorties can be seen.
    """

    def __init__(
        self,
        store: str,
        spool: Spool,
        jobs: int,
        tell: Callable[[str, object], None],
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._spool, self._jobs, self._tell = store, spool, jobs, tell
        self._settle = settle
        self._wake, self._ends = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._says = "waits"

    @property
    def says(self) -> str:
        """What it does, in words."""
        return self._says

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Begin, with what an earlier server left behind first."""
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a batch that is being judged is judged again later."""
        self._ends.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout=10)

    def wake(self) -> None:
        """Something waits."""
        self._wake.set()

    def waiting(self) -> int:
        """Batches that wait or are being judged."""
        return sum(b["state"] in ("queued", "judging") for b in self._spool.batches())

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                batch = self._next()
                if batch is not None:
                    self._judge(batch)
                    continue
            except Exception:  # the worker outlives whatever is wrong with one batch
                LOG.exception("the worker met a bug")
                self._ends.wait(5.0)
            self._wake.wait(timeout=5.0)
            self._wake.clear()

    def _next(self) -> Facts | None:
        waiting = [b for b in self._spool.batches() if b["state"] in ("queued", "judging")]
        return waiting[-1] if waiting else None

    def _judge(self, batch: Facts) -> None:
        own = batch["id"]
        if batch["attempts"] >= MOST_ATTEMPTS:
            said = "judging ended without a word, twice; one of these files breaks it"
            self._announce(self._spool.finish(own, said))
            return

        def begins(changed: Facts) -> None:
            changed |= {"state": "judging", "attempts": changed["attempts"] + 1}

        self._announce(self._spool.change(own, begins))
        self._says = f"judges batch {own} of {batch['by']}"
        code, says = self._run_apart(own)
        self._says = "waits"
        if self._ends.is_set() and code != 0:
            self._spool.change(own, lambda b: b.update(attempts=b["attempts"] - 1))
            return
        if code == 0:
            self._settle()
        if code >= 0:
            self._note(own, is_over=True)
            problem = None if code == 0 else says or f"judging ended with code {code}"
            self._announce(self._spool.finish(own, problem))
        # killed by a signal: it stays as it is and is tried again

    def _run_apart(self, own: str) -> tuple[int, str]:
        """Run the process; its exit code, and its last words."""
        command = [sys.executable, "-m", "flyoff.server.judging", resolved(self._store),
                   str(self._spool.home(own).resolve()), str(self._jobs)]  # fmt: skip
        home = self._spool.home(own)
        with (home / "words").open("w+b") as words, (home / "errors").open("w+b") as errors:
            running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=words,
                                       stderr=errors)  # fmt: skip
            while running.poll() is None:
                if self._ends.wait(_LOOK_S):
                    running.terminate()
                self._note(own)
            words.seek(0)
            errors.seek(0)
            said, trouble = words.read(), errors.read()[-4000:].decode(errors="replace")
        code = running.returncode
        if code and not self._ends.is_set():
            LOG.error("judging batch %s ended with %d: %s", own, code, trouble)
        try:
            return code, str(json.loads(said)["problem"]) if code > 0 else ""
        except (ValueError, KeyError):
            return code, "a bug in Flyoff; the log of the server says more"

    def _note(self, own: str, *, is_over: bool = False) -> None:
        """Take over what the process has written so far, and tell if it is news.

        Sorties are named when it is over: before that their rows are not in the store yet, and
        whoever followed the link would find nothing.
        """
        try:
            told = json.loads((self._spool.home(own) / "progress.json").read_text())
            before = self._spool.batch(own)["files"]
        except (OSError, ValueError, Refusal):
            return

        def change(batch: Facts) -> None:
            for file in batch["files"]:
                said = told.get(file["path"], {})
                file |= said if is_over else {k: v for k, v in said.items() if k != "sorties"}

        after = self._spool.change(own, change)
        if after["files"] != before:
            self._announce(after)

    def _announce(self, batch: Facts) -> None:
        self._tell("upload", shown(batch))
