"""Which function of Flyoff answers which method of the reference cases."""

from tests.golden.bindings import (
    accuracy,
    comparison,
    exchange,
    lots,
    proportions,
    rates,
    reliability,
    sequential,
    trials,
)
from tests.golden.bindings.form import Method

_PARTS = (proportions, comparison, sequential, rates, reliability, lots, accuracy, trials, exchange)

METHODS: dict[str, Method] = {}
for _part in _PARTS:
    _again = METHODS.keys() & _part.METHODS.keys()
    if _again:
        raise RuntimeError(f"methods bound twice: {sorted(_again)}")
    METHODS.update(_part.METHODS)

# methods whose expected values are rows of a table, labelled by "times"
TABLES = reliability.TABLES
