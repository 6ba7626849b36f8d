"""A folder of keys: own ones, encrypted, and those of others with what is known of them.

``private/NAME.pem`` holds an own key (PKCS 8, encrypted); ``trust.json`` says which public keys are
trusted, under which name, until when, and which were revoked, when and why.
"""

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.bundle.claim import read_stamp, stamp
from flyoff.exchange.dsse import read_object
from flyoff.exchange.keys import PrivateKey, PublicKey, read_public_key

_TRUST: Final = "trust.json"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Known:
    """A public key and what is known of it.

    Attributes
    ----------
    name, keyid, pem : str
    is_own : bool
    trusted_utc : str
    expires_utc, revoked_utc, because : str
        Empty where it does not expire, was not revoked.
    """

    name: str
    keyid: str
    pem: str
    is_own: bool
    trusted_utc: str
    expires_utc: str = ""
    revoked_utc: str = ""
    because: str = ""

    def refusal(self, now: datetime) -> str:
        """Why the key does not count; empty if it does."""
        if self.revoked_utc:
            return f"key {self.name!r} was revoked at {self.revoked_utc}: {self.because}"
        if self.expires_utc and read_stamp(self.expires_utc) <= now:
            return f"key {self.name!r} expired at {self.expires_utc}"
        return ""

    @property
    def public(self) -> PublicKey:
        """The key itself."""
        return read_public_key(self.pem.encode())


class Keyring:
    """The keys in a folder; it is made when the first key comes.

    Parameters
    ----------
    folder : Path
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def known(self) -> list[Known]:
        """All keys, by name; revoked and expired ones included."""
        try:
            text = (self.folder / _TRUST).read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ExchangeError(
                f"{self.folder / _TRUST} cannot be read: {reason_of(error)}"
            ) from error
        held = read_object(text, str(self.folder / _TRUST))
        try:
            found = [Known(**one) for one in held["keys"]]
            wrong = [one.name for one in found if one.public.keyid != one.keyid]
        except (KeyError, TypeError, AttributeError) as problem:
            raise ExchangeError(f"{self.folder / _TRUST} is damaged: {problem}") from problem
        if wrong:
            raise ExchangeError(f"{self.folder / _TRUST}: key {wrong[0]!r} is not the one named")
        return sorted(found, key=lambda one: one.name)

    def create(
        self, name: str, passphrase: bytes, expires: datetime | None, now: datetime
    ) -> Known:
        """Make an own key; it is trusted here."""
        self._require_free(name)
        key = PrivateKey.generate()
        place = self.folder / "private" / f"{name}.pem"
        text = key.to_pem(passphrase)
        try:
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(text)
        except OSError as error:
            raise ExchangeError(f"{place} cannot be written: {reason_of(error)}") from error
        made = _made(name, key.public, True, expires, now)
        self._write([*self.known(), made])
        return made

    def trust(self, name: str, pem: bytes, expires: datetime | None, now: datetime) -> Known:
        """Trust a public key under a name."""
        self._require_free(name)
        made = _made(name, read_public_key(pem), False, expires, now)
        for one in self.known():
            if one.keyid == made.keyid:
                was = one.refusal(now)
                raise ExchangeError(was or f"the key is known already, as {one.name!r}")
        self._write([*self.known(), made])
        return made

    def revoke(self, word: str, because: str, now: datetime) -> Known:
        """Revoke a key for ever, by its name or the beginning of its id."""
        if not because.strip():
            raise ExchangeError("a key is revoked with a reason: --because")
        every = self.known()
        chosen = _chosen(every, word)
        if chosen.revoked_utc:
            raise ExchangeError(chosen.refusal(now))
        gone = replace(chosen, revoked_utc=stamp(now), because=because.strip())
        self._write([gone if one is chosen else one for one in every])
        return gone

    def private(self, word: str, passphrase: bytes, now: datetime) -> PrivateKey:
        """Open an own key, unless it expired or was revoked."""
        chosen = _chosen(self.known(), word)
        if why := chosen.refusal(now):
            raise ExchangeError(f"{why}; nothing is signed with it")
        if not chosen.is_own:
            raise ExchangeError(f"key {chosen.name!r} is not an own one: it can only verify")
        place = self.folder / "private" / f"{chosen.name}.pem"
        try:
            key = PrivateKey.from_pem(place.read_bytes(), passphrase)
        except OSError as error:
            raise ExchangeError(f"{place} cannot be read: {reason_of(error)}") from error
        if key.keyid != chosen.keyid:
            raise ExchangeError(f"{place} holds another key than {_TRUST} says")
        return key

    def trusted(
        self, now: datetime, given: Sequence[bytes] = ()
    ) -> tuple[list[PublicKey], list[str]]:
        """Keys that count now, and why others do not.

        Parameters
        ----------
        now : datetime
        given : sequence of bytes
            Public keys to trust instead of all in the folder; what the folder knows against
            one of them still counts.
        """
        every = self.known()
        refused = {one.keyid: why for one in every if (why := one.refusal(now))}
        named = [read_public_key(pem) for pem in given] or [one.public for one in every]
        keys = [key for key in named if key.keyid not in refused]
        return keys, [refused[key.keyid] for key in named if key.keyid in refused]

    def names(self) -> dict[str, str]:
        """Name of each key by its id."""
        return {one.keyid: one.name for one in self.known()}

    def _require_free(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise ExchangeError(f"key name {name!r}: expected letters, digits, '.', '_' and '-'")
        if any(one.name == name for one in self.known()):
            raise ExchangeError(f"a key named {name!r} is there already; nothing was changed")

    def _write(self, every: Sequence[Known]) -> None:
        place, part = self.folder / _TRUST, self.folder / f"{_TRUST}.{os.getpid()}"
        text = json.dumps({"keys": [asdict(one) for one in every]}, indent=1)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8")
            os.replace(part, place)
        except OSError as error:
            raise ExchangeError(f"{place} cannot be written: {reason_of(error)}") from error


def _made(
    name: str, key: PublicKey, is_own: bool, expires: datetime | None, now: datetime
) -> Known:
    if expires is not None and expires <= now:
        raise ExchangeError(f"the key would have expired at {stamp(expires)}")
    ends = stamp(expires.astimezone(UTC)) if expires else ""
    return Known(name, key.keyid, key.to_pem().decode(), is_own, stamp(now), ends)


def _chosen(every: Sequence[Known], word: str) -> Known:
    found = [one for one in every if word and (one.name == word or one.keyid.startswith(word))]
    if len(found) != 1:
        names = ", ".join(_names(every)) or "none"
        several = f"it could be {len(found)} of them" if found else "there is none of that name"
        raise ExchangeError(
            f"key {word!r}: {several}; known are {names}; flyoff key create makes one"
        )
    return found[0]


def _names(every: Sequence[Known]) -> Iterator[str]:
    for one in every:
        yield one.name


def as_json(one: Known) -> dict[str, Any]:
    """For machines."""
    return asdict(one)
