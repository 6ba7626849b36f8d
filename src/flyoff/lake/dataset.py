"""A table as an Arrow dataset, each file with what its statistics really say.

Delta's own ``to_pyarrow_dataset`` (deltalake 1.6) takes a bound that one file does not state, and
another does, for null, and nothing compares with null: every row of the first would be passed over.
"""

import math
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.dataset as pds
from deltalake import DeltaTable


def as_dataset(table: DeltaTable) -> pds.Dataset:
    """The table; of its files those are not read in which a filter cannot find anything."""
    made = table.to_pyarrow_dataset()
    if not isinstance(made, pds.FileSystemDataset):
        return made
    told = {row["path"]: row for row in pa.table(table.get_add_actions(flatten=True)).to_pylist()}
    fragments = [
        made.format.make_fragment(
            fragment.path,
            filesystem=made.filesystem,
            partition_expression=_guarantee(told.get(fragment.path, {}), made.schema),
        )
        for fragment in made.get_fragments()
    ]
    return pds.FileSystemDataset(fragments, made.schema, made.format, made.filesystem)


def _guarantee(told: Mapping[str, Any], schema: pa.Schema) -> pds.Expression | None:
    """What holds of every row of a file."""
    found: pds.Expression | None = None
    for field in schema:
        least, most = told.get(f"min.{field.name}"), told.get(f"max.{field.name}")
        if not (_is_bound(least) and _is_bound(most)):
            continue
        column = pds.field(field.name)
        within = (column >= pa.scalar(least, field.type)) & (column <= pa.scalar(most, field.type))
        if told.get(f"null_count.{field.name}") != 0:
            within = within | column.is_null()
        found = within if found is None else found & within
    return found


def _is_bound(value: object) -> bool:
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))
