"""What all requests share: the store, the campaigns, what is kept, who is known."""

import contextlib
import hashlib
import os
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from flyoff.errors import FlyoffError
from flyoff.pipeline.machine import warmup as load_kernels
from flyoff.pipeline.stores import resolved
from flyoff.server.access import Principal
from flyoff.server.cache import Cache
from flyoff.server.events import Hub
from flyoff.server.identity import Identity
from flyoff.server.kept import Kept
from flyoff.server.problems import Refusal
from flyoff.server.settings import Settings
from flyoff.server.shelf import Shelf
from flyoff.server.shown import Shown
from flyoff.server.spool import Spool
from flyoff.server.trials import ShownTrials
from flyoff.server.worker import Worker
from flyoff.views import decimate
from flyoff.views.one_sortie import sortie_mark
from flyoff.views.stamp import store_stamp

#: Views that are computed at once; more only take each other's time.
_AT_ONCE = max(2, (os.cpu_count() or 2) + 1)
#: An answer that took the processor longer is made ahead for a new state of the store [s] ...
_SLOW_S = 0.05
#: ... while somebody asks for it so often [s]; of so many answers at most.
_ASKED_S, _MOST_SLOW = 120.0, 64
#: A batch of uploads waits so long at most until its sorties are shown [s].
_SETTLED_S = 60.0

#: Sorties of which it is remembered by which rows their answers were made.
_MARKS = 10_000

Question = tuple[str, str]
Make = Callable[[], BaseModel | bytes]
Mark = Callable[[], str]


