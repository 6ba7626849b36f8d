"""Why somebody is not let in by an identity provider."""

from typing import Literal

from flyoff.errors import FlyoffError

#: What the page tells, and no more: begin again; the provider fails; its token is wrong; no role.
Why = Literal["again", "provider", "token", "role"]


class Refused(FlyoffError):
    """A log-in that came to nothing.

    Parameters
    ----------
    why : Why
        For the person.
    detail : str
        For the server's log.
    """

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(why, detail)
        self.why, self.detail = why, detail

    def __str__(self) -> str:
        return f"{self.why}: {self.detail}"
