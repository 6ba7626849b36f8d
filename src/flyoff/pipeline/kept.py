"""Raw files of a store: put in as they were received, and opened again under their own names."""

from flyoff.decoders import Source
from flyoff.decoders.csv.mapping import columns_beside
from flyoff.errors import StoreError
from flyoff.lake.raw import columns_key, key_of
from flyoff.lake.store import Store


def keep(store: Store, source: Source) -> Source:
    """Put a log into a store, with what its columns mean.

    Returns
    -------
    Source
        The store's own bytes: the card that the log came from may be pulled out now.
    """
    there = store.home.keep(source.sha256, source.path, _held(source))
    columns = source.columns if source.columns is not None else columns_beside(source.path)
    if columns is not None and _is_csv(source.path):
        store.home.create(columns_key(source.sha256), columns)
    kept = Source(source.path, there) if isinstance(there, memoryview) else Source(str(there))
    kept.path, kept.columns = source.path, columns if _is_csv(source.path) else None
    return kept


def keep_plan(store: Store, plan: Source) -> None:
    """Put a plan into a store."""
    store.home.keep(plan.sha256, plan.path, _held(plan))


def kept_source(store: Store, sha256: str, name: str) -> Source:
    """The store's own copy of a log or a plan, under the name that it came with.

    Raises
    ------
    StoreError
        If the raw file is gone.
    """
    file = store.home.local(key_of(sha256))
    try:
        if file is None:
            source = Source(name, store.home.read(key_of(sha256)))
        elif file.is_file():
            source = Source(str(file))
        else:
            raise FileNotFoundError
        if _is_csv(name) and store.home.size(columns_key(sha256)) is not None:
            source.columns = store.home.read(columns_key(sha256))
    except FileNotFoundError:
        raise StoreError(
            str(store), f"the raw file of {name} is missing; its tables are still here"
        ) from None
    source.path = name
    return source


def kept_size(store: Store, sha256: str) -> int:
    """Bytes of a raw file; 0 if it is gone."""
    return store.home.size(key_of(sha256)) or 0


def _is_csv(name: str) -> bool:
    return name.lower().endswith(".csv")


def _held(source: Source) -> memoryview | None:
    """The bytes of what came out of an archive; None for a file, which is read again as it is."""
    return None if source.is_file else source.data.data
