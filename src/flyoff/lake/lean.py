"""Arrow without what it looks for of its own accord, for the processes that are ours alone."""

from flyoff.absent import absent


def load_arrow() -> None:
    """Load Arrow without pandas, which nothing here uses.

    Arrow looks for pandas with the first array that it makes, once, to take its series as arrays:
    where pandas is installed that takes a third of a second.
    """
    import pyarrow as pa

    with absent("pandas"):
        pa.array([0])