class State:
    """What a running server holds.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = str(settings.store)
        self.campaigns = named_campaigns(settings.campaigns)
        self.trials = ShownTrials(named_campaigns(settings.trials), settings.cache_bytes // 8)
        self.answers: Cache[bytes] = Cache(settings.cache_bytes // 8, len)
        self.identity = Identity(settings)
        self.shown = Shown(self._newest, self._make_ahead)
        self.hub = Hub(self.stamp)
        self.spool = Spool(settings.state_folder / "uploads", settings.limits)
        self.worker = Worker(
            settings.store,
            self.spool,
            settings.jobs,
            self.hub.tell,
            lambda: self.shown.settle(_SETTLED_S),
        )
        self.kept = Kept(self.store, settings.cache_bytes // 8)
        self.shelf = Shelf(self.store, settings.cache_bytes * 3 // 4)
        self.sorties: Cache[str] = Cache(_MARKS, lambda _: 1)
        #: Reviews are compared and written by one at a time: two at once cannot both be the first.
        self.reviewing = threading.Lock()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._slow: OrderedDict[Question, tuple[Make, Mark, float]] = OrderedDict()
        self._slow_lock = threading.Lock()
        self._ahead = threading.local()

    def stamp(self) -> str:
        """The state to answer by; changes some time after something in store or campaigns does."""
        return str(getattr(self._ahead, "stamp", "")) or self.shown.stamp()

    def _newest(self) -> str:
        """Changes whenever something in the store or in a campaign's folder does."""
        parts = [store_stamp(self.store)]
        parts += map(campaign_state, self.campaigns.values())
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]

    def sortie_mark(self, folder: Path | None, sortie: str) -> str:
        """Another word whenever what is concluded of a sortie may be another."""
        own = self.sorties.get(
            (sortie, store_stamp(self.store)), lambda: sortie_mark(self.store, sortie)
        )
        return own + campaign_state(folder)

    def warm_up(self, stopped: threading.Event) -> None:
        """Make what the first visitor would wait for: libraries, evaluation, table, kernels.

        Parameters
        ----------
        stopped : threading.Event
            Looked at between one and the next: nobody will come any more.
        """
        steps: list[Callable[[], object]] = [
            *(partial(self._evaluated, folder) for folder in self.campaigns.values()),
            lambda: self.kept.listing(self.campaign_or_none(""), self.stamp()),
            load_kernels,
            decimate.warm_up,
            *(partial(self.trials.shown, name) for name, _ in self.trials.items()),
        ]
        for made in steps:
            if stopped.is_set():
                return
            with contextlib.suppress(FlyoffError):  # who asks is told
                made()

    def _evaluated(self, folder: Path) -> object:
        return self.kept.document(folder, self.stamp())

    def require_writable(self) -> None:
        """Refuse a change where the server was started to show only."""
        if self.settings.read_only:
            raise Refusal(403, "this server only shows; it was started with --read-only")

    def campaign(self, name: str) -> Path:
        """The folder of a campaign.

        Raises
        ------
        Refusal
            404 if this server shows no such campaign.
        """
        found = self.campaigns.get(name)
        if found is None:
            known = ", ".join(self.campaigns) or "none: start the server with --campaign FOLDER"
            raise Refusal(404, f"no campaign {name!r} here; there is {known}")
        return found

    def campaign_or_none(self, name: str) -> Path | None:
        """As `campaign`; for an empty name the first campaign, or None without any."""
        if name:
            return self.campaign(name)
        return next(iter(self.campaigns.values()), None)

    def without_paths(self, text: str) -> str:
        """A message without where things lie on this machine, which is nobody's business."""
        told = {self.store: "the store", resolved(self.store): "the store"}
        for name, folder in self.campaigns.items():
            told |= {str(folder): f"campaign {name}", str(folder.resolve()): f"campaign {name}"}
        for name, folder in self.trials.items():
            told |= {str(folder): f"trial {name}", str(folder.resolve()): f"trial {name}"}
        for path in sorted(told, key=len, reverse=True):
            text = text.replace(path, told[path])
        return text.replace("store the store", "the store")

    def answer(
        self, request: Request, make: Make, media: str = "", mark: Mark | None = None
    ) -> Response:
        """An answer that stays the same while store and campaigns do; 304 where it is known.

        Parameters
        ----------
        request : Request
            Its path and query are the key.
        make : function
            Gives the model, or bytes of `media`.
        media : str
        mark : function
            Gives a word that says more narrowly whether the answer is still the same.
        """
        if "no-cache" in request.headers.get("cache-control", ""):
            self.shown.must_be_new()
        question, mark = (request.url.path, request.url.query), mark or self.stamp
        key = (*question, mark())
        tag = f'"{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(None, 304, headers)
        body = self.answers.get(key, partial(self._made, question, make, mark))
        self._asked(question)
        return Response(body, 200, headers, media or "application/json")

    def _made(self, question: Question, make: Make, mark: Mark) -> bytes:
        begun = time.thread_time()  # of this thread alone: a busy machine makes no answer slow
        body = self.taking_turns(lambda: _as_bytes(make()))
        is_ahead = hasattr(self._ahead, "stamp")  # nobody asked just now
        if not is_ahead and time.thread_time() - begun > _SLOW_S:
            self._asked(question, (make, mark))
        return body

    def _asked(self, question: Question, found: tuple[Make, Mark] | None = None) -> None:
        """Note that a slow answer was asked for; `found` where it is found to be slow."""
        with self._slow_lock:
            if found is None and question in self._slow:
                found = self._slow[question][:2]
            if found is None:
                return
            self._slow[question] = (*found, time.monotonic())
            self._slow.move_to_end(question)
            while len(self._slow) > _MOST_SLOW:
                self._slow.popitem(last=False)

    def _make_ahead(self, stamp: str) -> None:
        """Make what a state of the store is asked for: evaluations, table, slow answers."""
        self._ahead.stamp = stamp
        try:
            for folder in self.campaigns.values():
                self.kept.document(folder, stamp)
            self.kept.listing(self.campaign_or_none(""), stamp)
            with self._slow_lock:
                since = time.monotonic() - _ASKED_S
                self._slow = OrderedDict((q, s) for q, s in self._slow.items() if s[-1] > since)
                wanted = [(question, *found[:2]) for question, found in self._slow.items()]
            for question, make, mark in wanted:
                with contextlib.suppress(FlyoffError):  # who asks is told
                    made = partial(self._made, question, make, mark)
                    self.answers.get((*question, mark()), made)
        finally:
            del self._ahead.stamp

    def taking_turns(self, make: Callable[[], bytes]) -> bytes:
        """Compute with only a few others at the same time."""
        with self._turn:
            return make()


def state_of(request: Request) -> State:
    """The state of the server that a request came to."""
    state: State = request.app.state.flyoff
    return state


def principal_of(request: Request) -> Principal:
    """Who asks, as the gate found out."""
    found = request.scope.get("principal")
    return found if isinstance(found, Principal) else Principal()


Now = Annotated[State, Depends(state_of)]
Who = Annotated[Principal, Depends(principal_of)]


def named_campaigns(folders: tuple[Path, ...]) -> dict[str, Path]:
    """Each folder under a name that fits into an address; equal names get numbers.

    Examples
    --------
    >>> list(named_campaigns((Path("a/Trial 1"), Path("b/trial-1"))))
    ['trial-1', 'trial-1-2']
    """
    found: dict[str, Path] = {}
    for folder in folders:
        word = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "campaign"
        name, number = word, 2
        while name in found:
            name, number = f"{word}-{number}", number + 1
        found[name] = folder
    return found


def campaign_state(folder: Path | None) -> str:
    """Changes whenever one of a campaign's files does."""
    names = ("campaign.toml", "cards.csv") if folder else ()
    return "|".join(_state_of(Path(folder or "") / name) for name in names)


def _state_of(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:
        return "-"
    return f"{state.st_mtime_ns}:{state.st_size}:{state.st_ino}"


def _as_bytes(made: BaseModel | bytes) -> bytes:
    return made if isinstance(made, bytes) else made.model_dump_json().encode()
