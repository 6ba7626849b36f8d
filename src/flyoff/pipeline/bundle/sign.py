"""Sign a bundle that others made, as one of those who have to: keys never leave their owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import add_signature
from flyoff.exchange.bundle.endorsement import endorse
from flyoff.exchange.bundle.manifest import STATEMENT
from flyoff.exchange.bundle.reader import open_bundle
from flyoff.exchange.bundle.sigstore import sigstore_bundle
from flyoff.exchange.bundle.writer import write_bundle
from flyoff.exchange.keys import PrivateKey, PublicKey, read_public_key
from flyoff.pipeline.bundle.accept import Demand, read_file, verified


@dataclass(frozen=True, slots=True)
class Signed:
    """A bundle with a signature more.

    Attributes
    ----------
    path : Path
    signers, missing : tuple of str
        Key ids of those who signed it, and of those who still have to.
    """

    path: Path
    signers: tuple[str, ...]
    missing: tuple[str, ...]


def countersign(demand: Demand, keys: Sequence[PrivateKey], out: Path) -> Signed:
    """Verify what others signed, then sign the same; the bundle they gave stays as it is.

    Raises
    ------
    ExchangeError
        If it does not hold, or does not name the key; nothing is written then.
    """
    verified(demand, pending=True)
    files = dict(archive.read(open_bundle(demand.path)))
    statement = bytes(files[STATEMENT])
    for key in keys:
        statement = add_signature(statement, key)
    files[STATEMENT] = memoryview(statement)
    write_bundle(out, ((name, bytes(files[name])) for name in sorted(files)))
    trusted = (*demand.keys,)
    bundle, _ = verified(
        Demand(out, trusted, demand.threshold, demand.policy, demand.folder), pending=True
    )
    return Signed(out, bundle.claim.signers, bundle.claim.missing)


def sign_beside(demand: Demand, keys: Sequence[PrivateKey], out: Path) -> Signed:
    """Verify a bundle, then sign its claim in a file of its own; the bundle stays as it is.

    Raises
    ------
    ExchangeError
        If it does not hold, names the key itself, or there is not just one key.
    """
    bundle, _ = verified(demand)
    if len(keys) != 1:
        raise ExchangeError(f"{len(keys)} keys for one file: each signs into one of its own")
    statement = bytes(archive.read(open_bundle(demand.path))[STATEMENT])
    _put_new(out, endorse(statement, keys[0]))
    return Signed(out, (*bundle.claim.signers, keys[0].keyid), ())


def export_sigstore(demand: Demand, out: Path, signer: str = "") -> str:
    """Verify a bundle, then write its claim as a Sigstore bundle; gives the signer's key id.

    Parameters
    ----------
    signer : str
        Beginning of the key id; empty for the first trusted one that signed.

    Raises
    ------
    ExchangeError
        If the bundle does not hold, no such key signed it, or there is such a file already.
    """
    bundle, _ = verified(demand)
    chosen = [keyid for keyid in bundle.claim.keyids if keyid.startswith(signer)]
    if not chosen:
        raise ExchangeError(f"no trusted key whose id begins with {signer!r} signed {demand.path}")
    statement = bytes(archive.read(open_bundle(demand.path))[STATEMENT])
    _put_new(out, sigstore_bundle(statement, chosen[0]))
    return chosen[0]


def _put_new(out: Path, content: bytes) -> None:
    try:
        with out.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise ExchangeError(f"{out} is there already; nothing was written") from error
    except OSError as error:
        raise ExchangeError(f"{out} cannot be written: {reason_of(error)}") from error


def cosigners(paths: Sequence[Path]) -> list[PublicKey]:
    """Public keys of those who have to sign it as well."""
    return [read_public_key(read_file(path)) for path in paths]
